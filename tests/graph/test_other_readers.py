"""Other makers' readers over every export: jsonld.js, and Jena of Debian."""

from __future__ import annotations

import json
import subprocess
import zipfile
from pathlib import Path

import pyoxigraph as ox
import pytest

from imr_graph import api, resources
from imr_graph.graph.cases import data_triples
from imr_graph.graph.export import FORMATS
from imr_graph.graph.resolver import vocabulary_triples
from imr_graph.store.graph_store import GraphStore, open_store
from support.built_stores import built
from support.components import require_file, require_program
from support.once import build_once
from support.paths import PROJECT

SUPPORT = Path(__file__).parent.parent / "support"
JARS = Path("/usr/share/java")
LANGUAGES = {"turtle": "TURTLE", "ntriples": "NT", "rdfxml": "RDFXML", "jsonld": "JSONLD10"}
# Other bindings of the log, and what belongs to Maven, get into Jena's way.
OTHERS = ("log4j", "slf4j-j", "slf4j-simple", "slf4j-ext", "slf4j-migrator", "jul-to", "jcl-over", "maven")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> GraphStore:
    folder = build_once(tmp_path_factory, "read", lambda folder: built([resources.examples()], folder / "store"))
    return open_store(folder / "store")


@pytest.mark.parametrize("include_vocabulary", [False, True])
def test_jsonld_js_reads_the_graph_as_it_is(store: GraphStore, tmp_path: Path, include_vocabulary: bool) -> None:
    node, package = require_program("node"), PROJECT / "frontend" / "package.json"
    require_file(PROJECT / "frontend" / "node_modules" / "jsonld", "npm ci in frontend/")
    file = tmp_path / "graph.jsonld"
    api.export(store, "jsonld", file, include_vocabulary=include_vocabulary)
    command = [node, SUPPORT / "read_jsonld.mjs", package, file]
    done = subprocess.run(command, capture_output=True, check=True)
    expected = set(data_triples(store)) | (set(vocabulary_triples()) if include_vocabulary else set())
    assert {quad.triple for quad in ox.parse(done.stdout, format=ox.RdfFormat.N_QUADS)} == expected


def class_path(folder: Path) -> str:
    """Return the class path for Jena; in Debian's package the messages of its XML parser lie where it does not look."""
    with zipfile.ZipFile(require_program("jena")) as packed:
        misplaced = "org/apache/jena/ext/"
        for name in packed.namelist():
            if name.startswith(f"{misplaced}xerces/") and name.endswith(".properties"):
                target = folder / name.removeprefix(misplaced)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(packed.read(name))
    jars = (str(jar) for jar in sorted(JARS.glob("*.jar")) if not any(word in jar.name for word in OTHERS))
    return ":".join((str(folder), *jars))


@pytest.mark.slow
def test_jena_reads_every_form_of_the_graph(store: GraphStore, tmp_path: Path) -> None:
    """Jena of Debian reads JSON-LD 1.0 alone: without the version the file is that as well."""
    java, assembled = require_program("java"), class_path(tmp_path / "messages")
    arguments: list[str] = []
    for format in FORMATS:
        file = tmp_path / f"graph.{format}"
        api.export(store, format, file)
        if format == "jsonld":
            document = json.loads(file.read_text(encoding="utf-8"))
            del document["@context"]["@version"]
            file.write_text(json.dumps(document), encoding="utf-8")
        arguments += [LANGUAGES[format], str(file)]
    api.export(store, "annotations", tmp_path / "annotations.ttl")
    annotations = sum(1 for _ in ox.parse(path=tmp_path / "annotations.ttl"))
    arguments += ["TURTLE", str(tmp_path / "annotations.ttl")]
    command = [java, "-cp", assembled, SUPPORT / "JenaCount.java", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    triples = sum(1 for _ in data_triples(store))
    assert done.stdout.split() == [str(triples)] * len(FORMATS) + [str(annotations)], done.stderr
