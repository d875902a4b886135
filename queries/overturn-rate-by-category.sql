-- columns: category category, decisions integer, overturned integer, share thousandths
-- order: decisions desc, share desc, categoryLabel

select
  category,
  count(*) as decisions,
  count(*) filter (decision = 'overturned') as overturned,
  (2000 * overturned + decisions) // (2 * decisions) as share
from (
  select decision, unnest(list_concat(categories, drug_classes, subcategories)) as category
  from items
  where decision is not null
)
where case
    when $within is null then not contains(category, '/')
    else starts_with(category, $within || '/') and not contains(substr(category, len($within) + 2), '/')
  end
group by category
having decisions >= $minimum
