-- columns: year integer, items integer, nonMtus integer, onlyNonMtus integer, share thousandths
-- order: year

select
  year,
  count(*) as items,
  count(*) filter (list_contains(bases, 'non-mtus')) as nonMtus,
  count(*) filter (bases = ['non-mtus']) as onlyNonMtus,
  (2000 * nonMtus + count(*)) // (2 * count(*)) as share
from (
  select
    year(decision_date) as year,
    case $side when 'expert-reviewer' then reviewer_bases else administrator_bases end as bases
  from items
  where decision_date is not null
)
where len(bases) > 0
group by year
