"""The page of a case: everything that the letter says, and for every fact the words that it came from."""

from __future__ import annotations

import re
from datetime import date
from itertools import cycle
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from selenium.webdriver import ActionChains

from imr_graph import iris as terms
from imr_graph.graph.reading import determination_of
from imr_graph.labels import format_date
from imr_graph.model import Determination, Span
from imr_graph.store.graph_store import open_store
from imr_graph.store.texts import text_of
from imr_graph.website.case.highlighting import Highlight, highlight
from imr_graph.website.rendering import plain
from support.browser import Browser
from support.endpoint_server import Server
from support.letters import squeezed
from support.markup import Node, parsed
from support.site_server import GENERATED, get_page, keys_of

# Values that are the letter's own words but for white space and line-end hyphens (docs/decisions/clean-text.md).
VERBATIM = re.compile(
    r"/(case_number|summary|items/\d+/(heading|service|requested|authorized|rationale"
    r"|(claims_administrator|reviewer)/citations/\d+/(text|chapter|sections/\d+)))"
)


def name_of(key: str) -> str:
    return terms.local_name(terms.case_iri(key))


def words_of(page: Node) -> dict[str, str]:
    """Return the words of each mark of a letter by its place, pieces put together."""
    found: dict[str, str] = {}
    for node in page.one(id="letter").walk():
        place = node.attributes.get("data-of") or node.attributes.get("id", "").removeprefix("at-")
        if "-" in place:
            found[place] = found.get(place, "") + node.raw
    return found


def value_of(d: Determination, pointer: str) -> object:
    """Return the value of a record at a pointer."""
    value: object = d
    for step in pointer.strip("/").split("/"):
        value = value[int(step)] if isinstance(value, tuple) else getattr(value, step)
    return value


def test_every_fact_leads_to_the_words_that_it_came_from(site_server: Server, site_store: Path) -> None:
    store, keys = open_store(site_store), keys_of(site_store)
    assert len(keys) > GENERATED
    facts = verbatim = 0
    for key in keys:
        page, d = get_page(site_server, f"/id/{name_of(key)}"), determination_of(store, key)
        text = plain(text_of(site_store, d.sha256))
        assert re.sub(r"\s", "", page.one(id="letter").raw) == re.sub(r"\s", "", text)
        words = words_of(page)
        # What is marked is what stands there, and every place is marked.
        for place, said in words.items():
            start, end = map(int, place.split("-"))
            assert said == text[start:end]
        places = (*d.spans.values(), *(Span(u.start, u.end) for u in d.unparsed))
        assert set(words) == {f"{span.start}-{span.end}" for span in places}
        # Every fact on the page leads to a mark.
        targets = {node["href"].removeprefix("#at-") for node in page.all("a") if node["href"].startswith("#at-")}
        assert targets <= set(words)
        assert {node["data-at"] for node in page.all(class_="fact") if "data-at" in node.attributes} <= set(words)
        for pointer, span in d.spans.items():
            facts += 1
            assert f"{span.start}-{span.end}" in targets or _is_extent(pointer), (key, pointer)
            if VERBATIM.fullmatch(pointer):
                verbatim += 1
                assert squeezed(words[f"{span.start}-{span.end}"]) == squeezed(plain(value_of(d, pointer))), pointer
    assert facts > 3_000
    assert verbatim > 1_000


def _is_extent(pointer: str) -> bool:
    """Return whether a place holds facts and is none itself, or shares its link with its neighbor."""
    return bool(re.fullmatch(r"/reviewer|.*/citations/\d+", pointer))


def test_the_page_tells_all_of_the_determination(site_server: Server, site_store: Path) -> None:
    store = open_store(site_store)
    for key in ("CM16-9990010", "CM16-9990011", "CM15-9990006", "CM13-9990002", keys_of(site_store)[-1]):
        d = determination_of(store, key)
        page = get_page(site_server, f"/id/{name_of(key)}")
        said = page.one(id="facts").text
        days = [format_date(day) for day in _dates(d)]
        for expected in (*days, *d.reviewer.specialties, " ".join((d.summary or "").split()), d.source, d.sha256):
            assert expected in said, expected
        for index, item in enumerate(d.items):
            section = page.one("section", "item", id=f"item-{index + 1}")
            for words in (item.heading, item.requested, item.authorized, item.rationale):
                assert " ".join((words or "").split()) in section.text
            assert section.one(class_="verdict").text == item.decision.capitalize()
            sides = section.all("section", "party")
            assert [side.one("h3").text for side in sides] == ["Claims administrator", "Expert reviewer"]
            for side, party in zip(sides, (item.claims_administrator, item.reviewer), strict=True):
                assert len(side.all("li", "citation")) == len(party.citations)
                for citation in party.citations:
                    assert " ".join(citation.text.split()) in side.text


def _dates(d: Determination) -> list[date]:
    dates = (d.dates.injured, d.dates.ur_denied, d.dates.received, d.dates.assigned, d.dates.decided)
    return [day for day in dates if day is not None]


def test_dates_are_told_in_their_order_with_the_days_between(site_server: Server) -> None:
    page = get_page(site_server, "/id/case-CM16-9990321")
    events = [re.sub(r"\s+", " ", li.text) for li in page.one("ol", "timeline").all("li")]
    assert events == [
        "Date of injury October 25, 2016",
        "Utilization review date November 29, 2016 35 days later",
        "Application received December 2, 2016 3 days later",
        "Date assigned December 8, 2016 6 days later",
        "Decision date January 12, 2017 35 days later",
    ]


def test_links_lead_onward_and_all_of_them_answer(site_server: Server) -> None:
    page = get_page(site_server, "/id/case-CM15-9990006")
    links = page.links()
    for target in (
        "/id/treatment-clonazepam",
        "/id/guideline-mtus-chronic-pain-2009",
        "/id/page-mtus-chronic-pain-2009-24",
        "/id/state-US-CA",
        "/id/case-CM15-9990006.ttl",
        "/id/case-CM15-9990006-item-1.ttl",
        "/search?treatment=clonazepam",
    ):
        assert target in links, sorted(links)
    assert [target for target in links if target.startswith("/id/category-")]
    assert [target for target in links if target.startswith("/precedents?q=")]
    ids = {node["id"] for node in page.walk() if "id" in node.attributes}
    for target in links:
        if target.startswith("#"):
            assert target[1:] in ids
        else:
            answer = httpx.get(
                site_server.url + target, headers={"accept": "text/html"}, timeout=300, follow_redirects=True
            )
            assert answer.status_code == 200, target


def test_other_cases_on_the_same_pages_are_shown(site_server: Server) -> None:
    page = get_page(site_server, "/id/case-CM15-9990006")
    others = page.one("h2", id="others")
    assert others.text == "Other cases on the same pages and sections"
    items = [target for node in page.all("ul", "others") for target in node.links()]
    assert items
    assert not [target for target in items if target.startswith("/id/case-CM15-9990006")]
    place = next(node.one("a")["href"] for node in page.all("h3") if node.links())
    for target in page.all("ul", "others")[0].links():
        case = get_page(site_server, target.rpartition("-item-")[0])
        assert place in case.one("section", "item", id="item-" + target.rpartition("-item-")[2]).links()


def test_twenty_one_items_have_a_table_of_contents(site_server: Server) -> None:
    page = get_page(site_server, "/id/case-CM16-9990321")
    contents = page.one("ol", "items")
    assert list(contents.links()) == [f"#item-{n}" for n in range(1, 22)]
    assert len(page.all("section", "item")) == 21
    assert "21 disputed items: the denial of 7 was overturned, of 14 upheld" in page.one("p", "lead").text
    assert not get_page(site_server, "/id/case-CM16-9990008").all("ol", "items")


def test_two_letters_of_one_number_know_of_each_other(site_server: Server, site_store: Path) -> None:
    first, second = (name_of(key) for key in keys_of(site_store) if key.startswith("CM16-9990323"))
    for one, other in ((first, second), (second, first)):
        page = get_page(site_server, f"/id/{one}")
        assert f"/id/{other}" in page.one("p", "warning").links()
        assert page.one("h1").text.startswith("CM16-9990323: ")
    assert not get_page(site_server, "/id/case-CM16-9990321").all("p", "warning")


def test_a_letter_without_a_number_says_so(site_server: Server, site_store: Path) -> None:
    store = open_store(site_store)
    fragments = [key for key in keys_of(site_store) if determination_of(store, key).case_number is None]
    assert len(fragments) > 1
    undated = 0
    for key in fragments:
        page = get_page(site_server, f"/id/{name_of(key)}")
        assert page.one("h1").text.startswith(f"Letter {key} without a case number: ")
        assert page.all("section", "item")
        undated += "The letter gives no date for: date of injury; utilization review date" in page.text
    assert undated


def test_passages_that_were_not_understood_are_shown(site_server: Server) -> None:
    page = get_page(site_server, "/id/case-CM16-9990325")
    lost = page.one("ul", "lost")
    assert lost.text == "item 1, claims administrator: Decision was made in accordance with Zzyx 9"
    [target] = lost.links()
    assert page.one(id=target[1:]).classes == {"lost"}
    assert page.one(id=target[1:]).raw == "Decision was made in accordance with Zzyx 9"


def test_corrected_facts_say_by_whom_and_why(site_server: Server) -> None:
    page = get_page(site_server, "/id/case-CM16-9990324")
    verdict = page.one("section", "item").one(class_="verdict")
    assert verdict.text == "Overturned read as upheld, corrected by A. Reader"
    assert not [node for node in verdict.all("a") if node["href"].startswith("#at-")]  # no words say so
    treatments = page.one("section", "item").one("dl").text
    assert "Acupuncture, Magnetic resonance imaging" in treatments
    assert "acupuncture added, corrected by A. Reader" in treatments
    listed = page.one("ul", "corrections").all("li")
    assert len(listed) == 3
    by_field = {li.one("strong").text: li for li in listed}
    decision = by_field["item 1: decision"]
    assert decision.text.endswith("A. Reader, May 4, 2020: The letter says <b>Overturned</b>. · as data")
    assert (decision.one("del").text, decision.one("ins").text) == ("upheld", "overturned")
    assert by_field["application received"].one("ins").text == "2016-12-03"
    # Their own addresses lead here.
    for link in [node["href"] for node in page.all("a") if node["href"].startswith("#correction-")]:
        answer = httpx.get(f"{site_server.url}/id/case-CM16-9990324-{link[1:]}", headers={"accept": "text/html"})
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/id/case-CM16-9990324{link}"
        assert page.one(id=link[1:]).tag == "li"


@pytest.mark.parametrize("part", ["item-2", "item-2-citation-1", "reviewer"])
def test_what_belongs_to_a_case_leads_to_its_place_there(site_server: Server, part: str) -> None:
    address = f"{site_server.url}/id/case-CM16-9990321-{part}"
    page = httpx.get(address, headers={"accept": "text/html"})
    assert (page.status_code, page.headers["location"]) == (303, f"/id/case-CM16-9990321#{part}")
    assert get_page(site_server, "/id/case-CM16-9990321").one(id=part)
    data = httpx.get(address, headers={"accept": "text/turtle"})
    assert (data.status_code, data.headers["content-type"]) == (200, "text/turtle")
    assert f"case-CM16-9990321-{part}" in data.text


def test_a_letter_leads_to_its_case(site_server: Server, site_store: Path) -> None:
    d = determination_of(open_store(site_store), "CM16-9990321")
    address = f"{site_server.url}/id/{terms.local_name(terms.letter_iri(d.sha256))}"
    assert httpx.get(address).headers["location"] == "/id/case-CM16-9990321#letter"
    assert d.sha256 in httpx.get(f"{address}.ttl").text


def test_a_hostile_letter_is_shown_as_it_is_and_does_nothing(site_server: Server) -> None:
    answer = httpx.get(f"{site_server.url}/id/case-CM16-9990322", headers={"accept": "text/html"})
    page = parsed(answer.text)
    scripts = [node for node in page.all("script") if node.attributes.get("type") != "application/ld+json"]
    assert all(node["src"].startswith("/static/") for node in scripts)
    allowed = {"/static/icon.svg"}
    assert {node["src"] for node in page.all("img")} == allowed
    assert [name for node in page.walk() for name in node.attributes if name.startswith("on") or name == "style"] == []
    assert "<script>alert('letter')</script>" in page.one(id="letter").raw
    assert 'knee "><script>alert(4)</script> & more' in page.one("section", "item").one("h2").text
    assert "{{ 7 * 7 }}" in page.text
    assert "\u202e" not in answer.text  # it would turn the words around
    assert "\ufffdgnp.exe\ufffd" in page.text
    assert not re.search(r"[\x00-\x08\x0b\x0e-\x1f]", answer.text)


# Marks


@given(
    st.text(st.sampled_from("ab <&\n\f\u202e😀-"), min_size=1, max_size=60),
    st.lists(st.tuples(st.integers(-2, 65), st.integers(-2, 65)), max_size=12),
)
def test_any_places_can_be_marked_however_they_overlap(text: str, places: list[tuple[int, int]]) -> None:
    kinds = cycle(("value", "passage", "extent"))
    marks = [Highlight(Span(*sorted(place)), f"fact {n}", next(kinds)) for n, place in enumerate(places)]
    page = parsed(f'<div id="letter">{highlight(text, marks)}</div>')
    shown = text.replace("\u202e", "\ufffd")
    assert page.raw == shown
    valid = {(m.span.start, m.span.end) for m in marks if 0 <= m.span.start < m.span.end <= len(text)}
    assert words_of(page) == {f"{start}-{end}": shown[start:end] for start, end in valid}


# In a browser


def _inside(browser: Browser, place: str) -> bool:
    """Return whether words are seen within the letter's box."""
    script = """
        const mark = document.getElementById(arguments[0]).getBoundingClientRect();
        const box = document.getElementById("letter").getBoundingClientRect();
        return mark.top >= Math.max(box.top, 0) - 1 && mark.bottom <= Math.min(box.bottom, innerHeight) + 1;
    """
    return bool(browser.run(script, place))


def test_focus_on_a_fact_lights_its_words_and_brings_them_into_view(site_server: Server, browser: Browser) -> None:
    browser.size(1280, 900)
    browser.open(f"{site_server.url}/id/case-CM16-9990321")
    fact = browser.find("#item-20 h2 .fact")
    place = f"at-{fact.get_attribute('data-at')}"
    assert not _inside(browser, place)
    browser.run("arguments[0].querySelector('a').focus({preventScroll: true})", fact)
    browser.wait(lambda: _inside(browser, place))
    mark = browser.find(f"[id='{place}']")
    assert "lit" in mark.get_attribute("class").split()
    assert mark.text == fact.text
    assert browser.run("return scrollY") == 0  # only the letter moves
    browser.run("document.activeElement.blur()")
    assert browser.run("return document.querySelectorAll('.lit').length") == 0


def test_pointing_at_a_fact_lights_its_words_and_at_words_their_facts(site_server: Server, browser: Browser) -> None:
    browser.size(1280, 900)
    browser.open(f"{site_server.url}/id/case-CM16-9990008")
    fact = browser.find("#facts dd .fact[data-at]")
    mark = browser.find(f"[id='at-{fact.get_attribute('data-at')}']")
    ActionChains(browser.driver).move_to_element(fact).perform()
    browser.wait(lambda: "lit" in mark.get_attribute("class").split())
    ActionChains(browser.driver).move_to_element(mark).perform()
    browser.wait(lambda: "lit" in fact.get_attribute("class").split())


@pytest.mark.parametrize("on", [True, False], ids=["with a script", "without"])
@pytest.mark.parametrize("width", [390, 1280])
def test_a_fact_leads_to_its_words(site_server: Server, browser: Browser, width: int, on: bool) -> None:
    browser.size(width, 844)
    browser.scripts(on=on)
    try:
        browser.open(f"{site_server.url}/id/case-CM16-9990321")
        assert browser.overflow() <= 0
        link = browser.find("#item-12 h2 a.said")
        place = link.get_attribute("hash").removeprefix("#")
        link.click()
        browser.wait(lambda: _inside(browser, place))
        assert browser.find(f"[id='{place}']").value_of_css_property("outline-style") == "solid"
        if width == 390:
            back = browser.find("a.back")
            assert back.is_displayed()
            back.click()
            browser.wait(lambda: browser.run("return scrollY") < 200)
    finally:
        browser.scripts(on=True)


def test_nothing_on_the_page_is_refused_by_the_security_policy(site_server: Server, browser: Browser) -> None:
    browser.complaints()
    browser.requests()
    for name in ("case-CM16-9990322", "case-CM16-9990324", "scheme-specialties"):
        browser.open(f"{site_server.url}/id/{name}")
        assert browser.complaints() == []
    assert {url.partition("/id/")[0].partition("/static/")[0] for url in browser.requests()} == {site_server.url}


def test_a_phone_shows_a_case_folded_with_the_letter_at_hand(browser: Browser, site_server: Server) -> None:
    browser.size(390)
    browser.open(f"{site_server.url}/id/case-CM16-9990321")
    folded = "return [...document.querySelectorAll('[data-fold]')].map(one => one.open)"
    browser.wait(lambda: not any(browser.run(folded)))
    tall = browser.run("return document.documentElement.scrollHeight")
    link = browser.find(".to-letter a")
    assert link.is_displayed()
    assert browser.run("return document.querySelector('.to-letter a').getBoundingClientRect().top") < 900
    browser.run("document.querySelector('.item details').open = true")
    assert browser.find(".item .parties").is_displayed()
    browser.size(1280)
    browser.wait(lambda: all(browser.run(folded)))
    assert not browser.find(".to-letter a").is_displayed()
    browser.size(390)
    browser.wait(lambda: not any(browser.run(folded)))
    browser.run("document.querySelectorAll('[data-fold]').forEach(one => one.open = true)")
    assert browser.run("return document.documentElement.scrollHeight") > 1.5 * tall
