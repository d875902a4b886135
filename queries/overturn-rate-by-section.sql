-- columns: section section, decisions integer, overturned integer, share thousandths
-- order: decisions desc, share desc, sectionLabel

select
  section,
  count(*) as decisions,
  count(*) filter (decision = 'overturned') as overturned,
  (2000 * overturned + decisions) // (2 * decisions) as share
from (
  select decision, unnest(reviewer_section_ids) as section
  from items
  where decision is not null
    and ($treatment is null or list_contains(treatments, $treatment))
)
where $guideline is null
  or starts_with(section, $guideline || '-')
  and not list_contains([starts_with(section, longer || '-') for longer in $guideline_longer::varchar[]], true)
group by section
having decisions >= $minimum
