-- columns: treatment treatment, decided integer, given integer, share thousandths
-- order: given desc, share desc, treatmentLabel

select
  treatment,
  count(*) as decided,
  count(*) filter (list_contains(reasons, $reason)) as given,
  (2000 * given + decided) // (2 * decided) as share
from (select decision, reasons, unnest(treatments) as treatment from items where decision is not null)
group by treatment, decision
having given > 0
