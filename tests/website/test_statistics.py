"""Statistics as a form: the figures are the library's, narrowed as the address says, also as files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

from imr_graph.analysis.dimensions.filters import resolve_filters
from imr_graph.analysis.dimensions.values import Value
from imr_graph.analysis.statistics.citation_agreement import citation_agreement
from imr_graph.analysis.statistics.durations import INTERVALS, durations
from imr_graph.analysis.statistics.overturn_rates import overturn_rates, rate_group
from imr_graph.store.table import Table, open_table
from imr_graph.table.dimensions import DIMENSIONS
from imr_graph.website.svg.charts import draw_matrix
from support.endpoint_server import Server
from support.markup import Node
from support.site_server import get_page


@pytest.fixture(scope="module")
def table(site_store: Path) -> Iterator[Table]:
    """Return the table of the store that is served."""
    with open_table(site_store) as opened:
        yield opened


def numbers(page: Node, kind: str = "groups") -> list[list[str]]:
    """Return the cells of the table of numbers."""
    return [
        [cell.text for cell in row.all() if cell.tag in ("th", "td")]
        for row in page.one("table", kind).one("tbody").all("tr")
    ]


@pytest.mark.parametrize("by", ["category", "treatment", "specialty", "year", "month", "section", "partial", "age"])
def test_shares_by_one_dimension_are_the_librarys(site_server: Server, table: Table, by: str) -> None:
    page = get_page(site_server, f"/statistics?by={by}&level=case&minimum=2")
    found = overturn_rates(table, by, level="case", minimum=2)
    wanted = [
        [g.values[0].label, f"{g.decisions:,}", f"{g.overturned:,}", f"{100 * g.share:.1f}%"] for g in found.groups
    ]
    shown = [row[:4] for row in numbers(page)]
    assert sorted(shown) == sorted(wanted[:200])
    assert f"{found.decisions:,} cases, {found.overturned:,} overturned" in page.one("main").text
    if by in ("year", "month"):
        assert len(page.all("svg", "periods")) == 1
        stated = [row[0] for row in shown if row[0] != "not stated"]
        assert stated == sorted(stated)
    else:
        assert shown == wanted[:200]
        assert len(page.one("table", "bars").one("tbody").all("tr")) == min(15, len(found.groups))


def test_two_dimensions_meet_in_a_matrix(site_server: Server, table: Table) -> None:
    page = get_page(site_server, "/statistics?by=category&then=year")
    found = overturn_rates(table, ("category", "year"))
    drawn = page.one("table", "matrix")
    years = [head.text for head in drawn.one("thead").all("th")[1:]]
    assert years[:-1] == sorted(years[:-1])
    cells = {
        (row.one("th").text, year): cell.text
        for row in drawn.one("tbody").all("tr")
        for year, cell in zip(years, row.all("td"), strict=True)
    }
    for each in found.groups:
        one, other = (value.label for value in each.values)
        if (one, other) in cells:
            assert cells[one, other] == f"{100 * each.share:.1f}%{each.decisions:,}"
    assert [row[:2] for row in numbers(page)] == [[v.label for v in g.values] for g in found.groups[:200]]


def test_everything_together_is_one_row(site_server: Server, table: Table) -> None:
    (row,) = numbers(get_page(site_server, "/statistics?by="))
    whole = overturn_rates(table).groups[0]
    assert row[:3] == ["all", f"{whole.decisions:,}", f"{whole.overturned:,}"]


def test_filters_narrow_what_is_counted(site_server: Server, table: Table) -> None:
    address = "/statistics?by=treatment&state=California&year=2016&since=2016-03-01&decision=upheld"
    page = get_page(site_server, address)
    chosen = resolve_filters(
        table.store, {"state": "California", "year": "2016", "decision": "upheld"}, since="2016-03-01"
    )
    found = overturn_rates(table, "treatment", filters=chosen)
    assert [row[1] for row in numbers(page)] == [str(g.decisions) for g in found.groups]
    assert page.one("input", id="field-state")["value"] == "California"
    assert page.one("input", id="field-since")["value"] == "2016-03-01"
    kept = [(node["name"], node["value"]) for node in page.one("form", "blanks").all("input", type="hidden")]
    assert kept == [("decision", "upheld")], "what has no field is kept all the same"
    assert "Decision upheld" in page.one("form", "blanks").text


def test_times_are_the_librarys(site_server: Server, table: Table) -> None:
    page = get_page(site_server, "/statistics?figure=times")
    shown = numbers(page, "times")
    assert len(shown) == len(INTERVALS)
    for row, each in zip(shown, durations(table), strict=True):
        assert each.median is not None
        assert (row[2], row[7].removesuffix(" few"), row[8]) == (
            f"{round(each.median):,}",
            f"{each.cases:,}",
            f"{each.missing:,}",
        )
    by_year = get_page(site_server, "/statistics?figure=times&by=year")
    assert [row[0] for row in numbers(by_year, "times")] == [
        each.value.label for each in durations(table, ("application-to-decision",), by="year") if each.value
    ]


@pytest.mark.parametrize("on", ["guideline", "section", "page", "basis"])
def test_agreement_is_the_librarys(site_server: Server, table: Table, on: str) -> None:
    page = get_page(site_server, f"/statistics?figure=agreement&on={on}")
    (whole,) = citation_agreement(table, on)
    (row,) = numbers(page, "answer")
    assert row[1] == f"{whole.items:,}"
    assert [cell.partition(" ")[0] for cell in row[2:]] == [f"{g.decisions:,}" for _, g in whole.kinds]
    get_page(site_server, f"/statistics?figure=agreement&on={on}&by=category")


@pytest.mark.parametrize("figure", ["shares", "times", "agreement"])
def test_figures_come_as_files(site_server: Server, table: Table, figure: str) -> None:
    page = get_page(site_server, f"/statistics?figure={figure}&by=year&then=")
    files = {words: target for target, words in page.one("p", "formats").links().items()}
    found = {
        "shares": lambda: overturn_rates(table, "year"),
        "times": lambda: durations(table, ("application-to-decision",), by="year"),
        "agreement": lambda: citation_agreement(table, by="year"),
    }[figure]()
    plain = [asdict(each) for each in found] if isinstance(found, tuple) else asdict(found)
    assert httpx.get(f"{site_server.url}{files['JSON']}").json()["result"] == json.loads(json.dumps(plain))
    answer = httpx.get(f"{site_server.url}{files['CSV']}")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    if figure == "shares":
        assert [(row["year"], row["decisions"]) for row in rows] == [
            (g.values[0].label, str(g.decisions)) for g in overturn_rates(table, "year").groups
        ]
    else:
        assert {row["value"] for row in rows} == {each["value"]["label"] for each in plain}


@pytest.mark.parametrize(
    ("query", "field", "words"),
    [
        ({"figure": "weather"}, None, "no figure"),
        ({"by": "weather"}, None, "no dimension"),
        ({"by": "year", "then": "year"}, None, "two different ones"),
        ({"level": "letter"}, None, "no level"),
        ({"minimum": "many"}, None, "whole number"),
        ({"figure": "agreement", "on": "weather"}, None, "no subject"),
        ({"since": "2017-01-01", "until": "2016-01-01"}, None, "exchange the two"),
        ({"treatment": "naproxne"}, "treatment", "naproxen"),
        ({"since": "soon"}, "since", "not a date"),
        ({"state": "x" * 600}, None, "write less"),
    ],
)
def test_what_cannot_be_counted_says_so(
    site_server: Server, query: dict[str, str], field: str | None, words: str
) -> None:
    page = get_page(site_server, f"/statistics?{urlencode(query)}", 400)
    if field is None:
        assert words in page.one("p", "warning").text
    else:
        wrong = page.one("input", id=f"field-{field}")
        assert wrong["aria-invalid"] == "true"
        assert wrong["value"] == query[field]
        assert words in page.one("p", id=f"wrong-{field}").text


def test_nothing_that_fits_is_said(site_server: Server) -> None:
    for figure in ("shares", "agreement"):
        page = get_page(site_server, f"/statistics?figure={figure}&by=treatment&until=1991-01-01")
        assert "No decision fits" in page.one("main").text
    assert "No case fits" in get_page(site_server, "/statistics?figure=times&by=year&until=1991-01-01").text


def test_every_dimension_can_be_counted_by(site_server: Server) -> None:
    for name in DIMENSIONS:
        get_page(site_server, f"/statistics?by={name}")


def test_a_matrix_keeps_the_heaviest_values() -> None:
    groups = [
        rate_group((Value(f"t{n}", f"t{n}"), Value(f"g{m}", f"g{m}")), 100 - n - m, n)
        for n in range(30)
        for m in range(15)
    ]
    drawn = draw_matrix(groups)
    assert [value.id for value, _ in drawn.rows] == [f"t{n}" for n in range(20)]
    assert [value.id for value in drawn.columns] == [f"g{m}" for m in range(10)]
    assert drawn.left_out == len(groups) - 200
    tones = [cell.tone for _, cells in drawn.rows for cell in cells if cell]
    assert min(tones) == 0
    assert max(tones) <= 5
