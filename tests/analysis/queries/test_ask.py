"""Asking: names become terms, nothing is pasted, nothing is changed, nothing is called, errors are one sentence."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imr_graph import iris as terms
from imr_graph.analysis.queries.ask import ask, resolve_sparql, run
from imr_graph.analysis.queries.library import Parameter, parse
from imr_graph.analysis.queries.parameters import bind_parameters, parse_parameter
from imr_graph.analysis.queries.results import ResultTable
from imr_graph.analysis.queries.safety import keywords, reject_unsafe
from imr_graph.errors import UnknownNameError, UsageError
from support.growth import grows_with_its_length
from support.sample_world import FICTIONAL, World, world_of


@pytest.fixture(scope="module")
def world() -> World:
    return world_of(FICTIONAL)


# What a user may write for a parameter


@pytest.mark.parametrize(
    ("kind", "written", "node"),
    [
        ("treatment", "mri", "treatment-mri"),
        ("treatment", "Diazepam", "treatment-diazepam"),
        ("treatment", "Valium", "treatment-diazepam"),
        ("treatment", f"{terms.BASE}treatment-mri", "treatment-mri"),
        ("category", "pharmaceuticals/opioids", "category-pharmaceuticals-opioids"),
        ("category", "Pharmaceuticals", "category-pharmaceuticals"),
        ("guideline", "low back complaints 2004", "guideline-acoem-low-back-complaints-2004"),
        ("state", "California", "state-US-CA"),
        ("state", "ca", "state-US-CA"),
        ("state", "US-CA", "state-US-CA"),
        ("region", "lumbar-spine", "region-lumbar-spine"),
        ("specialty", "Orthopedic surgery", "specialty-orthopedic-surgery"),
        ("specialty", "orthopedic-surgery", "specialty-orthopedic-surgery"),
        (
            "section",
            "acoem-low-back-complaints-2004-special-studies",
            "section-acoem-low-back-complaints-2004-special-studies",
        ),
        (
            "section",
            "Low Back Complaints 2004: Special Studies",
            "section-acoem-low-back-complaints-2004-special-studies",
        ),
        ("section", "a topic of no vocabulary", "section-acoem-shoulder-complaints-2004-a-topic-of-no-vocabulary"),
        ("page", "mtus-chronic-pain-2009-24", "page-mtus-chronic-pain-2009-24"),
        ("page", "mtus-chronic-pain-2009 24", "page-mtus-chronic-pain-2009-24"),
        ("page", "Low Back Complaints 2004, page 304", "page-acoem-low-back-complaints-2004-304"),
        ("page", "Low Back Complaints 2004 p. 304", "page-acoem-low-back-complaints-2004-304"),
        ("page", "p. 304 low back", "page-acoem-low-back-complaints-2004-304"),
        ("page", "chronic pain 24", "page-mtus-chronic-pain-2009-24"),
        ("page", "chronic pain, page 999", "page-acoem-chronic-pain-2017-999"),
        ("case", "EX16-0000001", "case-EX16-0000001"),
        ("case", "case-EX16-0000001", "case-EX16-0000001"),
    ],
)
def test_ids_names_and_iris_become_nodes(world: World, kind: str, written: str, node: str) -> None:
    term = parse_parameter(Parameter("x", kind, ""), f" {written} ", world.store)
    assert term == ox.NamedNode(f"{terms.BASE}{node}")


@pytest.mark.parametrize(
    ("kind", "written", "literal"),
    [
        ("integer", "-3", ox.Literal(-3)),
        ("year", "2016", ox.Literal(2016)),
        ("date", "2016-07-28", ox.Literal("2016-07-28", datatype=ox.NamedNode(f"{terms.XSD}date"))),
        ("text", 'a "word" \\ here', ox.Literal('a "word" \\ here')),
        ("decision", "Overturned", ox.NamedNode(terms.term("Overturned"))),
        ("side", "expert reviewer", ox.NamedNode(terms.term("ExpertReviewer"))),
    ],
)
def test_values_become_literals_and_individuals(
    world: World, kind: str, written: str, literal: ox.Literal | ox.NamedNode
) -> None:
    assert parse_parameter(Parameter("x", kind, ""), written, world.store) == literal


@pytest.mark.parametrize(
    ("kind", "written", "told"),
    [
        ("treatment", "diazepbm", "Did you mean 'diazepam'"),
        ("case", "EX16-000001", "Did you mean 'EX16-0000001'"),
        ("decision", "overturn", "Did you mean 'overturned'"),
        ("specialty", "orthopedic surgry", "Did you mean"),
        ("section", "specific studis", "Did you mean"),
    ],
)
def test_unknown_names_come_with_near_ones(world: World, kind: str, written: str, told: str) -> None:
    with pytest.raises(UnknownNameError) as error:
        parse_parameter(Parameter("x", kind, ""), written, world.store)
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("kind", "written", "told"),
    [
        ("treatment", "Norco", "more than one active ingredient: ask for 'acetaminophen' or 'hydrocodone'"),
        ("guideline", "Chronic Pain Medical Treatment Guidelines", "names more than one guideline"),
        ("section", "Special Studies", "names more than one section"),
        ("page", "24", "is not a page"),
        ("page", "somewhere", "is not a page"),
        ("integer", "ten", "is not a whole number"),
        ("integer", "٣", "is not a whole number"),
        ("date", "28/07/2016", "is not a date"),
        ("year", "16", "is not a year"),
        ("text", "  ", "is empty"),
        ("treatment", "https://w3id.org/x> } #", "is not a valid IRI"),
    ],
)
def test_wrong_values_are_told_in_one_sentence(world: World, kind: str, written: str, told: str) -> None:
    with pytest.raises(UsageError) as error:
        parse_parameter(Parameter("x", kind, ""), written, world.store)
    assert told in str(error.value)
    assert error.value.exit_code == 2


def test_a_missing_required_value_comes_with_an_example(world: World) -> None:
    with pytest.raises(UsageError, match=r"needs a value for 'case'.*for example 'EX16-0000001'"):
        ask(world.store, "case-items")


def test_an_unknown_parameter_comes_with_near_ones(world: World) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'treatment'"):
        ask(world.store, "overturn-rate-by-year", {"treatments": "mri"})


QUESTION = parse(
    "echo",
    "# title: Echo\n# description: The text.\n# param: text (text, optional): words\n# tags: x\n"
    'SELECT ?text WHERE {\n  VALUES ?text { "as it was" }\n}\n',
)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1).filter(str.strip))
def test_any_text_reaches_the_query_as_itself(world: World, text: str) -> None:
    """Quotes, braces, backslashes and line ends of a user's words cannot leave their literal."""
    sparql = bind_parameters(QUESTION, {"text": text}, world.store)
    rows = [solution["text"].value for solution in world.store.graph.query(sparql)]
    assert rows == [text.strip()]


def test_a_parameter_left_out_leaves_its_variable_free(world: World) -> None:
    assert "VALUES" not in bind_parameters(QUESTION, {}, world.store)


# What can be asked


def test_names_text_and_files_are_asked(world: World, tmp_path: Path) -> None:
    by_name = ask(world.store, "overturn-rate-by-year")
    file = tmp_path / "mine.rq"
    file.write_text(resolve_sparql(world.store, "overturn-rate-by-year"), encoding="utf-8")
    assert ask(world.store, str(file)) == by_name == ask(world.store, file.read_text("utf-8"))


def test_a_file_with_a_header_takes_parameters(world: World, tmp_path: Path) -> None:
    file = tmp_path / "mine.rq"
    file.write_text(QUESTION.sparql, encoding="utf-8")
    answer = ask(world.store, str(file), {"text": "hello"})
    assert answer == ResultTable(("text",), ((ox.Literal("hello"),),))


def test_the_usual_prefixes_need_no_declaration(world: World) -> None:
    assert ask(world.store, "ASK { id:case-EX16-0000001 a imr:Case }") is True


def test_bare_sparql_takes_no_parameters(world: World) -> None:
    with pytest.raises(UsageError, match="Only questions with a header"):
        ask(world.store, "ASK {}", {"text": "x"})


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("SELECT * WHERE {\n  ?s ?p }", "line 2, column 10, near '?s ?p }'"),
        ("SELECT ?x WHERE { ?x nope:a 1 }", "a prefix is used that no PREFIX line declares"),
        ("SELECT ?x WHERE", "not valid SPARQL at line 1, column 16, near"),
    ],
)
def test_a_syntax_error_is_one_sentence_with_its_place(world: World, query: str, told: str) -> None:
    with pytest.raises(UsageError) as error:
        ask(world.store, query)
    assert told in str(error.value)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 220


def test_a_file_that_is_no_text_is_told(world: World, tmp_path: Path) -> None:
    file = tmp_path / "mine.rq"
    file.write_bytes(b"\xff\xfe\x00ASK {}")
    with pytest.raises(UsageError, match="cannot be read as UTF-8"):
        ask(world.store, str(file))


def test_data_under_another_base_is_asked_in_the_same_words() -> None:
    """Cases, pages and minted sections carry the store's base, the vocabulary keeps the published one."""
    elsewhere = world_of(FICTIONAL, "https://example.org/case-files/")
    here = world_of(FICTIONAL)
    for name, values in (
        ("items-citing-page", {"page": "mtus-chronic-pain-2009 24"}),
        ("items-citing-section", {"section": "A topic of no vocabulary"}),
        ("case-items", {"case": "EX16-0000001"}),
        ("similar-cases", {"case": "EX16-0000001"}),
        ("overturn-rate-by-treatment", {"category": "Pharmaceuticals"}),
    ):
        found, expected = elsewhere.rows(name, **values), here.rows(name, **values)
        assert found
        labels = [key for key in found[0] if key.endswith("Label")]
        assert [[r[k] for k in labels] for r in found] == [[r[k] for k in labels] for r in expected]
    assert ask(elsewhere.store, "ASK { id:case-EX16-0000001 a imr:Case }") is True


# What is refused


@pytest.mark.parametrize(
    "update",
    [
        "INSERT DATA { <http://a> <http://a> 1 }",
        "PREFIX x: <http://x/> DELETE WHERE { ?s ?p ?o }",
        "clear all",
        "LOAD <file:///etc/hostname>",
        "WITH <http://g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    ],
)
def test_updates_are_refused_and_change_nothing(world: World, update: str) -> None:
    before = len(world.store.graph)
    with pytest.raises(UsageError, match="is an update, and questions only read"):
        ask(world.store, update)
    assert len(world.store.graph) == before


@pytest.mark.parametrize("clause", ["FROM <file:///etc/passwd>", "FROM NAMED <http://localhost/x>", "from<file:x>"])
def test_from_is_refused(world: World, clause: str) -> None:
    with pytest.raises(UsageError, match="FROM is refused"):
        ask(world.store, f"SELECT * {clause} WHERE {{ ?s ?p ?o }}")


@pytest.fixture(scope="module")
def listener() -> Iterator[tuple[str, list[int]]]:
    """Give an address on this machine and the list of connections that reached it."""
    calls: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                calls.append(1)
                connection.close()

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/x", calls
        server.shutdown(socket.SHUT_RDWR)


CALLS = [
    "ASK {{ SERVICE <{0}> {{ ?s ?p ?o }} }}",
    "ASK {{ ?s ?p ?o . service silent <{0}> {{ ?s ?p ?o }} }}",
    "ASK {{ ?s ?p ?o.SERVICE<{0}>{{ ?s ?p ?o }} }}",
    "ASK {{ {{}}SeRvIcESILENT<{0}>{{ ?s ?p ?o }} }}",
    "ASK {{ ?s ?p true.SERVICE<{0}>{{ ?s ?p ?o }} }}",
    "ASK {{ ?s ?p trueSERVICE<{0}>{{ ?s ?p ?o }} }}",
    "ASK {{ ?s ?p 1e5SERVICE<{0}>{{ ?s ?p ?o }} }}",
    "PREFIX : <{0}> ASK {{ SERVICE: {{ ?s ?p ?o }} }}",
    "PREFIX e: <http://e/> ASK {{ ?s ?p e:.SERVICE<{0}>{{ ?s ?p ?o }} }}",
    "ASK {{ ?s ?p 'it\\'s # not a comment' SERVICE<{0}>{{ ?s ?p ?o }} }}",
    'ASK {{ ?s ?p """a " b""" SERVICE<{0}>{{ ?s ?p ?o }} }}',
    "ASK {{ ?s ?p <http://e/#> SERVICE<{0}>{{ ?s ?p ?o }} }}",
    "ASK {{ ?s ?p ?o FILTER(?s<?p)SERVICE<{0}>{{ ?s ?p ?o }} FILTER(?p>?o) }}",
    "ASK {{ FILTER EXISTS {{ SERVICE ?where {{ ?s ?p ?o }} }} }}",
    "ASK {{ SER\\u0056ICE <{0}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ {{ SELECT * {{ SERVICE <{0}> {{ ?s ?p ?o }} }} }} }}",
]


@pytest.mark.parametrize("query", CALLS)
def test_service_is_refused_in_any_position_and_nobody_is_called(
    world: World, listener: tuple[str, list[int]], query: str
) -> None:
    address, calls = listener
    with pytest.raises(UsageError, match="SERVICE is refused"):
        run(world.store, query.format(address))
    assert not calls


@pytest.mark.parametrize(
    "query",
    [
        'SELECT ?service WHERE { ?service ?from "SERVICE FROM" } # SERVICE',
        "PREFIX x: <http://x/> ASK { x:SERVICE <http://a/SERVICE/FROM> 'INSERT' }",
        "ASK { ?s imr:service \"\"\"a \"SERVICE\" here\"\"\", '''FROM 'here'''' }",
        "SELECT ?s WHERE { ?s imr:service ?insert } LIMIT 1",
        "# INSERT\nASK { ?s ?p 'x'@service }",
    ],
)
def test_harmless_words_are_not_taken_for_keywords(query: str) -> None:
    reject_unsafe(query)


@pytest.mark.timing
@pytest.mark.parametrize("unit", ['"', "'''\"\"\"", "<a(", "a-", "a.", ":a", "?", "@a-", "\\u0041", "'\n", "1e", "#"])
def test_the_scan_for_keywords_is_linear(unit: str) -> None:
    assert grows_with_its_length(lambda length: keywords(f"ASK {unit * length}"), 5_000)
