-- columns: specialty specialty, cases integer, decisions integer, overturned integer
-- order: decisions desc, specialtyLabel

select
  specialty,
  count(distinct case_key) as cases,
  count(*) as decisions,
  count(*) filter (decision = 'overturned') as overturned
from (
  select case_key, decision, unnest(reviewer_specialty_ids) as specialty
  from items
  where decision is not null
    and list_contains(treatments, $treatment)
)
group by specialty
