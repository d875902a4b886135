-- columns: rationale text, items integer, cases integer, overturned integer, firstItem text
-- order: items desc, cases desc, firstItem

-- long texts are compared only where their digests say that they may recur
with decided as (select * from items where rationale is not null and decision is not null),
repeated as (select hash(rationale) as digest from decided group by digest having count(*) >= $minimum)
select
  rationale,
  count(*) as items,
  count(distinct case_key) as cases,
  count(*) filter (decision = 'overturned') as overturned,
  min(url_encode(case_key) || ' item ' || position) as firstItem
from decided
where hash(rationale) in (select digest from repeated)
group by rationale
having count(*) >= $minimum and count(distinct case_key) >= $minimumCases
