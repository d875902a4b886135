-- columns: item item, service text, party party, stance stance, decision decision
-- order: partyLabel, itemLabel

select url_encode(case_key) || ' item ' || position as item, service, party, stance, decision
from (
  select 'claims-administrator' as party, administrator_stance as stance, *
  from items
  where len(administrator_guidelines) = 0
  union all
  select 'expert-reviewer' as party, reviewer_stance as stance, *
  from items
  where len(reviewer_guidelines) = 0
)
where service is not null
  and decision is not null
  and ($side is null or party = $side)
  and ($decision is null or decision = $decision)
