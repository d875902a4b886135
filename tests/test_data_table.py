"""Tables of Python values: the types of rows and of the frames of pandas, polars and pyarrow, text and HTML."""

from __future__ import annotations

import random
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pandas
import polars
import pyarrow
import pytest

from imr_graph import data_table
from imr_graph.analysis.queries.ask import ask, select
from imr_graph.data_table import DataTable, Iri
from imr_graph.errors import UsageError
from imr_graph.store.changes import add
from imr_graph.store.graph_store import memory_store
from support.records import determination, item

TYPED = """SELECT (<urn:x> AS ?iri) (7 AS ?whole) (0.25 AS ?decimal) (1.5e0 AS ?double) (1 < 2 AS ?flag)
    ("2016-07-28"^^xsd:date AS ?day) ("2016-07-28T10:00:00"^^xsd:dateTime AS ?time) ("word"@en AS ?text)
    ("2016"^^xsd:gYear AS ?year) (?unbound AS ?nothing) ("30 February"^^xsd:date AS ?broken) WHERE {}"""


def test_the_rows_of_an_answer_are_python_values() -> None:
    [row] = select(memory_store(), TYPED).rows
    assert row == (
        "urn:x", 7, Decimal("0.25"), 1.5, True, date(2016, 7, 28), datetime(2016, 7, 28, 10), "word", 2016, None,
        "30 February",
    )  # fmt: skip
    assert type(row[0]) is Iri
    assert type(row[4]) is bool


def test_frames_have_the_types_of_the_columns() -> None:
    answer = select(memory_store(), TYPED)
    schema = answer.to_arrow().schema
    assert {name: str(schema.field(name).type) for name in answer.columns} == {
        "iri": "string", "whole": "int64", "decimal": "double", "double": "double", "flag": "bool",
        "day": "date32[day]", "time": "timestamp[us]", "text": "string", "year": "int64", "nothing": "string",
        "broken": "string",
    }  # fmt: skip
    frame = answer.to_pandas()
    assert list(frame.columns) == list(answer.columns)
    assert (frame["whole"].dtype.name, frame["decimal"].dtype.name) == ("Int64", "float64")
    assert frame["day"][0] == pandas.Timestamp("2016-07-28")
    other = answer.to_polars()
    assert other.schema["day"] == polars.Date
    assert other["whole"].to_list() == [7]


def test_cells_without_a_value_and_columns_of_several_kinds_become_frames() -> None:
    table = DataTable(("a", "b", "c"), ((1, 2, None), (None, "x", None), (3, 1 << 70, None)))
    assert table.to_pandas()["a"].sum() == 4
    assert table.to_polars()["b"].to_list() == ["2", "x", str(1 << 70)]
    assert isinstance(table.to_arrow(), pyarrow.Table)
    assert DataTable(("n",), ((1 << 70,),)).to_pandas()["n"].dtype.name == "float64"
    assert DataTable(("n",), ()).to_polars().shape == (0, 1)
    assert table.column("a") == (1, None, 3)
    with pytest.raises(UsageError, match="There is no column 'd': there are a, b, c"):
        table.column("d")


def test_a_table_shows_itself_in_consoles_and_notebooks() -> None:
    table = DataTable(("name", "n"), tuple((Iri(f"https://e.org/<{n}>"), n) for n in range(30)))
    assert repr(table).endswith("(30 rows, 20 shown)")
    assert str(table).endswith("(30 rows)\n")
    html = table._repr_html_()
    assert '<a href="https://e.org/&lt;1&gt;">' in html
    assert '<td style="text-align:right">19</td>' in html
    assert ">20<" not in html


def test_a_library_that_is_missing_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr(data_table, "import_module", missing)
    with pytest.raises(UsageError, match="pip install pandas"):
        DataTable((), ()).to_pandas()


def test_questions_take_a_folder_and_python_values(tmp_path: Path) -> None:
    path = tmp_path / "store"
    add(path, [determination("EX16-1", item("Valium", "upheld", treatments=("diazepam",)))])
    by_words = ask(path, "overturn-rate-by-treatment", {"minimum": "1"})
    assert ask(str(path), "overturn-rate-by-treatment", minimum=1) == by_words
    assert select(path, "overturn-rate-by-treatment", {"minimum": 1}) == by_words


def test_a_grid_is_what_rich_makes_of_the_same_cells() -> None:
    words = (
        "a",
        "word",
        "x" * 30,
        "y" * 80,
        "café",
        "  lead",
        "trail  ",
        "l1\nl2",
        "tab\tx",
        "日本語",
        "12.5",
        "",
        "\x07",
    )
    chance = random.Random(7)
    for _ in range(200):
        columns = chance.choices(("a", "head", "a longer head"), k=chance.randint(1, 5))
        cells = [" ".join(chance.choices(words, k=chance.choice((0, 1, 1, 2, 12)))) for _ in range(5 * len(columns))]
        rows = [cells[start : start + len(columns)] for start in range(0, len(cells), len(columns))]
        numeric = [chance.random() < 0.4 for _ in columns]
        narrow = data_table._format_in_narrow_columns([columns, *rows], numeric, 75 * len(columns))
        assert data_table.format_grid(columns, rows, numeric).rsplit("\n", 2)[0] == "\n".join(narrow)
