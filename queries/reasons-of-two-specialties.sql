-- columns: reason reason, given integer, of integer, share thousandths, otherGiven integer, otherOf integer, otherShare thousandths
-- order: difference desc, reasonLabel

with sides as (
  select true as one, reasons, decision from items where list_contains(reviewer_specialty_ids, $specialty)
  union all
  select false as one, reasons, decision from items where list_contains(reviewer_specialty_ids, $other)
)
select
  reason,
  given,
  "of",
  (2000 * given + "of") // (2 * "of") as share,
  otherGiven,
  otherOf,
  (2000 * otherGiven + otherOf) // (2 * otherOf) as otherShare,
  -- decimals of SPARQL have 18 places
  abs(given * 10::hugeint ** 18 // "of" - otherGiven * 10::hugeint ** 18 // otherOf) as difference
from (
  select reason, count(*) filter (one) as given, count(*) filter (not one) as otherGiven
  from (select one, unnest(reasons) as reason from sides)
  group by reason
),
(
  select count(*) filter (one) as "of", count(*) filter (not one) as otherOf
  from sides
  where decision is not null
)
where "of" > 0 and otherOf > 0
