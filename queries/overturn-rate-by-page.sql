-- columns: page page, decisions integer, overturned integer, share thousandths
-- order: decisions desc, share desc, pageLabel

select
  page,
  count(*) as decisions,
  count(*) filter (decision = 'overturned') as overturned,
  (2000 * overturned + decisions) // (2 * decisions) as share
from (
  select decision, unnest(reviewer_pages) as page
  from items
  where decision is not null
    and ($treatment is null or list_contains(treatments, $treatment))
)
where ($guideline is null or regexp_replace(page, '-[0-9]+$', '') = $guideline)
group by page
having decisions >= $minimum
