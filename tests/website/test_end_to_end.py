"""What people do, in a real browser: search, follow citations, ask, edit a query, download; and what the site promises.

No request leaves for another host, no page breaks its own security policy, everything is readable without scripts.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from urllib.parse import quote, unquote, urlsplit

import httpx
import pytest

from support.browser import Browser, browsing
from support.endpoint_server import Server
from support.site_pages import PAGES, REFUSED
from support.waiting import wait_for

# An item, its case, its heading, and the page that it rests on, where many others rest on it as well.
SHARED_PAGE = """SELECT ?case ?heading ?page ?items WHERE {
  { SELECT ?page (COUNT(?other) AS ?items) WHERE { ?other imr:basedOnPage ?page }
    GROUP BY ?page ORDER BY DESC(?items) ?page LIMIT 1 }
  ?item imr:basedOnPage ?page ; imr:heading ?heading . ?case imr:hasDisputedItem ?item
} ORDER BY ?case LIMIT 1"""


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browsing(tmp_path_factory.mktemp("browser")) as browser:
        yield browser


@pytest.fixture
def browser(started: Browser, site_server: Server) -> Iterator[Browser]:
    """Return the browser; whatever a test does, nothing may be fetched from elsewhere or be complained about."""
    started.scripts(on=True)
    started.size(1280)
    started.complaints(), started.requests()
    yield started
    hosts = {urlsplit(url).netloc for url in started.requests()}
    assert hosts <= {urlsplit(site_server.url).netloc}
    assert started.complaints() == []


def name_of(iri: str) -> str:
    return iri.rpartition("/")[2]


def path_of(browser: Browser) -> str:
    return urlsplit(browser.driver.current_url).path


def links(browser: Browser, selector: str) -> list[str]:
    found = browser.run("return [...document.querySelectorAll(arguments[0])].map(one => one.href)", selector)
    return [urlsplit(href).path for href in found]


def test_a_person_finds_a_case_by_searching_and_follows_a_citation_to_others(
    browser: Browser, site_server: Server
) -> None:
    [row] = site_server.ask(SHARED_PAGE).json()["results"]["bindings"]
    case, page = name_of(row["case"]["value"]), name_of(row["page"]["value"])
    browser.open(site_server.url)
    field = browser.find("main input[type=search]")
    field.send_keys(f'"{row["heading"]["value"]}"')
    field.submit()
    browser.wait(lambda: path_of(browser) == "/search")
    assert any(link.startswith(f"/id/{case}") for link in links(browser, ".hits h3 a"))
    browser.find(f'.hits h3 a[href*="{case}"]').click()
    browser.wait(lambda: path_of(browser).startswith(f"/id/{case}"))
    browser.find(f'main a[href^="/id/{page}"]').click()
    browser.wait(lambda: path_of(browser) == f"/id/{page}")
    others = [link for link in links(browser, 'main a[href^="/id/case-"]') if not link.startswith(f"/id/{case}")]
    assert others, "no other case is linked from the page that both cite"
    browser.find(f'main a[href="{others[0]}"]').click()
    browser.wait(lambda: path_of(browser) == others[0].partition("-item-")[0])
    assert browser.find("h1").text


def test_a_person_asks_a_named_question_edits_its_query_and_takes_the_answer_home(
    browser: Browser, site_server: Server
) -> None:
    browser.open(f"{site_server.url}/questions")
    browser.find('main a[href^="/questions/overturn-rate-by-category"]').click()
    browser.wait(lambda: path_of(browser) == "/questions/overturn-rate-by-category")
    field = browser.find("[name=minimum]")
    field.clear()
    field.send_keys("2")
    field.submit()
    browser.wait(lambda: "minimum=2" in browser.driver.current_url)
    shown = browser.wait(lambda: browser.driver.find_elements("css selector", "table.answer tbody tr"))
    browser.run("for (const one of document.querySelectorAll('details')) one.open = true")
    browser.find('main a[href*="/sparql#query="]').click()
    browser.wait(lambda: path_of(browser) == "/sparql")
    browser.wait(lambda: browser.run("return document.body.classList.contains('with-editor')"))
    query = browser.run("return document.getElementById('query').value")
    assert "imr:decision" in query
    assert "VALUES ?minimum { 2 }" in query or '"2"^^' in query
    # The query is edited by typing: at its end, a limit.
    from selenium.webdriver.common.keys import Keys

    browser.run("document.querySelector('#editor').shadowRoot.querySelector('.cm-content').focus()")
    browser.press(Keys.CONTROL + Keys.END, *"\nLIMIT 3 ")
    browser.press(Keys.CONTROL + Keys.ENTER)
    rows = browser.wait(lambda: browser.driver.find_elements("css selector", "#answer tbody tr"))
    assert (len(rows), len(shown) > 3) == (3, True)
    names = [row.find_element("css selector", "td").text for row in rows]
    browser.find("[data-download=csv]").click()
    saved = list(csv.DictReader(io.StringIO(browser.downloaded("answer.csv"))))
    assert [row["categoryLabel"] for row in saved] == names
    assert unquote(browser.driver.current_url).endswith("LIMIT 3 ")


def test_a_file_of_the_data_is_saved(browser: Browser, site_server: Server) -> None:
    wait_for(lambda: "items.csv" in httpx.get(f"{site_server.url}/data/files/SHA256SUMS").text)
    browser.open(f"{site_server.url}/data")
    browser.find('a[href="/data/files/items.csv"]').click()
    text = browser.downloaded("imr-graph-items-1.csv")
    assert text.startswith("case_key,")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_keeps_its_promises(browser: Browser, site_server: Server, name: str) -> None:
    """Nothing from elsewhere, no complaint, one heading and title: the fixture looks at what was fetched."""
    browser.open(f"{site_server.url}{PAGES[name](site_server)}")
    browser.wait(lambda: browser.run("return document.readyState === 'complete'"))
    assert len(browser.driver.find_elements("css selector", "h1")) == 1
    assert browser.driver.title.endswith("imr-graph")
    assert browser.requests()
    refused_alone(browser, name)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_read_without_scripts(browser: Browser, site_server: Server, name: str) -> None:
    address = f"{site_server.url}{PAGES[name](site_server)}"
    browser.scripts(on=False)
    try:
        browser.open(address)
        read = browser.find("main").text
        pages = [one for one in browser.requests() if one.endswith(".js")]
        assert pages == []
    finally:
        browser.scripts(on=True)
    assert len(read) > 60
    refused_alone(browser, name)


def refused_alone(browser: Browser, name: str) -> None:
    """Of a page that refuses, the browser notes the status of the page itself and nothing else."""
    if name in REFUSED:
        address = browser.driver.current_url
        told = f"{address} - Failed to load resource: the server responded with a status of {REFUSED[name]} "
        assert [line[: len(told)] for line in browser.complaints()] == [told]


def test_searching_and_querying_work_without_scripts(browser: Browser, site_server: Server) -> None:
    browser.scripts(on=False)
    try:
        browser.open(f"{site_server.url}/search")
        browser.find("main input[type=search]").send_keys("MRI")
        browser.find("main form button").click()
        browser.wait(lambda: "q=MRI" in browser.driver.current_url)
        assert browser.driver.find_elements("css selector", ".hits h3 a")
        browser.open(f"{site_server.sparql}/examples/overturn-rate-by-year")
        area = browser.find("#query")
        assert area.is_displayed()
        assert not browser.find("#keys").is_displayed()
        browser.find("#format option[value=json]").click()
        browser.find("#ask button").click()
        browser.wait(lambda: '"bindings"' in browser.find("body").text)
    finally:
        browser.scripts(on=True)


def test_a_link_to_a_query_is_never_sent(browser: Browser, site_server: Server) -> None:
    secret = "SELECT ?x WHERE { ?x imr:heading 'private words' }"
    browser.open(f"{site_server.sparql}#query={quote(secret)}")
    browser.wait(lambda: browser.run("return document.getElementById('query').value") == secret)
    assert not [event for event in site_server.events() if "private" in str(event)]
    # The fragment never reaches the server; the address that was asked for is the page's alone.
    assert any(url == site_server.sparql for url in (one.partition("#")[0] for one in browser.requests()))


@pytest.mark.browser
def test_the_browser_tells_of_what_the_policy_refuses(started: Browser, site_server: Server) -> None:
    """Without this a browser that tells nothing would pass all the tests above."""
    started.open(site_server.url)
    started.complaints(), started.requests()
    started.run("document.body.append(Object.assign(document.createElement('style'), {textContent: 'p{}'}))")
    started.run("fetch('http://127.0.0.1:9/elsewhere').catch(() => 0)")
    told: list[str] = []
    started.wait(lambda: told.extend(started.complaints()) or sum("Security Policy" in line for line in told) >= 2)
    started.run(
        "document.body.append(Object.assign(document.createElement('a'), {href: 'http://127.0.0.1:9/', id: 'x'}))"
    )
    started.run("document.getElementById('x').click()")
    started.wait(lambda: any(url == "http://127.0.0.1:9/" for url in started.requests()))
    started.complaints()
