-- columns: reason reason, decision decision, cases integer, items integer
-- order: items desc, reasonLabel

select reason, decision, count(distinct case_key) as cases, count(*) as items
from (
  select case_key, decision, unnest(reasons) as reason
  from items
  where decision is not null
    and list_contains(treatments, $treatment)
)
group by reason, decision
