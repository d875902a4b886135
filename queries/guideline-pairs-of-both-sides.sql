-- columns: denialGuideline guideline, guideline guideline, decisions integer, overturned integer, share thousandths
-- order: decisions desc, denialGuidelineLabel, guidelineLabel

select
  denialGuideline,
  guideline,
  count(*) as decisions,
  count(*) filter (decision = 'overturned') as overturned,
  (2000 * overturned + decisions) // (2 * decisions) as share
from (
  select decision, denialGuideline, unnest(reviewer_guidelines) as guideline
  from (
    select decision, reviewer_guidelines, unnest(administrator_guidelines) as denialGuideline
    from items
    where decision is not null
      and ($treatment is null or list_contains(treatments, $treatment))
  )
)
group by denialGuideline, guideline
having decisions >= $minimum
