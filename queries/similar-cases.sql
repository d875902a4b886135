-- columns: other case, score integer, treatments integer, regions integer, authorities integer, outcome outcome
-- order: score desc, otherLabel

with facts as (
  select case_key, 'treatment' as kind, unnest(treatments) as value from items
  union all
  select case_key, 'region' as kind, unnest(body_regions) as value from items
  union all
  select case_key, 'guideline' as kind, unnest(reviewer_guidelines) as value from items
  union all
  select case_key, 'section' as kind, unnest(reviewer_section_ids) as value from items
  union all
  select case_key, 'page' as kind, unnest(reviewer_pages) as value from items
),
shared as (
  select distinct case_key, kind, value
  from facts
  where (kind, value) in (select (kind, value) from facts where case_key = $case)
    and case_key <> $case
),
scored as (
  select
    case_key,
    count(*) filter (kind = 'treatment') as treatments,
    count(*) filter (kind = 'region') as regions,
    count(*) filter (kind not in ('treatment', 'region')) as authorities,
    3 * treatments + regions + authorities as score
  from shared
  group by case_key
  having score >= $minimum
)
select url_encode(case_key) as other, score, treatments, regions, authorities, outcome
from scored join cases using (case_key)
where outcome is not null
