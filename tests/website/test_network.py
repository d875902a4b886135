"""The network that can be walked: links without scripts, in place with them, by mouse and by keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from imr_graph import iris as terms
from imr_graph.analysis.networks.ego_network import ego_network
from imr_graph.analysis.networks.projections import project
from imr_graph.store.graph_store import open_store
from imr_graph.store.table import open_table
from imr_graph.website.svg.network import HEIGHT, WIDTH, draw_network, wrap_label
from support.browser import Browser, violations
from support.endpoint_server import Server
from support.markup import Node
from support.site_server import get_page

PAGES = (
    "/id/treatment-mri",
    "/id/guideline-odg",
    "/id/category-pharmaceuticals",
    "/id/specialty-occupational-medicine",
    "/id/state-US-CA",
    "/id/region-knee",
    "/id/treatment-myelogram",
    "/id/section-odg-low-back",
    "/id/page-mtus-chronic-pain-2009-78",
    "/treatments",
    "/guidelines?q=pain",
    "/network?around=treatment-mri",
    "/precedents",
    "/precedents?q=MRI of the left knee&decision=overturned",
    "/precedents?q=akupunctur",
)


@pytest.fixture(scope="module")
def network(site_store: Path) -> Any:
    """Return the network of treatments disputed together."""
    return project(open_store(site_store), "treatment-co-request")


def neighbors_of(page: Node) -> dict[str, str]:
    """Return the links to neighbors in the list, by the node they lead to."""
    table = page.one("table", "neighbors")
    return {a["data-around"]: a["href"] for a in table.all("a") if "data-around" in a.attributes}


def test_picture_and_list_say_the_same(site_server: Server, network: Any) -> None:
    page = get_page(site_server, "/network?around=treatment-mri")
    found = ego_network(network, terms.treatment_iri("mri"), 12)
    assert found is not None
    names = [terms.local_name(each.node) for each in found.neighbors]
    assert list(neighbors_of(page)) == names
    drawn_links = list(page.one("svg", "network").all("a"))
    assert [a["data-around"] for a in drawn_links] == names
    for link, each in zip(drawn_links, found.neighbors, strict=True):
        assert link.text.startswith(f"{names.index(link['data-around']) + 1} {each.label[:8]}")
    assert {f"/id/{name}" for name in names} <= set(page.links())


def test_links_walk_on_without_any_script(site_server: Server) -> None:
    page = get_page(site_server, "/id/treatment-mri")
    name, href = next(iter(neighbors_of(page).items()))
    assert href == f"/id/treatment-mri?around={name}#network"
    walked = get_page(site_server, href.partition("#")[0])
    assert walked.one("h1").text == page.one("h1").text
    view = walked.one(id="network")
    assert view.one("h3", id="network-heading").text == page.one("table", "neighbors").links()[href]
    assert view.links()["/id/treatment-mri?around=treatment-mri#network"]
    own = get_page(site_server, f"/network?around={name}")
    assert list(neighbors_of(own)) == list(neighbors_of(walked))


def test_guidelines_walk_among_those_cited_together(site_server: Server) -> None:
    page = get_page(site_server, "/id/guideline-odg")
    found = neighbors_of(page)
    assert found
    assert all(name.startswith("guideline-") for name in found)


@pytest.mark.parametrize("around", ["", "treatment-no-such", "section-odg-pain", "<script>", "guideline-%22"])
def test_a_network_around_nothing_says_so(site_server: Server, around: str) -> None:
    page = get_page(site_server, f"/network?around={around}", 404)
    assert "There is no such treatment or guideline" in page.text


def test_walking_to_nowhere_stays_at_home(site_server: Server) -> None:
    page = get_page(site_server, "/id/treatment-mri?around=guideline-odg")
    assert page.one("h3", id="network-heading").text == "Magnetic resonance imaging"


def test_a_treatment_without_neighbors_says_so(site_server: Server, network: Any) -> None:
    from imr_graph import vocabulary

    alone = next(t.id for t in vocabulary.load().treatments if t.iri not in network)
    page = get_page(site_server, f"/network?around=treatment-{alone}")
    assert "Nothing is disputed in the same case" in page.text
    assert not page.all("svg", "network")


def test_drawings_stay_within_their_frame_and_names_are_short(site_store: Path) -> None:
    with open_table(open_store(site_store)) as table:
        for name in ("treatment-co-request", "guideline-co-citation"):
            network = project(table, name)
            for node in network:
                found = ego_network(network, node, 12)
                assert found is not None
                picture = draw_network(found)
                assert len({(spot.x, spot.y) for spot in picture.spots}) == len(found.neighbors)
                for spot in picture.spots:
                    assert spot.radius <= spot.x <= WIDTH - spot.radius
                    assert spot.radius <= spot.y <= HEIGHT - spot.radius
                    assert spot.text_y >= 10
                    assert spot.text_y + 15 * (len(spot.lines) - 1) <= HEIGHT - 2
                    assert all(len(line) <= 24 for line in spot.lines)
                    assert len(spot.lines) <= 2
    assert wrap_label("Physical therapy") == ("Physical therapy",)
    assert wrap_label("x" * 60) == ("x" * 22 + "…",)


def test_scripts_walk_in_place_and_history_leads_back(site_server: Server, browser: Browser) -> None:
    browser.size(1280)
    browser.open(f"{site_server.url}/id/treatment-mri")
    browser.run("window.same = true")
    first = browser.find("#network [data-view]").get_attribute("data-name")
    link = browser.find("#network tbody a[data-around]")
    name, label = link.get_attribute("data-around"), link.text
    link.click()
    browser.wait(lambda: browser.find("#network [data-view]").get_attribute("data-name") == name)
    assert browser.run("return window.same"), "the page was loaded anew"
    assert browser.run("return location.pathname + location.search") == f"/id/treatment-mri?around={name}"
    browser.wait(lambda: label in browser.find("[data-said]").get_attribute("textContent"))
    assert browser.run("return document.activeElement.id") == "network-heading"
    inner = browser.find("#network tbody a[data-around]").get_attribute("href")
    assert inner.startswith(f"{site_server.url}/id/treatment-mri?around=")
    browser.driver.back()
    browser.wait(lambda: browser.find("#network [data-view]").get_attribute("data-name") == first)
    assert browser.run("return window.same")
    browser.driver.forward()
    browser.wait(lambda: browser.find("#network [data-view]").get_attribute("data-name") == name)
    browser.find("#network .note a[data-around]").click()
    browser.wait(lambda: browser.find("#network [data-view]").get_attribute("data-name") == "treatment-mri")
    assert not browser.complaints()


def test_keys_walk_in_the_picture(site_server: Server, browser: Browser) -> None:
    browser.open(f"{site_server.url}/network?around=treatment-mri")
    browser.run("document.querySelector('svg.network a').focus()")
    name = browser.run("return document.activeElement.dataset.around")
    browser.press("\ue007")
    browser.wait(lambda: browser.find("[data-view]").get_attribute("data-name") == name)
    assert browser.run("return location.search") == f"?around={name}"


def test_without_scripts_a_link_loads_the_page(site_server: Server, browser: Browser) -> None:
    browser.scripts(on=False)
    try:
        browser.open(f"{site_server.url}/id/treatment-mri")
        link = browser.find("#network tbody a[data-around]")
        name = link.get_attribute("data-around")
        link.click()
        browser.wait(lambda: browser.driver.current_url.endswith(f"?around={name}#network"))
        browser.wait(lambda: browser.find("#network [data-view]").get_attribute("data-name") == name)
    finally:
        browser.scripts(on=True)


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_accessible_and_fit_a_phone(site_server: Server, browser: Browser, path: str) -> None:
    for scheme, width in (("light", 1280), ("dark", 390)):
        browser.size(width)
        browser.scheme(scheme)
        browser.open(f"{site_server.url}{path}")
        assert violations(browser.axe()) == []
        assert browser.overflow() <= 0
    # What does not exist, or cannot be asked, is logged by the browser as a failed load.
    assert [c for c in browser.complaints() if "status of 40" not in c] == []
