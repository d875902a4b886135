"""A release: a folder with all that belongs to the data, which can go to a repository as it is."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

import pyoxigraph as ox

from imr_graph import dataset, resources
from imr_graph import iris as terms
from imr_graph.errors import StoreError, UsageError
from imr_graph.graph.cases import cases
from imr_graph.graph.export import description, export
from imr_graph.graph.resolver import vocabulary_triples
from imr_graph.release.metadata import CRATE, TABLE, DatasetFacts, DatasetFile, describe_crate, describe_croissant
from imr_graph.store.graph_store import GraphStore
from imr_graph.store.table import export_table
from imr_graph.table.columns import format_dictionary
from imr_graph.vocabulary.mappings import FILE as MAPPINGS

__all__ = ["write_release"]

_CHECKSUMS: Final = "SHA256SUMS"
_TURTLE: Final = "text/turtle"
_MEDIA: Final = {".ttl": _TURTLE, ".tsv": "text/tab-separated-values", ".csv": "text/csv", ".toml": "application/toml"}


def write_release(store: GraphStore, folder: Path) -> None:
    """Write a release of a store to a folder, which appears whole or not at all.

    It holds the graph as Turtle and N-Triples, the table as Parquet with its dictionary, the ontology, the vocabularies
    with their mappings (SSSOM), the shapes, a description (VoID, DCAT), Croissant and RO-Crate metadata, a citation and
    checksums. The same store gives the same bytes. Raises UsageError where the folder is there and not empty,
    StoreError where the store is in memory or the folder cannot be written.
    """
    if store.path is None:
        raise StoreError("A release is made of a store on disk: name its folder.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is there already and not empty: name another folder for the release.")
    facts = DatasetFacts(
        store.generation, dataset.built_on(store.path), sum(1 for _ in cases(store)), f"{store.base}dataset"
    )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as made:
            _fill(store, facts, Path(made))
            if folder.exists():
                folder.rmdir()
            Path(made).chmod(0o755)
            shutil.copytree(made, folder)
    except OSError as error:
        raise StoreError(f"{folder} cannot be written ({error.strerror or error}): choose another folder.") from error


def _fill(store: GraphStore, facts: DatasetFacts, folder: Path) -> None:
    files = [_write(folder, name, media, title, write) for name, media, title, write in (*_data(store), *_knowledge())]
    croissant = _json(describe_croissant(facts, files))
    citation = dataset.cite(facts.generation, facts.built, facts.cases, facts.address)
    files += [
        _write(folder, "croissant.json", "application/ld+json", "Metadata of the files as Croissant", croissant),
        _write(folder, "CITATION.txt", "text/plain", "How to cite the data", f"{citation}\n".encode()),
    ]
    sums = "".join(f"{file.sha256}  {file.address}\n" for file in sorted(files, key=lambda file: file.address))
    files.append(_write(folder, _CHECKSUMS, "text/plain", "SHA-256 of each file", sums.encode()))
    (folder / CRATE).write_bytes(_json(describe_crate(facts, files)))


_Content = bytes | Callable[[BinaryIO], Any]


def _data(store: GraphStore) -> Iterator[tuple[str, str, str, _Content]]:
    def table(stream: BinaryIO) -> None:
        export_table(store, "parquet", stream)

    yield "graph.ttl", _TURTLE, "The graph as Turtle", lambda stream: export(store, "turtle", stream)
    yield (
        "graph.nt",
        "application/n-triples",
        "The graph as N-Triples",
        lambda stream: export(store, "ntriples", stream),
    )
    yield TABLE, "application/vnd.apache.parquet", "The table of disputed items as Parquet", table
    yield "columns.md", "text/markdown", "What the columns of the table mean", format_dictionary("markdown").encode()
    yield "description.ttl", _TURTLE, "The description of the data: VoID, DCAT", description(store)


def _knowledge() -> Iterator[tuple[str, str, str, _Content]]:
    text = ox.serialize(vocabulary_triples(), format=ox.RdfFormat.TURTLE, prefixes=terms.PREFIXES) or b""
    yield "vocabularies.ttl", _TURTLE, "The ontology and all vocabularies with what follows from them, as SKOS", text
    for path in sorted((*resources.ontology().iterdir(), *resources.shapes().rglob("*.ttl"))):
        kind = "shapes" if path.is_relative_to(resources.shapes()) else "ontology"
        root = resources.shapes() if kind == "shapes" else resources.ontology()
        if path.suffix in _MEDIA:
            titles = {"imr.ttl": "The ontology", MAPPINGS: "Mappings to public vocabularies, as SSSOM"}
            title = titles.get(path.name, f"{kind.capitalize()}: {path.stem.replace('-', ' ')}")
            yield f"{kind}/{path.relative_to(root).as_posix()}", _MEDIA[path.suffix], title, path.read_bytes()


def _write(folder: Path, address: str, media_type: str, title: str, content: _Content) -> DatasetFile:
    path = folder / address
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        if isinstance(content, bytes):
            stream.write(content)
        else:
            content(stream)
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return DatasetFile(address, address, media_type, title, path.stat().st_size, digest)


def _json(record: dict[str, Any]) -> bytes:
    return json.dumps(record, ensure_ascii=False, indent=1).encode() + b"\n"
