"""A form of citation is one row: what opens it, and how it is read."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from imr_graph.extraction.citations.citation import Cited, cite
from imr_graph.extraction.citations.openers import MTUS, PUBLICATIONS
from imr_graph.extraction.citations.scanner import Form, Opener, OpeningPlace, Sighting, scan
from imr_graph.model import Basis, Span

_POLICY = re.compile(r"Payer Policy \d+")


def _find_policy(spot: OpeningPlace) -> Sighting | None:
    policy = _POLICY.match(spot.text, spot.at, spot.end)
    return Sighting(policy.end(), Span(*policy.span())) if policy else None


def _read_policy(text: str, whole: Span, found: Sighting, basis: Basis) -> Cited:
    return cite(text, whole, basis, "payer-policy", found.named)


@pytest.mark.parametrize("form", [MTUS, PUBLICATIONS], ids=["mtus", "publications"])
@pytest.mark.parametrize("place", [0, -1], ids=["first row", "last row but one"])
def test_a_row_adds_a_form_of_citation_anywhere_in_a_statement(form: Form, place: int) -> None:
    openers = list(form.openers)
    openers.insert(place, Opener("policy", _find_policy, _read_policy))
    text = "Payer Policy 12, Knee Complaints 2004, and Payer Policy 815, Imaging, 3."
    cited, unread = scan(text, Span(0, len(text)), replace(form, openers=tuple(openers)), None)
    assert [one.value.text for one in cited if one.value.guideline == "payer-policy"] == [
        "Payer Policy 12",
        "Payer Policy 815, Imaging, 3",
    ]
    assert {one.value.basis for one in cited} == {form.basis}
    assert unread == []
