-- columns: first guideline, second guideline, decisions integer, overturned integer
-- order: decisions desc, firstLabel, secondLabel

select first, second, count(*) as decisions, count(*) filter (decision = 'overturned') as overturned
from (
  select decision, first, unnest(reviewer_guidelines) as second
  from (select decision, reviewer_guidelines, unnest(reviewer_guidelines) as first from items)
)
where first < second
  and decision is not null
  and ($guideline is null or first = $guideline or second = $guideline)
group by first, second
having count(*) >= $minimum
