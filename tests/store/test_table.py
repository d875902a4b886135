"""The table as a file: polars and DuckDB read it with its types, and the dictionary explains each column."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import duckdb
import polars as pl
import pyarrow.parquet
import pytest

from imr_graph.errors import UnknownNameError
from imr_graph.model import Amounts
from imr_graph.record_files import FORMULA_STARTS, LIST_SEPARATOR
from imr_graph.store.changes import add
from imr_graph.store.graph_store import memory_store
from imr_graph.store.table import export_table
from imr_graph.table.columns import COLUMNS, NAMES, describe_columns, format_dictionary
from imr_graph.table.rows import item_rows
from support.records import determination, item
from support.sample_table import generated, put
from support.sample_world import FICTIONAL

LETTERS = (*FICTIONAL, *generated(120))
TYPES = {
    "VARCHAR": pl.String(),
    "VARCHAR[]": pl.List(pl.String()),
    "DATE": pl.Date(),
    "INTEGER": pl.Int32(),
    "BOOLEAN": pl.Boolean(),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store that was filled in two steps."""
    path = tmp_path_factory.mktemp("export") / "store"
    put(path, LETTERS[:40])
    put(path, LETTERS[40:])
    return path


def expected() -> list[dict[str, object]]:
    rows = [row for d in LETTERS for row in item_rows(d)]
    return sorted(rows, key=lambda row: (row["case_key"], row["position"]))


def test_polars_reads_parquet_with_the_types_of_the_schema(store: Path, tmp_path: Path) -> None:
    file = tmp_path / "items.parquet"
    assert export_table(store, "parquet", file) == len(expected())
    frame = pl.read_parquet(file)
    assert dict(frame.schema) == {column.name: TYPES[column.type] for column in COLUMNS}
    rows = [
        {name: str(v) if frame.schema[name] == pl.Date() and v else v for name, v in row.items()}
        for row in frame.to_dicts()
    ]
    assert rows == [{name: row[name] for name in NAMES} for row in expected()]


def test_csv_says_the_same_in_text(store: Path) -> None:
    stream = io.BytesIO()
    export_table(store, "csv", stream)
    rows = list(csv.DictReader(io.StringIO(stream.getvalue().decode(), newline="")))
    assert len(rows) == len(expected())
    for found, row in zip(rows, expected(), strict=True):
        assert found["rationale"] == (row["rationale"] or "")
        assert found["decision_date"] == (row["decision_date"] or "")
        assert found["treatments"] == LIST_SEPARATOR.join(row["treatments"])  # type: ignore[arg-type]
        assert found["retrospective"] == str(row["retrospective"]).lower()


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_a_text_that_a_spreadsheet_would_run_is_only_text_in_csv(start: str) -> None:
    store = memory_store()
    heading = f"{start}HYPERLINK(1)"
    add(store, [determination("CM20-0000001", item(heading, amounts=Amounts(levels=(f"{start}1", "L4"))))])
    stream = io.BytesIO()
    export_table(store, "csv", stream)
    (row,) = csv.DictReader(io.StringIO(stream.getvalue().decode(), newline=""))
    assert row["heading"] == f"'{heading}"
    assert f"'{start}1{LIST_SEPARATOR}L4" in row.values()


@pytest.mark.parametrize("format", ["parquet", "csv"])
def test_equal_stores_give_equal_files(store: Path, tmp_path: Path, format: str) -> None:
    files = [tmp_path / name for name in ("one", "other")]
    for file, path in zip(files, (store, tmp_path / "store"), strict=True):
        if path != store:
            put(path, LETTERS)
        export_table(path, format, file)
    assert files[0].read_bytes() == files[1].read_bytes()


def test_a_store_in_memory_is_exported_too() -> None:
    store = memory_store()
    add(store, FICTIONAL)
    stream = io.BytesIO()
    assert export_table(store, "parquet", stream) == sum(len(d.items) for d in FICTIONAL)


def test_figures_of_the_file_are_those_of_polars(store: Path, tmp_path: Path) -> None:
    file = tmp_path / "items.parquet"
    export_table(store, "parquet", file)
    frame = pl.read_parquet(file).explode("treatments").group_by("treatments").len()
    sql = f"select k, count(*) from (select unnest(treatments) as k from '{file}') group by k"
    found = dict(duckdb.sql(sql).fetchall())
    assert {k: n for k, n in frame.rows() if k is not None} == found


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="'parquet'"):
        export_table(memory_store(), "parket", io.BytesIO())
    with pytest.raises(UnknownNameError, match="'markdown'"):
        format_dictionary("markdwn")


def test_the_dictionary_explains_each_column_in_the_ontology_s_words() -> None:
    entries = describe_columns()
    assert [entry.column for entry in entries] == list(NAMES)
    assert all(entry.meaning.endswith(".") for entry in entries)
    assert {e.column: e.term for e in entries}["decision"] == "https://w3id.org/imr-graph/ontology#decision"


def test_the_dictionary_is_the_same_in_each_format() -> None:
    from_json = json.loads(format_dictionary("json"))
    from_csv = list(csv.DictReader(io.StringIO(format_dictionary("csv"))))
    assert [row["column"] for row in from_json] == [row["column"] for row in from_csv] == list(NAMES)
    assert [row["meaning"] for row in from_json] == [row["meaning"] for row in from_csv]
    assert all(f"| `{name}` |" in format_dictionary("markdown") for name in NAMES)


def test_parquet_says_what_its_columns_mean(tmp_path: Path) -> None:
    store = memory_store()
    export_table(store, "parquet", tmp_path / "items.parquet")
    said = pyarrow.parquet.read_metadata(tmp_path / "items.parquet").metadata[b"imr-graph:columns"]
    assert {entry["column"] for entry in json.loads(said)} == set(NAMES)
    assert all(entry["meaning"] for entry in json.loads(said))
