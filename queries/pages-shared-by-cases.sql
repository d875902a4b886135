-- columns: page page, cases integer, decisions integer, overturned integer
-- order: cases desc, decisions desc, pageLabel

select
  page,
  count(distinct case_key) as cases,
  count(*) as decisions,
  count(*) filter (decision = 'overturned') as overturned
from (select case_key, decision, unnest(reviewer_pages) as page from items where decision is not null)
where ($guideline is null or regexp_replace(page, '-[0-9]+$', '') = $guideline)
group by page
having cases >= $minimum
