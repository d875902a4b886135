"""What the claims administrator did is read where the letter says so; the letters here are ours."""

from __future__ import annotations

import pytest

from imr_graph.extraction.administrator_actions import add_actions
from imr_graph.extraction.text import Findings
from imr_graph.model import DisputedItem, Span


def actions(summary: str, *treatments: str) -> list[str | None]:
    """Return the action of an item for each treatment, of a letter with a summary."""
    items = tuple(DisputedItem(name, "upheld", name, treatments=(name,)) for name in treatments)
    return [item.administrator_action for item in add_actions(summary, items, _findings(summary))]


def _findings(summary: str) -> Findings:
    findings = Findings()
    findings.spans["/summary"] = Span(0, len(summary))
    return findings


@pytest.mark.parametrize(
    ("words", "action"),
    [
        ("On 1-2-17 Utilization Review non-certified the request for an MRI.", "denied"),
        ("The claims administrator modified the request.", "modified"),
        ("Utilization review delayed the decision on the MRI.", "delayed"),
        ("The request for MRI was denied by the claims administrator.", "denied"),
        ("The MRI was not denied by the claims administrator.", None),
        ("The patient was denied an MRI.", None),
        ("UR denied the request. A later UR modified it.", None),
    ],
)
def test_the_action_of_the_one_item_of_a_letter_is_what_the_summary_tells(words: str, action: str | None) -> None:
    assert actions(words, "mri") == [action]


def test_of_several_items_each_has_the_action_whose_object_names_it() -> None:
    told = "Utilization Review denied the request for MRI of the knee and modified the request for acupuncture x 12."
    assert actions(told, "mri", "acupuncture", "tens-unit") == ["denied", "modified", None]


def test_an_item_of_a_letter_with_several_has_no_action_that_names_no_request() -> None:
    assert actions("Utilization Review denied the requests.", "mri", "acupuncture") == [None, None]


def test_a_partial_certification_was_modified_whatever_the_summary_says() -> None:
    text = "Utilization Review denied the MRI. 6 sessions"
    findings = _findings(text)
    findings.spans["/items/0/authorized"] = Span(35, 45)
    items = (DisputedItem("Acupuncture", "upheld", "Acupuncture", treatments=("acupuncture",)),)
    assert add_actions(text, items, findings)[0].administrator_action == "modified"
    assert findings.spans["/items/0/administrator_action"] == Span(35, 45)
