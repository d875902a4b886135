"""The state of the store that is served, and what the workers of it are told."""

from __future__ import annotations

from dataclasses import dataclass

from imr_graph.endpoint.settings import ServerSettings
from imr_graph.endpoint.workers.messages import Setup
from imr_graph.errors import StoreError
from imr_graph.resources import software_version
from imr_graph.store.generations import Manifest, folder_of, manifest_of

__all__ = ["ServedVersion", "read_served_version", "worker_setup"]


@dataclass(frozen=True, slots=True)
class ServedVersion:
    """A state of the store: its manifest, and the fingerprint of the file that says so.

    The fingerprint tells a store that was built anew, whose generations count from 1 again, from the one before.
    `graph` is the graph of an external store, None for its default graph and for a store of our own.
    """

    manifest: Manifest
    fingerprint: tuple[int, int]
    graph: str | None = None


def read_served_version(settings: ServerSettings) -> ServedVersion:
    """Return what the store holds now; raises StoreError where it cannot be read.

    An external store is asked, which may take some time.
    """
    if settings.endpoint:
        from imr_graph.endpoint.proxy import read_publication

        published = read_publication(settings)
        manifest = Manifest(published.base, published.generation, "", software_version())
        return ServedVersion(manifest, (int(published.digest[:16], 16), 0), published.graph)
    found = manifest_of(settings.store)
    if found is None:
        raise StoreError(
            f"There is no store at {settings.store}: make one with imr-graph build SOURCE --store {settings.store}."
        )
    status = (settings.store / "store.json").stat()
    return ServedVersion(found, (status.st_ino, status.st_mtime_ns))


def worker_setup(settings: ServerSettings, version: ServedVersion) -> Setup:
    """Return what a worker of a state of the store is told."""
    return Setup(
        folder=str(folder_of(settings.store, version.manifest.generation).absolute()),
        base=version.manifest.base,
        endpoint=settings.endpoint,
        graph=version.graph,
        query_seconds=settings.query_seconds,
        memory_bytes=settings.memory_bytes,
        rows=settings.rows,
        result_bytes=settings.result_bytes,
        hold_bytes=settings.hold_bytes,
    )
