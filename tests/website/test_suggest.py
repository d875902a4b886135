"""Suggestions while typing: one address for browsers and our script, a combobox for keys and for those who listen."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest

from imr_graph.analysis.search.suggestions import read_names, suggest
from imr_graph.store.graph_store import cases, open_store
from support.browser import Browser, violations
from support.endpoint_server import Server
from support.site_server import get_page

BOXES = {
    "/": "#q",
    "/search?q=pain": "#q",
    "/precedents": "#request",
    "/treatments": "#filter",
    "/data": "#find",
    "/nonsense": "#q",
}


def ask(server: Server, typed: str, more: str = "") -> httpx.Response:
    return httpx.get(f"{server.url}/suggest?q={quote(typed)}{more}")


def test_suggestions_come_in_the_form_that_browsers_ask_for(site_server: Server, site_store: Path) -> None:
    answer = ask(site_server, "diaz")
    assert answer.headers["content-type"] == "application/x-suggestions+json"
    typed, texts, remarks, addresses = answer.json()
    wanted = suggest(read_names(open_store(site_store)), "diaz")
    assert typed == "diaz"
    assert texts == [each.text for each in wanted]
    assert texts[0] == "diazepam"
    assert remarks[0].startswith("Treatment, ")
    assert parse_qs(urlsplit(addresses[0]).query) == {"q": ["diazepam"]}
    described = httpx.get(f"{site_server.url}/opensearch.xml").text
    assert f'type="application/x-suggestions+json" template="{site_server.url}/suggest?q={{searchTerms}}"' in described


def test_a_brand_says_what_it_is_and_a_dimension_narrows(site_server: Server) -> None:
    _, texts, remarks, _ = ask(site_server, "vali").json()
    assert texts == ["Valium"]
    assert remarks[0].startswith("Treatment: diazepam, ")
    assert all(remark.startswith("State") for remark in ask(site_server, "ca", "&dimension=state").json()[2])
    assert ask(site_server, "vali", "&dimension=state").json()[1] == []


def test_case_numbers_are_suggested(site_server: Server, site_store: Path) -> None:
    number = next(key for key in sorted(cases(open_store(site_store))) if key.startswith("CM"))
    _, texts, remarks, _ = ask(site_server, number[:-1].lower()).json()
    assert number in texts
    assert set(remarks) == {"Case"}


@pytest.mark.parametrize("typed", ["", "zzyzx", '"x', "<script>", "because", "a" * 3000])
def test_what_begins_no_name_gets_an_empty_answer(site_server: Server, typed: str) -> None:
    assert ask(site_server, typed).json() == [typed, [], [], []]


@pytest.mark.parametrize(("address", "box"), BOXES.items(), ids=BOXES)
def test_every_search_box_works_without_a_script(site_server: Server, address: str, box: str) -> None:
    [found] = get_page(site_server, address, status=404 if address == "/nonsense" else 200).all("input", id=box[1:])
    assert found["data-suggest"].startswith("/suggest")
    assert found["name"] == "q"
    assert "role" not in found.attributes  # a combobox only where there is a script to be one


@pytest.mark.parametrize(("address", "box"), BOXES.items(), ids=BOXES)
def test_a_search_box_suggests_while_somebody_types(
    site_server: Server, browser: Browser, address: str, box: str
) -> None:
    from selenium.webdriver.common.keys import Keys

    browser.open(f"{site_server.url}{address}")
    browser.complaints()
    field = browser.find(box)
    browser.wait(lambda: field.get_attribute("role") == "combobox")
    field.clear()
    field.send_keys("diaz")
    browser.wait(lambda: field.get_attribute("aria-expanded") == "true")
    assert browser.find(f"{box}-suggestions [role=option] .text").text == "diazepam"
    assert "1 suggestion" in browser.run(f"return document.querySelector('{box} ~ [role=status]').textContent")
    assert field.get_attribute("aria-activedescendant") is None
    field.send_keys(Keys.ARROW_DOWN)
    active = field.get_attribute("aria-activedescendant")
    assert browser.find(f"#{active}").get_attribute("aria-selected") == "true"
    assert field.get_attribute("aria-controls") == browser.find(f"{box}-suggestions").get_attribute("id")
    assert field.get_attribute("value") == "diazepam"
    for scheme in ("light", "dark"):
        browser.scheme(scheme)
        assert violations(browser.axe()) == []
    assert browser.overflow() <= 0
    field.send_keys(Keys.ESCAPE)
    assert field.get_attribute("value") == "diaz"
    assert field.get_attribute("aria-expanded") == "false"
    assert browser.complaints() == [] or address == "/nonsense"


def test_a_chosen_suggestion_is_searched_by_key_and_by_pointer(site_server: Server, browser: Browser) -> None:
    from selenium.webdriver.common.keys import Keys

    for choose in ("key", "pointer"):
        browser.open(f"{site_server.url}/data")
        field = browser.find("#find")
        browser.wait(lambda: browser.find("#find").get_attribute("role") == "combobox")
        field.send_keys("magnetic reson")
        browser.wait(lambda: browser.find("#find").get_attribute("aria-expanded") == "true")
        if choose == "key":
            field.send_keys(Keys.ARROW_DOWN, Keys.ENTER)
        else:
            browser.find("#find-suggestions [role=option]").click()
        browser.wait(lambda: "/search?" in browser.driver.current_url)
        assert parse_qs(urlsplit(browser.driver.current_url).query)["q"] == ["Magnetic resonance imaging"]


def test_the_arrows_go_round_and_back_to_what_was_typed(site_server: Server, browser: Browser) -> None:
    from selenium.webdriver.common.keys import Keys

    browser.open(f"{site_server.url}/search")
    field = browser.find("#q")
    browser.wait(lambda: browser.find("#q").get_attribute("role") == "combobox")
    field.send_keys("no")
    browser.wait(lambda: browser.find("#q").get_attribute("aria-expanded") == "true")
    options = browser.driver.find_elements("css selector", "#q-suggestions [role=option]")
    assert len(options) > 1
    field.send_keys(Keys.ARROW_UP)
    assert field.get_attribute("aria-activedescendant") == options[-1].get_attribute("id")
    field.send_keys(Keys.ARROW_DOWN)
    assert field.get_attribute("aria-activedescendant") is None
    assert field.get_attribute("value") == "no"
    field.send_keys(Keys.TAB)
    assert field.get_attribute("aria-expanded") == "false"
