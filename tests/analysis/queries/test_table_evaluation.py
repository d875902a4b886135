"""The second evaluation of questions, SQL over the table: the same rows as their SPARQL, in the same order."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from imr_graph import iris as terms
from imr_graph import resources
from imr_graph.analysis.dimensions.kinds import KINDS
from imr_graph.analysis.dimensions.lookup import iter_instances
from imr_graph.analysis.queries import ask, library, table_evaluation
from imr_graph.analysis.queries.parameters import CHOICES, bind_parameters, parse_parameters
from imr_graph.analysis.queries.results import Term, read_answer
from imr_graph.analysis.queries.table_evaluation import answer_from_table, find_table_question, has_table_answer
from imr_graph.errors import ToolError
from imr_graph.live_store import StoreSnapshot
from imr_graph.model import Dates
from imr_graph.store.changes import add
from imr_graph.store.graph_store import memory_store, open_store
from imr_graph.store.table import Table, open_table
from imr_graph.website import query_results
from imr_graph.website.query_results import read_piece
from support.once import build_once
from support.records import determination, gold, item
from support.sample_table import generated
from support.sample_world import FICTIONAL

QUESTIONS = [question for question in library.list_questions() if find_table_question(question.name)]
_STRANGE = (  # keys that names of the graph escape, no service, no date, words that recur
    determination("IMR 13-1", item("Brace", "overturned", treatments=("brace",), rationale="As said.")),
    determination("IMR 13/2", item("Brace", "upheld", treatments=("brace",), rationale="As said.")),
    determination("CM20-3", item("Brace", rationale=None), dates=Dates()),
)
_WORLDS = {"fictional": FICTIONAL, "strange": _STRANGE, "generated": generated(250), "gold": ()}
_TRIES = 6


@pytest.fixture(scope="module", params=[*_WORLDS, "own base"])
def table(request: pytest.FixtureRequest, shared: Path) -> Iterator[Table]:
    """Yield the table of the real letters, of invented ones, and of generated ones."""
    own = request.param == "own base"
    records = FICTIONAL if own else _WORLDS[request.param] or gold(shared)
    store = memory_store(base="https://example.org/imr/" if own else terms.BASE)
    add(store, records)
    with open_table(store) as opened:
        yield opened


def both(question: library.Question, values: Mapping[str, str], table: Table) -> tuple[list[object], list[object]]:
    """Return the rows of the table and those of SPARQL, as tables of terms."""
    store = table.store
    by_sql = answer_from_table(question, parse_parameters(question, values, store), table)
    assert by_sql is not None
    sparql = bind_parameters(question, values, store)
    by_sparql = store.graph.query(sparql, prefixes={**terms.PREFIXES, "id": store.base})
    found = [read_answer(by_sql), read_answer(by_sparql)]
    return found[0], found[1]  # type: ignore[return-value]


def some_value(parameter: library.Parameter, table: Table, chance: random.Random) -> str:
    """Return a value of a parameter that some letters have, most of the time."""
    if parameter.type == "integer":
        return str(chance.choice((1, 2, 3, 5, 40)))
    if parameter.type in ("date", "year"):
        return chance.choice(("2014-06-01", "2016-12-30", "2019-01-31"))[: 4 if parameter.type == "year" else None]
    if parameter.type in CHOICES:
        return chance.choice(sorted(CHOICES[parameter.type]))
    kind = KINDS[parameter.type]
    if kind.minted_class:
        nodes = sorted(iter_instances(table.store.graph, kind.minted_class))
        return chance.choice(nodes or [f"{terms.BASE}{kind.name}-none"])
    used = sorted({id for (id,) in table.rows(f"select distinct unnest({kind.dimension.values}) from items")})
    return chance.choice([*used, *(each.id for each in kind.concepts())][: 2 * len(used) + 5])


def in_order(rows: object) -> tuple[object, list[tuple[Term | None, ...]]]:
    return rows.columns, list(rows.terms)  # type: ignore[attr-defined]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_the_table_gives_the_rows_of_the_sparql(question: library.Question, table: Table) -> None:
    """By default, and with random values of random parameters; equal rows may only differ in what no order says."""
    chance = random.Random(question.name)
    needed = [parameter for parameter in question.parameters if parameter.required]
    given = [{parameter.name: some_value(parameter, table, chance) for parameter in needed}]
    given += [given[0] | {parameter.name: some_value(parameter, table, chance)} for parameter in question.parameters]
    for _ in range(_TRIES):
        chosen = [parameter for parameter in question.parameters if parameter.required or chance.random() < 0.6]
        given.append({parameter.name: some_value(parameter, table, chance) for parameter in chosen})
    for values in given:
        by_table, by_sparql = map(in_order, both(question, values, table))
        assert by_table[0] == by_sparql[0]
        assert sorted(map(str, by_table[1])) == sorted(map(str, by_sparql[1])), values
        assert without_ties(question, by_table) == without_ties(question, by_sparql), values


def without_ties(question: library.Question, rows: tuple[object, list[tuple[Term | None, ...]]]) -> list[list[str]]:
    """Return of each row what it is ordered by."""
    found = find_table_question(question.name)
    assert found is not None
    names, terms_ = list(rows[0]), rows[1]  # type: ignore[call-overload]
    return [[str(row[names.index(name)]) for name, _ in found.order if name in names] for row in terms_]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_a_node_that_the_table_cannot_have_is_left_to_sparql(question: library.Question) -> None:
    store = memory_store()
    with open_table(store) as table:
        for parameter in question.parameters:
            if parameter.type in KINDS:
                values = parse_parameters(question, {parameter.name: "https://example.org/x/treatment-mri"}, store)
                assert answer_from_table(question, values, table) is None


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store on disk that has its table."""

    def build(folder: Path) -> None:
        add(folder / "store", generated(60))
        with open_table(folder / "store"):
            pass

    return build_once(tmp_path_factory, "questions-store", build) / "store"


def test_only_large_stores_answer_from_the_table(large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that short commands need no DuckDB; the answer is the same, and a file of one's own is never replaced."""
    store, question = open_store(large), QUESTIONS[0]
    assert not has_table_answer(question, store)
    before = read_answer(ask.run(store, question.name))
    monkeypatch.setattr(table_evaluation, "_LARGE", 0)
    assert has_table_answer(question, store)
    assert read_answer(ask.run(store, question.name)) == before
    changed = library.parse(question.name, question.sparql.replace("# title: ", "# title: My "))
    assert not has_table_answer(changed, store)
    assert not has_table_answer(library.find_question("similar-cases"), store)
    assert not has_table_answer(question, memory_store())


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_pages_show_pieces_in_the_order_of_any_column(
    question: library.Question, large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A window of rows, by each column upwards and downwards, has what SPARQL has there."""
    snapshot = StoreSnapshot(large)
    assert read_piece(snapshot, question, {}, None, 0) is None  # a small store
    monkeypatch.setattr(table_evaluation, "_LARGE", 0)
    monkeypatch.setattr(query_results, "WINDOW", 5)
    values = {parameter.name: parameter.example or "" for parameter in question.parameters if parameter.required}
    names = [str(term) for term in (read_piece(snapshot, question, values, None, 0) or ([], []))[0]]
    sparql = bind_parameters(question, values, snapshot.store)
    for column in [None, *(name for name in names if f"{name}Label" not in names)]:
        for downwards in (False, True):
            order = None if column is None else (column, downwards)
            found = read_piece(snapshot, question, values, order, 3)
            text = query_results._piece(sparql, order, 6, 3)
            expected = read_answer(snapshot.store.graph.query(text, prefixes=dict(terms.PREFIXES)))
            assert found is not None
            name = column or next(name for name, _ in find_table_question(question.name).order if name in names)  # type: ignore[union-attr]
            place = expected.columns.index(name)  # type: ignore[union-attr]
            by = [str(row[name]) for row in found[1]]
            assert by == [str(row[place]) for row in expected.terms]  # type: ignore[union-attr]
    snapshot.retire()


def test_a_wrong_header_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "x.sql").write_text("-- columns: a treatmint\n-- order: a\nselect 1\n", encoding="utf-8")
    with pytest.raises(ToolError, match=r"^x\.sql: it has to begin with '-- columns: NAME TYPE"):
        find_table_question("x", tmp_path)


def test_every_file_of_sql_belongs_to_a_question() -> None:
    assert {file.stem for file in resources.queries().glob("*.sql")} == {question.name for question in QUESTIONS}
