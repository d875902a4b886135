-- columns: rationale text, items integer, cases integer, overturned integer, firstItem text
-- order: items desc, cases desc, firstItem

select
  rationale,
  count(*) as items,
  count(distinct case_key) as cases,
  count(*) filter (decision = 'overturned') as overturned,
  min(url_encode(case_key) || ' item ' || position) as firstItem
from items
where rationale is not null
  and decision is not null
group by rationale
having count(*) >= $minimum and count(distinct case_key) >= $minimumCases
