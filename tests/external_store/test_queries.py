"""Every named question gives the same rows whichever store answers: the embedded one, Oxigraph's server, Virtuoso."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from imr_graph.analysis.queries import library
from imr_graph.analysis.queries.ask import ask
from imr_graph.analysis.queries.library import Question
from imr_graph.analysis.queries.results import ResultTable
from imr_graph.errors import StoreError, UsageError
from imr_graph.external_store.address import parse_address
from imr_graph.external_store.publication import open_external_store
from imr_graph.external_store.publish import publish
from imr_graph.graph.reading import determination_of
from imr_graph.store.graph_store import GraphStore, cases
from support.external_servers import Endpoint, virtuoso
from support.records import gold as gold_records
from support.sample_world import FICTIONAL, World, world_of

pytestmark = pytest.mark.server

# A value for each optional parameter, by its name; FICTIONAL has something for each.
VALUES = {
    "case": "EX16-0000001",
    "category": "pharmaceuticals",
    "decision": "upheld",
    "guideline": "mtus-chronic-pain-2009",
    "minimum": "1",
    "minimumCases": "2",
    "other": "Pain Management",
    "page": "mtus-chronic-pain-2009 24",
    "priority": "standard",
    "region": "lumbar-spine",
    "section": "acoem-low-back-complaints-2004-special-studies",
    "side": "expert-reviewer",
    "since": "2016-12-31",
    "specialty": "Orthopedic Surgery",
    "state": "California",
    "text": "functional",
    "reason": "lacks-functional-improvement",
    "treatment": "mri",
    "within": "pharmaceuticals",
    "year": "2017",
}


def asked(question: Question) -> Iterator[dict[str, str]]:
    """Yield the values that a question is asked with: none, each alone, and all together."""
    required = {p.name: p.example or "" for p in question.parameters if p.required}
    yield required
    for parameter in question.parameters:
        yield {**required, parameter.name: VALUES[parameter.name]}
    yield {**required, **{p.name: VALUES[p.name] for p in question.parameters}}


@pytest.fixture(scope="module")
def fictional() -> World:
    return world_of(FICTIONAL, "https://example.org/fictional/")


@pytest.fixture(scope="module")
def gold(shared: Path) -> World:
    return world_of(tuple(gold_records(shared)), "https://example.org/gold/")


def opened(endpoint: Endpoint, world: World) -> GraphStore:
    held = publish(world.store, endpoint.writing, endpoint.reading).publication
    return open_external_store(parse_address(endpoint.url, {}, graph=held.graph))


@pytest.fixture(scope="module")
def remote(endpoint: Endpoint, fictional: World) -> GraphStore:
    return opened(endpoint, fictional)


@pytest.fixture(scope="module")
def remote_gold(endpoint: Endpoint, gold: World) -> GraphStore:
    return opened(endpoint, gold)


def test_every_parameter_of_the_library_is_asked_for() -> None:
    assert {p.name for q in library.list_questions() for p in q.parameters} <= VALUES.keys()


@pytest.mark.parametrize("question", library.list_questions(), ids=lambda q: q.name)
def test_a_question_gives_the_same_rows_in_the_same_order(
    remote: GraphStore, fictional: World, question: Question
) -> None:
    for values in asked(question):
        assert ask(remote, question.name, values) == ask(fictional.store, question.name, values), values


@pytest.mark.parametrize("question", library.list_questions(), ids=lambda q: q.name)
def test_a_question_gives_the_same_rows_for_the_reviewed_letters(
    remote_gold: GraphStore, gold: World, question: Question
) -> None:
    case = gold.records[0].key
    values = {p.name: VALUES[p.name] for p in question.parameters if p.required} | (
        {"case": case} if any(p.name == "case" and p.required for p in question.parameters) else {}
    )
    expected, found = ask(gold.store, question.name, values), ask(remote_gold, question.name, values)
    if isinstance(expected, ResultTable) and isinstance(found, ResultTable):
        assert found.columns == expected.columns
        # Equals in what a question sorts by may stand in any order.
        assert sorted(map(str, found.rows)) == sorted(map(str, expected.rows))
    else:
        assert found == expected


def test_the_questions_reach_two_levels_of_categories_which_is_all_there_are(fictional: World) -> None:
    """Virtuoso does not end a question with `skos:broader+` in a filter, so one of the questions spells two steps."""
    skos = "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>"
    query = f"{skos} ASK {{ ?item imr:requestsTreatment/skos:broader/skos:broader/skos:broader ?above }}"
    assert ask(fictional.store, query) is False


@pytest.mark.parametrize(
    "query",
    [
        "ASK { ?case a imr:Case }",
        "ASK { ?case a imr:NoSuchClass }",
        "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }",
        "SELECT ?item ?flag WHERE { ?item imr:retrospective ?flag } ORDER BY ?item",
        "SELECT ?case ?date WHERE { ?case imr:decisionDate ?date } ORDER BY DESC(?date) ?case",
        "SELECT ?none WHERE { ?none a imr:NoSuchClass }",
        "CONSTRUCT { ?item imr:service ?words } WHERE { ?item imr:service ?words }",
        "SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }",
    ],
)
def test_sparql_of_ones_own_gives_the_same(remote: GraphStore, fictional: World, query: str) -> None:
    assert ask(remote, query) == ask(fictional.store, query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?x WHERE {",
        "SELECT ?x WHERE { ?x foo:bar ?y }",
        "SELECT * WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * FROM <urn:x> WHERE { ?s ?p ?o }",
        "INSERT DATA { <urn:x> <urn:x> <urn:x> }",
    ],
)
def test_what_is_refused_is_refused_with_the_same_sentence(remote: GraphStore, fictional: World, query: str) -> None:
    with pytest.raises(UsageError) as here:
        ask(fictional.store, query)
    with pytest.raises(UsageError) as there:
        ask(remote, query)
    assert str(there.value) == str(here.value)


def test_determinations_and_all_triples_come_back_as_they_went(remote: GraphStore, fictional: World) -> None:
    """Truth values, dates, long texts: whatever a server does with them inside."""
    for key in cases(fictional.store):
        assert determination_of(remote, key) == determination_of(fictional.store, key)
    everything = "CONSTRUCT WHERE { ?s ?p ?o }"
    assert ask(remote, everything) == ask(fictional.store, everything)
    assert len(remote.graph) == len(fictional.store.graph)


@pytest.mark.parametrize(
    ("question", "parameter", "name"),
    [
        ("items-citing-section", "section", "A topic of no vocabulary"),
        ("items-citing-section", "section", "Low Back Complaints Special Studies"),
        ("decided-items", "specialty", "orthopedic surgery"),
        ("similar-cases", "case", "EX17-0000002"),
    ],
)
def test_names_are_looked_up_in_the_external_store(
    remote: GraphStore, fictional: World, question: str, parameter: str, name: str
) -> None:
    assert ask(remote, question, {parameter: name}) == ask(fictional.store, question, {parameter: name})


def test_a_name_that_does_not_exist_comes_with_near_ones(remote: GraphStore) -> None:
    with pytest.raises(UsageError, match="Did you mean 'EX17-0000002'"):
        ask(remote, "similar-cases", {"case": "EX17-000002"})


def test_a_server_that_cuts_answers_off_is_found_out(fictional: World) -> None:
    """Virtuoso leaves rows out and says so in a header only: no figure may come of that."""
    with virtuoso(most_rows=100) as small:
        publish(fictional.store, small.writing, small.reading)
        store = open_external_store(small.reading)
        assert ask(store, "overturn-rate-by-year") == ask(fictional.store, "overturn-rate-by-year")
        with pytest.raises(StoreError, match="cuts answers off"):
            ask(store, "SELECT ?s ?p ?o WHERE { ?s ?p ?o }")


def test_tables_hold_terms_of_the_embedded_kind(remote: GraphStore) -> None:
    answer = ask(remote, "overturn-rate-by-year")
    assert isinstance(answer, ResultTable)
    assert all(isinstance(cell, ox.Literal) for row in answer.terms for cell in row)
