"""The page of precedents: the form, what was understood, and what the library answers."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import httpx
import pytest

from imr_graph.analysis.precedents.precedents import Precedents, precedents
from imr_graph.store.graph_store import open_store
from imr_graph.store.table import open_table
from support.endpoint_server import Server
from support.site_server import get_page

REQUEST = "MRI of the left knee, failed physical therapy"


@pytest.fixture(scope="module")
def found(site_store: Path) -> Precedents:
    """Return what the library says of the request."""
    return precedents(site_store, REQUEST)


def test_an_open_table_gives_the_same_precedents(site_store: Path, found: Precedents) -> None:
    with open_table(open_store(site_store)) as table:
        assert precedents(table, REQUEST) == found


def test_the_page_has_a_form_before_anything_is_asked(site_server: Server) -> None:
    page = get_page(site_server, "/precedents")
    form = page.one("form", "asking")
    names = {node["name"] for tag in ("input", "select") for node in form.all(tag)}
    assert names == {"q", "region", "guideline", "specialty", "state", "since", "until", "decision", "limit",
                     "visits", "quantity", "first"}  # fmt: skip
    labelled = {node["for"] for node in form.all("label")}
    assert {node["id"] for tag in ("input", "select") for node in form.all(tag)} == labelled
    assert not page.all("article")


def test_the_figures_and_circles_are_those_of_the_library(site_server: Server, found: Precedents) -> None:
    page = get_page(site_server, f"/precedents?q={REQUEST}")
    assert found.figures is not None
    assert f"{found.figures.overturned} of {found.figures.decisions} disputed items" in page.one(class_="outcome").text
    circles = page.one("table", "levels").one("tbody").all("tr")
    assert [row.one("th").text.lower() for row in circles] == [step.name for step in found.steps]
    for row, step in zip(circles, found.steps, strict=True):
        assert row.all("td")[1].text == str(step.decisions)
    for remark in found.remarks:
        assert remark in page.text


def test_precedents_come_with_reasons_quotations_and_links(site_server: Server, found: Precedents) -> None:
    page = get_page(site_server, f"/precedents?q={REQUEST}")
    listed = page.one("ol", "precedents").all("article")
    assert len(listed) == len(found.found) > 0
    for article, one in zip(listed, found.found, strict=True):
        assert f"/id/case-{one.case}-item-{one.position}" in article.links()
        why = article.one(class_="why").text
        assert one.step.capitalize() in why
        assert f"{round(one.score, 1):g} points" in why
        assert all(", ".join(shared.values) in why for shared in one.shared)
        quoted = article.one("blockquote").text
        assert all(quotation.text in quoted for quotation in one.quotations)


def test_grounds_and_contrasts_are_shown(site_server: Server, found: Precedents) -> None:
    page = get_page(site_server, f"/precedents?q={REQUEST}")
    for towards in ("overturned", "upheld"):
        chosen = [ground for ground in found.grounds if ground.towards == towards]
        section = page.one("section", aria_labelledby=f"grounds-{towards}")
        assert len(section.all("tr")) == (len(chosen) + 1 if chosen else 0)
        assert all(f"{ground.ratios[0]:.2g}" in section.text for ground in chosen)
    assert len(page.all("section", "pair")) == len(found.contrasts) > 0


def test_filters_say_which_decisions_count(site_server: Server, site_store: Path) -> None:
    query = "q=MRI&region=knee&decision=overturned&since=2014-01-01&limit=3&state=&guideline="
    page = get_page(site_server, f"/precedents?{query}")
    wanted = precedents(site_store, "MRI", region="knee", decision="overturned", since="2014-01-01", limit=3)
    cases = [article.one("h3").links() for article in page.one("ol", "precedents").all("article")]
    assert [next(iter(links)) for links in cases] == [f"/id/case-{p.case}-item-{p.position}" for p in wanted.found]
    chosen = {n["value"] for n in page.all("option") if "selected" in n.attributes}
    assert chosen == {"knee", "overturned"}
    (details,) = [n for n in page.all("details") if "Which decisions count" in n.text]
    assert "open" in details.attributes


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("q=akupunctur please", "Acupuncture"),
        ("q=qqq zzz", "names no treatment"),
        ("q=MRI&since=yesterday", "not a date"),
        ("q=MRI&since=2020-01-01&until=2019-01-01", "exchange the two"),
        ("q=MRI&region=tail", "tail"),
        ("q=MRI&decision=perhaps", "perhaps"),
        ("q=MRI&limit=0", "1 to 100"),
        ("q=MRI&limit=many", "1 to 100"),
        ("q=MRI of the left knee&region=neck", "leave the filter out"),
        (f"q={'x' * 2100}", "shorten it"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_told_at_the_form(site_server: Server, query: str, sentence: str) -> None:
    page = get_page(site_server, f"/precedents?{query}", 400)
    assert sentence in page.one("p", id="problem").text
    assert page.one("input", id="request")["aria-invalid"] == "true"


def test_a_misspelled_treatment_leads_to_the_one_that_was_meant(site_server: Server) -> None:
    page = get_page(site_server, "/precedents?q=akupunctur", 400)
    assert "/precedents?q=Acupuncture" in page.one("p", id="problem").links()


def test_all_decisions_like_a_request_come_as_files(site_server: Server, site_store: Path) -> None:
    page = get_page(site_server, "/precedents?q=MRI&decision=upheld&limit=5")
    files = {name: target for target, name in page.one("p", "formats").links().items()}
    data = httpx.get(f"{site_server.url}{files['JSON']}").json()
    rows = list(csv.DictReader(io.StringIO(httpx.get(f"{site_server.url}{files['CSV']}").text)))
    wanted = precedents(site_store, "MRI", decision="upheld", limit=200)
    listed = [(one.case, one.position) for one in wanted.found]
    assert [(one["case"], one["item"]) for one in data["precedents"]][: len(listed)] == listed
    assert len(rows) == len(data["precedents"]) == data["total"]
    assert data["total"] == sum(tier.decisions - tier.overturned for tier in wanted.steps[-1:])
    assert {row["decision"] for row in rows} == {"upheld"}
    first = data["precedents"][0]
    assert (first["similarity"], first["points"]) == (wanted.found[0].step, wanted.found[0].score)
    assert all(one["rationale"] and one["treatment_ids"] for one in data["precedents"][:5])
    assert data["read_as"] == wanted.read_as
