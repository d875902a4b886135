"""Suggestions while typing: names that the words typed begin, of what letters of the store have."""

from __future__ import annotations

import pytest

from imr_graph.analysis.search.search import search
from imr_graph.analysis.search.suggestions import KnownNames, read_names, suggest, suggest_cases
from imr_graph.store.graph_store import GraphStore, cases, memory_store, open_store
from support.growth import grows_with_its_length
from support.sample_table import generated, put
from support.sample_world import FICTIONAL


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> GraphStore:
    """Return a store of fictional and generated letters."""
    path = tmp_path_factory.mktemp("suggesting") / "store"
    put(path, [*FICTIONAL, *generated(150)])
    return open_store(path)


@pytest.fixture(scope="module")
def names(store: GraphStore) -> KnownNames:
    return read_names(store)


@pytest.mark.parametrize(
    ("typed", "text", "facts"),
    [
        ("diaz", "diazepam", [("treatment", "diazepam")]),
        ("vali", "Valium", [("treatment", "diazepam")]),
        ("norc", "Norco", [("treatment", "hydrocodone"), ("treatment", "acetaminophen")]),
        ("norko", "Norco", [("treatment", "hydrocodone"), ("treatment", "acetaminophen")]),
        ("magnetic reson", "Magnetic resonance imaging", [("treatment", "mri")]),
        ("imaging reso", "imaging Magnetic resonance imaging", [("treatment", "mri")]),
        ("PT", "PT", [("treatment", "physical-therapy")]),
        ("MRI of the left kne", "MRI of the left knee", [("region", "knee")]),
        ("Califo", "California", [("state", "US-CA")]),
        ("orthopedic s", "Orthopedic Surgery", [("specialty", "orthopedic-surgery")]),
        ("low back complaints 2", "Low Back Complaints 2004", [("guideline", "acoem-low-back-complaints-2004")]),
        ("mri overt", "mri overturned", [("decision", "overturned")]),
        ("mri decision:ov", "mri decision:overturned", [("decision", "overturned")]),
        ('treatment:"physical th', 'treatment:"Physical therapy"', [("treatment", "physical-therapy")]),
    ],
)
def test_what_is_being_typed_is_completed(
    names: KnownNames, typed: str, text: str, facts: list[tuple[str, str]]
) -> None:
    completed = {each.text: list(each.name.facts) for each in suggest(names, typed)}
    assert completed.get(text) == facts, completed


def test_the_very_name_comes_first_then_the_most_frequent(names: KnownNames) -> None:
    assert suggest(names, "MRI")[0].name.facts == (("treatment", "mri"),)
    found = [each.name for each in suggest(names, "m", dimension="treatment")] or [
        each.name for each in suggest(names, "me", dimension="treatment")
    ]
    begun = [name.items for name in found if name.words.startswith("me")]
    assert begun == sorted(begun, reverse=True)


def test_a_suggestion_counts_the_requests_that_its_search_finds(store: GraphStore, names: KnownNames) -> None:
    for typed in ("mr", "norc", "phys", "acup"):
        for each in suggest(names, typed, dimension="treatment"):
            page = search(store, each.text)
            assert each.name.items in (page.requests, page.total), each


@pytest.mark.parametrize(
    "text",
    ["", "   ", "& %", "xyzzy", "m", "\ud800", '"" ()', 'say "a" "b', "x" * 300, "denied because", "cause"],
)
def test_what_begins_no_name_suggests_nothing(names: KnownNames, text: str) -> None:
    assert suggest(names, text) == ()


def test_words_of_a_sentence_are_not_completed_as_brands(names: KnownNames) -> None:
    found = suggest(names, "denied because no functional improvement")
    assert all(each.name.kind == "Reason of decisions" for each in found), found


def test_what_no_letter_has_is_not_suggested(names: KnownNames) -> None:
    assert suggest(names, "fludrocortis") == ()
    assert read_names(memory_store()).names == ()


def test_there_are_no_more_than_asked_for_and_none_twice(names: KnownNames) -> None:
    many = suggest(names, "pa", most=3)
    assert len(many) == len({each.name.facts for each in many}) == 3


def test_case_numbers_are_completed(store: GraphStore) -> None:
    number = next(key for key in sorted(cases(store)) if key.startswith("CM"))
    assert (
        suggest_cases(store, number[:7].lower().replace("-", " "))
        == tuple(key for key in sorted(cases(store)) if key.startswith(number[:7]))[:8]
    )
    assert suggest_cases(store, "CM99-9") == suggest_cases(store, "L4-5") == ()


@pytest.mark.timing
def test_a_long_text_takes_time_in_proportion_at_most(names: KnownNames) -> None:
    suggest(names, "mri")
    assert grows_with_its_length(lambda length: suggest(names, "mri of the knee " * length), 12_000)
