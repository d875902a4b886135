-- columns: item item, service text, party party, decision decision
-- order: partyLabel, itemLabel

select url_encode(case_key) || ' item ' || position as item, service, party, decision
from (
  select 'claims-administrator' as party, *
  from items
  where list_contains(administrator_section_ids, $section)
  union all
  select 'expert-reviewer' as party, *
  from items
  where list_contains(reviewer_section_ids, $section)
)
where service is not null
  and decision is not null
  and ($side is null or party = $side)
