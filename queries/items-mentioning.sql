-- columns: item item, service text, decision decision
-- order: itemLabel

select url_encode(case_key) || ' item ' || position as item, service, decision
from items
-- a capital I with a dot becomes two characters in lower case, as in SPARQL
where contains(lower(replace(rationale, chr(304), 'i' || chr(775))), lower($text))
  and service is not null
  and decision is not null
  and ($decision is null or decision = $decision)
  and ($treatment is null or list_contains(treatments, $treatment))
