"""What pages say for those who cite, preview and list them, in their heads and in words to be copied."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx
import pytest

from imr_graph.graph.reading import determination_of
from imr_graph.labels import format_date
from imr_graph.store.graph_store import open_store
from imr_graph.store.texts import digest_of
from imr_graph.website.citations import PUBLISHER, STATE_SEARCH
from support.browser import Browser
from support.endpoint_server import Server
from support.markup import Node
from support.site_pages import PAGES, REFUSED
from support.site_server import get_page

CASE = "CM16-9990321"


def meta(page: Node, name: str) -> str:
    of = ("name", "property")
    found = [node["content"] for node in page.all("meta") if name in map(node.attributes.get, of)]
    assert len(found) == 1, f"{name}: {found}"
    return found[0]


# What is shown in pages of others has no head of its own for previews.
@pytest.mark.parametrize("name", [name for name in PAGES if not name.startswith("embedded")])
def test_every_page_has_a_description_and_a_preview(site_server: Server, name: str) -> None:
    path = PAGES[name](site_server)
    answer = httpx.get(f"{site_server.url}{path}", headers={"accept": "text/html"}, follow_redirects=True)
    page = get_page(site_server, answer.url.raw_path.decode(), REFUSED.get(name, 200))
    assert 30 < len(meta(page, "description")) <= 300
    assert meta(page, "og:description") == meta(page, "description")
    assert meta(page, "og:title") in page.one("title").text
    assert meta(page, "twitter:card") == "summary"
    canonical = [node["href"] for node in page.all("link", rel="canonical")]
    assert canonical or name in REFUSED
    for address in canonical:
        assert address.startswith(site_server.url)
        assert httpx.get(address, headers={"accept": "text/html"}).status_code == 200
    for script in page.all("script", type="application/ld+json"):
        assert json.loads(script.raw)["@context"] == "https://schema.org"


@pytest.mark.parametrize(
    ("path", "canonical"),
    [
        (f"/id/case-{CASE}.html", f"/id/case-{CASE}"),
        ("/id/treatment-mri?around=treatment-acupuncture", "/id/treatment-mri"),
        ("/questions/overturn-rate-by-year?minimum=2&offset=0&sort=year", "/questions/overturn-rate-by-year?minimum=2"),
        ("/statistics?minimum=1&by=year", "/statistics?figure=shares&by=year&level=item&on=guideline"),
    ],
)
def test_a_page_has_one_address_under_which_it_is_cited(site_server: Server, path: str, canonical: str) -> None:
    page = get_page(site_server, path)
    assert page.one("link", rel="canonical")["href"] == f"{site_server.url}{canonical}"
    assert meta(page, "og:url") == f"{site_server.url}{canonical}"


def test_a_case_and_its_items_are_cited_with_their_publisher(site_server: Server, site_store: Path) -> None:
    d = determination_of(open_store(site_store), CASE)
    page = get_page(site_server, f"/id/case-{CASE}")
    assert d.dates.decided
    words = {block["data-name"]: block.one("p", "words").text for block in page.all("div", "to-copy")}
    decided = format_date(d.dates.decided)
    for name in ("Citation of the case", "Citation of item 3"):
        for said in (f"Case Number {CASE} ({decided})", PUBLISHER, STATE_SEARCH, f"{site_server.url}/id/case-{CASE}"):
            assert said in words[name]
    assert f"item 3 ({d.items[2].service}): overturned" in words["Citation of item 3"]
    assert words["Citation of item 3"].endswith(f"/id/case-{CASE}#item-3")
    quoted = [text for name, text in words.items() if name.startswith("Rationale")]
    assert quoted[2] == f"“{' '.join((d.items[2].rationale or '').split())}” {words['Citation of item 3']}"
    about = json.loads(page.one("script", type="application/ld+json").raw)
    assert (about["identifier"], about["dateCreated"]) == (CASE, d.dates.decided.isoformat())
    assert "overturned" in meta(page, "description")


@pytest.mark.parametrize(
    "path", ["/statistics?by=year", "/id/treatment-mri", "/precedents?q=MRI", "/questions/overturn-rate-by-year"]
)
def test_a_figure_is_cited_with_its_data_and_address(site_server: Server, path: str) -> None:
    page = get_page(site_server, path)
    (words,) = [block.one("p", "words").text for block in page.all("div", "to-copy")]
    assert re.search(r"data of [A-Z][a-z]+ \d+, 20\d\d \(generation \d+\)", words)
    assert words.endswith(page.one("link", rel="canonical")["href"])


def test_words_of_letters_end_no_script(site_server: Server) -> None:
    page = get_page(site_server, "/id/case-CM16-9990322")
    assert "<b onmouseover" in meta(page, "description")
    assert json.loads(page.one("script", type="application/ld+json").raw)["identifier"] == "CM16-9990322"


def test_the_letter_comes_as_a_text_that_says_what_it_is(site_server: Server, site_store: Path) -> None:
    page = get_page(site_server, f"/id/case-{CASE}")
    (address,) = [target for target, words in page.links().items() if words == "The text as a file"]
    answer = httpx.get(f"{site_server.url}{address}")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="case-{CASE}.txt"'
    head, _, text = answer.content.decode().partition(f"{'-' * 72}\n")
    assert digest_of(text) == determination_of(open_store(site_store), CASE).sha256
    assert f"Case Number {CASE}" in head
    assert digest_of(text) in head
    for path, status in (("/id/case-CM99-0000000/letter.txt", 404), ("/id/treatment-mri/letter.txt", 404)):
        assert httpx.get(f"{site_server.url}{path}").status_code == status


def test_a_button_copies_what_is_cited(site_server: Server, browser: Browser) -> None:
    browser.open(f"{site_server.url}/id/case-{CASE}")
    browser.find("details.citing summary").click()
    button = browser.find("details.citing .to-copy button")
    assert button.text.startswith("Copy")
    button.click()
    browser.wait(lambda: browser.find("details.citing .to-copy button").text.startswith(("Copied", "Marked")))
    words = browser.find("details.citing .words").text
    shown = browser.run("return getSelection().toString()")
    assert button.text.startswith("Copied") or shown == words
    assert not browser.complaints()


def test_what_is_cited_is_there_without_a_script(site_server: Server, browser: Browser) -> None:
    browser.scripts(on=False)
    browser.open(f"{site_server.url}/id/case-{CASE}")
    browser.find("details.citing summary").click()
    assert CASE in browser.find("details.citing .words").text
    assert not browser.driver.find_elements("css selector", ".to-copy button")
    browser.scripts(on=True)
