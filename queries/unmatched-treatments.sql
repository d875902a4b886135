-- columns: item item, service text, decision decision
-- order: service, itemLabel

select url_encode(case_key) || ' item ' || position as item, service, decision
from items
where len(treatments) = 0
  and service is not null
  and decision is not null
