"""Every question of the library: its header is whole, its text keeps the rules, its figures are the records' own."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import combinations
from pathlib import Path

import pyoxigraph as ox
import pytest

from imr_graph import corrections, resources, vocabulary
from imr_graph import iris as terms
from imr_graph.analysis.queries import library
from imr_graph.analysis.queries.ask import ask
from imr_graph.analysis.queries.parameters import parse_parameter
from imr_graph.graph.resolver import default_resolver
from imr_graph.model import Determination, DisputedItem, Party
from support.records import gold as gold_records
from support.sample_world import FICTIONAL, World, world_of

CORRECTIONS = tuple(
    corrections.Correction(
        FICTIONAL[0].case_number, None, field, was, now, "A. Reader", "The letter says so.", date(2026, 11, 20)
    )
    for field, was, now in (
        ("/patient/age", FICTIONAL[0].patient.age, None),
        ("/items/0/body_regions/-", None, "hip"),
        ("/summary", FICTIONAL[0].summary, "Another."),
    )
)
QUESTIONS = {question.name: question for question in library.list_questions()}


@pytest.fixture(scope="session")
def fictional() -> World:
    return world_of(FICTIONAL)


@pytest.fixture(scope="session")
def gold(shared: Path) -> World:
    return world_of(tuple(gold_records(shared)))


@pytest.fixture(scope="session", params=["fictional", "gold"])
def world(request: pytest.FixtureRequest) -> World:
    found: World = request.getfixturevalue(request.param)
    return found


# What an item has of each dimension, as the last piece of an IRI.


def _guidelines(party: Party) -> set[str]:
    return {f"guideline-{c.guideline}" for c in party.citations}


def _sections(party: Party) -> set[str]:
    return {
        terms.local_name(default_resolver().section(c.guideline, c.chapter, label, terms.BASE).iri)
        for c in party.citations
        for label in c.sections
    }


def _pages(party: Party) -> set[str]:
    return {f"page-{c.guideline}-{number}" for c in party.citations for number in c.pages}


def _treatments(item: DisputedItem) -> set[str]:
    return {f"treatment-{t}" for t in item.treatments}


def _top_categories(item: DisputedItem) -> set[str]:
    tops = (vocabulary.load().categories_of(t) for t in item.treatments)
    return {f"category-{c.id.replace('/', '-')}" for found in tops for c in found if not c.broader}


def _specialties(record: Determination) -> set[str]:
    names = default_resolver()
    return {terms.local_name(names.specialty(s, terms.BASE).iri) for s in record.reviewer.specialties}


def _year(record: Determination) -> set[str]:
    return {str(record.dates.decided.year)} if record.dates.decided else set()


Keys = Callable[[Determination, DisputedItem], Iterable[str]]
RATES: dict[str, tuple[str, Keys]] = {
    "overturn-rate-by-treatment": ("treatment", lambda _, i: _treatments(i)),
    "overturn-rate-by-category": ("category", lambda _, i: _top_categories(i)),
    "overturn-rate-by-guideline": ("guideline", lambda _, i: _guidelines(i.reviewer)),
    "overturn-rate-by-denial-guideline": ("guideline", lambda _, i: _guidelines(i.claims_administrator)),
    "overturn-rate-by-section": ("section", lambda _, i: _sections(i.reviewer)),
    "overturn-rate-by-page": ("page", lambda _, i: _pages(i.reviewer)),
    "overturn-rate-by-specialty": ("specialty", lambda r, _: _specialties(r)),
    "overturn-rate-by-state": ("state", lambda r, _: {f"state-{s}" for s in r.reviewer.states}),
    "overturn-rate-by-year": ("year", lambda r, _: _year(r)),
}


def counted(world: World, keys: Keys) -> dict[str, tuple[int, int]]:
    """Return (decisions, overturned) for each key, by going over the records."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for record, _, item in world.items():
        for key in keys(record, item):
            counts[key][0] += 1
            counts[key][1] += item.decision == "overturned"
    return {key: (n, k) for key, (n, k) in counts.items()}


def share(decisions: int, overturned: int) -> Decimal:
    return (Decimal(overturned) / decisions).quantize(Decimal("0.001"), ROUND_HALF_UP)


def local(iri: str | None) -> str:
    return terms.local_name(iri or "")


def name_of(record: Determination, position: int) -> str:
    return f"{record.key} item {position}"


@pytest.mark.parametrize("name", RATES)
def test_rate_figures_are_those_of_a_count_over_the_records(world: World, name: str) -> None:
    column, keys = RATES[name]
    expected = {key: (n, k, share(n, k)) for key, (n, k) in counted(world, keys).items()}
    rows = world.rows(name)
    found = {local(r[column]): (int(r["decisions"]), int(r["overturned"]), Decimal(r["share"])) for r in rows}
    assert expected
    assert found == expected
    assert len(rows) == len(found)


@pytest.mark.parametrize("name", RATES)
def test_rates_leave_out_small_groups_and_come_sorted(world: World, name: str) -> None:
    column, keys = RATES[name]
    expected = sorted(key for key, (n, _) in counted(world, keys).items() if n >= 2)
    rows = world.rows(name, minimum="2")
    assert sorted(local(r[column]) for r in rows) == expected
    order = [str(r[column]) for r in rows] if column == "year" else [-int(r["decisions"]) for r in rows]
    assert order == sorted(order)


@pytest.mark.parametrize("name", [name for name in RATES if name != "overturn-rate-by-category"])
def test_rates_narrowed_to_a_treatment_count_its_items_only(world: World, name: str) -> None:
    column, keys = RATES[name]
    counts = Counter(t for record, _, item in world.items() if keys(record, item) for t in item.treatments)
    treatment = counts.most_common(1)[0][0]

    def narrowed(record: Determination, item: DisputedItem) -> Iterable[str]:
        if treatment not in item.treatments:
            return ()
        return {f"treatment-{treatment}"} if column == "treatment" else keys(record, item)

    rows = world.rows(name, treatment=treatment)
    found = {local(r[column]): (int(r["decisions"]), int(r["overturned"])) for r in rows}
    assert found == counted(world, narrowed)
    assert found


def test_subcategories_add_up_drugs_by_their_class(world: World) -> None:
    def classes(_: Determination, item: DisputedItem) -> set[str]:
        found = (c for t in item.treatments for c in vocabulary.load().categories_of(t))
        return {f"category-{c.id.replace('/', '-')}" for c in found if c.id.startswith("pharmaceuticals/")}

    rows = world.rows("overturn-rate-by-category", within="Pharmaceuticals")
    assert {local(r["category"]): (int(r["decisions"]), int(r["overturned"])) for r in rows} == counted(world, classes)


@pytest.mark.parametrize(("kind", "of"), [("guideline", _guidelines), ("section", _sections), ("page", _pages)])
def test_treatments_narrowed_to_what_the_review_rests_on(
    world: World, kind: str, of: Callable[[Party], set[str]]
) -> None:
    authority = Counter(a for _, _, item in world.items() for a in of(item.reviewer)).most_common(1)[0][0]
    expected = counted(world, lambda _, i: _treatments(i) if authority in of(i.reviewer) else ())
    rows = world.rows("overturn-rate-by-treatment", **{kind: authority.removeprefix(f"{kind}-")})
    assert {local(r["treatment"]): (int(r["decisions"]), int(r["overturned"])) for r in rows} == expected


@pytest.mark.parametrize(("kind", "of"), [("section", _sections), ("page", _pages)])
def test_what_a_page_or_section_is_cited_for(world: World, kind: str, of: Callable[[Party], set[str]]) -> None:
    authority = Counter(a for _, _, i in world.items() for a in of(i.reviewer)).most_common(1)[0][0]
    expected = {
        (name_of(r, n), side, i.decision)
        for r, n, i in world.items()
        for side, party in (("claims administrator", i.claims_administrator), ("expert reviewer", i.reviewer))
        if authority in of(party)
    }
    value = {kind: authority.removeprefix(f"{kind}-")}
    rows = world.rows(f"items-citing-{kind}", **value)
    assert {(r["itemLabel"], r["partyLabel"], r["decisionLabel"]) for r in rows} == expected
    assert len(rows) == len(expected)
    one_side = world.rows(f"items-citing-{kind}", side="expert-reviewer", **value)
    assert {r["itemLabel"] for r in one_side} == {name for name, side, _ in expected if side == "expert reviewer"}


@pytest.mark.parametrize(("kind", "of"), [("section", _sections), ("page", _pages)])
def test_contrasts_are_treatments_that_ended_both_ways(
    world: World, kind: str, of: Callable[[Party], set[str]]
) -> None:
    ended: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(lambda: {"upheld": [], "overturned": []})
    for record, _, item in world.items():
        for treatment in _treatments(item):
            for authority in of(item.reviewer):
                ended[treatment, authority][item.decision].append(record.key)
    expected = {
        (*pair, len(e["upheld"]), len(e["overturned"]), min(e["upheld"]), min(e["overturned"]))
        for pair, e in ended.items()
        if e["upheld"] and e["overturned"]
    }
    rows = world.rows(f"contrasts-on-{kind}")
    found = {
        (
            local(r["treatment"]),
            local(r[kind]),
            int(r["upheld"]),
            int(r["overturned"]),
            r["upheldCase"],
            r["overturnedCase"],
        )
        for r in rows
    }
    assert found == expected
    assert len(rows) == len(expected)


def test_contrasts_find_the_two_scans_that_rest_on_one_page(fictional: World) -> None:
    rows = fictional.rows("contrasts-on-page", treatment="mri")
    assert [(local(r["page"]), r["upheldCase"], r["overturnedCase"]) for r in rows] == [
        ("page-acoem-low-back-complaints-2004-303", "EX16-0000001", "EX17-0000002"),
        ("page-acoem-low-back-complaints-2004-304", "EX16-0000001", "EX17-0000002"),
    ]


def test_differing_guidelines_are_pairs_of_items_whose_sides_share_none(world: World) -> None:
    expected = {
        (name_of(r, n), denial, review, i.decision)
        for r, n, i in world.items()
        if not _guidelines(i.claims_administrator) & _guidelines(i.reviewer)
        for denial in _guidelines(i.claims_administrator)
        for review in _guidelines(i.reviewer)
    }
    rows = world.rows("differing-guidelines")
    found = {(r["itemLabel"], local(r["denialGuideline"]), local(r["guideline"]), r["decisionLabel"]) for r in rows}
    assert found == expected
    assert expected
    assert {r["itemLabel"] for r in world.rows("differing-guidelines", decision="overturned")} == {
        name for name, _, _, decision in expected if decision == "overturned"
    }


def test_guideline_pairs_count_each_item_once_for_each_pair(world: World) -> None:
    expected = counted(
        world,
        lambda _, i: {f"{a}>{b}" for a in _guidelines(i.claims_administrator) for b in _guidelines(i.reviewer)},
    )
    rows = world.rows("guideline-pairs-of-both-sides")
    found = {
        f"{local(r['denialGuideline'])}>{local(r['guideline'])}": (int(r["decisions"]), int(r["overturned"]))
        for r in rows
    }
    assert found == expected


def test_partial_certifications_are_the_items_with_a_part_authorized(world: World) -> None:
    expected = {
        (name_of(r, n), i.requested, i.authorized, i.service, i.decision)
        for r, n, i in world.items()
        if i.requested and i.authorized
    }
    rows = world.rows("partial-certifications")
    columns = ("itemLabel", "requested", "authorized", "disputed", "decisionLabel")
    assert {tuple(r[c] for c in columns) for r in rows} == expected
    assert expected


def test_items_without_a_citation_say_which_side_and_its_stance(world: World) -> None:
    expected = {
        (name_of(r, n), side, party.stance, i.decision)
        for r, n, i in world.items()
        for side, party in (("claims administrator", i.claims_administrator), ("expert reviewer", i.reviewer))
        if not party.citations
    }
    rows = world.rows("items-without-citation")
    assert {(r["itemLabel"], r["partyLabel"], r["stanceLabel"], r["decisionLabel"]) for r in rows} == expected
    assert len(rows) == len(expected)
    assert expected


def test_pages_shared_by_cases_count_cases_once(world: World) -> None:
    cases: dict[str, set[str]] = defaultdict(set)
    for record, _, item in world.items():
        for page in _pages(item.reviewer):
            cases[page].add(record.key)
    items = counted(world, lambda _, i: _pages(i.reviewer))
    expected = {page: (len(keys), *items[page]) for page, keys in cases.items() if len(keys) >= 2}
    rows = world.rows("pages-shared-by-cases")
    found = {local(r["page"]): (int(r["cases"]), int(r["decisions"]), int(r["overturned"])) for r in rows}
    assert found == expected
    assert expected


def test_similar_cases_score_what_they_share(world: World) -> None:
    def kinds(record: Determination) -> tuple[set[str], set[str], set[str]]:
        return (
            {t for i in record.items for t in i.treatments},
            {b for i in record.items for b in i.body_regions},
            {a for i in record.items for of in (_guidelines, _sections, _pages) for a in of(i.reviewer)},
        )

    for record in world.records[:12]:
        mine = kinds(record)
        expected = {}
        for other in world.records:
            treatments, regions, authorities = (len(a & b) for a, b in zip(mine, kinds(other), strict=True))
            score = 3 * treatments + regions + authorities
            if other is not record and score >= 4:
                expected[other.key] = (score, treatments, regions, authorities, other.outcome)
        rows = world.rows("similar-cases", case=record.key)
        found = {
            r["otherLabel"]: (
                *(int(r[c]) for c in ("score", "treatments", "regions", "authorities")),
                r["outcomeLabel"],
            )
            for r in rows
        }
        assert found == expected


def test_specialties_deciding_a_treatment(world: World) -> None:
    treatment = Counter(t for _, _, i in world.items() for t in i.treatments).most_common(1)[0][0]
    items = counted(world, lambda r, i: _specialties(r) if treatment in i.treatments else ())
    cases: dict[str, set[str]] = defaultdict(set)
    for record, _, item in world.items():
        for specialty in _specialties(record) if treatment in item.treatments else ():
            cases[specialty].add(record.key)
    rows = world.rows("specialties-deciding-treatment", treatment=treatment)
    found = {local(r["specialty"]): (int(r["cases"]), int(r["decisions"]), int(r["overturned"])) for r in rows}
    assert found == {s: (len(cases[s]), *items[s]) for s in items}
    assert found


def test_days_from_denial_to_decision_are_those_of_the_calendar(world: World) -> None:
    days: dict[str, list[int]] = defaultdict(list)
    for record in world.records:
        decided, denied = record.dates.decided, record.dates.ur_denied
        if decided and denied:
            days[str(decided.year)].append((decided - denied).days)
    rows = world.rows("time-from-denial-to-decision")
    found = {r["year"]: (int(r["cases"]), int(r["leastDays"]), int(r["mostDays"])) for r in rows}
    assert found == {year: (len(d), min(d), max(d)) for year, d in days.items()}
    for row in rows:
        of_year = days[str(row["year"])]
        mean = (Decimal(sum(of_year)) / len(of_year)).quantize(Decimal("0.1"), ROUND_HALF_UP)
        assert Decimal(row["meanDays"]) == mean


def test_reliance_on_other_sources_counts_items_by_year(world: World) -> None:
    expected: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for record, _, item in world.items():
        bases = {c.basis for c in item.reviewer.citations}
        for year in _year(record) if bases else ():
            expected[year][0] += 1
            expected[year][1] += "non-mtus" in bases
            expected[year][2] += bases == {"non-mtus"}
    rows = world.rows("non-mtus-by-year")
    found = {r["year"]: [int(r[c]) for c in ("items", "nonMtus", "onlyNonMtus")] for r in rows}
    assert found == expected
    assert {r["year"]: Decimal(r["share"]) for r in rows} == {y: share(n, k) for y, (n, k, _) in expected.items()}


@pytest.mark.parametrize(
    ("name", "belongs"),
    [
        ("retrospective-requests", lambda i: i.retrospective),
        ("unmatched-treatments", lambda i: not i.treatments),
        ("items-mentioning", lambda i: "functional improvement" in (i.rationale or "").lower()),
    ],
)
def test_lists_hold_the_items_they_promise(world: World, name: str, belongs: Callable[[DisputedItem], bool]) -> None:
    values = {"text": "Functional Improvement"} if name == "items-mentioning" else {}
    rows = world.rows(name, **values)
    expected = {(name_of(r, n), i.service, i.decision) for r, n, i in world.items() if belongs(i)}
    assert {(r["itemLabel"], r["service"], r["decisionLabel"]) for r in rows} == expected
    assert len(rows) == len(expected)


def test_decided_items_are_narrowed_by_all_that_is_given(world: World) -> None:
    dated = [(r, n, i) for r, n, i in world.items() if r.dates.decided]
    overturned = {name_of(r, n) for r, n, i in dated if i.decision == "overturned"}
    assert {r["itemLabel"] for r in world.rows("decided-items")} == overturned
    record, _, item = next((r, n, i) for r, n, i in dated if i.body_regions and i.treatments and r.reviewer.states)
    treatment, region, state = item.treatments[0], item.body_regions[0], record.reviewer.states[0]
    specialty = record.reviewer.specialties[0]
    rows = world.rows(
        "decided-items",
        treatment=treatment,
        region=region,
        specialty=specialty,
        state=state,
        year=str(record.dates.decided.year),
        since=record.dates.decided.isoformat(),
        decision=item.decision,
    )
    assert {r["itemLabel"] for r in rows} == {
        name_of(r, n)
        for r, n, i in dated
        if treatment in i.treatments
        and region in i.body_regions
        and specialty in r.reviewer.specialties
        and state in r.reviewer.states
        and r.dates.decided.year == record.dates.decided.year
        and r.dates.decided >= record.dates.decided
        and i.decision == item.decision
    }
    assert rows


def test_pairs_of_treatments_count_cases(world: World) -> None:
    expected: Counter[tuple[str, str]] = Counter()
    for record in world.records:
        expected.update(combinations(sorted({f"treatment-{t}" for i in record.items for t in i.treatments}), 2))
    rows = world.rows("co-requested-treatments", minimum="1")
    assert {(local(r["first"]), local(r["second"])): int(r["cases"]) for r in rows} == expected
    chosen = sorted(expected)[0][0]
    one = world.rows("co-requested-treatments", minimum="1", treatment=chosen.removeprefix("treatment-"))
    assert len(one) == sum(chosen in pair for pair in expected)


def test_pairs_of_guidelines_count_items(world: World) -> None:
    expected = counted(world, lambda _, i: {f"{a}+{b}" for a, b in combinations(sorted(_guidelines(i.reviewer)), 2)})
    rows = world.rows("guideline-co-citation")
    found = {f"{local(r['first'])}+{local(r['second'])}": (int(r["decisions"]), int(r["overturned"])) for r in rows}
    assert found == expected
    assert expected


def test_the_items_of_a_case_with_all_their_facts(world: World) -> None:
    for record in world.records[:12]:
        expected = set()
        for position, item in enumerate(record.items, 1):
            facts = [
                *(("treatment", t) for t in _treatments(item)),
                *(("body region", f"region-{b}") for b in item.body_regions),
                *(("cited by the denial", g) for g in _guidelines(item.claims_administrator)),
                *(("cited by the review", g) for g in _guidelines(item.reviewer)),
            ]
            expected |= {(position, item.service, item.decision, *fact) for fact in facts or [(None, "")]}
        rows = world.rows("case-items", case=record.key)
        found = {(int(r["position"]), r["service"], r["decisionLabel"], r["fact"], local(r["value"])) for r in rows}
        assert found == expected


def test_recurring_rationales_group_equal_words(world: World) -> None:
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for record, _, item in world.items():
        if item.rationale:
            groups[item.rationale].append((record.key, item.decision))
    expected = {
        words: (len(where), len({key for key, _ in where}), sum(d == "overturned" for _, d in where))
        for words, where in groups.items()
        if len(where) >= 2
    }
    rows = world.rows("recurring-rationales")
    assert {r["rationale"]: tuple(int(r[c]) for c in ("items", "cases", "overturned")) for r in rows} == expected
    assert expected
    several = world.rows("recurring-rationales", minimumCases="2")
    assert {r["rationale"] for r in several} == {words for words, (_, cases, _) in expected.items() if cases >= 2}


def test_a_case_as_a_graph_holds_its_nodes_and_no_other_cases(fictional: World) -> None:
    triples = ask(fictional.store, "case-graph", {"case": "EX16-0000001"})
    assert isinstance(triples, tuple)
    subjects = {t.subject.value for t in triples}
    case = terms.case_iri("EX16-0000001")
    in_store = {q.subject.value for q in fictional.store.graph if q.subject.value.startswith(case)}
    letter = terms.letter_iri(FICTIONAL[0].sha256)
    assert subjects == in_store | {letter}


def test_corrections_tell_who_changed_what() -> None:
    """With a value before and after, one before only, and one after only; of one case, or of all."""
    found = corrections.apply(FICTIONAL[0], corrections.Corrections(CORRECTIONS))
    assert not found.stale
    store = world_of((found.determination, *FICTIONAL[1:])).store
    store.graph.load(corrections.ntriples(found.applied, found.determination), format=ox.RdfFormat.N_TRIPLES)
    world = World(FICTIONAL, store)
    rows = world.rows("corrections")
    case = FICTIONAL[0].key
    assert [(r["caseLabel"], r["field"], r["was"], r["now"], r["who"], r["date"], r["why"]) for r in rows] == [
        (case, "/items/0/body_regions/-", None, "hip", "A. Reader", "2026-11-20", "The letter says so."),
        (case, "/patient/age", str(FICTIONAL[0].patient.age), None, "A. Reader", "2026-11-20", "The letter says so."),
        (case, "/summary", FICTIONAL[0].summary, "Another.", "A. Reader", "2026-11-20", "The letter says so."),
    ]
    assert world.rows("corrections", case=case) == rows
    assert world.rows("corrections", case=FICTIONAL[1].key) == []
    assert {t.subject.value for t in ask(store, "case-graph", {"case": case})} >= {
        f"{terms.case_iri(case)}-correction-{n}" for n in (1, 2, 3)
    }


# What the issue of the corpus asks for by name


def test_page_24_carries_the_benzodiazepines_of_four_of_the_five_text_letters(gold: World) -> None:
    rows = gold.rows("items-citing-page", page="mtus-chronic-pain-2009 24", side="expert-reviewer")
    texts = {r.key: r for r in gold.records if r.case_number is None}
    cases = {str(r["itemLabel"]).split(" item ")[0] for r in rows}
    assert len(texts) == 5
    assert len(cases & texts.keys()) == 4
    drugs = {
        category.id
        for record, position, item in gold.items()
        if name_of(record, position) in {r["itemLabel"] for r in rows}
        for treatment in item.treatments
        for category in vocabulary.load().categories_of(treatment)
    }
    assert drugs == {"pharmaceuticals/benzodiazepine", "pharmaceuticals"}


@pytest.mark.parametrize("page", ["304", "305"])
def test_both_discograms_rest_on_the_low_back_pages_by_a_surgeon_and_a_physiatrist(gold: World, page: str) -> None:
    page = f"acoem-low-back-complaints-2004-{page}"
    rates = gold.rows("overturn-rate-by-treatment", page=page, treatment="discography")
    assert [(r["decisions"], r["overturned"]) for r in rates] == [("2", "0")]
    rows = gold.rows("specialties-deciding-treatment", treatment="discography")
    assert {"Orthopedic Surgery", "Physical Medicine & Rehabilitation"} <= {r["specialtyLabel"] for r in rows}


# The files themselves


def test_the_library_has_at_least_twenty_questions() -> None:
    assert len(QUESTIONS) >= 20


def _columns(question: library.Question) -> list[str]:
    select = question.sparql.split("SELECT", 1)[1].split("WHERE", 1)[0]
    select = re.sub(r"\((?:[^()]|\((?:[^()]|\([^()]*\))*\))* AS (\?\w+)\)", r"\1", select)
    names = re.findall(r"\?(\w+)", select)
    return [name for name in names if not (name.endswith("Label") and name.removesuffix("Label") in names)]


@pytest.mark.parametrize("name", QUESTIONS)
def test_headers_are_whole(name: str) -> None:
    """Title, description, tags; every column described, in order; every parameter stands in the text."""
    question = QUESTIONS[name]
    assert question.title
    assert question.description.endswith(".")
    assert question.tags
    if "CONSTRUCT" not in question.sparql:
        assert [column.name for column in question.columns] == _columns(question)
    in_text = set(re.findall(r"VALUES \?(\w+) \{", question.sparql))
    assert in_text == {parameter.name for parameter in question.parameters}


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_text_holds_the_defaults_that_the_header_promises(fictional: World, name: str) -> None:
    """Whoever runs the file in another tool gets what the library gives."""
    question = QUESTIONS[name]
    for parameter in question.parameters:
        written = parameter.default or parameter.example
        held = set(re.findall(rf"VALUES \?{parameter.name} \{{ (.*?) \}}", question.sparql))
        assert len(held) == 1
        text = held.pop()
        if written is None:
            assert text == "UNDEF"
            continue
        prefixes = dict(re.findall(r"PREFIX (\w+): <(.*?)>", question.sparql))
        found = next(iter(fictional.store.graph.query(f"SELECT ?x {{ VALUES ?x {{ {text} }} }}", prefixes=prefixes)))
        assert found["x"] == parse_parameter(parameter, written, fictional.store)


@pytest.mark.parametrize("name", QUESTIONS)
def test_questions_run_as_they_stand(fictional: World, name: str) -> None:
    fictional.store.graph.query(QUESTIONS[name].sparql)


@pytest.mark.parametrize("name", QUESTIONS)
def test_questions_keep_to_what_oxigraph_answers_fast(name: str) -> None:
    words = QUESTIONS[name].sparql
    assert "OPTIONAL" not in words
    assert "SERVICE" not in words


def _vocabulary_terms() -> set[str]:
    graph = ox.parse(path=str(resources.ontology() / "imr.ttl"), format=ox.RdfFormat.TURTLE)
    return {q.subject.value.removeprefix(terms.IMR) for q in graph if q.subject.value.startswith(terms.IMR)}


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_term_of_a_question_is_defined_in_the_ontology(name: str) -> None:
    used = set(re.findall(r"\bimr:(\w+)", QUESTIONS[name].sparql))
    assert used
    assert used <= _vocabulary_terms()
