"""The search page: hits, filters, facets and files, all by addresses that can be shared, whatever is typed."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from starlette.datastructures import QueryParams

from imr_graph import vocabulary
from imr_graph.analysis.search.search import search
from imr_graph.analysis.statistics.overturn_rates import overturn_rates
from imr_graph.errors import UsageError
from imr_graph.store.graph_store import GraphStore, open_store
from imr_graph.store.table import open_table
from imr_graph.table.dimensions import DIMENSIONS
from imr_graph.website.pages import search as searching
from imr_graph.website.search_request import FACETS, OTHERS, SearchRequest, read_search
from support.browser import Browser
from support.endpoint_server import Server
from support.markup import Node
from support.site_server import get_page, keys_of


@pytest.fixture(scope="module")
def store(site_store: Path) -> GraphStore:
    """Return the store that is served."""
    return open_store(site_store)


def found(page: Node) -> list[str]:
    """Return the addresses of the hits of a page."""
    lists = page.one("section", "hits").all("ol")
    return [one.one("h3").one("a")["href"] for one in lists[0].all("li")] if lists else []


def addressed(hits: object) -> list[str]:
    return [f"/id/case-{hit.case}" + (f"#item-{hit.position}" if hit.position else "") for hit in hits]  # type: ignore[attr-defined]


def facet(page: Node, name: str) -> dict[str, tuple[int, str]]:
    """Return what a facet of a page shows: count and address by label."""
    section = page.one("section", "facet", aria_labelledby=f"facet-{name}")
    return {
        link.one("span", "name").text.removeprefix("Take away: ").removeprefix("✓ "): (
            int(link.one("span", "count").text.replace(",", "")),
            link["href"],
        )
        for link in section.all("li")
        for link in link.all("a")
    }


@pytest.mark.parametrize(
    ("address", "text", "filters"),
    [
        ("/search?q=mri", "mri", {}),
        (
            "/search?q=%22medically+necessary%22&decision=overturned",
            '"medically necessary"',
            {"decision": "overturned"},
        ),
        ("/search?q=thera*+OR+mri&year=2016&year=2017", "thera* OR mri", {"year": ["2016", "2017"]}),
        ("/search?treatment=MRI", "", {"treatment": "mri"}),
        ("/search?q=rationale:necessary&state=California", "rationale:necessary", {"state": "US-CA"}),
        ("/search", "", {}),
        ("/search?q=&decision=&utm=x", "", {}),
    ],
)
def test_the_hits_are_those_of_the_library(
    site_server: Server, store: GraphStore, address: str, text: str, filters: dict[str, str]
) -> None:
    page, wanted = get_page(site_server, address), search(store, text, filters, limit=20)
    assert found(page) == addressed(wanted.hits)
    assert wanted.total > 0
    assert page.one("h2", id="count").text.startswith(f"{wanted.total:,} disputed item")
    for hit, entry in zip(wanted.hits, page.one("section", "hits").one("ol").all("li"), strict=True):
        marked = {text for snippet in hit.snippets for text, was_found in snippet.pieces if was_found}
        assert {mark.text for mark in entry.all("mark")} == {" ".join(text.split()) for text in marked}


def test_a_hit_leads_to_its_item(site_server: Server) -> None:
    address = found(get_page(site_server, "/search?q=knee"))[0]
    case, _, place = address.partition("#")
    assert get_page(site_server, case).all(id=place), address


def test_pages_of_hits_lead_on_and_back(site_server: Server, store: GraphStore) -> None:
    seen: list[str] = []
    address = "/search?q=necessary&decision=upheld"
    total = search(store, "necessary", {"decision": "upheld"}).total
    while address:
        page = get_page(site_server, address)
        seen += found(page)
        onwards = page.all("a", rel="next")
        if back := page.all("a", rel="prev"):
            assert found(get_page(site_server, back[0]["href"])) == seen[-len(found(page)) - 20 : -len(found(page))]
        address = onwards[0]["href"] if onwards else ""
    assert len(seen) == len(set(seen)) == total


def test_facets_count_and_lead_to_what_they_count(site_server: Server, store: GraphStore) -> None:
    page = get_page(site_server, "/search?q=pain")
    wanted = search(store, "pain", facets=FACETS).facets
    for name in FACETS:
        shown = facet(page, name)
        assert shown, name
        counts = {f.value.label: f.count for f in wanted[name]}
        if name == "decision":
            counts = {label.capitalize(): count for label, count in counts.items()}
        assert {label: count for label, (count, _) in shown.items()}.items() <= counts.items()
        label, (count, address) = next(iter(shown.items()))
        narrowed = get_page(site_server, address)
        assert narrowed.one("h2", id="count").text.startswith(f"{count:,} disputed item"), (name, label)


def test_a_facet_opens_to_all_its_values(site_server: Server, store: GraphStore) -> None:
    page = get_page(site_server, "/search?q=pain")
    section = page.one("section", "facet", aria_labelledby="facet-treatment")
    more = section.one("a", "open")
    opened = get_page(site_server, more["href"].partition("#")[0])
    wanted = search(store, "pain", facets=["treatment"]).facets["treatment"]
    assert len(facet(opened, "treatment")) == len(wanted) > len(facet(page, "treatment"))
    closed = opened.one("section", "facet", aria_labelledby="facet-treatment").one("a", "open")["href"]
    assert closed.partition("#")[0] == "/search?q=pain"


def test_further_facets_are_one_click_away(site_server: Server, store: GraphStore) -> None:
    page = get_page(site_server, "/search?q=pain")
    for address, title in page.one("section", "facet", aria_labelledby="more-facets").links().items():
        name = parse_qs(urlsplit(address).query)["count"][0]
        assert name in OTHERS
        assert title == DIMENSIONS[name].title
        opened = get_page(site_server, address.partition("#")[0])
        section = opened.one("section", "facet", aria_labelledby=f"facet-{name}")
        wanted = search(store, "pain", facets=[name]).facets[name]
        shown, counts = ([node.text for node in section.all("span", "count")], [f"{each.count:,}" for each in wanted])
        if len(DIMENSIONS[name].choices) > 2:  # ranges stand in their order, not the most frequent first
            assert sorted(shown) == sorted(counts)
        else:
            assert shown == counts[:300]


def test_what_only_letters_know_has_the_name_that_they_print(site_server: Server, site_store: Path) -> None:
    with open_table(site_store) as table:
        sections = [group.values[0] for group in overturn_rates(table, "section").groups]
    unknown = next(value for value in sections if value.iri and not vocabulary.load().concept(value.iri))
    page = get_page(site_server, f"/search?{urlencode({'section': unknown.id, 'count': 'section'})}")
    assert unknown.label in facet(page, "section")
    assert unknown.label in page.one("ul", "set").text


def test_where_very_many_fit_facets_wait_to_be_opened(site_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from imr_graph.analysis.search import compiled_search as library
    from imr_graph.live_store import StoreSnapshot

    monkeypatch.setattr(library, "_FEW", 3)
    monkeypatch.setattr(library, "_AFFORDED", 0)
    groups = searching._find(StoreSnapshot(site_store), SearchRequest("pain", counted=("year",)))["facets"]
    assert {group.name for group in groups if group.choices is None} == set(FACETS) - {"year"} | set(OTHERS)
    opened = next(group for group in groups if group.name == "year")
    assert opened.choices
    assert opened.opened
    closed = next(group for group in groups if group.name == "state")
    assert closed.address == "/search?q=pain&count=year&count=state"


def test_filters_are_chips_that_take_themselves_away(site_server: Server) -> None:
    page = get_page(site_server, "/search?q=pain&decision=upheld&treatment=mri&treatment=acupuncture&since=2014-01-01")
    chips = {link.text: link["href"] for link in page.one("ul", "set").all("a", "chip")}
    assert chips["Take away: Treatment: Magnetic resonance imaging ×"] == (
        "/search?q=pain&decision=upheld&treatment=acupuncture&since=2014-01-01"
    )
    assert chips["Take away: Decided from: 2014-01-01 ×"].endswith("&treatment=mri&treatment=acupuncture")
    assert chips["Take all away"] == "/search?q=pain"
    kept = {(node["name"], node["value"]) for node in page.one("form", "ask").all("input", type="hidden")}
    assert kept == {("decision", "upheld"), ("treatment", "mri"), ("treatment", "acupuncture")}


def test_the_order_is_that_asked_for(site_server: Server, store: GraphStore) -> None:
    page = get_page(site_server, "/search?q=knee&sort=newest")
    assert found(page) == addressed(search(store, "knee", sort="newest", limit=20).hits)
    assert [
        node["value"] for node in page.one("select", id="field-sort").all("option") if "selected" in node.attributes
    ] == ["newest"]


@pytest.mark.parametrize(
    ("query", "words", "near"),
    [
        ({"q": '"pain'}, "close it", None),
        ({"q": "pain OR"}, "words on both sides", None),
        ({"q": "x" * 2000}, "leave words out", None),
        ({"treatment": "naproxne"}, "no treatment 'naproxne'", "naproxen"),
        ({"state": "Califronia"}, "no state", "California"),
        ({"year": "16"}, "such as 2016", None),
        ({"since": "yesterday"}, "not a date", None),
        ({"since": "2017-01-01", "until": "2016-01-01"}, "exchange the two", None),
        ({"offset": "-1"}, "whole number", None),
        ({"sort": "newst"}, "no order", None),
    ],
)
def test_what_cannot_be_searched_says_what_to_try(
    site_server: Server, query: dict[str, str], words: str, near: str | None
) -> None:
    page = get_page(site_server, f"/search?{urlencode(query)}", 400)
    alert = page.one("div", "warning", role="alert")
    assert words in alert.text
    assert page.one("input", id="q")["value"] == query.get("q", "")[:200]
    if near:
        address = next(target for target, name in alert.links().items() if name == near)
        get_page(site_server, address)


def test_nothing_found_says_what_to_try(site_server: Server) -> None:
    page = get_page(site_server, "/search?q=xyzzy&decision=upheld")
    assert page.one("h2", id="count").text == "Nothing was found for “xyzzy”"
    words = page.one("section", "hits").text
    assert "Take a filter away" in words
    assert "fewer words" in words
    assert page.all("aside") == []


def test_a_page_behind_the_last_leads_back(site_server: Server) -> None:
    page = get_page(site_server, "/search?q=mri&offset=99999")
    assert page.one("section", "hits").links()["/search?q=mri"] == "The first page"


def test_names_lead_to_their_pages(site_server: Server) -> None:
    page = get_page(site_server, "/search?q=Valium")
    assert page.one("nav", "suggested").links()["/id/treatment-diazepam"] == "Treatment diazepam"
    assert get_page(site_server, "/search?q=CM99-9999999").all("nav", "suggested") == []
    assert get_page(site_server, "/search?q=the").all("nav", "suggested") == []


def test_a_case_number_leads_to_the_case_however_it_is_written(site_server: Server, site_store: Path) -> None:
    case = next(key for key in keys_of(site_store) if key.startswith("CM") and keys_of(site_store).count(key) == 1)
    letters, digits = case.split("-")
    forms = (case, case.lower(), letters + digits, f"{letters} {digits}", f"{letters[2:]}-{digits}", digits)
    for written in forms:
        answer = httpx.get(f"{site_server.url}/search", params={"q": written}, headers={"accept": "text/html"})
        assert (answer.status_code, answer.headers["location"]) == (303, f"/id/case-{case}"), written
    for written in forms:
        for begin in ("case-", ""):
            answer = httpx.get(
                f"{site_server.url}/id/{begin}{written}", headers={"accept": "text/html"}, follow_redirects=True
            )
            assert (answer.status_code, answer.url.path) == (200, f"/id/case-{case}"), written


def test_a_search_says_what_its_words_were_taken_for(site_server: Server, store: GraphStore) -> None:
    page = get_page(site_server, "/search?q=PT")
    said = page.one("section", "understood")
    found = search(store, "PT")
    assert "“PT” as Physical therapy" in said.text
    assert found.requests > 1
    assert f"The {found.requests} requests for it come first" in said.text
    addresses = said.links()
    only = next(target for target, name in addresses.items() if name == "Only these requests")
    assert get_page(site_server, only).one("h2", id="count").text.startswith(f"{found.requests} disputed item")
    words = next(target for target, name in addresses.items() if name == "Search for the words only")
    assert get_page(site_server, words).all("section", "understood") == []
    assert page.one("nav", "suggested").links()["/id/treatment-physical-therapy"] == "Treatment Physical therapy"
    none = get_page(site_server, "/search?q=fludrocortisone").one("section", "understood")
    assert "None of these letters decides such a request." in none.text
    both = get_page(site_server, "/search?q=fludrocortisone+knee").one("section", "understood")
    assert both.links()["/search?q=knee"] == "“knee”"
    relaxed = get_page(site_server, "/search?q=PT+xyzzy").one("section", "understood")
    assert "some of these left out: “xyzzy”" in relaxed.text


def test_what_is_asked_in_words_leads_to_its_page(site_server: Server) -> None:
    page = get_page(site_server, "/search?q=how+often+is+MRI+overturned")
    shares = next(to for to, name in page.one("main").links().items() if name == "Statistics: overturned by year")
    assert shares == "/statistics?by=year&treatment=mri"
    get_page(site_server, shares)
    code = get_page(site_server, "/search?q=M54.5").one("section", "hits").text
    assert "No letter here prints this code" in code
    assert "prints this code" not in get_page(site_server, "/search?q=xyzzy").one("section", "hits").text


def test_only_what_was_meant_is_offered_as_a_page(site_server: Server) -> None:
    for words in ("CPAP", "2017", "because", "the"):
        assert get_page(site_server, f"/search?q={words}").all("nav", "suggested") == [], words
    begun = get_page(site_server, "/search?q=magnetic").one("nav", "suggested")
    assert begun.links()["/id/treatment-mri"] == "Treatment Magnetic resonance imaging"


def test_keys_reach_the_filters_at_once(site_server: Server) -> None:
    page = get_page(site_server, "/search?q=mri")
    skips = [link["href"] for link in page.all("a", "skip")]
    assert skips == ["#main", "#narrow"]
    assert page.all(id="narrow")
    assert [link["href"] for link in get_page(site_server, "/search?q=xyzzy").all("a", "skip")] == ["#main"]


def test_a_misspelled_filter_in_the_words_leads_to_the_one_that_was_meant(site_server: Server) -> None:
    for written, meant in (("mri speciality:x", "specialty"), ("mri specialty:pain", "Pain")):
        alert = get_page(site_server, f"/search?{urlencode({'q': written})}", 400).one("div", "warning", role="alert")
        address = next(to for to, name in alert.links().items() if meant in name)
        assert meant in parse_qs(urlsplit(address).query)["q"][0]
    get_page(site_server, address)


def test_all_hits_come_as_files(site_server: Server, store: GraphStore) -> None:
    page = get_page(site_server, "/search?q=pain&decision=overturned")
    files = {name: target for target, name in page.one("p", "formats").links().items()}
    wanted = search(store, "pain", {"decision": "overturned"}, limit=200)
    answer = httpx.get(f"{site_server.url}{files['CSV']}")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["case"], row["item"]) for row in rows] == [(hit.case, str(hit.position or "")) for hit in wanted.hits]
    place = rows[0]["iri"].replace("https://w3id.org/imr-graph", site_server.url)
    assert httpx.get(place, follow_redirects=True).status_code == 200
    data = json.loads(httpx.get(f"{site_server.url}{files['JSON']}").text)
    assert (data["total"], len(data["hits"])) == (wanted.total, wanted.total)
    whole = json.loads(httpx.get(f"{site_server.url}/search.json").text)
    assert len(whole["hits"]) == whole["total"] > 200
    assert httpx.get(f"{site_server.url}/search.csv?q=(").status_code == 400


def test_a_file_of_hits_tells_what_the_table_tells(site_server: Server, site_store: Path) -> None:
    data = httpx.get(f"{site_server.url}/search.json?q=mri").json()
    assert data["understood"] == [{"written": "mri", "as": "Magnetic resonance imaging"}]
    with open_table(site_store) as table:
        columns = "treatments, reviewer_specialties, reviewer_states, reasons, rationale, service"
        known = {row[:2]: row[2:] for row in table.rows(f"select case_key, position, {columns} from items")}
    for hit in data["hits"]:
        treatments, specialties, states, reasons, rationale, service = known[hit["case"], hit["item"]]
        assert (hit["treatment_ids"], hit["specialties"]) == (treatments, specialties)
        assert (hit["reason_ids"], hit["rationale"], hit["service"]) == (reasons, rationale, service)
        assert len(hit["states"]) == len(states)
        assert hit["treatments"] == [vocabulary.load().treatments[id].label for id in treatments]


def test_old_addresses_of_files_lead_on(site_server: Server) -> None:
    answer = httpx.get(f"{site_server.url}/search?q=pain&year=2016&format=csv")
    assert (answer.status_code, answer.headers["location"]) == (308, "/search.csv?q=pain&year=2016")


HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}",
    "'; drop table entry; --",
    "\u202eknee",
    "a\x00b",
    "é" * 300,
    '"a" NEAR "b"',
    "marks : x1",
    "heading:*",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_is_typed_stays_text(site_server: Server, text: str) -> None:
    answer = httpx.get(
        f"{site_server.url}/search", params={"q": text, "treatment": []}, headers={"accept": "text/html"}
    )
    assert answer.status_code in (200, 400)
    page = get_page(site_server, f"/search?{urlencode({'q': text})}", answer.status_code)
    assert page.one("main").all("script") == []
    assert page.one("main").all("img") == []
    assert "49" not in page.one("h1").text
    refused = get_page(site_server, f"/search?{urlencode({'treatment': text})}", 400)
    assert refused.one("main").all("script") == []


def test_what_letters_say_stays_text(site_server: Server) -> None:
    page = get_page(site_server, "/search?q=onmouseover")
    assert "<b onmouseover" in page.one("section", "hits").text
    assert page.one("section", "hits").all("b") == []


def test_equal_searches_have_one_address() -> None:
    one = read_search(QueryParams("year=2016&q=a++b&decision=upheld&year=2017&offset=0&sort=relevance&x=1"))
    assert one.address == "/search?q=a+b&decision=upheld&year=2016&year=2017"
    assert read_search(QueryParams(urlsplit(one.address).query)) == one
    assert parse_qs(urlsplit(one.with_value("state", "US-CA").at_offset(40).address).query)["offset"] == ["40"]
    assert one.at_offset(40).without_value("year", "2016").offset == 0, "a changed search begins at its first page"
    with pytest.raises(UsageError, match="filters"):
        read_search(QueryParams("&".join(f"year={year}" for year in range(1900, 1999))))


def test_a_search_needs_no_script(site_server: Server, browser: Browser) -> None:
    browser.size(1280)
    browser.scripts(on=False)
    try:
        browser.open(f"{site_server.url}/")
        box = browser.find("form.big input")
        box.send_keys("knee")
        box.submit()
        browser.find(".facet a[href*='decision=upheld']").click()
        assert "decision=upheld" in browser.driver.current_url
        assert browser.find("#count").text.endswith("“knee”")
        browser.find(".chips.set a").click()
        assert browser.driver.current_url == f"{site_server.url}/search?q=knee"
    finally:
        browser.scripts(on=True)
