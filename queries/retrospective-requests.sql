-- columns: item item, service text, decision decision
-- order: itemLabel

select url_encode(case_key) || ' item ' || position as item, service, decision
from items
where retrospective
  and service is not null
  and ($treatment is null or list_contains(treatments, $treatment))
  and decision = coalesce($decision, decision)
