"""Whether a store is whole: each file against its digest, and graph, catalog, table and index against each other.

What is damaged is not opened, as a database may take all memory over a few wrong bytes. `repair` (its module) derives
again what can be derived.
"""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph.errors import StoreError, ToolError
from imr_graph.graph.cases import key_of
from imr_graph.graph.readable import GraphStore
from imr_graph.graph.sorting import convert_ranges
from imr_graph.store import catalog, digests, letter_triples, texts
from imr_graph.store import table_manifest as manifests
from imr_graph.store.failures import translate_errors
from imr_graph.store.follow import living_rows
from imr_graph.store.generations import Manifest, folder_of, manifest_of, no_store, writer
from imr_graph.store.search_index import index_damage
from imr_graph.vocabulary import load_version

__all__ = ["CATALOG", "DIGESTS", "MANIFEST", "TABLE", "TEXTS", "TRIPLES", "VOCABULARY", "Damage", "Verification",
           "damaged_texts", "examine", "graph_letters", "verify"]  # fmt: skip

# What `repair` can derive again.
MANIFEST, DIGESTS, CATALOG, TEXTS = "manifest", "digests", "catalog", "texts"
TABLE, VOCABULARY, TRIPLES = "table", "vocabulary", "triples"

_REPAIR: Final = "imr-graph verify --repair"
_BUILD_ANEW: Final = digests.REBUILD
_DERIVE_CATALOG: Final = f"{_REPAIR} derives it from the graph; the next build reads all letters again"
_DERIVE_TABLE: Final = f"{_REPAIR} derives table and index again from the graph"
_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Damage:
    """A file that is not as it was written: what is wrong with it, the way out, and what `repair` derives (or '')."""

    file: str
    wrong: str
    way_out: str
    repair: str = ""

    def __str__(self) -> str:
        """Return the one sentence that people read."""
        return f"{self.file} {self.wrong}: {self.way_out}."


@dataclass(frozen=True)
class Verification:
    """What was found: damages, remarks on what could not be checked, and what `repair` did before that."""

    store: str
    generation: int
    files: int
    letters: int
    damages: tuple[Damage, ...]
    remarks: tuple[str, ...] = ()
    repaired: tuple[str, ...] = ()

    @property
    def intact(self) -> bool:
        """Whether nothing is damaged."""
        return not self.damages

    def as_record(self) -> dict[str, Any]:
        """Return the findings as a JSON object."""
        return {**asdict(self), "intact": self.intact}

    def as_lines(self) -> Iterator[str]:
        """Yield the findings for people."""
        yield from self.repaired
        yield from (str(damage) for damage in self.damages)
        yield from self.remarks
        if self.intact:
            yield (
                f"{self.store} is whole: generation {self.generation}, {self.letters:,} letters, {self.files:,} files "
                "with the digests they were written with; graph, catalog, table and index agree."
            )


def verify(store: Path | str) -> Verification:
    """Return whether each file of a store is as it was written, and whether they agree; nothing is changed.

    A build has to wait meanwhile. Raises StoreError where there is no store, where a build runs, or where a file may
    not be read.
    """
    path = Path(store)
    if not path.is_dir():
        raise no_store(path)
    with ExitStack() as stack:
        if os.access(path, os.W_OK):  # where nothing can be written nobody builds
            stack.enter_context(writer(path))
        stack.enter_context(translate_errors(path))
        return examine(path)


def examine(path: Path) -> Verification:
    """Do what `verify` does for whoever holds the store as its writer, or where nobody can write it."""
    try:
        manifest = manifest_of(path)
    except StoreError as error:
        if not (path / "store.json").is_file() or "format" in str(error):
            raise
        return _headless(path, "is damaged")
    if manifest is None:
        return _headless(path, "is missing")
    damages, remarks = list(_of_generation(path, manifest)), []
    if not manifest.digests:
        remarks.append(
            f"The files of generation {manifest.generation} have no digests, as an earlier version wrote them: the "
            "next build gives them some."
        )
    graph = None if damages else _graph_of(path, manifest)
    damages += _of_vocabulary(path, manifest)
    state = digests.catalog_state(path)
    of_catalog = list(_of_catalog(path, state))
    damages += of_catalog
    if state == digests.OPEN:
        remarks.append(
            f"{path / catalog.FILE} has no digest, as its last change was interrupted: the next build gives it one."
        )
    # What the table has only the catalog can say: which of its rows have gone.
    whole = not any(damage.repair == CATALOG for damage in of_catalog)
    of_table = list(_of_table(path, manifest, compare=whole))
    damages += of_table
    letters = 0
    if graph is not None:
        there = graph_letters(graph)
        letters = len(there)
        if whole:
            differing = list(_disagreement(path, manifest, there))
            damages += differing or _of_triples(path, graph)
        if whole and not of_table:
            damages += _table_disagreement(path, manifest, set(there))
    found = digests.read_digests(path, manifest.generation)
    return Verification(
        str(path), manifest.generation, len(found[1]) if found else 0, letters, tuple(damages), tuple(remarks)
    )


def graph_letters(graph: GraphStore) -> dict[str, tuple[str, str | None, str]]:
    """Return the letters of a graph by the keys of their cases: digest, case number, day of the decision."""
    digests_of = dict(_values(graph, "sha256"))
    numbers, decided = dict(_values(graph, "caseNumber")), dict(_values(graph, "decisionDate"))
    return {
        key_of(case): (digests_of.get(letter, ""), numbers.get(case), decided.get(case, ""))
        for case, letter in _values(graph, "documentedIn")
    }


def _values(graph: GraphStore, name: str) -> Iterator[tuple[str, str]]:
    for quad in graph.graph.quads_for_pattern(None, ox.NamedNode(terms.term(name)), None, ox.DefaultGraph()):
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode | ox.Literal):
            yield quad.subject.value, quad.object.value


def _headless(path: Path, wrong: str) -> Verification:
    numbers = [int(found.name) for found in path.glob("generations/*") if found.name.isdigit()]
    if not numbers:
        raise no_store(path)
    way_out = f"{_REPAIR} writes it again from the list of digests"
    known = any(digests.read_digests(path, number) for number in numbers)
    return Verification(
        str(path), 0, 0, 0,
        (Damage(str(path / "store.json"), wrong, way_out if known else _BUILD_ANEW, MANIFEST if known else ""),),
    )  # fmt: skip


def _of_generation(path: Path, manifest: Manifest) -> Iterator[Damage]:
    if not manifest.digests:
        if not folder_of(path, manifest.generation).is_dir():
            yield Damage(str(folder_of(path, manifest.generation)), "is missing", _BUILD_ANEW)
        return
    file, found = digests.file_of(path, manifest.generation), digests.read_digests(path, manifest.generation)
    if found is None or digests.measure(file).sha256 != manifest.digests:
        fault = "is damaged" if file.is_file() else "is missing"
        yield Damage(str(file), fault, f"{_REPAIR} writes it again where graph and table agree", DIGESTS)
        return
    for name, expected in found[1].items():
        if name.startswith("generations/") and (wrong := digests.damage(path / name, expected)):
            yield Damage(str(path / name), wrong, _BUILD_ANEW)


def _of_vocabulary(path: Path, manifest: Manifest) -> Iterator[Damage]:
    found = digests.read_digests(path, manifest.generation)
    for name, expected in found[1].items() if found else ():
        if name.startswith("vocabularies/") and (wrong := digests.damage(path / name, expected)):
            ours = manifest.vocabulary == load_version()
            way_out = f"{_REPAIR} writes it again" if ours else _BUILD_ANEW
            yield Damage(str(path / name), wrong, way_out, VOCABULARY if ours else "")


def _graph_of(path: Path, manifest: Manifest) -> GraphStore:
    graph = ox.Store.read_only(str(folder_of(path, manifest.generation)))
    letters = letter_triples.StoredTriples(path, manifest.base, manifest.generation, manifest.vocabulary)
    folder = folder_of(path, manifest.generation)
    return GraphStore(graph, manifest.base, path, manifest.generation, folder, letters=letters)


def _of_catalog(path: Path, state: str) -> Iterator[Damage]:
    file = str(path / catalog.FILE)
    if state in (digests.MISSING, digests.DAMAGED):
        yield Damage(file, f"is {state}", _DERIVE_CATALOG, CATALOG)
        return
    with catalog.reading(path) as connection:
        assert connection is not None
        try:
            # What SQLite 3.40 says of NULL is wrong where a key's columns are not the first; the seal has values.
            found = [str(fault) for (fault,) in connection.execute("pragma integrity_check")]
            faults = [fault for fault in found if fault != "ok" and not fault.startswith("NULL value")]
        except sqlite3.DatabaseError as error:
            faults = [str(error)]
        if faults:
            yield Damage(file, f"is damaged ({' '.join(faults[0].split())})", _DERIVE_CATALOG, CATALOG)
            return
        bad = list(damaged_texts(connection))
    if bad:
        wrong = f"holds {len(bad):,} texts that are not as they were written ({bad[0][:16]} ...)"
        yield Damage(file, wrong, f"{_REPAIR} lets the next build of the letters read them again", TEXTS)


def damaged_texts(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield the digests under which a catalog keeps texts that have others."""
    for sha256, packed in connection.execute("select sha256, packed from text"):
        try:
            whole = texts.digest_of(texts.unpack(packed)) == sha256
        except (zlib.error, ValueError, TypeError):
            whole = False
        if not whole:
            yield str(sha256)


def _disagreement(path: Path, manifest: Manifest, there: dict[str, tuple[str, str | None, str]]) -> Iterator[Damage]:
    known = {e.key: (e.sha256, e.number, e.decided) for e in catalog.entries(path, manifest.generation)}
    differing = {key for key in known.keys() | there.keys() if known.get(key) != there.get(key)}
    if differing:
        yield Damage(str(path / catalog.FILE), _differs_on(differing), _DERIVE_CATALOG, CATALOG)


def _of_triples(path: Path, graph: GraphStore) -> Iterator[Damage]:
    """Find out whether the letters' triples in the catalog can be read and are as many as the graph has."""
    file, way_out = str(path / catalog.FILE), f"{_REPAIR} takes them out, and exports ask the graph instead"
    bad = list(letter_triples.list_damaged(path, graph.generation))
    if bad:
        wrong = f"holds triples of {len(bad):,} letters that are not as they were written ({bad[0]} ...)"
        yield Damage(file, wrong, way_out, TRIPLES)
        return
    try:
        for _ in convert_ranges(graph, lambda _: b""):
            pass
    except ToolError:
        yield Damage(file, "holds triples of letters that are not those of the graph", way_out, TRIPLES)


def _differs_on(keys: set[str]) -> str:
    return f"does not agree with the graph on {len(keys):,} letters ({', '.join(sorted(keys)[:_SHOWN])})"


def _of_table(path: Path, manifest: Manifest, *, compare: bool) -> Iterator[Damage]:
    file = manifests.file_of(path, manifest.generation)
    found = manifests.parse(path, manifest.generation)
    if found is None:
        yield Damage(str(file), "is damaged" if file.is_file() else "is missing", _DERIVE_TABLE, TABLE)
        return
    if found.columns != manifests.COLUMNS:
        yield Damage(str(file), "was made by a version with other columns", _DERIVE_TABLE, TABLE)
        return
    faults = manifests.damages(path, found, whole=True)
    damages = [Damage(str(file), wrong, _DERIVE_TABLE, TABLE) for file, wrong in faults]
    yield from damages
    index = manifests.folder_of(path) / found.search
    if not index.is_file():
        yield Damage(str(index), "is missing", _DERIVE_TABLE, TABLE)
    elif compare and not damages and (wrong := index_damage(index, found.generation, living_rows(path, found))):
        yield Damage(str(index), wrong, _DERIVE_TABLE, TABLE)


def _table_disagreement(path: Path, manifest: Manifest, keys: set[str]) -> Iterator[Damage]:
    found = manifests.read(path, manifest.generation)
    held = {row["case_key"] for row in living_rows(path, found)} if found else set()
    if differing := held ^ keys:
        file = manifests.file_of(path, manifest.generation)
        yield Damage(str(file), _differs_on(differing), _DERIVE_TABLE, TABLE)
