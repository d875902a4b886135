"""The store: letters' graphs and the vocabularies in one Oxigraph database, on disk or in memory.

>>> store = memory_store()
>>> len(list(cases(store)))
0
"""

from __future__ import annotations

import gzip
import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph.errors import StoreError
from imr_graph.graph.cases import cases, data_triples
from imr_graph.graph.readable import GraphStore
from imr_graph.graph.resolver import vocabulary_subjects, vocabulary_text, vocabulary_triples
from imr_graph.resources import software_version
from imr_graph.store import catalog, digests, letter_triples
from imr_graph.store.failures import translate_errors
from imr_graph.store.generations import (
    Manifest,
    folder_of,
    forget_unpublished,
    manifest_of,
    no_store,
    publish,
    tidy,
    writer,
)
from imr_graph.store.renewal import OLD_FORMAT, renew
from imr_graph.vocabulary import load_version

if TYPE_CHECKING:
    import rdflib

__all__ = [
    "Draft",
    "GraphStore",
    "HeldStore",
    "StoreSource",
    "as_store",
    "cases",
    "data_triples",
    "keep_vocabulary",
    "memory_store",
    "open_store",
    "rdflib_graph",
    "write_store",
]

StoreSource: TypeAlias = GraphStore | Path | str
"""An open store, or the folder of one."""

_DEFAULT = ox.DefaultGraph()


def memory_store(*, base: str = terms.BASE) -> GraphStore:
    """Return a store in memory that holds the vocabularies and no letter yet."""
    graph = ox.Store()
    _load_vocabulary(graph)
    return GraphStore(graph, base)


def open_store(path: Path | str) -> GraphStore:
    """Open the current generation of a store for reading; writers do not disturb it.

    Raises StoreError where there is no store, or one of another format, or one that cannot be read.
    """
    path = Path(path)
    manifest = manifest_of(path)
    if manifest is None:
        _refuse_headless(path)
        raise no_store(path)
    return _open_generation(path, manifest)


def as_store(source: StoreSource) -> GraphStore:
    """Return an open store as it is, and open that of a folder; raises as `open_store`."""
    return source if isinstance(source, GraphStore) else open_store(source)


def rdflib_graph(store: StoreSource) -> rdflib.Graph:
    """Return a store as an rdflib graph that reads from it without copying, with the usual prefixes bound."""
    import oxrdflib  # here, as it takes longer to import than most commands need
    import rdflib
    from rdflib.graph import DATASET_DEFAULT_GRAPH_ID

    store = as_store(store)
    graph = rdflib.Graph(store=oxrdflib.OxigraphStore(store=store.database), identifier=DATASET_DEFAULT_GRAPH_ID)
    for prefix, namespace in {**terms.PREFIXES, "id": store.base}.items():
        graph.bind(prefix, namespace, replace=True)
    return graph


@dataclass
class Draft:
    """The generation in the making: its graph, and the letters that come and (by their cases' keys) go with it.

    The graph is closed when the generation is published. `many` are further letters that come, taken only then, so
    that a million of them never are objects at one time.
    """

    graph: ox.Store
    came: list[catalog.Entry] = field(default_factory=list)
    went: list[str] = field(default_factory=list)
    many: Iterable[catalog.Entry] = ()


@dataclass(frozen=True)
class HeldStore:
    """A store while this process is its one writer; `current` is what readers see (None in a new store).

    `renewed` says that it had the format of an earlier version until now.
    """

    path: Path
    base: str
    manifest: Manifest | None
    current: GraphStore | None
    renewed: bool = False

    @contextmanager
    def next(self, *, anew: bool = False, erase: bool = False) -> Iterator[Draft]:
        """Prepare the next generation and publish it when the block ends; an exception leaves the store as it was.

        `anew` starts from the vocabularies alone instead of from the current generation. `erase` writes what is left
        into a new database, as one that triples were taken out of keeps their words.
        """
        version = load_version()
        before = self.manifest or Manifest(self.base, 0, "", software_version())
        manifest = before.next(version)
        # A name of its own, as a database that failed may still be open in this process under the name it had.
        unfinished = folder_of(self.path, f"unfinished-{uuid.uuid4().hex}")
        folder = folder_of(self.path, manifest.generation)
        with translate_errors(self.path), _discarded_on_failure(unfinished, folder):
            forget_unpublished(self.path, manifest.generation)
            letter_triples.forget(self.path, manifest.generation)
            keep_vocabulary(self.path, version)
            draft = Draft(self._begin(unfinished, version, anew))
            try:
                yield draft
                if erase:
                    unfinished = folder_of(self.path, f"unfinished-{uuid.uuid4().hex}")
                    draft.graph = _copy_graph(draft.graph, unfinished)
                draft.graph.flush()
            finally:
                del draft.graph  # neither readers nor the clearing up may meet a database that is open for writing
            unfinished.rename(folder)
            came = chain(draft.came, draft.many)
            catalog.record(self.path, manifest.generation, came, draft.went, anew=anew)
            manifest = digests.record(self.path, manifest)
            publish(self.path, manifest)
        tidy(self.path, manifest)
        digests.tidy(self.path, {manifest.generation, manifest.generation - 1})

    def _begin(self, folder: Path, version: str, anew: bool) -> ox.Store:
        if self.current is None or self.manifest is None or anew:
            graph = ox.Store(str(folder))
            _load_vocabulary(graph)
            return graph
        self.current.database.backup(str(folder))
        graph = ox.Store(str(folder))
        if self.manifest.vocabulary != version:
            _renew_vocabulary(graph, self.path, self.manifest.vocabulary)
        return graph


@contextmanager
def write_store(path: Path | str, *, base: str | None = None) -> Iterator[HeldStore]:
    """Hold a store as its one writer; the store is made where there is none.

    `base` is asked for only where the store is made (default `terms.BASE`). A store of the format before this one is
    brought into this one. Raises StoreError where another process
    writes, where the store has another format or another base, or where the folder cannot be written.
    """
    path = Path(path)
    with writer(path):
        manifest = manifest_of(path, also=OLD_FORMAT)
        if manifest is None:
            _refuse_headless(path)
        if manifest and base and manifest.base != base:
            raise StoreError(
                f"The store {path} has the base {manifest.base}: use it, or build another store for {base}."
            )
        tidy(path, manifest)
        current = _open_generation(path, manifest) if manifest else None
        renewed = manifest is not None and manifest.format == OLD_FORMAT
        if manifest and renewed:
            manifest = renew(path, manifest)
        if manifest:
            digests.check_catalog(path)
        yield HeldStore(path, manifest.base if manifest else base or terms.BASE, manifest, current, renewed)
        digests.seal_catalog(path)


def _refuse_headless(path: Path) -> None:
    """Raise StoreError where a folder has lost the file that makes it a store: it is not taken for an empty one."""
    generations = [int(found.name) for found in path.glob("generations/*") if found.name.isdigit()]
    if max(generations, default=0) > 1 or (
        generations and digests.catalog_state(path) in (digests.SEALED, digests.DAMAGED)
    ):
        raise StoreError(
            f"{path / 'store.json'} is missing, though the folder holds a store: imr-graph verify --repair --store "
            f"{path} writes it again, or restore it from a copy."
        )


def _open_generation(path: Path, manifest: Manifest) -> GraphStore:
    folder = folder_of(path, manifest.generation)
    if not folder.is_dir():
        raise StoreError(
            f"The store {path} lacks its generation {manifest.generation}: restore the folder {folder} from a copy, or "
            "build it anew."
        )
    with translate_errors(path):
        digests.check_cheaply(path, manifest)
        graph = ox.Store.read_only(str(folder))
    near_keys = partial(catalog.near_keys, path, manifest.generation)
    letters = letter_triples.StoredTriples(path, manifest.base, manifest.generation, manifest.vocabulary)
    return GraphStore(graph, manifest.base, path, manifest.generation, folder, near_keys, letters)


@contextmanager
def _discarded_on_failure(*folders: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _copy_graph(graph: ox.Store, folder: Path) -> ox.Store:
    copy = ox.Store(str(folder))
    copy.bulk_extend(graph)
    return copy


def _load_vocabulary(graph: ox.Store) -> None:
    graph.bulk_load(vocabulary_text(), format=ox.RdfFormat.N_TRIPLES, lenient=True)


def keep_vocabulary(path: Path, version: str) -> None:
    """Keep the triples of the vocabularies that a generation holds, so that another version can replace them."""
    file = letter_triples.vocabulary_file(path, version)
    if not file.exists():
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(gzip.compress(vocabulary_text(), 3, mtime=0))  # the best would take five times as long


def _renew_vocabulary(graph: ox.Store, path: Path, old: str) -> None:
    """Put the shipped vocabularies in the place of those of another version, also over nodes that letters minted."""
    kept = frozenset(vocabulary_triples())
    file = letter_triples.vocabulary_file(path, old)
    if file.exists():
        text = gzip.decompress(file.read_bytes())
        for quad in ox.parse(text, format=ox.RdfFormat.N_TRIPLES):
            if quad.triple not in kept:
                graph.remove(quad)
    for subject in vocabulary_subjects():
        for quad in list(graph.quads_for_pattern(ox.NamedNode(subject), None, None, _DEFAULT)):
            if quad.triple not in kept:
                graph.remove(quad)
    _load_vocabulary(graph)
