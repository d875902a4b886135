-- columns: first treatment, second treatment, cases integer
-- order: cases desc, firstLabel, secondLabel

with disputed as (select distinct case_key, unnest(treatments) as treatment from items)
select one.treatment as first, other.treatment as second, count(*) as cases
from disputed as one
join disputed as other on other.case_key = one.case_key and other.treatment > one.treatment
where $treatment is null or one.treatment = $treatment or other.treatment = $treatment
group by one.treatment, other.treatment
having count(*) >= $minimum
