"""A release: one folder that a repository can take, with metadata that validators and readers accept."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import subprocess
from pathlib import Path

import duckdb
import pyoxigraph as ox
import pytest

from imr_graph import resources
from imr_graph.cli.app import run
from imr_graph.errors import StoreError, UsageError
from imr_graph.graph.cases import data_triples
from imr_graph.graph.resolver import vocabulary_triples
from imr_graph.release.folder import write_release
from imr_graph.release.metadata import CRATE
from imr_graph.store.graph_store import memory_store, open_store
from imr_graph.table.columns import NAMES
from support.built_stores import built
from support.components import require_module, require_program
from support.once import build_once


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a store and its release."""

    def build(folder: Path) -> None:
        built([resources.examples()], folder / "store")
        write_release(open_store(folder / "store"), folder / "release")

    return build_once(tmp_path_factory, "release", build)


def parsed(path: Path) -> set[ox.Triple]:
    return {quad.triple for quad in ox.parse(path=path)}


def test_graph_table_and_knowledge_are_those_of_the_store(made: Path) -> None:
    expected, release = set(data_triples(open_store(made / "store"))), made / "release"
    assert parsed(release / "graph.ttl") == parsed(release / "graph.nt") == expected
    rows = duckdb.read_parquet(str(release / "items.parquet"))
    assert tuple(rows.columns) == NAMES
    assert parsed(release / "vocabularies.ttl") == set(vocabulary_triples())
    for file in (*resources.ontology().glob("*.ttl"), *resources.ontology().glob("*.tsv")):
        assert (release / "ontology" / file.name).read_bytes() == file.read_bytes()
    for file in resources.shapes().rglob("*.ttl"):
        assert (release / "shapes" / file.relative_to(resources.shapes())).read_bytes() == file.read_bytes()
    assert "15 cases" in (release / "CITATION.txt").read_text()


def test_every_file_is_in_the_checksums_and_in_the_metadata(made: Path) -> None:
    release = made / "release"
    lines = (release / "SHA256SUMS").read_text().splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    files = {path.relative_to(release).as_posix() for path in release.rglob("*") if path.is_file()}
    assert files - sums.keys() == {"SHA256SUMS", CRATE}
    for name, digest in sums.items():
        assert hashlib.sha256((release / name).read_bytes()).hexdigest() == digest
    graph = json.loads((release / CRATE).read_text())["@graph"]
    assert {node["@id"] for node in graph if node["@type"] == "File"} == files - {CRATE}


def test_the_same_store_gives_the_same_bytes(made: Path, tmp_path: Path) -> None:
    write_release(open_store(made / "store"), tmp_path / "again")
    for path in (made / "release").rglob("*"):
        if path.is_file():
            assert (tmp_path / "again" / path.relative_to(made / "release")).read_bytes() == path.read_bytes(), path


def test_a_folder_that_holds_something_is_left_alone(made: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    with pytest.raises(UsageError, match="not empty: name another folder"):
        write_release(open_store(made / "store"), tmp_path)
    with pytest.raises(StoreError, match="a store on disk"):
        write_release(memory_store(), tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_the_command_writes_it(made: Path, tmp_path: Path) -> None:
    assert run(["export", "--store", str(made / "store"), "--release", str(tmp_path / "new")]) == 0
    assert (tmp_path / "new" / CRATE).read_bytes() == (made / "release" / CRATE).read_bytes()


def test_the_library_of_ro_crate_reads_it(made: Path) -> None:
    require_module("rocrate", "dev")
    from rocrate.rocrate import ROCrate

    crate = ROCrate(made / "release")
    assert crate.root_dataset["license"].id.startswith("https://creativecommons.org/publicdomain/zero")
    assert crate.dereference("items.parquet")["encodingFormat"] == "application/vnd.apache.parquet"


def test_the_validator_of_ro_crate_finds_nothing(made: Path) -> None:
    python = Path(require_program("rocrate-validator")).parent / "python"
    require_module("rocrate", "dev")
    spec = importlib.util.find_spec("rocrate")
    assert spec is not None
    assert spec.origin is not None
    terms = Path(spec.origin).parent / "data" / "ro-crate.jsonld"
    script = Path(__file__).parent.parent / "support" / "validate_crate.py"
    done = subprocess.run([python, script, made / "release", terms], capture_output=True, text=True)
    checks, _, word = done.stdout.strip().partition(" ")
    assert word == "checks", done.stdout + done.stderr
    assert int(checks) > 40


@pytest.mark.filterwarnings("ignore")  # of the validator's own libraries
def test_the_validator_of_croissant_finds_nothing(made: Path) -> None:
    require_module("mlcroissant", "dev")
    import mlcroissant

    found = mlcroissant.Dataset(jsonld=str(made / "release" / "croissant.json")).metadata
    assert found.ctx.issues.report() == ""
    assert [field.name for field in found.record_sets[0].fields] == list(NAMES)
