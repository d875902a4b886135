"""The page of a network: one file, offline, safe, and walked by mouse and keyboard in a real browser."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imr_graph.analysis.networks.formats import embed_json, write_network
from imr_graph.analysis.networks.measures import with_measures
from imr_graph.analysis.networks.projections import PROJECTIONS, Network, project
from support.browser import browsing
from support.network_oracle import tabled
from support.sample_world import FICTIONAL

NASTY = "</script><script>document.title='broken'</script><!-- <b>"


def page(network: Network) -> str:
    stream = io.BytesIO()
    write_network(network, "html", stream)
    return stream.getvalue().decode()


def made(*ties: tuple[str, str, int, int], directed: bool = False, **about: Any) -> Network:
    """Return a network of ties given by both labels, count and overturned."""
    network: Network = (nx.DiGraph if directed else nx.Graph)(
        **{"title": "Made up", "weight": "count", "unit": "disputed item", **about}
    )
    for one, other, count, overturned in ties:
        network.add_edge(one, other, count=count, overturned=overturned, weight=count)
    weights = dict(network.degree(weight="count"))
    for node, weight in weights.items():
        kind = "page" if "page" in node else "treatment"
        network.nodes[node].update(label=node, kind=kind, weight=weight, occurrences=weight)
    return network


STAR = made(
    *((f"Treatment {n:02}", "Guideline page 1", n + 1, n // 2) for n in range(40)), ("Treatment 07", "page 2", 3, 1)
)


def test_the_page_asks_for_nothing_from_outside() -> None:
    with tabled(FICTIONAL) as records:
        for name in PROJECTIONS:
            text = page(project(records.table, name))
            outside = re.sub(r'<script type="application/json".*?</script>', "", text, flags=re.DOTALL)
            assert not re.findall(
                r"(?:src|href|action|data)\s*=|@import|url\((?!#)|fetch\(|XMLHttpRequest|import\(", outside
            )
            assert [link for link in re.findall(r"https?://[^\s\"'`]+", outside) if "www.w3.org" not in link] == []
            assert "default-src 'none'" in text


@given(st.text() | st.sampled_from([NASTY, "<!--", "-->", "<script", "]]>", "\u2028\u2029", "&lt;"]))
def test_data_never_leave_the_script_element(text: str) -> None:
    found = embed_json({"x": text})
    assert not set("<>&\u2028\u2029") & set(found)
    assert json.loads(found) == {"x": text}


def test_numbers_of_the_page_are_those_of_the_network() -> None:
    with tabled(FICTIONAL) as records:
        network = with_measures(project(records.table, "treatment-page", weight="npmi"), ("degree", "core"))
    text = page(network)
    data = json.loads(re.search(r'id="network">(.*?)</script>', text, re.DOTALL)[1])  # type: ignore[index]
    order = list(network)
    assert [(data["kinds"][n[0]], *n[1:]) for n in data["nodes"]] == [
        (d["kind"], d["label"], d["weight"], d["degree"], d["core"]) for _, d in network.nodes(data=True)
    ]
    ties = [data["ties"][i : i + 5] for i in range(0, len(data["ties"]), 5)]
    assert [(order[a], order[b], count, over) for a, b, count, over, _ in ties] == [
        (a, b, d["count"], d["overturned"]) for a, b, d in network.edges(data=True)
    ]
    assert [w for *_, w in ties] == pytest.approx([w for *_, w in network.edges(data="weight")], abs=1e-4)


def test_a_large_network_is_a_page_of_few_megabytes() -> None:
    network = made(*((f"treatment {n % 300}", f"page {n % 337}", 1, 0) for n in range(100_000)))
    assert network.number_of_edges() > 90_000
    assert len(page(network)) < 3_000_000


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Return a headless Chromium that has no network to speak of."""
    with browsing(tmp_path_factory.mktemp("browser")) as started:
        yield started.driver


class Walker:
    """The page in the browser."""

    def __init__(self, browser: Any, path: Path, network: Network) -> None:
        self.browser = browser
        path.write_text(page(network), encoding="utf-8")
        browser.get("about:blank")
        browser.get(path.as_uri())

    def one(self, selector: str) -> Any:
        """Return the first element that a selector names."""
        return self.browser.find_element("css selector", selector)

    def all(self, selector: str) -> list[Any]:
        """Return all elements that a selector names."""
        return list(self.browser.find_elements("css selector", selector))

    @property
    def here(self) -> str:
        """The name of the node that is shown."""
        return str(self.one("#name").text)

    def rows(self) -> list[list[str]]:
        """Return the cells of the table of neighbors."""
        return [[cell.text for cell in row.find_elements("css selector", "td")] for row in self.all("#rows tr")]

    def drawn(self) -> list[str]:
        """Return what the neighbors in the drawing are called."""
        return [node.get_attribute("aria-label") for node in self.all("#drawing .node[role=button]")]


@pytest.fixture
def star(browser: Any, tmp_path: Path) -> Iterator[Walker]:
    yield Walker(browser, tmp_path / "star.html", STAR)
    assert browser.get_log("browser") == []  # no error, no warning, no blocked request


def test_the_heaviest_node_comes_first_with_its_strongest_neighbors(star: Walker) -> None:
    assert star.here == "Guideline page 1"
    assert "18 strongest of 40 neighbors" in star.one("#facts").text
    assert [row[0] for row in star.rows()] == [f"Treatment {n:02}" for n in range(39, 21, -1)]
    assert star.rows()[0] == ["Treatment 39", "treatment", "40", "19 (48%)"]
    assert star.rows()[-1][-1] == "11 (48%)*"  # fewer than 30
    assert sorted(star.drawn()) == sorted(
        f"{r[0]}: {r[2]}, {r[3].split('(')[1].split(')')[0]} overturned" for r in star.rows()
    )
    assert star.browser.title == "Made up"


def test_more_or_fewer_neighbors_are_shown_on_demand(star: Walker) -> None:
    for most, shown in (("6", 6), ("50", 40)):
        star.one(f"#most option:nth-child({1 if most == '6' else 5})").click()
        assert len(star.drawn()) == len(star.rows()) == shown


def test_a_click_walks_and_back_returns(star: Walker) -> None:
    star.one('#drawing [aria-label^="Treatment 39"]').click()
    assert star.here == "Treatment 39"
    assert [row[0] for row in star.rows()] == ["Guideline page 1"]
    star.one("#rows button").click()
    assert star.here == "Guideline page 1"
    assert [step.text for step in star.all("#walk button")] == ["Guideline page 1", "Treatment 39"]
    star.one("#back").click()
    assert star.here == "Treatment 39"
    star.browser.back()
    assert star.here == "Guideline page 1"
    assert not star.one("#back").is_enabled()
    star.browser.forward()
    assert star.here == "Treatment 39"


def test_a_node_is_found_by_part_of_its_name_from_the_keyboard(star: Walker) -> None:
    from selenium.webdriver.common.keys import Keys

    star.one("body").send_keys("/")
    search = star.browser.switch_to.active_element
    assert search.get_attribute("id") == "search"
    search.send_keys("treat 07")
    assert [item.text.split("\n")[0] for item in star.all("#found li")] == ["Treatment 07"]
    search.send_keys(Keys.ENTER)
    assert star.here == "Treatment 07"
    search.send_keys("treatment")
    assert len(star.all("#found li")) == 12
    search.send_keys(Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ARROW_UP, Keys.ENTER)
    assert star.here == "Treatment 38"  # the second of the heaviest
    search.send_keys("nothing like it")
    assert star.one("#found").text == "No node has these words in its name."
    search.send_keys(Keys.ESCAPE)
    assert not star.one("#found").is_displayed()


def test_tab_and_enter_walk_from_neighbor_to_neighbor(star: Walker) -> None:
    from selenium.webdriver.common.keys import Keys

    star.one("#theme").send_keys(Keys.TAB)
    node = star.browser.switch_to.active_element
    assert node.get_attribute("aria-label").startswith("Treatment 39")
    node.send_keys(Keys.TAB)
    star.browser.switch_to.active_element.send_keys(Keys.ENTER)
    assert star.here == "Treatment 38"
    assert star.browser.switch_to.active_element.get_attribute("aria-label").startswith("Guideline page 1")
    assert star.one("#said").get_attribute("textContent").startswith("Treatment 38")


def test_an_address_leads_to_its_node(star: Walker) -> None:
    address = star.browser.current_url.partition("#")[0]
    star.browser.get("about:blank")
    star.browser.get(f"{address}#{list(STAR).index('Treatment 05')}")
    assert star.here == "Treatment 05"
    star.browser.get("about:blank")
    star.browser.get(f"{address}#100000")
    assert star.here == "Guideline page 1"


def colours(walker: Walker) -> tuple[str, str]:
    script = "const s = getComputedStyle(document.body); return [s.backgroundColor, s.color]"
    paper, ink = walker.browser.execute_script(script)
    return str(paper), str(ink)


def luminance(colour: str) -> float:
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_light_and_dark_are_both_readable(star: Walker) -> None:
    """Text, and each colour of a kind against its ground, keep the contrast that WCAG 2.2 asks for (4.5 and 3)."""
    seen = set()
    for media in ("light", "dark"):
        star.browser.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": media}]}
        )
        star.browser.refresh()
        for _ in range(2):
            paper, ink = colours(star)
            seen.add(paper)
            lighter, darker = sorted((luminance(paper), luminance(ink)), reverse=True)
            assert (lighter + 0.05) / (darker + 0.05) >= 4.5
            ground = star.browser.execute_script(
                "return getComputedStyle(document.querySelector('.drawing')).backgroundColor"
            )
            for kind in range(4):
                fill = star.browser.execute_script(
                    "const e = document.createElementNS('http://www.w3.org/2000/svg', 'circle');"
                    f"e.setAttribute('class', 'k{kind}'); document.querySelector('#drawing').append(e);"
                    "const f = getComputedStyle(e).fill; e.remove(); return f"
                )
                lighter, darker = sorted((luminance(fill), luminance(ground)), reverse=True)
                assert (lighter + 0.05) / (darker + 0.05) >= 3
            star.one("#theme").click()
    assert len(seen) == 2
    star.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_names_are_text_whatever_they_hold(browser: Any, tmp_path: Path) -> None:
    walker = Walker(browser, tmp_path / "nasty.html", made((NASTY, "page", 3, 1), title=NASTY))
    assert walker.browser.title == NASTY
    assert walker.one("h1").text == NASTY
    assert NASTY in {walker.here, walker.rows()[0][0]}
    assert walker.all("b") == []
    assert browser.get_log("browser") == []


def test_directed_ties_say_where_they_lead(browser: Any, tmp_path: Path) -> None:
    walker = Walker(browser, tmp_path / "directed.html", made(("one", "page two", 3, 1), directed=True))
    directions = {walker.here: walker.rows()[0][2]}
    walker.one("#rows button").click()
    directions[walker.here] = walker.rows()[0][2]
    assert directions == {"one": "to", "page two": "from"}
    assert walker.all("#drawing path[marker-end]")


def test_a_network_of_nothing_says_so(browser: Any, tmp_path: Path) -> None:
    walker = Walker(browser, tmp_path / "empty.html", made())
    assert walker.one("#size").text == "There is nothing to show: no disputed item makes such a tie."
    assert not walker.one("#search").is_enabled()
    assert browser.get_log("browser") == []


def test_a_network_of_100_000_ties_is_walked_without_waiting(browser: Any, tmp_path: Path) -> None:
    network = made(*((f"treatment {n % 300}", f"page {n % 337}", 1 + n % 7, 0) for n in range(100_000)))
    walker = Walker(browser, tmp_path / "large.html", network)
    assert len(walker.drawn()) == 18
    assert len(walker.all("#drawing *")) < 200  # never thousands of nodes at once
    walker.one("#rows button").click()
    assert len(walker.drawn()) == 18


def test_real_projections_open_without_a_complaint(browser: Any, tmp_path: Path) -> None:
    with tabled(FICTIONAL) as records:
        for name in PROJECTIONS:
            network = with_measures(project(records.table, name, weight="jaccard"), ("degree", "community"))
            walker = Walker(browser, tmp_path / f"{name}.html", network)
            assert walker.one("h1").text == PROJECTIONS[name].title
            assert walker.rows()
            assert "community" in walker.one("#facts").text
            assert browser.get_log("browser") == []
