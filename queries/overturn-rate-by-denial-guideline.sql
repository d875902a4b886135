-- columns: guideline guideline, decisions integer, overturned integer, share thousandths
-- order: decisions desc, share desc, guidelineLabel

select
  guideline,
  count(*) as decisions,
  count(*) filter (decision = 'overturned') as overturned,
  (2000 * overturned + decisions) // (2 * decisions) as share
from (
  select decision, unnest(administrator_guidelines) as guideline
  from items
  where decision is not null
    and ($treatment is null or list_contains(treatments, $treatment))
)
group by guideline
having decisions >= $minimum
