"""IRIs: flat, safe, and the same for the same thing."""

from __future__ import annotations

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
        ("x" * 100, "x" * 80),
        ("a" * 79 + " b", "a" * 79),
        ("痛み", "u75db-u307f"),
        ("", "unnamed"),
    ],
)
def test_slug_keeps_ascii_letters_and_digits(label: str, expected: str) -> None:
    assert terms.slug(label) == expected


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
