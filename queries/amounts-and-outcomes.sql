-- columns: measure text, amount integer, decisions integer, overturned integer, share thousandths
-- order: measure, amount

select
  measure,
  amount,
  count(*) as decisions,
  count(*) filter (decision = 'overturned') as overturned,
  (2000 * overturned + decisions) // (2 * decisions) as share
from (
  select 'visits' as measure, visits as amount, decision, treatments from items
  union all
  select 'quantity' as measure, quantity as amount, decision, treatments from items
)
where amount is not null
  and decision is not null
  and list_contains(treatments, $treatment)
group by measure, amount
