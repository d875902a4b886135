-- columns: item item, service text, decision decision
-- order: itemLabel

select url_encode(case_key) || ' item ' || position as item, service, decision
from items
-- texts are put in lower case only where a quick look leaves it open; there a capital I with a dot is two characters
where case
    when regexp_matches(rationale, regexp_escape($text), 'i') or contains(rationale, chr(304))
      then contains(lower(replace(rationale, chr(304), 'i' || chr(775))), lower($text))
    else false
  end
  and service is not null
  and decision is not null
  and ($decision is null or decision = $decision)
  and ($treatment is null or list_contains(treatments, $treatment))
