-- columns: item item, service text, decided date, decision decision
-- order: decided desc, itemLabel

select url_encode(case_key) || ' item ' || position as item, service, decision_date as decided, decision
from items
where decision_date >= $since::date
  and service is not null
  and decision = $decision
  and ($year is null or year(decision_date) = $year)
  and ($treatment is null or list_contains(treatments, $treatment))
  and ($region is null or list_contains(body_regions, $region))
  and ($specialty is null or list_contains(reviewer_specialty_ids, $specialty))
  and ($state is null or list_contains(reviewer_states, $state))
