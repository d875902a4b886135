"""Times, agreement, recurring rationales and quality: each figure against a plain computation over the letters."""

from __future__ import annotations

import dataclasses
import json
import random
import statistics
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from imr_graph.analysis.dimensions.filters import resolve_filters
from imr_graph.analysis.statistics.citation_agreement import KINDS, citation_agreement
from imr_graph.analysis.statistics.data_quality import data_quality
from imr_graph.analysis.statistics.durations import INTERVALS, durations
from imr_graph.analysis.statistics.overturn_rates import overturn_rates
from imr_graph.analysis.statistics.recurring_rationales import recurring_rationales
from imr_graph.errors import UnknownNameError, UsageError
from imr_graph.model import Dates, Determination, Unparsed
from imr_graph.store.changes import add
from imr_graph.store.graph_store import memory_store, open_store
from imr_graph.store.table import Table, open_table
from imr_graph.table.rows import item_rows
from support.records import determination, item
from support.sample_table import generated, put
from support.sample_world import FICTIONAL, world_of
from support.share_intervals import interval_of

LETTERS = (*FICTIONAL, *generated(300))
DATES = {
    "injury-to-denial": ("injured", "ur_denied"),
    "denial-to-application": ("ur_denied", "received"),
    "application-to-assignment": ("received", "assigned"),
    "assignment-to-decision": ("assigned", "decided"),
    "application-to-decision": ("received", "decided"),
    "denial-to-decision": ("ur_denied", "decided"),
    "injury-to-decision": ("injured", "decided"),
}


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Table]:
    """Return the table of a store with fictional and generated letters."""
    path = tmp_path_factory.mktemp("figures") / "store"
    put(path, LETTERS)
    with open_table(open_store(path)) as opened:
        yield opened


def days(name: str, letters: list[Determination]) -> list[int]:
    first, last = DATES[name]
    pairs = [(getattr(d.dates, first), getattr(d.dates, last)) for d in letters]
    return [(end - start).days for start, end in pairs if start and end]


@pytest.mark.parametrize("name", INTERVALS)
def test_quartiles_are_those_of_the_letters(table: Table, name: str) -> None:
    (found,) = durations(table, (name,))
    expected = days(name, list(LETTERS))
    lower, median, upper = statistics.quantiles(expected, n=4, method="inclusive")
    assert (found.lower, found.median, found.upper) == pytest.approx((lower, median, upper))
    assert (found.cases, found.missing) == (len(expected), len(LETTERS) - len(expected))
    assert (found.shortest, found.longest) == (min(expected), max(expected))
    assert found.reversed == sum(day < 0 for day in expected)


def test_times_by_a_dimension_are_those_of_its_cases(table: Table) -> None:
    found = {one.value.id: one for one in durations(table, ("denial-to-decision",), by="state", minimum=5) if one.value}
    assert len(found) > 3
    for id, one in found.items():
        expected = days("denial-to-decision", [d for d in LETTERS if id in d.reviewer.states])
        assert (one.cases, one.median) == (len(expected), statistics.median(expected))


def test_dates_in_the_wrong_order_are_counted() -> None:
    store = memory_store()
    early = dataclasses.replace(FICTIONAL[0].dates, decided=FICTIONAL[0].dates.ur_denied, ur_denied=Dates().ur_denied)
    late = FICTIONAL[1]
    swapped = dataclasses.replace(late.dates, decided=late.dates.ur_denied, ur_denied=late.dates.decided)
    add(store, [dataclasses.replace(FICTIONAL[0], dates=early), dataclasses.replace(late, dates=swapped)])
    with open_table(store) as opened:
        (found,) = durations(opened, ("denial-to-decision",))
    assert (found.cases, found.missing, found.reversed, found.median) == (1, 1, 1, -33)


def test_no_case_gives_no_time(table: Table) -> None:
    nothing = resolve_filters(table.store, since="1990-01-01", until="1990-12-31")
    (found,) = durations(table, ("denial-to-decision",), filters=nothing)
    assert (found.cases, found.missing, found.median, found.small) == (0, 0, None, True)
    with pytest.raises(UnknownNameError, match="denial-to-decision"):
        durations(table, ("denial-to-decisions",))
    with pytest.raises(UsageError, match="1 or more"):
        durations(table, minimum=0)


def kind(one: set[str], other: set[str]) -> str:
    if not one or not other:
        return "administrator-only" if one else "reviewer-only" if other else "neither"
    return "same" if one == other else "some-in-common" if one & other else "different"


@pytest.mark.parametrize("on", ["guideline", "page", "basis", "section"])
def test_agreement_is_that_of_the_letters(table: Table, on: str) -> None:
    columns = {"guideline": "guidelines", "page": "pages", "basis": "bases", "section": "section_ids"}
    expected: Counter[str] = Counter()
    overturned: Counter[str] = Counter()
    each: dict[str, list[tuple[str, bool]]] = {}
    for row in (row for d in LETTERS for row in item_rows(d)):
        name = kind(*(set(row[f"{side}_{columns[on]}"]) for side in ("administrator", "reviewer")))
        expected[name] += 1
        overturned[name] += row["decision"] == "overturned"
        each.setdefault(name, []).append((row["case_key"], row["decision"] == "overturned"))
    (found,) = citation_agreement(table, on)
    assert [name for name, _ in found.kinds] == list(KINDS)
    assert {name: (g.decisions, g.overturned) for name, g in found.kinds} == {
        name: (expected[name], overturned[name]) for name in KINDS
    }
    assert found.items == sum(expected.values())
    for name, group in found.kinds:
        cases, hits = zip(*each[name], strict=True)
        assert (group.low, group.high) == pytest.approx(interval_of(cases, hits), abs=1e-3)
        assert group.cases == len(set(cases))


def test_agreement_by_a_dimension_adds_up(table: Table) -> None:
    found = citation_agreement(table, by="year")
    assert sum(one.items for one in found) == sum(len(d.items) for d in LETTERS)
    for one in found:
        assert one.items == sum(group.decisions for _, group in one.kinds)
    with pytest.raises(UnknownNameError, match="guideline"):
        citation_agreement(table, "guidelines")


def test_differing_guidelines_are_those_of_sparql() -> None:
    world = world_of((*FICTIONAL, *generated(60)))
    with open_table(world.store) as opened:
        ((*_, found),) = (one.kinds for one in citation_agreement(opened) if one.value is None)
        kinds = dict(citation_agreement(opened)[0].kinds)
    assert found[0] == "neither"
    pairs = world.rows("guideline-pairs-of-both-sides")
    both = sum(kinds[name].decisions for name in ("same", "some-in-common", "different"))
    assert both > 0
    assert (both > 0) == bool(pairs)


def words(text: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in text.lower()).split()


def test_rationales_that_recur_word_for_word_are_those_that_counting_finds(table: Table) -> None:
    places: dict[str, list[tuple[str, int, str, bool]]] = {}
    for row in (row for d in LETTERS for row in item_rows(d)):
        if row["rationale"]:
            place = (row["case_key"], row["position"], row["reviewer_profile"], row["decision"] == "overturned")
            places.setdefault(" ".join(words(row["rationale"])), []).append(place)
    expected = {text: found for text, found in places.items() if len(found) > 1}
    found = recurring_rationales(table, nearly=None, limit=10_000)
    assert {" ".join(words(one.text)) for one in found} == set(expected)
    for one in found:
        same = expected[" ".join(words(one.text))]
        assert one.variants == 1
        assert (one.items, one.overturned) == (len(same), sum(place[3] for place in same))
        assert one.letters == len({place[0] for place in same})
        assert one.profiles == len({place[2] for place in same})
        assert one.places == tuple(sorted(place[:2] for place in same)[:5])
    assert [one.items for one in found] == sorted((one.items for one in found), reverse=True)
    assert found


def runs(text: str) -> frozenset[tuple[str, ...]]:
    found = words(text)
    return frozenset(tuple(found[n : n + 5]) for n in range(max(1, len(found) - 4)))


def test_rationales_that_are_nearly_the_same_are_those_that_comparing_all_finds() -> None:
    """Every pair is compared here; the groups are those whose members hang together by likeness."""
    chance = random.Random(5)
    known = ("back", "knee", "pain", "visit", "care", "note", "week", "help", "need", "side", "plan", "more", "less")
    texts = []
    for _ in range(12):
        text = [chance.choice(known) + str(chance.randrange(40)) for _ in range(120)]
        texts.append(" ".join(text))
        for _ in range(chance.randrange(4)):
            other = list(text)
            other[chance.randrange(120)] = "changed"
            texts.append(" ".join(other))
    groups: list[set[str]] = []
    for text in texts:
        near = [g for g in groups if any(jaccard(text, other) >= 0.8 for other in g)]
        groups = [g for g in groups if g not in near] + [{text}.union(*near)]
    store = memory_store()
    add(store, [determination(f"CM20-{n:07}", item(rationale=text)) for n, text in enumerate(texts)])
    with open_table(store) as opened:
        found = recurring_rationales(opened, nearly=0.8)
        exact = recurring_rationales(opened, nearly=None)
    expected = sorted((len([t for t in texts if t in g]) for g in groups), reverse=True)
    assert [one.items for one in found] == [n for n in expected if n > 1]
    assert sum(one.variants for one in found) > len(exact)
    assert {one.variants for one in exact} <= {1}


def jaccard(one: str, other: str) -> float:
    a, b = runs(one), runs(other)
    return len(a & b) / len(a | b)


def test_case_space_and_signs_make_no_difference() -> None:
    store = memory_store()
    texts = ("The request is not necessary.", "THE REQUEST  is\nnot necessary", "The request is necessary.")
    add(store, [determination(f"CM20-{n:07}", item(rationale=text)) for n, text in enumerate(texts)])
    with open_table(store) as opened:
        (found,) = recurring_rationales(opened, nearly=None)
    assert (found.items, found.letters, found.profiles) == (2, 2, 1)


def test_what_recurs_can_be_asked_of_many_letters_only(table: Table) -> None:
    many = recurring_rationales(table, nearly=None, minimum_letters=3, limit=10_000)
    every = recurring_rationales(table, nearly=None, limit=10_000)
    assert many == tuple(one for one in every if one.letters >= 3)
    assert recurring_rationales(table, nearly=None, limit=1) == every[:1]
    for wrong in ({"nearly": 0.2}, {"minimum": 1}, {"minimum_letters": 0}, {"limit": 0}):
        with pytest.raises(UsageError):
            recurring_rationales(table, **wrong)  # type: ignore[arg-type]


def test_quality_counts_what_is_there_and_what_is_not(table: Table) -> None:
    found = data_quality(table, limit=10_000)
    assert (found.letters, found.items) == (len(LETTERS), sum(len(d.items) for d in LETTERS))
    layouts = Counter(d.layout for d in LETTERS)
    assert {one.layout: one.letters for one in found.layouts} == layouts
    missing = {one.column: (one.missing, one.of) for one in found.missing}
    assert missing["decision_date"] == (sum(d.dates.decided is None for d in LETTERS), len(LETTERS))
    assert missing["treatments"] == (sum(not i.treatments for d in LETTERS for i in d.items), found.items)
    unnamed = Counter(i.service for d in LETTERS for i in d.items if not i.treatments)
    assert {one.name: one.items for one in found.unmatched if one.kind == "treatments"} == unnamed
    topics = [one for one in found.unmatched if one.name.endswith("A topic of no vocabulary")]
    assert [(one.kind, one.items, one.letters) for one in topics] == [("sections", 1, 1)]
    assert found.findings is None


def test_unmatched_treatments_are_those_of_sparql() -> None:
    world = world_of((*FICTIONAL, *generated(60)))
    rows = Counter(row["service"] for row in world.rows("unmatched-treatments"))
    with open_table(world.store) as opened:
        found = data_quality(opened, limit=1_000)
    assert {one.name: one.items for one in found.unmatched if one.kind == "treatments"} == rows


def test_quality_reads_the_findings_of_the_last_build(tmp_path: Path) -> None:
    store = tmp_path / "store"
    passages = (Unparsed(3, 9, "a word", "/items/0"), Unparsed(12, 19, "another", "/items/0"))
    put(store, [dataclasses.replace(FICTIONAL[0], unparsed=passages), dataclasses.replace(FICTIONAL[1], items=())])
    finding = {"severity": "warning", "shape": "Case-decisionDate", "path": "", "message": "Look.", "nodes": 2, "of": 9}
    report = {"validation": {"findings": [{**finding, "examples": []}]}}
    (store / "build-report.json").write_text(json.dumps(report))
    with open_table(store) as opened:
        found = data_quality(opened)
    assert found.letters == 2
    assert [(one.letters_with_unparsed, one.unparsed) for one in found.layouts] == [(1, 2)]
    assert found.findings is not None
    assert [(one.shape, one.nodes, one.of) for one in found.findings] == [("Case-decisionDate", 2, 9)]
    with open_table(store) as opened, pytest.raises(UsageError):
        data_quality(opened, limit=0)


def test_decisions_of_letters_that_are_damaged_count_unless_they_are_left_out() -> None:
    store = memory_store()
    cut = determination("CM20-0000002", item(), item("MRI"), incomplete=("an item may be missing",), outcome=None)
    add(store, [determination("CM20-0000001", item()), cut])
    with open_table(store) as opened:
        groups = {group.label: group.decisions for group in overturn_rates(opened, ["incomplete"]).groups}
        whole = overturn_rates(opened, filters=resolve_filters(store, {"incomplete": "no"}))
    assert groups == {"no": 1, "yes": 2}
    assert (whole.decisions, whole.cases) == (1, 1)
