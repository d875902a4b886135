-- columns: treatment treatment, section section, upheld integer, overturned integer, upheldCase text, overturnedCase text
-- order: decisions desc, treatmentLabel, sectionLabel

select
  treatment,
  section,
  count(*) filter (decision = 'upheld') as upheld,
  count(*) filter (decision = 'overturned') as overturned,
  min(url_encode(case_key)) filter (decision = 'upheld') as upheldCase,
  min(url_encode(case_key)) filter (decision = 'overturned') as overturnedCase,
  count(*) as decisions
from (
  select case_key, decision, unnest(treatments) as treatment, section
  from (select case_key, decision, treatments, unnest(reviewer_section_ids) as section from items where decision is not null)
)
where ($treatment is null or treatment = $treatment)
  and ($section is null or section = $section)
group by treatment, section
having upheld > 0 and overturned > 0
