"""The second evaluation of questions, SQL over the table: the same rows as their SPARQL, in the same order."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

import pytest

from imr_graph import iris as terms
from imr_graph import resources
from imr_graph.analysis.dimensions.kinds import KINDS
from imr_graph.analysis.dimensions.lookup import iter_instances
from imr_graph.analysis.queries import ask, library, table_evaluation
from imr_graph.analysis.queries.parameters import CHOICES, bind_parameters, parse_parameters
from imr_graph.analysis.queries.results import Raw, ResultTable, read_answer
from imr_graph.analysis.queries.table_evaluation import answer_from_table, find_table_answer, find_table_question
from imr_graph.errors import ToolError
from imr_graph.model import Amounts, Dates, Determination
from imr_graph.store.changes import add
from imr_graph.store.graph_store import memory_store, open_store
from imr_graph.store.table import Table, open_table
from imr_graph.website import query_results
from support.once import build_once
from support.records import determination, gold, item
from support.sample_table import generated
from support.sample_world import FICTIONAL

QUESTIONS = [question for question in library.list_questions() if find_table_question(question.name)]
_STRANGE = (  # keys that names of the graph escape, no service, no date, words that recur
    determination("IMR 13-1", item("Brace", "overturned", treatments=("brace",), rationale="As said.")),
    determination("IMR 13/2", item("Brace", "upheld", treatments=("brace",), rationale="As said.")),
    determination("CM20-3", item("Brace", rationale=None), dates=Dates()),
    determination(
        "CM20-4",
        item(
            "Visits",
            rationale="\u0130S \u212aNEE \u017fEE (.)\u2019s \u039f\u03a3",
            amounts=Amounts(visits=0, authorized_visits=2),
        ),
        dates=Dates(decided=date(2016, 1, 1), ur_denied=date(2016, 1, 31)),
    ),
)
_WORLDS = ("fictional", "strange", "generated", "gold", "own base")
_TRIES = 6


@pytest.fixture(scope="module", params=_WORLDS)
def table(request: pytest.FixtureRequest, shared: Path) -> Iterator[Table]:
    """Yield the table of the real letters, of invented ones, and of generated ones."""
    store = memory_store(base="https://example.org/imr/" if request.param == "own base" else terms.BASE)
    add(store, records_of(request.param, shared))
    with open_table(store) as opened:
        yield opened


def records_of(world: str, shared: Path) -> Sequence[Determination]:
    """Return the records of a world; they are made when they are needed, not when tests are collected."""
    if world == "generated":
        return generated(250)
    if world == "gold":
        return gold(shared)
    return _STRANGE if world == "strange" else FICTIONAL


@pytest.fixture(scope="module")
def empty() -> Iterator[Table]:
    """Yield the table of a store without letters."""
    with open_table(memory_store()) as opened:
        yield opened


def both(question: library.Question, values: Mapping[str, str], table: Table) -> tuple[ResultTable, ResultTable]:
    """Return the rows of the table and those of SPARQL, as tables of terms."""
    store = table.store
    by_sql = answer_from_table(question, parse_parameters(question, values, store), table)
    assert by_sql is not None
    sparql = bind_parameters(question, values, store)
    by_sparql = store.graph.query(sparql, prefixes={**terms.PREFIXES, "id": store.base})
    return as_table(by_sql), as_table(by_sparql)


def as_table(raw: Raw) -> ResultTable:
    found = read_answer(raw)
    assert isinstance(found, ResultTable)
    return found


def some_value(parameter: library.Parameter, table: Table, chance: random.Random) -> str:
    """Return a value of a parameter that some letters have, most of the time."""
    if parameter.type == "integer":
        return str(chance.choice((1, 2, 3, 5, 40)))
    if parameter.type in ("date", "year"):
        return chance.choice(("2014-06-01", "2016-12-30", "2019-01-31"))[: 4 if parameter.type == "year" else None]
    if parameter.name == "priority":
        return chance.choice(("standard", "expedited"))
    if parameter.type == "text":
        (words,) = chance.choice(
            table.rows("select distinct rationale from items where rationale is not null order by 1")
        )
        start = chance.randrange(len(words))
        words = chance.choice((str.upper, str.lower, str))(words[start : start + chance.choice((1, 3, 20))]).strip()
        return str(words) if words and table_evaluation._is_lowered_alike(words) else "e"
    if parameter.type == "case":
        return str(chance.choice(table.rows("select distinct case_key from items order by 1"))[0])
    if parameter.type in CHOICES:
        return chance.choice(sorted(CHOICES[parameter.type]))
    kind = KINDS[parameter.type]
    if kind.minted_class:
        nodes = sorted(iter_instances(table.store.graph, kind.minted_class))
        return chance.choice(nodes or [f"{terms.BASE}{kind.name}-none"])
    used = sorted({id for (id,) in table.rows(f"select distinct unnest({kind.dimension.values}) from items")})
    return chance.choice([*used, *(each.id for each in kind.concepts())][: 2 * len(used) + 5])


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
        by_table, by_sparql = both(question, values, table)
        assert by_table.columns == by_sparql.columns
        assert sorted(map(str, by_table.terms)) == sorted(map(str, by_sparql.terms)), values
        assert without_ties(question, by_table) == without_ties(question, by_sparql), values


def without_ties(question: library.Question, rows: ResultTable) -> list[list[str]]:
    """Return of each row what it is ordered by."""
    places = [rows.columns.index(name) for name in order_of(question) if name in rows.columns]
    return [[str(row[place]) for place in places] for row in rows.terms]


def order_of(question: library.Question) -> list[str]:
    found = find_table_question(question.name)
    assert found is not None
    return [name for name, _ in found.order]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_a_node_that_the_table_cannot_have_is_left_to_sparql(question: library.Question, empty: Table) -> None:
    for parameter in question.parameters:
        if parameter.type in KINDS or parameter.type == "case":
            needed = {each.name: each.example or "" for each in question.parameters if each.required}
            given = {**needed, parameter.name: "https://example.org/x/treatment-mri"}
            values = parse_parameters(question, given, empty.store)
            assert answer_from_table(question, values, empty) is None


@pytest.mark.parametrize(
    ("text", "alike"), [("NEE\u2019S \u00a7 9", True), ("d\u00e9j\u00e0", False), ("\u039f\u03a3", False)]
)
def test_words_with_letters_beyond_ascii_are_left_to_sparql(text: str, alike: bool, empty: Table) -> None:
    """DuckDB lowers some of them otherwise than Oxigraph: a sigma at the end of a word, a letter new in Unicode."""
    question = library.find_question("items-mentioning")
    found = answer_from_table(question, parse_parameters(question, {"text": text}, empty.store), empty)
    assert (found is not None) == alike


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
    store, question = open_store(large), library.find_question("overturn-rate-by-year")
    assert find_table_answer(question, {}, store) is None
    before = read_answer(ask.run(store, question.name))
    monkeypatch.setattr(table_evaluation, "_LARGE", 0)
    assert find_table_answer(question, {}, store) is not None
    assert read_answer(ask.run(store, question.name)) == before
    changed = library.parse(question.name, question.sparql.replace("# title: ", "# title: My "))
    assert find_table_answer(changed, {}, store) is None
    assert find_table_answer(library.find_question("corrections"), {}, store) is None
    assert find_table_answer(question, {}, memory_store()) is None


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_pages_show_pieces_in_the_order_of_any_column(
    question: library.Question, large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A window of rows, by each column upwards and downwards, has what SPARQL has there."""
    store = open_store(large)
    monkeypatch.setattr(table_evaluation, "_LARGE", 0)
    with open_table(store) as table:
        needed = [parameter for parameter in question.parameters if parameter.required]
        values = {each.name: some_value(each, table, random.Random(question.name)) for each in needed}
        sparql = bind_parameters(question, values, store)
        names = both(question, values, table)[0].columns
        for column in [None, *(name for name in names if f"{name}Label" not in names)]:
            for downwards in (False, True):
                order = ((column, downwards),) if column else ()
                found = find_table_answer(question, values, store, lambda: table, order=order, part=slice(3, 9))
                text = query_results._write_piece(sparql, order, 6, 3)
                expected = as_table(store.graph.query(text, prefixes=dict(terms.PREFIXES)))
                assert found is not None
                name = column or next(name for name in order_of(question) if name in names)
                place = expected.columns.index(name)
                assert [str(row[name]) for row in found] == [str(row[place]) for row in expected.terms]


def test_a_wrong_header_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "x.sql").write_text("-- columns: a treatmint\n-- order: a\nselect 1\n", encoding="utf-8")
    with pytest.raises(ToolError, match=r"^x\.sql: it has to begin with '-- columns: NAME TYPE"):
        find_table_question("x", tmp_path)


def test_every_file_of_sql_belongs_to_a_question() -> None:
    assert {file.stem for file in resources.queries().glob("*.sql")} == {question.name for question in QUESTIONS}
