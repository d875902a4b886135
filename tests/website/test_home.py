"""The first page and what machines look for beside it: its figures are the library's, its doors lead somewhere."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import httpx
import pytest

from imr_graph.analysis.dimensions.values import Value
from imr_graph.analysis.statistics.overturn_rates import RateGroup, overturn_rates, rate_group
from imr_graph.store.table import open_table
from imr_graph.website.svg.charts import draw_bars
from imr_graph.website.svg.periods import ceiling, draw_periods, ticks
from support.endpoint_server import Server
from support.site_server import get_page


def test_the_figures_are_those_of_the_library(site_server: Server, site_store: Path) -> None:
    with open_table(site_store) as table:
        whole, cases = overturn_rates(table), overturn_rates(table, level="case")
        categories, years = overturn_rates(table, "category").groups, overturn_rates(table, "year").groups
    page = get_page(site_server, "/")
    figures = page.one("ul", "strip").text
    assert f"{cases.decisions:,} determinations" in figures
    assert f"{whole.decisions:,} disputed items" in figures
    assert f"{100 * whole.groups[0].share:.1f}%" in figures
    drawn = page.one("table", "bars")
    stated = [g for g in categories if g.values[0].id][:12]
    assert [row.all("th")[0].text for row in drawn.one("tbody").all("tr")] == [g.values[0].label for g in stated]
    for row, each in zip(drawn.one("tbody").all("tr"), stated, strict=True):
        assert [cell.text.removesuffix(" few") for cell in row.all("td", "number")] == [
            f"{100 * each.share:.1f}%",
            f"{each.decisions:,}",
        ]
    dated = sorted(g.values[0].label for g in years if g.values[0].id)
    assert [node.text for node in page.one("svg", "periods").all("text", "period")] == dated
    assert [row.all("th")[0].text for row in page.one("table", "groups").one("tbody").all("tr")] == dated


def test_it_says_what_the_data_cannot_say(site_server: Server) -> None:
    words = get_page(site_server, "/").one("section", "limits").text
    assert "disputes that reached review" in words
    assert "medical or legal advice" in words


def test_the_search_box_leads_to_the_search(site_server: Server) -> None:
    page = get_page(site_server, "/")
    box = page.one("form", "big")
    assert box["action"] == "/search"
    assert box.one("input")["name"] == "q"
    for address in page.one("p", "examples").links():
        get_page(site_server, address)


def test_every_door_leads_to_a_page(site_server: Server) -> None:
    page = get_page(site_server, "/").one("main")
    for address in page.links():
        answer = httpx.get(f"{site_server.url}{address}", headers={"accept": "text/html"}, timeout=300)
        assert answer.status_code == 200, address
        assert "format=" in address or answer.headers["content-type"].startswith("text/html"), address


def test_robots_may_read_pages_but_not_ask(site_server: Server) -> None:
    answer = httpx.get(f"{site_server.url}/robots.txt")
    assert answer.headers["content-type"].startswith("text/plain")
    lines = answer.text.splitlines()
    assert {"Disallow: /search", "Disallow: /sparql?", "Disallow: /questions/*?", "Allow: /"} <= set(lines)
    assert f"Sitemap: {site_server.url}/sitemap.xml" in lines


def test_browsers_can_take_the_search_over(site_server: Server) -> None:
    head = get_page(site_server, "/").one("link", rel="search")
    answer = httpx.get(f"{site_server.url}{head['href']}")
    assert answer.headers["content-type"] == head["type"]
    space = {"o": "http://a9.com/-/spec/opensearch/1.1/"}
    url = ElementTree.fromstring(answer.content).find("o:Url", space)
    assert url is not None
    template = url.attrib["template"]
    assert template == f"{site_server.url}/search?q={{searchTerms}}"
    get_page(site_server, template.removeprefix(site_server.url).replace("{searchTerms}", "mri%20knee"))


def test_the_list_of_pages_holds_concepts_and_questions(site_server: Server) -> None:
    answer = httpx.get(f"{site_server.url}/sitemap.xml")
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    pages = [loc.text or "" for loc in ElementTree.fromstring(answer.content).iter(f"{space}loc")]
    assert len(pages) == len(set(pages))
    assert f"{site_server.url}/questions/overturn-rate-by-year" in pages
    assert f"{site_server.url}/id/treatment-mri" in pages
    assert httpx.get(next(page for page in pages if "/id/" in page)).status_code == 200


@pytest.mark.parametrize(
    ("shares_drawn", "top"),
    [
        ([], 0.1),
        ([0.0], 0.1),
        ([0.12, 0.23], 0.25),
        ([0.31], 0.4),
        ([0.1], 0.1),
        ([0.5], 0.5),
        ([0.96], 1.0),
        ([1.0], 1.0),
    ],
)
def test_a_scale_ends_at_a_round_share(shares_drawn: list[float], top: float) -> None:
    assert ceiling(shares_drawn) == pytest.approx(top)
    marks = ticks(ceiling(shares_drawn))
    assert marks[0].place == 0
    assert marks[-1].place == pytest.approx(1)
    assert 2 <= len(marks) <= 7


def _groups(*counts: tuple[str | None, int, int]) -> list[RateGroup]:
    return [
        rate_group((Value(year, year or "not stated"),), decisions, overturned)
        for year, decisions, overturned in counts
    ]


def test_a_small_group_does_not_set_the_scale_of_bars() -> None:
    drawn = draw_bars(_groups(("a", 400, 40), ("b", 5, 1)), "Group", "Groups")
    assert drawn.top is not None
    assert drawn.top == pytest.approx(0.2)
    large, small = drawn.bars
    assert large.low is not None
    assert large.low < large.length < large.high < 100
    assert small.beyond
    assert small.high == 100


def test_years_stand_in_their_order_without_those_that_are_not_stated() -> None:
    drawn = draw_periods(_groups(("2017", 50, 5), (None, 50, 5), ("2015", 50, 0), ("2016", 50, 25)))
    assert drawn is not None
    assert [point.label for point in drawn.points] == ["2015", "2016", "2017"]
    across = [point.across for point in drawn.points]
    assert across == sorted(across)
    for point in drawn.points:
        assert point.high <= point.down <= point.low
    assert drawn.points[1].down < drawn.points[2].down < drawn.points[0].down, "what is higher stands higher"
