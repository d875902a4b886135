-- columns: item item, measure text, requested integer, authorized integer, part thousandths, decision decision
-- order: itemLabel

select
  url_encode(case_key) || ' item ' || position as item,
  measure,
  requested,
  authorized,
  (2000 * authorized + requested) // nullif(2 * requested, 0) as part,
  decision
from (
  select 'visits' as measure, visits as requested, authorized_visits as authorized, *
  from items
  union all
  select 'quantity' as measure, quantity as requested, authorized_quantity as authorized, *
  from items
)
where requested is not null
  and authorized is not null
  and decision is not null
  and ($decision is null or decision = $decision)
  and ($treatment is null or list_contains(treatments, $treatment))
