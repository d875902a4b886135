-- columns: treatment treatment, decisions integer, overturned integer, share thousandths
-- order: decisions desc, share desc, treatmentLabel

select
  treatment,
  count(*) as decisions,
  count(*) filter (decision = 'overturned') as overturned,
  (2000 * overturned + decisions) // (2 * decisions) as share
from (
  select decision, unnest(treatments) as treatment
  from items
  where decision is not null
    and ($guideline is null or list_contains(reviewer_guidelines, $guideline))
    and ($section is null or list_contains(reviewer_section_ids, $section))
    and ($page is null or list_contains(reviewer_pages, $page))
)
where ($treatment is null or treatment = $treatment)
  and ($category is null or list_contains($category_treatments, treatment))
group by treatment
having decisions >= $minimum
