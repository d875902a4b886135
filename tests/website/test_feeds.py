"""Feeds of new decisions: valid by the rules of Atom (RFC 4287), of any search, and not sent twice."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import feedparser  # type: ignore[import-untyped]
import httpx
import pytest

from imr_graph.analysis.search.search import search
from support.endpoint_server import Server
from support.site_server import get_page

ATOM = "{http://www.w3.org/2005/Atom}"
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")  # RFC 3339
# How often an element may stand in a feed and in an entry: at least, at most.
FEED = {"title": (1, 1), "subtitle": (0, 1), "id": (1, 1), "updated": (1, 1), "author": (1, 9), "link": (1, 9)}
ENTRY = {"title": (1, 1), "id": (1, 1), "updated": (1, 1), "summary": (0, 1), "link": (1, 9), "category": (0, 9)}


def check(feed: ET.Element) -> None:
    """Fail where a feed breaks a rule of RFC 4287, section 4."""
    assert feed.tag == f"{ATOM}feed"
    entries = feed.findall(f"{ATOM}entry")
    for parent, allowed in ((feed, {**FEED, "entry": (0, len(entries))}), *((entry, ENTRY) for entry in entries)):
        names = [child.tag.removeprefix(ATOM) for child in parent]
        assert set(names) <= set(allowed)
        for name, (least, most) in allowed.items():
            assert least <= names.count(name) <= most, name
        for name in ("id", "updated", "title"):
            text = parent.findtext(f"{ATOM}{name}") or ""
            assert text.strip(), name
        assert DATE.fullmatch(parent.findtext(f"{ATOM}updated") or "")
        assert urlsplit(parent.findtext(f"{ATOM}id") or "").scheme in ("http", "https")
        links = [(link.get("rel"), link.get("type")) for link in parent.findall(f"{ATOM}link")]
        assert len(set(links)) == len(links), "two alternates of one type"
        assert ("alternate", "text/html") in links
        assert all(urlsplit(link.get("href", "")).netloc for link in parent.findall(f"{ATOM}link"))
    assert ("self", "application/atom+xml") in [(x.get("rel"), x.get("type")) for x in feed.findall(f"{ATOM}link")]
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(
    ("query", "text", "filters"),
    [
        ("", "", {}),
        ("?q=mri+knee&decision=overturned", "mri knee", {"decision": "overturned"}),
        ("?q=onmouseover", "onmouseover", {}),
        ("?q=zzyzx", "zzyzx", {}),
    ],
)
def test_a_search_has_a_feed_of_its_newest_decisions(
    site_server: Server, site_store: Path, query: str, text: str, filters: dict[str, str]
) -> None:
    page = get_page(site_server, f"/search{query}")
    address = page.one("link", type="application/atom+xml")["href"]
    answer = httpx.get(f"{site_server.url}{address}")
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    check(ET.fromstring(answer.content))
    read = feedparser.parse(answer.content)
    assert not read.bozo
    wanted = search(site_store, text, filters, sort="newest", limit=50).hits
    assert [entry.link for entry in read.entries] == [
        f"{site_server.url}/id/case-{hit.case}" + (f"#item-{hit.position}" if hit.position else "") for hit in wanted
    ]
    dated = [entry.updated for entry, hit in zip(read.entries, wanted, strict=True) if hit.decided]
    assert dated == sorted(dated, reverse=True)
    assert all(datetime.fromisoformat(each).tzinfo for each in dated)


def test_a_feed_that_is_known_is_not_sent_again(site_server: Server) -> None:
    address = f"{site_server.url}/search.atom?q=knee"
    first = httpx.get(address)
    for name, value in (
        ("if-none-match", first.headers["etag"]),
        ("if-modified-since", first.headers["last-modified"]),
    ):
        again = httpx.get(address, headers={name: value})
        assert (again.status_code, again.content) == (304, b"")
    assert httpx.get(address, headers={"if-modified-since": "Thu, 01 Jan 1970 00:00:00 GMT"}).status_code == 200
    assert httpx.get(f"{site_server.url}/search.atom?q=(").status_code == 400


def test_the_check_of_feeds_finds_faults() -> None:
    faulty = f'<feed xmlns="{ATOM[1:-1]}"><id>x</id><title>x</title></feed>'
    with pytest.raises(AssertionError):
        check(ET.fromstring(faulty))
