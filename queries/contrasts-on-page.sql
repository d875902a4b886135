-- columns: treatment treatment, page page, upheld integer, overturned integer, upheldCase text, overturnedCase text
-- order: decisions desc, treatmentLabel, pageLabel

select
  treatment,
  page,
  count(*) filter (decision = 'upheld') as upheld,
  count(*) filter (decision = 'overturned') as overturned,
  min(url_encode(case_key)) filter (decision = 'upheld') as upheldCase,
  min(url_encode(case_key)) filter (decision = 'overturned') as overturnedCase,
  count(*) as decisions
from (
  select case_key, decision, unnest(treatments) as treatment, page
  from (select case_key, decision, treatments, unnest(reviewer_pages) as page from items where decision is not null)
)
where ($treatment is null or treatment = $treatment)
  and ($page is null or page = $page)
group by treatment, page
having upheld > 0 and overturned > 0
