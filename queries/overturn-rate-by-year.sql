-- columns: year integer, decisions integer, overturned integer, share thousandths
-- order: year

select
  year(decision_date) as year,
  count(*) as decisions,
  count(*) filter (decision = 'overturned') as overturned,
  (2000 * overturned + decisions) // (2 * decisions) as share
from items
where decision is not null
  and decision_date is not null
  and ($treatment is null or list_contains(treatments, $treatment))
group by year(decision_date)
having decisions >= $minimum
