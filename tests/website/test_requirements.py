"""The page of what has to be documented: the form, the library's criteria, and a printed sheet."""

from __future__ import annotations

from pathlib import Path

import pytest

from imr_graph.analysis.precedents.requirements import Requirements, requirements
from support.endpoint_server import Server
from support.site_server import get_page

REQUEST = "MRI of the knee"


@pytest.fixture(scope="module")
def found(site_store: Path) -> Requirements:
    """Return what the library says of the request."""
    return requirements(site_store, REQUEST)


def test_the_criteria_are_those_of_the_library_with_a_line_of_their_source(
    site_server: Server, found: Requirements
) -> None:
    page = get_page(site_server, f"/requirements?q={REQUEST}")
    shown = page.all("section", "criterion")
    assert len(shown) == len(found.criteria) > 0
    for section, criterion in zip(shown, found.criteria, strict=True):
        assert criterion.absent.reason.label in section.one("h2").text
        assert f"{criterion.absent.given} of {criterion.absent.decisions} upheld" in section.text
    source = page.one("p", "source").text
    assert "determinations of California Independent Medical Review" in source
    assert source.endswith("/requirements?q=MRI+of+the+knee")


def test_the_form_narrows_the_decisions_and_says_which_count(site_server: Server, site_store: Path) -> None:
    page = get_page(site_server, f"/requirements?q={REQUEST}&derivative=no&since=2016-01-01")
    counted = requirements(site_store, REQUEST, filters={"derivative": "no"}, since="2016-01-01")
    assert "Decisions that depend on a denied service are left out." in page.text
    assert counted.step is not None
    assert f"Counted: {counted.step.decisions} decisions" in page.text


def test_a_request_that_names_nothing_keeps_the_form(site_server: Server) -> None:
    page = get_page(site_server, "/requirements?q=zzyzx", 400)
    assert page.one(class_="warning").text
    assert page.one("form", "asking")


@pytest.mark.parametrize("path", ["/precedents?q=MRI", "/id/treatment-mri", f"/requirements?q={REQUEST}"])
def test_pages_with_figures_of_decisions_say_whether_derivative_ones_count(site_server: Server, path: str) -> None:
    assert "Decisions that depend on a denied service count" in get_page(site_server, path).text
