-- columns: year integer, cases integer, meanDays tenths, leastDays integer, mostDays integer
-- order: year

select
  year(decision_date) as year,
  count(*) as cases,
  floor((20 * sum(days) + cases) / (2 * cases))::bigint as meanDays,
  min(days) as leastDays,
  max(days) as mostDays
from (select decision_date - utilization_review_date as days, * from cases)
where days is not null
  and ($priority is null or priority = $priority)
group by year(decision_date)
