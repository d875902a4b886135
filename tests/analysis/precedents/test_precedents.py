"""Precedents: figures against counts over the records, intervals against scipy, first suggestions on real letters."""

from __future__ import annotations

import dataclasses
import json
import math
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from scipy.stats.contingency import odds_ratio

from imr_graph.analysis.precedents.associations import COMPARED, odds
from imr_graph.analysis.precedents.evidence import select_quotations, split_sentences
from imr_graph.analysis.precedents.precedents import Precedents, precedents
from imr_graph.analysis.precedents.request import read_request
from imr_graph.analysis.precedents.similarity import WEIGHTS
from imr_graph.cli.precedents import format_precedents
from imr_graph.errors import UnknownNameError, UsageError
from imr_graph.model import Amounts, Determination, DisputedItem, Reason, Reviewer, Span
from imr_graph.store.changes import add
from imr_graph.store.graph_store import GraphStore, memory_store, open_store
from imr_graph.store.table import Table, open_table
from imr_graph.table.rows import groups_of
from support.records import CHRONIC_PAIN, LOW_BACK, citation, determination, gold, item, party

NORCO = ("hydrocodone", "acetaminophen")
OPIOIDS_PAGE = citation(CHRONIC_PAIN, "Opioids, criteria for use", pages=(76, 78))
BACK_PAGE = citation(LOW_BACK, "Special Studies", pages=(303,))
SURGEON = Reviewer(("Orthopedic Surgery",), ("US-CA",))
PHYSIATRIST = Reviewer(("Physical Medicine & Rehabilitation",), ("US-NV",))


def norco(decision: str, *, page: bool = True, rationale: str | None = None, **more: object) -> DisputedItem:
    """Return a fictional item about Norco, resting on the opioid pages or on the low back chapter."""
    cited = party(OPIOIDS_PAGE if page else BACK_PAGE)
    text = rationale or f"The MTUS asks for function. It is {'' if decision == 'overturned' else 'not '}documented."
    return item("Norco 10/325mg #60", decision, treatments=NORCO, reviewer=cited, rationale=text, **more)


def mri(decision: str, region: str, side: str | None = None) -> DisputedItem:
    """Return a fictional item about an MRI."""
    heading = f"MRI of the {side or ''} {region}"
    return item(heading, decision, treatments=("mri",), body_regions=(region,), laterality=side,
                reviewer=party(BACK_PAGE))  # fmt: skip


RECORDS = (
    determination("EX16-0000001", norco("upheld"), mri("upheld", "knee", "left"), reviewer=SURGEON),
    determination(
        "EX16-0000002", norco("overturned", page=False), mri("overturned", "knee", "right"), reviewer=PHYSIATRIST
    ),
    determination("EX16-0000003", norco("overturned"), reviewer=PHYSIATRIST),
    determination(
        "EX16-0000004",
        item("Percocet 5/325 #30", "upheld", treatments=("oxycodone", "acetaminophen"), reviewer=party(OPIOIDS_PAGE)),
        item("Tylenol", "upheld", treatments=("acetaminophen",)),
    ),
    determination(
        "EX16-0000005", item("Ibuprofen", "upheld", treatments=("ibuprofen",)), mri("upheld", "shoulder", "left")
    ),
    determination("EX16-0000006", item("A thing of no vocabulary", "upheld", treatments=())),
)


def store_of(*records: Determination) -> GraphStore:
    """Return a store in memory."""
    store = memory_store()
    add(store, records)
    return store


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> GraphStore:
    """Return a store on disk of the fictional records; its table is made once."""
    path = tmp_path_factory.mktemp("precedents") / "store"
    add(path, RECORDS)
    return open_store(path)


Ask = Callable[..., Precedents]


@pytest.fixture(scope="module")
def asked(stored: GraphStore) -> Iterator[Ask]:
    with open_table(stored) as table:

        def call(text: str, **more: object) -> Precedents:
            return precedents(table, text, **more)  # type: ignore[arg-type]

        yield call


def items(records: tuple[Determination, ...] = RECORDS) -> Iterator[tuple[Determination, int, DisputedItem]]:
    for record in records:
        for position, entry in enumerate(record.items, 1):
            yield record, position, entry


# Circles


def test_each_circle_counts_what_a_plain_count_over_the_records_gives(asked: Ask) -> None:
    found = asked("Norco 10/325")
    classes = {c for t in NORCO for c in groups_of(t).drug_classes}
    of = {
        "same treatment": lambda i: set(NORCO) <= set(i.treatments),
        "same drug class": lambda i: any(classes & set(groups_of(t).drug_classes) for t in i.treatments),
        "same category": lambda i: any("pharmaceuticals" in groups_of(t).categories for t in i.treatments),
    }
    expected = {}
    for name, fits in of.items():
        decisions = [i.decision for _, _, i in items() if fits(i)]
        expected[name] = (len(decisions), decisions.count("overturned"))
    assert {s.name: (s.decisions, s.overturned) for s in found.steps} == expected
    assert expected == {"same treatment": (3, 2), "same drug class": (5, 2), "same category": (6, 2)}
    assert [s.added for s in found.steps] == [3, 2, 1]
    assert found.step == "same treatment"
    assert found.figures is not None
    assert found.figures.share == pytest.approx(2 / 3)


def test_part_of_a_combination_drug_is_not_the_same_treatment_but_comes_next(asked: Ask) -> None:
    steps = [(one.case, one.position, one.step) for one in asked("Norco").found]
    assert [step for *_, step in steps[:3]] == ["same treatment"] * 3
    # Percocet shares an ingredient and both classes, Tylenol an ingredient and one class.
    assert steps[3:5] == [("EX16-0000004", 1, "same drug class"), ("EX16-0000004", 2, "same drug class")]


def test_the_circle_widens_only_as_far_as_the_list_needs(asked: Ask) -> None:
    assert {one.step for one in asked("Norco", limit=3).found} == {"same treatment"}
    assert [one.step for one in asked("Norco", limit=4).found] == ["same treatment"] * 3 + ["same drug class"]
    assert len(asked("Norco", limit=50).found) == 6


def test_a_treatment_without_decisions_is_answered_from_its_class_and_says_so(asked: Ask) -> None:
    found = asked("Naproxen 550mg")
    assert found.step == "same drug class"
    assert found.found[0].case == "EX16-0000005"
    assert any("None decided on naproxen" in remark for remark in found.remarks)


def test_a_drug_class_can_be_asked_for_by_name(asked: Ask) -> None:
    found = asked("opioids")
    assert found.step == "same drug class"
    assert found.figures is not None
    assert found.figures.decisions == 4  # Norco three times and Percocet


def test_a_store_without_anything_alike_answers_honestly() -> None:
    found = precedents(memory_store(), "MRI of the knee")
    assert (found.found, found.step, found.grounds, found.contrasts) == ((), None, (), ())
    assert "No decision" in found.remarks[0]
    assert format_precedents(found)


def test_few_decisions_are_marked_and_many_are_not() -> None:
    few = precedents(store_of(*RECORDS), "Norco")
    assert any("Fewer than 30" in remark for remark in few.remarks)
    many = store_of(*(determination(f"EX17-{n:07}", norco("upheld")) for n in range(30)))
    found = precedents(many, "Norco")
    assert found.figures is not None
    assert not found.figures.small
    assert not any("Fewer" in remark for remark in found.remarks)


# Region and amount


def of_region(number: int, region: str, decision: str, visits: int | None = None, **more: object) -> Determination:
    entry = item(
        f"Therapy of the {region}", decision, treatments=("physical-therapy",), body_regions=(region,),
        amounts=Amounts(visits=visits), **more,
    )  # fmt: skip
    return determination(f"EX22-{number:07}", entry)


THERAPY = store_of(
    *(of_region(n, "lumbar-spine", "upheld", 12) for n in range(4)),
    of_region(4, "lumbar-spine", "overturned", 24),
    *(of_region(n, "knee", "overturned", 6) for n in range(5, 8)),
)


@pytest.mark.parametrize(
    ("text", "step", "counts", "shared"),
    [
        ("Physical therapy of the low back", "same treatment and region", (5, 1), "Physical therapy, lumbar spine"),
        ("Physical therapy of the left knee", "same treatment and region", (3, 3), "Physical therapy, knee"),
        ("Physical therapy, neck", "same treatment", (8, 4), "Physical therapy"),
        ("Physical therapy 12 visits", "same treatment and amount", (7, 3), "Physical therapy, up to 12 visits"),
        ("Physical therapy 12 visits for the low back", "same treatment, region and amount", (4, 0),
         "Physical therapy, lumbar spine, up to 12 visits"),
        ("Physical therapy 8 visits for the low back", "same treatment and region", (5, 1),
         "Physical therapy, lumbar spine"),
    ],
)  # fmt: skip
def test_the_narrowest_circle_is_the_treatment_in_the_region_and_up_to_the_amount(
    text: str, step: str, counts: tuple[int, int], shared: str
) -> None:
    found = precedents(THERAPY, text)
    assert found.figures is not None
    assert (found.step, found.figures.shared) == (step, (shared,))
    assert (found.figures.decisions, found.figures.overturned) == counts
    assert found.found[0].step == step


def test_an_amount_can_be_given_beside_the_text_but_not_against_it() -> None:
    assert (
        precedents(THERAPY, "Physical therapy", visits=12).steps
        == precedents(THERAPY, "Physical therapy 12 visits").steps
    )
    assert precedents(THERAPY, "Physical therapy", visits=6).found[0].reason.endswith("amount (6 visits) 1")
    with pytest.raises(UsageError, match="The text asks for 12 visits, the option for 6 visits: leave the option out"):
        precedents(THERAPY, "Physical therapy 12 visits", visits=6)
    with pytest.raises(UsageError, match="give one of them"):
        precedents(THERAPY, "Physical therapy", visits=6, quantity=3)


def test_overturned_decisions_come_first_on_request_and_the_figures_stay() -> None:
    plain, first = (precedents(THERAPY, "Physical therapy of the low back", first=f) for f in (None, "overturned"))
    assert [one.decision for one in first.found] == ["overturned"] * 4 + ["upheld"] * 4
    assert first.found[0].step == "same treatment and region"
    assert {one.iri for one in plain.found} == {one.iri for one in first.found}
    assert plain.steps == first.steps


def test_a_reason_in_the_text_lifts_decisions_that_give_it() -> None:
    lacking = Reason("lacks-functional-improvement", "No gain was charted.")
    store = store_of(of_region(1, "knee", "upheld", reasons=(lacking,)), of_region(2, "knee", "upheld"))
    found = precedents(store, "Physical therapy of the knee, no functional improvement")
    assert found.request.reasons == ("lacks-functional-improvement",)
    assert [one.case for one in found.found] == ["EX22-0000001", "EX22-0000002"]
    assert {s.kind: s.values for s in found.found[0].shared}["reason"] == ("No functional improvement documented",)
    assert [(q.text, q.reasons) for q in found.found[0].quotations] == [
        ("No gain was charted.", ("No functional improvement documented",))
    ]


@pytest.mark.parametrize(
    ("clause", "reasons"),
    [
        ("no red flags", ("lacks-red-flags",)),
        ("failed physical therapy", ("shows-failed-conservative-care",)),
        ("without failed conservative care", ("lacks-failed-conservative-care",)),
        ("since 2016", ()),
    ],
)
def test_clauses_behind_the_treatment_name_reasons(clause: str, reasons: tuple[str, ...]) -> None:
    assert read_request(f"MRI of the knee, {clause}").reasons == reasons


# Ranking


def test_what_is_shared_decides_the_rank_and_is_said(asked: Ask) -> None:
    found = asked("MRI of the right knee").found
    assert [one.case for one in found] == ["EX16-0000002", "EX16-0000001", "EX16-0000005"]
    best = found[0]
    assert {s.kind: s.points for s in best.shared} == {
        "treatment": WEIGHTS["treatment"],
        "region": WEIGHTS["region"],
        "laterality": WEIGHTS["laterality"],
    }
    assert best.score == sum(s.points for s in best.shared)
    assert best.reason.startswith("same treatment and region: shares treatment (Magnetic resonance imaging)")
    assert "laterality (right)" in best.reason


def test_a_cited_page_in_the_text_lifts_decisions_that_rest_on_it(asked: Ask) -> None:
    found = asked("Norco, Chronic Pain Medical Treatment Guidelines page 78").found
    assert [one.case for one in found[:3]] in (
        ["EX16-0000001", "EX16-0000003", "EX16-0000002"],
        ["EX16-0000003", "EX16-0000001", "EX16-0000002"],
    )
    assert {s.kind for s in found[0].shared} == {"treatment", "guideline", "page"}
    assert {s.kind for s in found[2].shared} == {"treatment"}


def test_words_of_the_rationale_lift_a_decision_and_rare_words_lift_it_more() -> None:
    common = "The worker takes it. Urine screens are consistent. The request is not medically necessary."
    rare = common.replace("The worker takes it.", "The worker weaned from it twice.")
    records = [determination(f"EX18-{n:07}", norco("upheld", rationale=common)) for n in range(4)]
    records.append(determination("EX18-0000009", norco("upheld", rationale=rare)))
    found = precedents(store_of(*records), "Norco, consistent urine screen, weaned").found
    assert found[0].case == "EX18-0000009"
    words = {s.kind: s for s in found[0].shared}["words"]
    assert words.values == ("weaned",)  # what all share tells nothing
    assert words.points == pytest.approx(WEIGHTS["words"])
    assert all("words" not in {s.kind for s in one.shared} for one in found[1:])


def test_equals_come_newest_first_whatever_the_order_of_adding() -> None:
    days = ("2015-05-05", "2017-05-05", "2016-05-05")
    records = []
    for number, day in enumerate(days):
        base = determination(f"EX15-{number:07}", norco("upheld"))
        decided = type(base.dates.decided).fromisoformat(day)  # type: ignore[union-attr]
        records.append(dataclasses.replace(base, dates=dataclasses.replace(base.dates, decided=decided)))
    for order in (records, records[::-1]):
        found = precedents(store_of(*order), "Norco").found
        assert [one.decided for one in found] == ["2017-05-05", "2016-05-05", "2015-05-05"]


def test_the_same_request_gives_the_same_answer(asked: Ask) -> None:
    assert asked("Norco, functional") == asked("Norco, functional")


# Filters


def test_filters_decide_what_counts_and_the_decision_only_what_is_listed(asked: Ask) -> None:
    by_specialty = asked("Norco", specialty="Orthopedic Surgery")
    assert by_specialty.figures is not None
    assert (by_specialty.figures.decisions, by_specialty.figures.overturned) == (1, 0)
    overturned = asked("Norco", decision="overturned")
    assert overturned.figures is not None
    assert (overturned.figures.decisions, overturned.figures.overturned) == (3, 2)
    assert {one.decision for one in overturned.found} == {"overturned"}
    assert {one.case for one in asked("Norco", guideline=LOW_BACK).found} == {"EX16-0000002"}
    assert {one.case for one in asked("MRI", region="knee", laterality="left").found} == {"EX16-0000001"}
    assert {one.case for one in asked("Norco", state="Nevada", limit=2).found} == {"EX16-0000002", "EX16-0000003"}
    assert asked("Norco", since="2021-01-01").found == ()


def test_where_no_decision_went_as_asked_the_figures_stand_and_a_remark_says_so(asked: Ask) -> None:
    found = asked("Ibuprofen", decision="overturned", leave_out=[
        "EX16-0000002", "EX16-0000003"])  # fmt: skip
    assert found.found == ()
    assert found.figures is not None
    assert (found.figures.decisions, found.figures.overturned) == (1, 0)
    assert "None of the decisions was overturned: nothing is listed." in found.remarks


def test_a_case_is_left_out_everywhere(asked: Ask) -> None:
    found = asked("Norco", leave_out="EX16-0000002")
    assert "EX16-0000002" not in {one.case for one in found.found}
    assert found.figures is not None
    assert (found.figures.decisions, found.figures.overturned) == (2, 1)
    assert asked("Norco", leave_out=["EX16-0000001", "EX16-0000002", "EX16-0000003"]).step == "same drug class"


def test_a_treatment_misspelled_by_a_letter_is_the_one_that_was_meant(asked: Ask) -> None:
    assert read_request("fentanil 25 mcg").treatments == (("fentanyl",),)
    assert read_request("arthroscopi of the knee").treatments == (("arthroscopic-surgery",),)
    assert asked("norcoo").read_as == asked("Norco").read_as


def test_unknown_treatments_name_their_neighbors(asked: Ask) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'Norco'"):
        asked("Norcooo 10/325")
    with pytest.raises(UsageError, match="names no treatment: write a drug, procedure or device"):
        asked("zzzz qqqq")
    with pytest.raises(UsageError, match="Nothing is asked for"):
        asked("   ")
    with pytest.raises(UsageError, match="characters"):
        asked("Norco " * 2000)


def test_what_contradicts_itself_is_refused_with_a_way_out(asked: Ask) -> None:
    with pytest.raises(UsageError, match="The text says right, the filter left: leave the filter out"):
        asked("MRI of the right knee", laterality="left")
    with pytest.raises(UsageError, match="The text names knee, the filter shoulder"):
        asked("MRI of the knee", region="shoulder")
    with pytest.raises(UsageError, match="No day is both"):
        asked("MRI", since="2018-01-01", until="2017-01-01")
    with pytest.raises(UsageError, match="limit 0"):
        asked("MRI", limit=0)
    with pytest.raises(UnknownNameError, match="lumbar"):
        asked("MRI", region="lumbar-spin")
    with pytest.raises(UnknownNameError):
        asked("MRI", decision="reversed")
    assert asked("MRI of the right knee", laterality="right").found


# Intervals


counts = st.integers(0, 200)


@given(counts, counts, counts, counts)
@settings(max_examples=60, deadline=None)
def test_log_odds_and_intervals_are_woolfs_on_counts_that_have_a_half_added(a: int, b: int, c: int, d: int) -> None:
    found = odds(a, b, c, d)
    table = [[a + 0.5, b + 0.5], [c + 0.5, d + 0.5]]
    expected = math.log(table[0][0] * table[1][1] / (table[0][1] * table[1][0]))
    error = math.sqrt(sum(1 / cell for row in table for cell in row))
    low, high = norm.interval(0.95, loc=expected, scale=error)
    assert (found.log_odds, found.low, found.high) == pytest.approx((expected, low, high))


def test_log_odds_come_close_to_scipys_own_where_counts_are_large() -> None:
    found, ours = odds_ratio([[400, 300], [500, 900]], kind="sample"), odds(400, 300, 500, 900)
    interval = found.confidence_interval(0.95)
    expected = (math.log(found.statistic), math.log(interval.low), math.log(interval.high))
    assert (ours.log_odds, ours.low, ours.high) == pytest.approx(expected, abs=0.01)


# What decisions rest on


def test_grounds_agree_with_counts_over_the_records() -> None:
    records = []
    for n in range(60):
        overturned = n % 4 == 0
        entry = norco("overturned" if overturned else "upheld", page=not overturned or n % 8 == 0)
        reviewer = SURGEON if overturned or n % 7 == 0 else PHYSIATRIST
        records.append(determination(f"EX19-{n:07}", entry, reviewer=reviewer))
    found = precedents(store_of(*records), "Norco")
    assert {g.kind for g in found.grounds} == {"guideline", "section", "page", "specialty"}
    for ground in found.grounds:
        has: list[bool] = []
        for record, _, entry in items(tuple(records)):
            [cited] = entry.reviewer.citations
            own = {"guideline": [cited.guideline], "page": [f"{cited.guideline}-{p}" for p in cited.pages]}
            words = {"specialty": [s.lower() for s in record.reviewer.specialties], "section": list(cited.sections)}
            wanted = ground.value.id if ground.kind in own else None
            label = ground.value.label.lower()
            has.append(wanted in own[ground.kind] if wanted else any(w.lower() in label for w in words[ground.kind]))
        pairs = Counter(zip(has, [r.items[0].decision for r in records], strict=True))
        a, b, c, d = (
            pairs[key] for key in ((True, "overturned"), (True, "upheld"), (False, "overturned"), (False, "upheld"))
        )
        assert (ground.overturned, ground.upheld, ground.all_overturned, ground.all_upheld) == (a, b, a + c, b + d)
        expected = odds(a, b, c, d)
        assert (ground.log_odds, ground.low, ground.high) == pytest.approx(dataclasses.astuple(expected))
        assert ground.weak == (ground.low <= 0 <= ground.high)
        assert ground.towards == ("overturned" if ground.log_odds > 0 else "upheld")
    clear = {(g.kind, g.towards) for g in found.grounds if not g.weak}
    assert clear == {(kind, way) for kind in COMPARED for way in ("overturned", "upheld")}


def test_what_all_decisions_rest_on_is_no_ground() -> None:
    records = [determination(f"EX19-{n:07}", norco("overturned" if n % 2 else "upheld")) for n in range(10)]
    assert precedents(store_of(*records), "Norco").grounds == ()


def test_only_weak_signs_are_called_so() -> None:
    records = [determination(f"EX19-{n:07}", norco("overturned" if n % 2 else "upheld", page=n < 7)) for n in range(10)]
    found = precedents(store_of(*records), "Norco")
    assert found.grounds
    assert all(ground.weak for ground in found.grounds)
    assert "weak signs" in "\n".join(format_precedents(found))


# Contrasts


def test_contrasts_pair_the_same_treatment_on_the_same_page_decided_differently(asked: Ask) -> None:
    [pair] = asked("Norco").contrasts
    assert (pair.overturned.case, pair.upheld.case) == ("EX16-0000003", "EX16-0000001")
    assert {v.id for v in pair.places} == {
        f"{CHRONIC_PAIN}-76",
        f"{CHRONIC_PAIN}-78",
        "mtus-chronic-pain-2009-opioids-criteria-for-use",
    }
    [scans] = asked("MRI of the knee").contrasts
    assert (scans.overturned.case, scans.upheld.case) == ("EX16-0000002", "EX16-0000001")


def test_no_contrast_pairs_different_treatments_or_one_letter_with_itself() -> None:
    both = determination("EX20-0000001", norco("upheld"), norco("overturned"))
    assert precedents(store_of(both), "Norco").contrasts == ()
    other = determination(
        "EX20-0000002",
        item("Norco and MRI", "overturned", treatments=(*NORCO, "mri"), reviewer=party(OPIOIDS_PAGE)),
    )
    only = determination("EX20-0000003", norco("upheld"))
    assert precedents(store_of(other, only), "Norco").contrasts == ()


def test_a_decision_stands_in_one_contrast_only() -> None:
    records = [determination(f"EX20-{n:07}", norco("overturned" if n else "upheld")) for n in range(5)]
    assert len(precedents(store_of(*records), "Norco").contrasts) == 1


# Quotations


def test_the_quoted_words_name_the_criterion_the_reason_and_the_verdict() -> None:
    text = (
        "He fell in 2012. Per the MTUS, six visits are an option. Dr. A saw gains of 3.5 points. "
        "No plan is on file. Therefore, the request is not medically necessary. See the next item."
    )
    found = select_quotations(text, Span(100, 100 + len(text)))
    assert [q.role for q in found] == ["criterion", "reason", "verdict"]
    for q in found:
        assert q.exact
        assert q.start is not None
        assert q.end is not None
        assert text[q.start - 100 : q.end - 100] == q.text
    assert found[0].text == "Per the MTUS, six visits are an option."
    assert found[2].text == "Therefore, the request is not medically necessary."


def test_a_quotation_whose_place_is_not_sure_points_at_the_whole_rationale() -> None:
    found = select_quotations("It is listed. The request is medically necessary.", Span(10, 99))
    assert {(q.start, q.end, q.exact) for q in found} == {(10, 99, False)}
    assert {(q.start, q.exact) for q in select_quotations("It is medically necessary.")} == {(None, False)}
    assert select_quotations(None) == ()
    assert select_quotations("   ") == ()


def test_long_sentences_are_cut_at_a_word() -> None:
    [quoted] = select_quotations("word " * 200 + "is not medically necessary", Span(0, 1026))
    assert len(quoted.text) < 330
    assert quoted.text.endswith("word …")
    assert quoted.end is not None
    assert quoted.end < 330


@given(st.text(max_size=300))
@settings(max_examples=100, deadline=None)
def test_sentences_cover_the_text_in_order_and_leave_out_only_white_space(text: str) -> None:
    spans = list(split_sentences(text))
    assert all(a.end <= b.start for a, b in pairwise(spans))
    assert "".join("".join(text[s.start : s.end].split()) for s in spans) == "".join(text.split())


def test_each_precedent_quotes_its_letter_with_its_place() -> None:
    entry = norco("upheld", rationale="The MTUS asks for function. It is not documented.")
    record = determination(
        "EX21-0000001", entry, spans={"/items/0/rationale": Span(500, 500 + len(entry.rationale or ""))}
    )
    [found] = precedents(store_of(record), "Norco").found
    assert [(q.text, q.start, q.end) for q in found.quotations] == [
        ("The MTUS asks for function.", 500, 527),
        ("It is not documented.", 528, 549),
    ]


# Shape


def test_an_answer_is_json(asked: Ask) -> None:
    found = asked("MRI of the right knee, new findings")
    record = json.loads(json.dumps(dataclasses.asdict(found)))
    assert record["steps"][0]["decisions"] == 2
    assert record["found"][0]["case"] == "EX16-0000002"
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.step = None  # type: ignore[misc]


def test_lines_read_well_and_keep_to_the_width(asked: Ask) -> None:
    lines = format_precedents(asked("Norco 10/325 #60"), width=80)
    assert lines[:2] == ["Norco 10/325 #60", "Read as: hydrocodone + acetaminophen, up to #60"]
    text = "\n".join(lines)
    assert "None decided on hydrocodone + acetaminophen, up to #60. The figures are of the same treatment" in " ".join(
        lines
    )
    figures = "3 decisions in 3 cases on the same treatment (hydrocodone + acetaminophen), 2 overturned: 66.7% (95% "
    figures += "interval 20.8% to 93.9%)"
    assert figures in " ".join(lines)
    assert "same drug class" in text
    assert "EX16-0000003 item 1, 2020-03-30: OVERTURNED: Norco 10/325mg #60" in text
    assert '"The MTUS asks for function. It is documented."' in text
    assert "Decided differently on the same treatment" in text
    assert max(map(len, lines)) <= 80


def test_a_request_is_read_as_headings_are() -> None:
    found = read_request("EMG/NCV of the left upper extremity, ODG Neck chapter, weakness")
    assert found.treatments == (("emg",), ("nerve-conduction-study",))
    assert (found.regions, found.laterality) == (("upper-extremity", "neck"), "left") or found.regions[
        0
    ] == "upper-extremity"
    assert "odg" in found.guidelines
    assert "weakness" in found.words
    assert "left" not in found.words


@pytest.mark.parametrize(
    ("text", "treatments", "words"),
    [
        ("MRI of the knee, normal neurological examination", ["mri"], ["normal", "neurological", "examination"]),
        ("MRI of the knee; failed physical therapy", ["mri"], ["failed", "physical", "therapy"]),
        ("MRI of the knee. No relief from Norco", ["mri"], ["relief", "norco"]),
        ("MRI of the knee, 6 sessions of physical therapy", ["mri", "physical-therapy"], []),
        ("EMG, NCV of the left arm", ["emg", "nerve-conduction-study"], []),
        ("Laboratory test, chest x-ray", ["laboratory-test", "x-ray"], []),
    ],
)
def test_what_is_requested_comes_first_and_reasons_behind_it(
    text: str, treatments: list[str], words: list[str]
) -> None:
    request = read_request(text)
    assert list(request.treatment_ids) == treatments
    assert list(request.words) == words


# The real letters


@pytest.fixture(scope="module")
def real(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Table, tuple[Determination, ...]]]:
    """Yield the table of a store of the expected records of the real letters, and the records."""
    records = tuple(gold(shared))
    path = tmp_path_factory.mktemp("real") / "store"
    add(path, records, keep_both=True)
    with open_table(path) as table:
        yield table, records


@pytest.mark.slow
def test_the_first_suggestion_for_a_real_item_shares_its_treatment_or_else_its_category(
    real: tuple[Table, tuple[Determination, ...]],
) -> None:
    table, records = real
    assert len(records) >= 90
    of = {(r.key, n): frozenset(i.treatments) for r, n, i in items(records)}
    headings = {(r.key, n): i.heading for r, n, i in items(records)}
    unnamed, wrong = [], []
    for (key, position), treatments in of.items():
        if not treatments:
            continue
        heading = headings[key, position]
        others = [other for (k, _), other in of.items() if k != key]
        by_treatment = any(treatments & other for other in others)
        by_category = any(_categories(treatments) & _categories(other) for other in others)
        try:
            found = precedents(table, heading, leave_out=key, limit=1).found
        except UsageError:
            unnamed.append(heading)
            continue
        first = of[found[0].case, found[0].position] if found else frozenset()
        shares = treatments & first if by_treatment else _categories(treatments) & _categories(first)
        if (by_treatment or by_category) and not shares:
            wrong.append((heading, treatments, first))
    assert wrong == []
    assert unnamed == []


def _categories(treatments: frozenset[str]) -> frozenset[str]:
    return frozenset(c for t in treatments for c in groups_of(t).categories)
