"""The query library as pages: forms, answers as tables and charts, files, and the SPARQL behind them."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import httpx
import pytest
from starlette.testclient import TestClient

from imr_graph.analysis.queries import library, table_evaluation
from imr_graph.analysis.queries.ask import ask, resolve_sparql, select
from imr_graph.analysis.queries.library import Question
from imr_graph.analysis.queries.results import ResultTable
from imr_graph.endpoint.settings import ServerSettings
from imr_graph.errors import ImrGraphError
from imr_graph.store.graph_store import GraphStore, open_store
from imr_graph.website.app import create_site
from imr_graph.website.rendering import percent
from support.browser import Browser
from support.endpoint_server import Server
from support.markup import Node
from support.site_server import get_page, keys_of, serving_site

QUESTIONS = library.list_questions()


@pytest.fixture(scope="module")
def store(site_store: Path) -> GraphStore:
    """Return the store that is served."""
    return open_store(site_store)


def rows(page: Node) -> list[list[str]]:
    """Return the words of an answer's table."""
    return [[cell.text for cell in row.all("td")] for row in page.one("table", "answer").one("tbody").all("tr")]


def plain_rows(answer: ResultTable) -> list[dict[str, str | None]]:
    """Return the rows of an answer as plain text, by column."""
    plain = [[None if term is None else str(getattr(term, "value", term)) for term in row] for row in answer.terms]
    return [dict(zip(answer.columns, row, strict=True)) for row in plain]


def heads(page: Node) -> dict[str, Node]:
    """Return the headings of an answer's table by what they say."""
    return {head.text.rstrip(" ↑↓"): head for head in page.one("table", "answer").one("thead").all("th")}


def tried(server: Server, question: Question) -> str:
    """Return the address at which a question is answered, with the examples that its page offers where it needs any."""
    page = get_page(server, f"/questions/{question.name}")
    examples = [target for target, words in page.links().items() if words == "Try an example"]
    assert bool(examples) == any(parameter.required for parameter in question.parameters)
    return examples[0] if examples else f"/questions/{question.name}"


def expected(store: GraphStore, question: Question, address: str) -> ResultTable:
    values = {name: value[0] for name, value in parse_qs(urlsplit(address).query).items()}
    answer = ask(store, question.name, values)
    assert isinstance(answer, ResultTable)
    return answer


def test_all_questions_are_listed_once_with_what_they_say(site_server: Server) -> None:
    page = get_page(site_server, "/questions")
    cards = page.all("li", "card")
    assert sorted(card.one("a")["href"] for card in cards) == [f"/questions/{question.name}" for question in QUESTIONS]
    for card in cards:
        question = library.find_question(card.one("a")["href"].rpartition("/")[2])
        assert question.title in card.text
        assert question.description in card.text
    assert "More" not in [head.text for head in page.all("h2")], "each question has a heading of its own"


def test_a_tag_lists_its_questions(site_server: Server) -> None:
    for tag in {tag for question in QUESTIONS for tag in question.tags}:
        page = get_page(site_server, f"/questions?{urlencode({'tag': tag})}")
        listed = {card.one("a")["href"].rpartition("/")[2] for card in page.all("li", "card")}
        assert listed == {question.name for question in QUESTIONS if tag in question.tags}
    assert "the tags are" in get_page(site_server, "/questions?tag=weather", 404).text


@pytest.mark.parametrize("question", [q for q in QUESTIONS if q.columns], ids=lambda q: q.name)
def test_every_question_is_answered_as_the_library_answers_it(
    site_server: Server, store: GraphStore, question: Question
) -> None:
    address = tried(site_server, question)
    wanted = expected(store, question, address)
    page = get_page(site_server, address)
    if not wanted.rows:
        assert "No row answers this" in page.one("h2", id="answer").text
        return
    titled = {column.name: re.sub(r"[A-Z]", lambda m: f" {m[0].lower()}", column.name) for column in question.columns}
    shown = [name for name in wanted.columns if not (name.endswith("Label") and name[:-5] in wanted.columns)]
    shown.sort(key=list(titled).index)
    assert [head.lower() for head in heads(page)] == [titled[name] for name in shown]
    answer = []
    shares = {column.name for column in question.columns if column.type == "share"}
    for row in plain_rows(wanted)[:100]:
        row |= {name: percent(float(row[name])) for name in shares & row.keys() if row[name]}
        named = [row.get(f"{name}Label") or row[name] or "" for name in shown]
        answer.append([" ".join(text.split()) for text in named])
    found = [[cell.lower() for cell in row] for row in rows(page)]
    assert found == [[cell.lower() for cell in row] for row in answer]
    said = page.one("h2", id="answer").text
    assert said == ("More than 1,000 rows" if len(wanted.rows) > 1000 else f"{len(wanted.rows):,} row") or said == (
        f"{len(wanted.rows):,} rows"
    )


def test_a_question_for_a_graph_shows_turtle(site_server: Server) -> None:
    address = tried(site_server, library.find_question("case-graph"))
    page = get_page(site_server, address)
    turtle = page.one("section", aria_labelledby="answer").one("pre").raw
    assert "a imr:Case" in turtle
    files = page.one("section", aria_labelledby="answer").one("p", "formats").links()
    assert list(files.values()) == ["Turtle", "N-Triples", "RDF/XML", "JSON-LD"]
    for target in files:
        assert httpx.get(f"{site_server.url}{target}").status_code == 200


def test_values_narrow_the_answer(site_server: Server, store: GraphStore) -> None:
    question = library.find_question("overturn-rate-by-treatment")
    address = "/questions/overturn-rate-by-treatment?minimum=5&category=&treatment=MRI"
    page = get_page(site_server, address)
    assert [row[0] for row in rows(page)] == ["Magnetic resonance imaging"]
    assert page.one("input", id="field-treatment")["value"] == "MRI"
    assert page.one("input", id="field-minimum")["type"] == "number"
    assert page.one("input", id="field-minimum")["value"] == "5"
    assert len(expected(store, question, address).rows) == 1


def test_fields_are_of_the_type_of_their_parameters(site_server: Server) -> None:
    page = get_page(site_server, "/questions/decided-items")
    kinds = {node["name"]: node["type"] for node in page.one("form", "blanks").all("input")}
    assert kinds["since"] == "date"
    assert kinds["year"] == "number"
    assert kinds["treatment"] == "text"
    choices = [node["value"] for node in page.one("select", id="field-decision").all("option")]
    assert choices == ["", "upheld", "overturned"]
    for node in (*page.one("form", "blanks").all("input"), *page.one("form", "blanks").all("select")):
        assert page.one("label", for_=node["id"]).text
        assert page.one("p", id=node["aria-describedby"]).text.endswith(".")


def test_names_to_choose_from_are_understood(site_server: Server) -> None:
    for name, parameter in (("items-citing-section", "section"), ("items-citing-page", "page")):
        page = get_page(site_server, f"/questions/{name}")
        options = [node["value"] for node in page.one("datalist", id=f"names-{parameter}").all("option")]
        assert options
        answer = get_page(site_server, f"/questions/{name}?{urlencode({parameter: options[0]})}")
        assert rows(answer)
    page = get_page(site_server, "/questions/decided-items")
    for parameter in ("treatment", "region", "specialty", "state"):
        for option in page.one("datalist", id=f"names-{parameter}").all("option")[:10]:
            get_page(site_server, f"/questions/decided-items?{urlencode({parameter: option['value']})}")


@pytest.mark.parametrize(
    ("name", "values", "field", "words"),
    [
        ("items-citing-page", {"page": "zzz"}, "page", "is not a page"),
        ("items-citing-page", {"page": ""}, "page", "needed here"),
        ("decided-items", {"treatment": "naproxne"}, "treatment", "Did you mean 'naproxen'"),
        ("decided-items", {"since": "soon"}, "since", "not a date"),
        ("decided-items", {"year": "17"}, "year", "not a year"),
        ("decided-items", {"decision": "maybe"}, "decision", "no decision"),
        ("overturn-rate-by-year", {"minimum": "many"}, "minimum", "not a whole number"),
        ("case-items", {"case": "CM99-9999999"}, "case", "There is no case"),
        ("items-mentioning", {"text": "x" * 600}, "text", "longer than"),
        ("items-mentioning", {"text": "x", "treatment": "http://[x"}, "treatment", "not a valid IRI"),
    ],
)
def test_a_wrong_value_is_told_beside_its_field(
    site_server: Server, name: str, values: dict[str, str], field: str, words: str
) -> None:
    page = get_page(site_server, f"/questions/{name}?{urlencode(values)}", 400)
    wrong = next(node for node in page.walk() if node.attributes.get("id") == f"field-{field}")
    assert wrong["aria-invalid"] == "true"
    described = [page.one(id=id).text for id in wrong["aria-describedby"].split()]
    assert any(words in text for text in described)
    if wrong.tag == "input":
        assert wrong["value"] == values[field]
    assert page.all("table", "answer") == []
    assert [node for node in page.walk() if node.attributes.get("aria-invalid") and node is not wrong] == []


def test_near_names_are_one_click_away(site_server: Server) -> None:
    page = get_page(site_server, "/questions/decided-items?treatment=naproxne&year=2017", 400)
    (target,) = [t for t, words in page.one("p", "near").links().items() if words == "naproxen"]
    assert parse_qs(urlsplit(target).query) == {"treatment": ["naproxen"], "year": ["2017"]}
    get_page(site_server, target)


def test_questions_and_parameters_that_do_not_exist_say_so(site_server: Server) -> None:
    assert "overturn-rate-by-year" in get_page(site_server, "/questions/overturn-rate-by-yaer", 404).one("main").text
    assert "parameter" in get_page(site_server, "/questions/overturn-rate-by-year?minimun=3", 404).one("main").text
    get_page(site_server, "/questions/overturn-rate-by-year?offset=-3", 400)


def test_a_heading_sorts_by_its_column(site_server: Server) -> None:
    page = get_page(site_server, "/questions/overturn-rate-by-treatment")
    first = get_page(site_server, heads(page)["Share"].one("a")["href"])
    assert heads(first)["Share"]["aria-sort"] == "descending"
    shares = [float(row[-1].rstrip("%")) for row in rows(first)]
    assert shares == sorted(shares, reverse=True)
    second = get_page(site_server, heads(first)["Share"].one("a")["href"])
    assert heads(second)["Share"]["aria-sort"] == "ascending"
    ascending = [float(row[-1].rstrip("%")) for row in rows(second)]
    assert ascending == sorted(ascending)
    assert ascending[0] <= shares[-1]
    names = [row[0] for row in rows(get_page(site_server, heads(page)["Treatment"].one("a")["href"]))]
    assert names == sorted(names)
    unsorted = get_page(site_server, "/questions/overturn-rate-by-treatment?sort=weather")
    assert rows(unsorted) == rows(page)


def test_long_answers_are_turned_page_by_page(site_server: Server, store: GraphStore) -> None:
    question = library.find_question("differing-guidelines")
    wanted = expected(store, question, "")
    assert len(wanted.rows) > 100
    address, seen = "/questions/differing-guidelines", []
    while address:
        page = get_page(site_server, address)
        seen += rows(page)
        onwards = page.all("a", rel="next")
        address = onwards[0]["href"] if onwards else ""
    assert [row[0] for row in seen] == [row["itemLabel"] for row in plain_rows(wanted)]
    assert "first rows" in get_page(site_server, "/questions/differing-guidelines?offset=5000").text


def test_answers_come_exactly_through_the_endpoint(site_server: Server) -> None:
    page = get_page(site_server, "/questions/overturn-rate-by-year?minimum=2")
    files = {words: target for target, words in page.one("details", "sparql").links().items()}
    answer = httpx.get(f"{site_server.url}{files['CSV']}")
    assert answer.headers["content-type"].startswith("text/csv")
    found = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["year"] for row in found] == [row[0] for row in rows(page)]
    types = {"TSV": "text/tab-separated-values", "JSON": "application/sparql-results+json"}
    for words, media_type in types.items():
        assert httpx.get(f"{site_server.url}{files[words]}").headers["content-type"].startswith(media_type)


def test_the_whole_answer_is_a_file_at_the_address_of_the_question(site_server: Server, store: GraphStore) -> None:
    page = get_page(site_server, "/questions/overturn-rate-by-year?minimum=2")
    files = {words: target for target, words in page.one("section", aria_labelledby="answer").links().items()}
    assert files["CSV"] == "/questions/overturn-rate-by-year.csv?minimum=2"
    answer = httpx.get(f"{site_server.url}{files['CSV']}")
    assert answer.headers["content-disposition"] == 'attachment; filename="overturn-rate-by-year.csv"'
    found = list(csv.DictReader(io.StringIO(answer.text)))
    data = httpx.get(f"{site_server.url}{files['JSON']}").json()
    wanted = plain_rows(select(store, "overturn-rate-by-year", {"minimum": "2"}))
    assert [row["year"] for row in found] == [row["year"] for row in wanted] != []
    assert [row["decisions"] for row in data["rows"]] == [int(row["decisions"] or 0) for row in wanted]
    assert (data["total"], data["complete"], data["parameters"]) == (len(wanted), True, {"minimum": "2"})
    etag = answer.headers["etag"]
    assert httpx.get(answer.url, headers={"if-none-match": etag}).status_code == 304


@pytest.mark.parametrize("question", library.list_questions(), ids=lambda question: question.name)
def test_every_question_is_there_as_a_file(site_server: Server, question: Question) -> None:
    values = {p.name: p.example for p in question.parameters if p.required}
    if "case" in values:
        values["case"] = "CM16-9990321"
    answer = httpx.get(f"{site_server.url}/questions/{question.name}.csv", params=values, timeout=120)
    if question.columns:
        assert answer.status_code == 200, answer.text
        head = next(csv.reader(io.StringIO(answer.text)))
        assert {column.name for column in question.columns} <= set(head)
    else:
        assert answer.status_code == 400
        assert "graph" in answer.text


def test_a_file_of_a_question_says_what_is_missing(site_server: Server) -> None:
    answer = httpx.get(f"{site_server.url}/questions/items-citing-page.csv")
    assert answer.status_code == 400
    assert "page: A value is needed here." in answer.text
    assert "/questions/items-citing-page.csv?page=" in answer.text
    assert httpx.get(f"{site_server.url}/questions/zzz.json").status_code == 404


def test_the_sparql_is_that_of_the_library(site_server: Server, store: GraphStore) -> None:
    page = get_page(site_server, "/questions/overturn-rate-by-year?treatment=mri")
    shown = page.one("details", "sparql")
    sparql = resolve_sparql(store, "overturn-rate-by-year", {"treatment": "mri"})
    assert shown.one("pre").raw == sparql
    assert f"/sparql#query={quote(sparql, safe='')}" in shown.links()


def test_nodes_are_shown_by_name_and_lead_to_their_pages(site_server: Server) -> None:
    page = get_page(site_server, "/questions/decided-items")
    cells = page.one("table", "answer").one("tbody").all("tr")[0].all("td")
    assert httpx.get(f"{site_server.url}{cells[0].one('a')['href']}", follow_redirects=True).status_code == 200
    assert cells[-1].one("span", "decision").text == "Overturned"
    contrasts = get_page(site_server, "/questions/contrasts-on-section").one("table", "answer").one("tbody")
    for link in contrasts.all("tr")[0].all("a"):
        get_page(site_server, link["href"])


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("overturn-rate-by-year", "periods"),
        ("non-mtus-by-year", "periods"),
        ("overturn-rate-by-guideline", "bars"),
        ("guideline-co-citation", "bars"),
        ("co-requested-treatments?minimum=1", "bars"),
        ("time-from-denial-to-decision", "bars"),
        ("decided-items", None),
        ("contrasts-on-section", None),
        ("recurring-rationales", None),
    ],
)
def test_a_chart_is_there_where_one_makes_sense(site_server: Server, name: str, kind: str | None) -> None:
    page = get_page(site_server, f"/questions/{name}")
    charts = page.all("figure", "chart")
    assert len(charts) == (kind is not None)
    if kind == "periods":
        years = [node.text for node in charts[0].all("text", "period")]
        assert years == [row[0] for row in rows(page)]
    if kind == "bars":
        drawn = charts[0].one("tbody").all("tr")
        assert len(drawn) == min(12, len(rows(page)))
        assert all(row.all("svg") for row in drawn)


def test_a_limit_that_cuts_an_answer_is_told(site_store: Path, tmp_path: Path) -> None:
    with serving_site(site_store, tmp_path, workers=2, rows=20) as server:
        page = get_page(server, "/questions/decided-items")
        assert "only a part of it" in page.one("p", "warning").text
        assert len(rows(page)) == 20
        graph = get_page(server, f"/questions/case-graph?case={keys_of(site_store)[0]}")
        assert "only a part of it" in graph.one("p", "warning").text


def test_a_question_that_no_process_is_free_for_keeps_its_form(site_store: Path, tmp_path: Path) -> None:
    with serving_site(site_store, tmp_path, workers=2, client_queries=0) as server:
        page = get_page(server, "/questions/overturn-rate-by-year?minimum=3", 503)
        assert page.one("input", id="field-minimum")["value"] == "3"
        assert "come back" in page.one("div", "warning").text


def test_a_large_store_answers_questions_and_their_files_from_the_table(
    site_store: Path, store: GraphStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No process for SPARQL is asked: here none would answer. A file ends where answers of the server end."""
    wanted = plain_rows(select(store, "decided-items"))
    monkeypatch.setattr(table_evaluation, "_LARGE", 0)
    settings = ServerSettings(store=site_store, workers=2, client_queries=0, rows=len(wanted) - 1, download_seconds=0)
    with TestClient(create_site(settings), base_url="http://127.0.0.1") as client:
        page, file = client.get("/questions/decided-items"), client.get("/questions/decided-items.csv")
        data = client.get("/questions/decided-items.json").json()
        assert client.get("/questions/corrections.csv").status_code == 503
    assert page.status_code == 200
    assert file.headers["imr-cut"] == data["limit"] == "rows"
    assert [row["itemLabel"] for row in csv.DictReader(io.StringIO(file.text))] == [
        row["itemLabel"] for row in wanted[:-1]
    ]
    assert [row["itemLabel"] for row in data["rows"]] == [row["itemLabel"] for row in wanted[:-1]]
    assert (data["total"], data["complete"]) == (len(wanted) - 1, False)


HOSTILE = (
    "<script>alert(1)</script>",
    '"}} } UNION { ?s ?p ?o } #',
    "x' OR '1'='1",
    "{{ 7*7 }}",
    "\u202e",
    "a\\u0022b",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_is_typed_is_data(site_server: Server, store: GraphStore, text: str) -> None:
    page = get_page(site_server, f"/questions/items-mentioning?{urlencode({'text': text})}")
    assert "No row answers this" in page.one("h2", id="answer").text
    assert page.one("main").all("script") == []
    with pytest.raises(ImrGraphError):
        ask(store, "decided-items", {"treatment": text})
    get_page(site_server, f"/questions/decided-items?{urlencode({'treatment': text})}", 400)


def test_a_whole_answer_is_sorted_without_a_new_page(site_server: Server, browser: Browser) -> None:
    browser.size(1280)
    browser.open(f"{site_server.url}/questions/overturn-rate-by-year")
    browser.requests()
    cells = (
        "return [...document.querySelectorAll('table.answer tbody tr')].map((row) => row.cells[2].textContent.trim())"
    )
    browser.find("table.answer thead th:nth-child(3) a").click()
    numbers = [int(cell) for cell in browser.run(cells)]
    assert numbers == sorted(numbers, reverse=True)
    browser.find("table.answer thead th:nth-child(3) a").click()
    assert [int(cell) for cell in browser.run(cells)] == sorted(numbers)
    assert browser.find("table.answer thead th:nth-child(3)").get_attribute("aria-sort") == "ascending"
    assert browser.driver.current_url.endswith("sort=overturned"), "the address is that of what is shown"
    assert browser.requests() == []
    browser.open(browser.driver.current_url)
    assert [int(cell) for cell in browser.run(cells)] == sorted(numbers)
