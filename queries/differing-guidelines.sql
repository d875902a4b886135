-- columns: item item, service text, denialGuideline guideline, guideline guideline, decision decision
-- order: itemLabel, denialGuidelineLabel, guidelineLabel

select item, service, denialGuideline, unnest(reviewer_guidelines) as guideline, decision
from (
  select
    url_encode(case_key) || ' item ' || position as item,
    service,
    unnest(administrator_guidelines) as denialGuideline,
    reviewer_guidelines,
    decision
  from items
  where service is not null
    and decision is not null
    and not list_has_any(administrator_guidelines, reviewer_guidelines)
    and ($treatment is null or list_contains(treatments, $treatment))
    and ($decision is null or decision = $decision)
)
