"""The front door: what several rooms offer as one verb, with a folder or an open store."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

import imr_graph
from imr_graph.api import EXPORTS
from imr_graph.errors import StoreError, UnknownNameError
from imr_graph.store.changes import add
from support.records import determination, item

LETTERS = [
    determination(f"EX16-{n}", item("Valium", decision, treatments=("diazepam",)))
    for n, decision in enumerate(("upheld", "upheld", "overturned"), 1)
]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("api") / "store"
    add(path, LETTERS)
    return path


@pytest.mark.parametrize("format", EXPORTS)
def test_every_export_is_bytes_a_stream_or_a_file(path: Path, tmp_path: Path, format: str) -> None:
    stream = io.BytesIO()
    written = imr_graph.export(path, format)
    imr_graph.export(str(path), format, stream)
    imr_graph.export(imr_graph.open_store(path), format, tmp_path / "file")
    assert written or format == "annotations"  # the letters of this store have no places
    assert written == stream.getvalue() == (tmp_path / "file").read_bytes()
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_a_file_that_cannot_be_finished_does_not_appear(path: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'parquet'"):
        imr_graph.export(path, "parket", tmp_path / "file")
    with pytest.raises(StoreError, match="There is no store"):
        imr_graph.export(tmp_path / "nothing", "csv", tmp_path / "file")
    assert list(tmp_path.iterdir()) == []


def test_verbs_take_a_folder_a_text_or_an_open_store(path: Path) -> None:
    for store in (path, str(path), imr_graph.open_store(path)):
        assert imr_graph.validate(store).shapes
        assert len(imr_graph.project(store, "treatment-guideline", filters={"decision": "upheld"})) == 2
        assert imr_graph.precedents(store, "Valium").found
        assert imr_graph.search(store, "Valium").total == 3
        assert imr_graph.stats(store, "treatment").column("decisions") == (3,)
        assert len(imr_graph.rdflib_graph(store)) > 1_000
        assert imr_graph.ask(store, "ASK { ?case a imr:Case }") is True


def test_statistics_are_a_table_with_counts_cases_and_interval(path: Path) -> None:
    table = imr_graph.stats(path, "treatment", filters={"decision": ["upheld", "overturned"]})
    [row] = table.to_dicts()
    assert (row["value"] if "value" in row else row["treatment"], row["decisions"], row["cases"]) == ("diazepam", 3, 3)
    assert row["low"] < row["share"] < row["high"]
    assert row["small"] is True
    assert imr_graph.stats(path, figure="reasons").rows == ()
    assert imr_graph.stats(path, filters={"derivative": True}).rows == ()


def test_every_name_of_the_front_door_is_there() -> None:
    for name in imr_graph.__all__:
        assert getattr(imr_graph, name)
