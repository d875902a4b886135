"""States of the store, and what the workers of one are told."""

from __future__ import annotations

from dataclasses import dataclass

from imr_graph.endpoint.settings import Settings
from imr_graph.endpoint.workers.worker import Setup
from imr_graph.errors import StoreError
from imr_graph.store.generations import Manifest, folder_of, manifest_of, software_version

__all__ = ["Edition", "edition_of", "setup_of"]


@dataclass(frozen=True, slots=True)
class Edition:
    """A state of the store: its manifest, and the mark of the file that says so.

    The mark tells a store that was built anew, whose generations count from 1 again, from the one before. `graph` is
    the graph of an external store, None for its default graph and for a store of our own.
    """

    manifest: Manifest
    mark: tuple[int, int]
    graph: str | None = None


def edition_of(settings: Settings) -> Edition:
    """Return what the store holds now; raises StoreError where it cannot be read.

    An external store is asked, which may take some time.
    """
    if settings.endpoint:
        from imr_graph.endpoint import proxy as relay

        published = relay.published(settings)
        manifest = Manifest(published.base, published.generation, "", software_version())
        return Edition(manifest, (int(published.digest[:16], 16), 0), published.graph)
    found = manifest_of(settings.store)
    if found is None:
        raise StoreError(
            f"There is no store at {settings.store}: make one with imr-graph build SOURCE --store {settings.store}."
        )
    status = (settings.store / "store.json").stat()
    return Edition(found, (status.st_ino, status.st_mtime_ns))


def setup_of(settings: Settings, edition: Edition) -> Setup:
    """Return what a worker of a state of the store is told."""
    return Setup(
        folder=str(folder_of(settings.store, edition.manifest.generation).absolute()),
        base=edition.manifest.base,
        endpoint=settings.endpoint,
        graph=edition.graph,
        seconds=settings.query_seconds,
        memory_bytes=settings.memory_bytes,
        rows=settings.rows,
        result_bytes=settings.result_bytes,
        hold_bytes=settings.hold_bytes,
    )
