"""Resources of the graph by their addresses: pages and RDF by negotiation, whatever names and headers come."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

import httpx
import pyoxigraph as ox
import pytest
from rdflib import Graph
from rdflib.compare import isomorphic

from imr_graph import iris as terms
from imr_graph import resources as shipped
from imr_graph.store.graph_store import GraphStore, open_store
from imr_graph.website.resources import canonical_name
from imr_graph.website.urls import RDF_TYPES, resource
from support.endpoint_server import Server
from support.letters import HEADER, letter
from support.paths import PROJECT
from support.site_server import build_site_store, get_page, keys_of, serving_site

CASE = "case-CM16-9990321"
KNEE = "region-knee"
MEDIA = {"html": "text/html; charset=utf-8", **RDF_TYPES}
FORMATS = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdf": ox.RdfFormat.RDF_XML,
}


def fetched(server: Server, path: str, accept: str | None = None, **more: object) -> httpx.Response:
    """Return the answer to a GET, redirections not followed."""
    headers = {"accept": accept} if accept is not None else {}
    method = str(more.pop("method", "GET"))
    return httpx.request(method, f"{server.url}{path}", headers={**headers, **more}, timeout=300)  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("text/html", "html"),
        ("text/turtle", "ttl"),
        ("application/ld+json", "jsonld"),
        ("application/n-triples", "nt"),
        ("*/*", "html"),
        ("", "html"),
        ("text/*", "html"),
        ("text/*, text/html;q=0", "ttl"),
        ("application/*", "jsonld"),
        ("text/html;q=0.3, text/turtle;q=0.8", "ttl"),
        ("text/html;q=0.8, text/turtle;q=0.3", "html"),
        ("*/*;q=0.1, application/n-triples", "nt"),
        ("text/html;q=0, */*", "ttl"),
        ("text/html;q=0, text/turtle;q=0, */*;q=0.5", "jsonld"),
        ("application/rdf+xml, application/ld+json;q=0.1", "rdf"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8", "html"),
        ("TEXT/Turtle ; Q=1.0 ; charset=utf-8", "ttl"),
        ("text/turtle;q=rubbish, application/n-triples;q=0.2", "nt"),
    ],
)
@pytest.mark.parametrize("name", [CASE, KNEE])
def test_the_accept_header_chooses_between_page_and_rdf(site_server: Server, name: str, accept: str, form: str) -> None:
    answer = fetched(site_server, f"/id/{name}", accept)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == MEDIA[form]
    assert answer.headers["content-location"] == f"/id/{name}.{form}"
    assert {part.strip() for part in answer.headers["vary"].split(",")} >= {"accept", "accept-encoding"}


@pytest.mark.parametrize("form", MEDIA)
def test_a_suffix_chooses_whatever_the_header_says(site_server: Server, form: str) -> None:
    for accept in ("text/html", "text/turtle", "image/png", None):
        answer = fetched(site_server, f"/id/{KNEE}.{form}", accept)
        assert (answer.status_code, answer.headers["content-type"]) == (200, MEDIA[form])


@pytest.mark.parametrize("form", MEDIA)
def test_each_form_names_the_others(site_server: Server, form: str) -> None:
    links = fetched(site_server, f"/id/{KNEE}.{form}").headers["link"]
    for other, media_type in (("html", "text/html"), *RDF_TYPES.items()):
        expected = f'</id/{KNEE}.{other}>; rel="alternate"; type="{media_type}"'
        assert (expected in links) is (other != form)


def test_the_page_itself_names_its_other_forms(site_server: Server) -> None:
    for name in (CASE, "scheme-specialties"):
        page = get_page(site_server, f"/id/{name}")
        assert {node["href"] for node in page.all("link", rel="alternate")} == {f"/id/{name}.{s}" for s in RDF_TYPES}


@pytest.mark.parametrize("accept", ["image/png", "application/trig", "text/html;q=0", "*/*;q=0"])
def test_nothing_acceptable_is_told_in_a_sentence(site_server: Server, accept: str) -> None:
    answer = fetched(site_server, f"/id/{CASE}", accept)
    assert answer.status_code == 406
    assert answer.headers["content-type"].startswith("text/plain")
    assert "text/html, text/turtle" in answer.text


@pytest.mark.parametrize("path", [f"/id/{CASE}", f"/id/{CASE}.ttl", f"/id/{KNEE}.jsonld", "/id/nonsense", "/"])
def test_head_has_the_headers_of_get_and_no_body(site_server: Server, path: str) -> None:
    got, asked = (fetched(site_server, path, "text/html", method=method) for method in ("GET", "HEAD"))
    assert asked.content == b""
    assert asked.status_code == got.status_code
    for name in ("content-type", "content-length", "etag", "vary", "link", "content-location"):
        assert asked.headers.get(name) == got.headers.get(name), name


def test_each_form_has_an_etag_of_its_own_and_304_where_nothing_changed(site_server: Server) -> None:
    marks = {form: fetched(site_server, f"/id/{KNEE}.{form}").headers["etag"] for form in MEDIA}
    assert len(set(marks.values())) == len(MEDIA)
    for form, mark in marks.items():
        for known in (mark, mark.removeprefix("W/"), f'"x", {mark}', "*"):
            again = fetched(site_server, f"/id/{KNEE}.{form}", **{"if-none-match": known})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", mark)
        other = fetched(site_server, f"/id/{KNEE}.{form}", **{"if-none-match": '"other"'})
        assert other.status_code == 200
    # What a client knows of one form says nothing of another form of the same address.
    answer = fetched(site_server, f"/id/{KNEE}", "text/turtle", **{"if-none-match": marks["html"]})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/turtle")


def _triples(answer: httpx.Response, form: str) -> set[ox.Triple]:
    assert answer.status_code == 200, answer.text
    return {quad.triple for quad in ox.parse(answer.content, FORMATS[form])}


def _graph(triples: set[ox.Triple]) -> Graph:
    return Graph().parse(data=ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES), format="nt")


def _subjects(triples: set[ox.Triple]) -> set[str]:
    return {triple.subject.value for triple in triples}


@pytest.mark.parametrize("form", RDF_TYPES)
def test_the_rdf_of_a_case_is_what_the_store_holds(site_server: Server, site_store: Path, form: str) -> None:
    store = open_store(site_store)
    for key in ("CM16-9990321", "CM16-9990008", keys_of(site_store)[40]):
        name = terms.local_name(terms.case_iri(key))
        query = (shipped.queries() / "case-graph.rq").read_text(encoding="utf-8").replace("EX16-0000001", key)
        expected = set(store.graph.query(query))
        assert len(expected) > 20
        found = _triples(fetched(site_server, f"/id/{name}.{form}"), form)
        assert isomorphic(_graph(found), _graph(expected))


@pytest.mark.parametrize("form", RDF_TYPES)
def test_the_rdf_of_a_concept_is_what_the_store_holds(site_server: Server, site_store: Path, form: str) -> None:
    store = open_store(site_store)
    for name in (KNEE, "treatment-mri", "scheme-specialties", "guideline-mtus-chronic-pain-2009"):
        node = ox.NamedNode(terms.BASE + name)
        stored = {quad.triple for quad in store.graph.quads_for_pattern(node, None, None)}
        assert stored == _triples(fetched(site_server, f"/id/{name}.{form}"), form) != set()


def test_an_item_has_its_citations_and_reasons_with_it(site_server: Server) -> None:
    item = f"{terms.BASE}{CASE}-item-2"
    subjects = _subjects(_triples(fetched(site_server, f"/id/{CASE}-item-2.ttl"), "ttl"))
    assert subjects == {item, f"{item}-citation-1", f"{item}-reason-1"}


def test_json_ld_names_its_context(site_server: Server) -> None:
    found = json.loads(fetched(site_server, f"/id/{CASE}.jsonld").text)
    assert set(found) == {"@context", "@graph"}


def _names(store: GraphStore) -> list[str]:
    """Return names of the data and the vocabularies: one for each class of things, and those that have no class."""
    chosen: dict[str, str] = {}
    rdf_type = ox.NamedNode(f"{terms.RDF}type")
    for quad in store.graph.quads_for_pattern(None, rdf_type, None):
        if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(terms.BASE):
            chosen.setdefault(str(quad.object), quad.subject.value)
    return sorted(terms.local_name(iri) for iri in chosen.values())


def test_every_kind_of_resource_has_a_page_and_rdf(site_server: Server, site_store: Path) -> None:
    names = _names(open_store(site_store))
    assert len(names) > 15
    for name in (*names, "dataset", "dataset-class-Case", "letter-" + "0" * 16):
        answer = httpx.get(f"{site_server.url}/id/{name}", headers={"accept": "text/html"}, follow_redirects=True)
        if name.startswith("letter-0"):
            assert answer.status_code == 404
            continue
        assert answer.status_code == 200, (name, answer.text[:300])
        assert answer.headers["content-type"] == MEDIA["html"], name
        assert _triples(fetched(site_server, f"/id/{name}.nt"), "nt"), name


def test_a_resource_without_a_page_of_its_kind_is_listed_readably(site_server: Server) -> None:
    page = get_page(site_server, "/id/scheme-specialties")
    assert page.one("h1").text == "Reviewer specialties"
    said = dict(zip([dt.text for dt in page.all("dt")], [dd.text for dd in page.all("dd")], strict=True))
    assert said["type"] == "concept scheme"
    assert said["name"] == "Reviewer specialties"
    assert "/id/specialty-family-practice" in page.links()
    product = get_page(site_server, "/id/product-percocet")
    assert {"/id/treatment-oxycodone", "/id/treatment-acetaminophen", "/ontology#DrugProduct"} <= set(product.links())


HOSTILE = [
    "x> <y",
    'x" . ?s ?p ?o . "',
    "x'",
    "a\nb",
    "a\r\nset-cookie: x=1",
    "../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "%00",
    "x\x00y",
    "<script>alert(1)</script>",
    "} UNION { ?s ?p ?o",
    "case-\u202egnp",
    "case-é😀",
    "{{ 7 * 7 }}",
    "%",
    "%zz",
    "case-CM16-9990321#x",
    "case-CM16-9990321?x",
    "case-CM16-9990321-item-99",
    "case-CM16-9990321-item-1-citation-99",
    "case-CM16-9990321-correction-1",
    "case-",
    "-item-1",
    ".ttl",
    "ttl",
    "a" * 301,
    "a" * 20_000,
    "a/b/c/" * 200 + "d",
    "treatment-" + "%41" * 400,
    "page-mtus-chronic-pain-2009-99999999999999999999",
    "section-" + "-" * 250,
]


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: repr(name[:30]))
@pytest.mark.parametrize("suffix", ["", ".ttl", ".html"])
def test_a_hostile_name_is_told_in_a_sentence(site_server: Server, name: str, suffix: str) -> None:
    address = f"/id/{quote(name, safe='')}{suffix}"
    page = fetched(site_server, address, "text/html")
    assert page.status_code == 404, page.text[:300]
    assert "<script>alert" not in page.text
    assert "set-cookie" not in page.headers
    assert "Traceback" not in page.text
    program = fetched(site_server, address, "text/turtle" if suffix == ".html" else "text/turtle, */*;q=0.1")
    assert (program.status_code, program.headers["content-type"]) == (404, "text/plain; charset=utf-8")
    assert program.text.count("\n") == 1


def test_what_is_not_there_is_a_page_for_people_and_a_sentence_for_programs(site_server: Server) -> None:
    page = get_page(site_server, "/id/treatment-no-such-thing", 404)
    assert page.one("h1").text == "Page not found"
    for path, accept in (
        ("/id/no-such-thing", "text/turtle"),
        ("/id/no-such-thing.nt", "*/*"),
        ("/nowhere", "text/csv"),
    ):
        answer = fetched(site_server, path, accept)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "text/plain; charset=utf-8")
    near = get_page(site_server, "/id/case-CM16-9990329", 404)
    assert "Did you mean" in near.text


def test_names_are_the_same_percent_encoded_or_not() -> None:
    assert canonical_name("case-IMR 13-000004") == "case-IMR%2013-000004"
    assert canonical_name("case-a%2fb") == canonical_name("case-a/b") == "case-a%2Fb"
    assert canonical_name("case-50%") == "case-50%25"
    assert canonical_name("case-é") == "case-%C3%A9"
    assert canonical_name("treatment-mri") == "treatment-mri"


def test_links_lead_to_pages_or_out_and_never_to_scripts() -> None:
    base = "https://data.example.org/x/"
    assert resource(f"{base}case-IMR%2013-000004", base) == "/id/case-IMR%2013-000004"
    assert resource(f"{terms.BASE}state-US-CA", base) == "/id/state-US-CA"
    assert resource(terms.term("Upheld")) == "/ontology#Upheld"
    assert resource("https://w3id.org/imr-graph/ontology") == "/ontology"
    assert resource("http://www.w3.org/2004/02/skos/core#broader") == "http://www.w3.org/2004/02/skos/core#broader"
    for iri in ("javascript:alert(1)", "data:text/html,x", "//example.org", "urn:x"):
        assert resource(iri) == "#"


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Server:
    """Return a site over a store with another base, whose cases have names that need encoding."""
    folder = tmp_path_factory.mktemp("elsewhere")
    old = PROJECT / "examples" / "letters" / "CM13-9990001.txt"
    texts = {
        "one": letter(),
        "early": old.read_text(encoding="utf-8").replace("CM13-9990001", "IMR 13-000004"),
        "headless": letter(header=HEADER.partition("\n")[2]),
    }
    store = build_site_store(folder, texts, base="https://data.example.org/imr/")
    with serving_site(store, folder, workers=2) as server:
        yield server


def test_another_base_is_served_by_the_same_addresses(elsewhere: Server) -> None:
    page = get_page(elsewhere, "/id/case-CM16-9990301")
    assert "/id/treatment-mri" in page.links()
    assert not [target for target in page.links() if "data.example.org" in target]
    subjects = _subjects(_triples(fetched(elsewhere, "/id/case-CM16-9990301.ttl"), "ttl"))
    own = tuple(f"https://data.example.org/imr/{start}" for start in ("case-CM16-9990301", "letter-"))
    assert [subject for subject in subjects if not subject.startswith(own)] == []
    for name in ("treatment-mri", "guideline-acoem-knee-complaints-2004", "state-US-TX", "dataset"):
        assert fetched(elsewhere, f"/id/{name}", "text/turtle").status_code == 200, name


def test_a_case_whose_number_has_a_space_is_found_by_its_iri(elsewhere: Server) -> None:
    keys = [
        row["k"]["value"]
        for row in elsewhere.ask("SELECT ?k WHERE { ?c <https://w3id.org/imr-graph/ontology#caseNumber> ?k }").json()[
            "results"
        ]["bindings"]
    ]
    assert "IMR 13-000004" in keys
    for name in ("case-IMR%2013-000004", "case-IMR%252013-000004"):
        assert get_page(elsewhere, f"/id/{name}").one("h1").text.startswith("IMR 13-000004: ")
        assert fetched(elsewhere, f"/id/{name}.ttl").status_code == 200
    item = fetched(elsewhere, "/id/case-IMR%2013-000004-item-1", "text/html")
    assert item.headers["location"] == "/id/case-IMR%2013-000004#item-1"
