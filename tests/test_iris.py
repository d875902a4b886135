"""IRIs: flat, safe, and the same for the same thing."""

from __future__ import annotations

import hashlib

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imr_graph import iris as terms


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Special Studies", "special-studies"),
        ("NSAIDs, GI symptoms & cardiovascular risk", "nsaids-gi-symptoms-cardiovascular-risk"),
        ("  Forearm, Wrist, & Hand  ", "forearm-wrist-hand"),
        ("Café – Ménière's", "cafe-meniere-s"),
        ("x" * 80, "x" * 80),
        ("x" * 100, "x" * 80 + "-" + hashlib.sha256(b"x" * 100).hexdigest()[:8]),
        ("a" * 79 + " b", "a" * 79 + "-" + hashlib.sha256(b"a" * 79 + b"-b").hexdigest()[:8]),
        ("痛み", "U75DBU307F"),
        ("痛-み", "U75DB-U307F"),
        ("β2", "U3B2X2"),
        ("β-blockers", "U3B2-blockers"),
        ("", "unnamed"),
    ],
)
def test_slug_keeps_ascii_letters_and_digits(label: str, expected: str) -> None:
    assert terms.slug(label) == expected


@given(st.integers(0, 200), st.text("ab2 β.", min_size=1, max_size=5), st.text("ab2 β.", min_size=1, max_size=5))
def test_names_that_agree_in_any_number_of_letters_have_slugs_of_their_own(shared: int, one: str, other: str) -> None:
    """Equal slugs for equal names, and for no others."""
    first, second = "x" * shared + one, "x" * shared + other
    assert (terms.slug(first) == terms.slug(second)) == (terms.fold_name(first) == terms.fold_name(second))


@pytest.mark.parametrize("printed", ["QUIET CORNERS", "quiet  corners", " Quiet\ncorners", "Quiet-corners."])
def test_case_white_space_and_punctuation_do_not_make_another_name(printed: str) -> None:
    assert terms.fold_name(printed) == terms.fold_name("Quiet corners") == "quiet-corners"


@given(st.text())
def test_every_text_makes_an_iri_that_a_parser_takes(text: str) -> None:
    """Whatever stands in a letter, no IRI is broken by it."""
    made = (
        terms.case_iri(text),
        terms.section_iri("odg", text, text),
        terms.specialty_iri(text),
        terms.letter_iri(text),
        terms.guideline_iri(text),
    )
    for iri in made:
        line = f"<{iri}> <{iri}> <{iri}> ."
        (quad,) = ox.parse(line, format=ox.RdfFormat.N_TRIPLES)
        assert quad.subject == ox.NamedNode(iri)


def test_iris_are_flat() -> None:
    """Nothing but the base has a slash: nested paths make rdflib's Turtle writer quadratic."""
    case = terms.case_iri("CM20-0000001")
    citation = terms.citation_iri(terms.item_iri(case, 2), 1)
    assert citation == terms.BASE + "case-CM20-0000001-item-2-citation-1"
    assert terms.category_iri("rehabilitation/acupuncture") == terms.BASE + "category-rehabilitation-acupuncture"
    assert terms.page_iri("odg", 7, "https://example.org/") == "https://example.org/page-odg-7"


def test_vocabulary_keeps_its_base_whatever_the_data_uses() -> None:
    """Two collections with bases of their own agree on guidelines and treatments."""
    assert terms.section_iri("odg", "MRI", "Low Back", "https://example.org/").startswith("https://example.org/section")
    assert terms.guideline_iri("odg").startswith(terms.BASE)
