"""Suggestions: the words of a search lead to the concepts that they name, and only to those that letters have."""

from __future__ import annotations

import pytest

from imr_graph.analysis.search.suggestions import suggest_values
from imr_graph.store.graph_store import GraphStore, memory_store, open_store
from support.growth import grows_with_its_length
from support.sample_table import generated, put
from support.sample_world import FICTIONAL


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> GraphStore:
    """Return a store of fictional and generated letters."""
    path = tmp_path_factory.mktemp("suggesting") / "store"
    put(path, [*FICTIONAL, *generated(150)])
    return open_store(path)


def found(store: GraphStore, text: str) -> list[tuple[str, str | None]]:
    return [(each.dimension, each.value.id) for each in suggest_values(store, text)]


@pytest.mark.parametrize(
    ("text", "dimension", "id"),
    [
        ("diazepam", "treatment", "diazepam"),
        ("Valium", "treatment", "diazepam"),
        ("MRI of the left knee", "treatment", "mri"),
        ("magnetic reson", "treatment", "mri"),
        ('"physical therapy" OR acupuncture', "treatment", "physical-therapy"),
        ("California", "state", "US-CA"),
        ("orthopedic surgery", "specialty", "orthopedic-surgery"),
        ("low back complaints 2004", "guideline", "acoem-low-back-complaints-2004"),
        ("heading:benzodiazepines", "category", "pharmaceuticals/benzodiazepine"),
    ],
)
def test_words_lead_to_what_they_name(store: GraphStore, text: str, dimension: str, id: str) -> None:
    assert (dimension, id) in found(store, text)


def test_the_very_name_comes_before_names_that_hold_it(store: GraphStore) -> None:
    assert found(store, "chronic pain medical treatment guidelines 2016")[0] == ("guideline", "mtus-chronic-pain-2016")


def test_what_has_two_ingredients_names_both(store: GraphStore) -> None:
    assert found(store, "Norco 5/325") == [("treatment", "hydrocodone"), ("treatment", "acetaminophen")]


@pytest.mark.parametrize(
    "text", ["", "   ", "& %", "mri -knee", "mri NOT knee", "xyzzy", "or", "\ud800", "in", '"" ()']
)
def test_what_names_nothing_suggests_nothing(store: GraphStore, text: str) -> None:
    assert found(store, text) == []


def test_what_no_letter_has_is_not_suggested(store: GraphStore) -> None:
    assert found(store, "fludrocortisone") == []
    assert suggest_values(memory_store(), "mri") == ()


def test_there_are_no_more_than_asked_for_and_none_twice(store: GraphStore) -> None:
    many = suggest_values(store, "pain", most=3)
    assert len(many) == 3
    assert len({each.value for each in many}) == 3


@pytest.mark.timing
def test_a_long_text_takes_time_in_proportion_at_most(store: GraphStore) -> None:
    suggest_values(store, "mri")
    assert grows_with_its_length(lambda length: suggest_values(store, "mri of the knee " * length), 12_000)
