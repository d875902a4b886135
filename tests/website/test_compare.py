"""Values beside each other as a page, and charts as they are taken along: files, pictures, frames of other sites."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET
from pathlib import Path

import httpx
import pytest

from imr_graph.analysis.statistics.comparison import compare
from imr_graph.store.table import open_table
from imr_graph.website.rendering import percent, points
from support.components import require_module
from support.endpoint_server import Server
from support.site_server import get_page

PAIR = "/compare?treatment=mri&treatment=acupuncture"


def test_the_table_has_the_figures_of_the_library(site_server: Server, site_store: Path) -> None:
    page = get_page(site_server, PAIR)
    with open_table(site_store) as table:
        found = compare(table, "treatment", ("mri", "acupuncture"), "year")
    rows = page.one("table", "groups").one("tbody").all("tr")
    for row, each in zip(rows, found.values, strict=True):
        text, of = row.text, each.figures
        cells = [cell.text for cell in row.all() if cell.tag in ("th", "td")]
        numbers = [str(number) for number in (of.decisions, of.cases, of.overturned)]
        assert cells[:5] == [each.value.label, *numbers, percent(of.share)]
        assert f"{percent(of.low)} to {percent(of.high)}" in text
        assert ("few" in text) == of.small
    assert found.values[1].difference
    assert points(found.values[1].difference.difference) in rows[1].text
    assert page.one("table", "bars")
    assert len(page.all("svg", "periods")) == 2, "a chart for each, beside each other"
    ticks = [[node["y1"] for node in drawn.all("line", "grid")] for drawn in page.all("svg", "periods")]
    assert ticks[0] == ticks[1], "on one scale"


def test_years_are_compared_in_a_matrix_of_categories(site_server: Server) -> None:
    page = get_page(site_server, "/compare?year=2017&year=2016&state=California")
    assert [head.text for head in page.one("table", "matrix").one("thead").all("th")][1:] == ["2017", "2016"]
    assert "Reviewer's state of licensure California" in page.one("form", "blanks").text
    kept = [(node["name"], node["value"]) for node in page.one("form", "blanks").all("input", type="hidden")]
    assert kept == [("of", "year"), ("state", "California")]


def test_one_value_asks_for_a_second_and_concepts_lead_there(site_server: Server) -> None:
    concept = get_page(site_server, "/id/treatment-mri")
    (target,) = [href for href, words in concept.links().items() if words == "Compare with others"]
    page = get_page(site_server, target)
    assert "Name a second value" in page.one("p", "warning").text
    assert page.one("input", id="field-treatment-1")["value"] == "mri"
    statistics = get_page(site_server, "/statistics?by=specialty")
    (target,) = [href for href, words in statistics.links().items() if words == "Compare the largest groups"]
    assert get_page(site_server, target).one("table", "groups")


def test_an_unknown_value_leads_to_what_was_meant(site_server: Server) -> None:
    page = get_page(site_server, "/compare?treatment=mri&treatment=accupunctur", 400)
    warning = page.one("p", "warning")
    target = next(href for href, words in warning.links().items() if words.lower() == "acupuncture")
    assert get_page(site_server, target).one("table", "groups")


@pytest.mark.parametrize("path", ["/statistics?by=year&treatment=mri&since=2014-01-01", PAIR])
def test_a_chart_comes_as_pictures_and_as_data_with_filter_date_and_source(site_server: Server, path: str) -> None:
    require_module("matplotlib", "pictures")
    filters = (
        "Treatment: Magnetic resonance imaging; decided from January 1, 2014" if "since" in path else "all decisions"
    )
    links = get_page(site_server, path).one("details", "take-along").links()
    files = {words: httpx.get(f"{site_server.url}{href}", timeout=60) for href, words in links.items()}
    drawing = files["SVG"]
    assert drawing.headers["content-type"] == "image/svg+xml"
    text = " ".join("".join(ET.fromstring(drawing.text).itertext()).split())
    assert f"Counted: {filters}." in text
    assert "determinations of California Independent Medical Review, decided" in text
    assert files["PNG"].content.startswith(b"\x89PNG")
    rows = list(csv.DictReader(io.StringIO(files["CSV"].text)))
    assert rows
    assert all(f"Counted: {filters}." in row["source"] for row in rows)
    about = files["JSON"].json()
    assert about["filter"] == filters
    assert about["address"].startswith(site_server.url)
    assert about["result"]


def test_what_has_no_chart_or_no_such_format_says_so(site_server: Server) -> None:
    for path, words in (
        ("/statistics?figure=times&format=svg", "There is no chart of 'times'"),
        (f"{PAIR}&format=xls", "comes as svg, png, csv, json"),
    ):
        answer = httpx.get(f"{site_server.url}{path}", headers={"accept": "text/html"})
        assert answer.status_code == 400
        assert words in answer.text.replace("&#39;", "'")


@pytest.mark.parametrize("path", ["/statistics?by=category", PAIR, "/statistics?figure=reasons"])
def test_any_site_may_frame_a_chart_and_nothing_else(site_server: Server, path: str) -> None:
    page = get_page(site_server, path)
    snippet = page.one("details", "take-along").one("textarea").raw
    assert snippet.startswith("<iframe ")
    address = snippet.partition('src="')[2].partition('"')[0].replace("&amp;", "&")
    framed = httpx.get(address)
    assert "frame-ancestors *" in framed.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in httpx.get(f"{site_server.url}{path}").headers["content-security-policy"]
    embedded = get_page(site_server, address.removeprefix(site_server.url))
    assert embedded.all("figure", "chart")
    assert not embedded.all("nav")
    assert "Source: imr-graph" in embedded.one("main").text
    assert get_page(site_server, "/embed/statistics?by=weather", 404)
