-- columns: item item, requested text, authorized text, disputed text, decision decision
-- order: itemLabel

select
  url_encode(case_key) || ' item ' || position as item,
  requested_service as requested,
  authorized_service as authorized,
  service as disputed,
  decision
from items
where requested is not null
  and authorized is not null
  and disputed is not null
  and decision is not null
  and ($decision is null or decision = $decision)
  and ($treatment is null or list_contains(treatments, $treatment))
