"""Files for download: made once for each generation, beside everything else, and served with ranges.

Dumping a large store at each request would be a gift to whoever wants to keep the server busy. So a process of low
priority makes each file once, within `download_seconds` and `download_bytes`; until it is there, the page says so.

The process is `python -m imr_graph.website.downloads STORE FOLDER BYTES MEMORY`. It prints a JSON object a line: first
the generation, then each file with its size and digest, or why there is none.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import os
import resource
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple, cast

from imr_graph.endpoint.child import ChildProcess
from imr_graph.endpoint.observability import Log
from imr_graph.endpoint.settings import ServerSettings
from imr_graph.errors import ImrGraphError
from imr_graph.graph.export import export
from imr_graph.store.generations import Manifest, manifest_of
from imr_graph.store.graph_store import GraphStore, open_store
from imr_graph.store.table import export_table

__all__ = ["KINDS", "DownloadFile", "DownloadKind", "Downloads", "main"]

_MODULE: Final = "imr_graph.website.downloads"


class DownloadKind(NamedTuple):
    """A kind of file: its media type, its title, and what writes it."""

    media_type: str
    title: str
    make: Callable[[GraphStore, Path], None]


def _export_table(format: str, store: GraphStore, file: Path) -> None:
    export_table(store, format, file)


def _export_graph(format: str, store: GraphStore, file: Path) -> None:
    # No name and no time inside: the same graph gives the same bytes.
    with file.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as stream:
        export(store, format, cast(BinaryIO, stream))


KINDS: Final[Mapping[str, DownloadKind]] = {
    "graph.ttl.gz": DownloadKind(
        "application/gzip", "The graph as Turtle, compressed", partial(_export_graph, "turtle")
    ),
    "graph.nt.gz": DownloadKind(
        "application/gzip", "The graph as N-Triples, compressed", partial(_export_graph, "ntriples")
    ),
    "items.parquet": DownloadKind(
        "application/vnd.apache.parquet", "The table of disputed items as Parquet", partial(_export_table, "parquet")
    ),
    "items.csv": DownloadKind(
        "text/csv; charset=utf-8", "The table of disputed items as CSV", partial(_export_table, "csv")
    ),
}
"""What is made, by the names of files, the large ones first."""


@dataclass(frozen=True, slots=True)
class DownloadFile:
    """A file that is there: its path, size, digest, and the generation that it holds."""

    name: str
    path: Path
    bytes: int
    sha256: str
    generation: int


@dataclass
class Downloads:
    """The files of the generation that is served, or, until they are made, of the one before.

    `state` is `off`, `making`, `made`, `ended` (by the limit of time) or `broken`; `failed` says why a file is not
    made.
    """

    settings: ServerSettings
    log: Log
    files: dict[str, DownloadFile] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    state: str = field(init=False)
    _child: ChildProcess = field(default_factory=ChildProcess)
    _temporary: Path | None = None

    def __post_init__(self) -> None:
        self.state = "making" if self.settings.download_seconds else "off"

    @property
    def version(self) -> str:
        """The version of a page that shows these files."""
        return "-".join((self.state, *(f"{name}{file.generation}" for name, file in sorted(self.files.items()))))

    async def make(self, _served: Manifest) -> None:
        """Make the files of the generation that is served from now on."""
        settings = self.settings
        # The folder of the store, also where the queries go to an external one.
        manifest = manifest_of(settings.store) if settings.download_seconds else None
        if manifest is None or self._child.stopped:
            return
        mark = (settings.store / "store.json").stat().st_mtime_ns
        folder = self._root() / f"{manifest.generation}-{mark:x}"
        limits = (settings.download_bytes, 4 * settings.memory_bytes)
        self.state, self.failed = "making", {}
        arguments = [str(settings.store.absolute()), str(folder), *map(str, limits)]
        try:
            async with self._child.run(_MODULE, arguments, settings.download_seconds) as process:
                await self._read_progress(process, folder)
        except TimeoutError:
            self.state = "ended"
        if self._child.is_current(process):
            self._finish(process.returncode, folder)

    def stop(self) -> None:
        """End the process for good, and delete the files of a temporary folder."""
        self._child.stop()
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)

    async def _read_progress(self, process: asyncio.subprocess.Process, folder: Path) -> None:
        """Enter files as the process reports them."""
        assert process.stdout is not None
        generation = 0
        async for line in process.stdout:
            found: dict[str, Any] = json.loads(line)
            generation = found.get("generation", generation)
            name = found.get("name")
            if name and "failed" in found:
                self.failed[name] = found["failed"]
            elif name:
                self.files[name] = DownloadFile(name, folder / name, found["bytes"], found["sha256"], generation)
        await process.wait()

    def _finish(self, code: int | None, folder: Path) -> None:
        """Set the final state, and delete the files of older generations."""
        if self.state == "making":
            self.state = "broken" if code else "made"
        if code or self.failed:
            self.log.event("downloads_failed", code=code, files=self.failed)
        self.files = {name: file for name, file in self.files.items() if file.path.parent == folder}
        root = self._root()
        for other in root.iterdir() if root.is_dir() else ():
            if other != folder and _is_generation_folder(other):
                shutil.rmtree(other, ignore_errors=True)

    def _root(self) -> Path:
        if self.settings.downloads:
            return Path(self.settings.downloads)
        if self._temporary is None:
            self._temporary = Path(tempfile.mkdtemp(prefix="imr-graph-downloads-"))
        return self._temporary


def _is_generation_folder(folder: Path) -> bool:
    """Return whether a folder is one that this module made: a generation and a mark."""
    generation, _, mark = folder.name.partition("-")
    return folder.is_dir() and generation.isdigit() and all(c in "0123456789abcdef" for c in mark) and bool(mark)


def main() -> None:
    """Make every file that the folder of the command line lacks."""
    path, folder, most, memory = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    os.nice(10)  # a tenth of a processor that is busy otherwise; with 19 it would be a hundredth, and take days
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    store = open_store(path)
    _report({"generation": store.generation})
    folder.mkdir(parents=True, exist_ok=True)
    for name in reversed([*KINDS]):  # the small ones first
        _report(_make(store, folder, name))


def _make(store: GraphStore, folder: Path, name: str) -> dict[str, object]:
    file, draft = folder / name, folder / f".{name}-{os.getpid()}"
    try:
        if not file.exists():
            KINDS[name].make(store, draft)
            os.replace(draft, file)
        with file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return {"name": name, "bytes": file.stat().st_size, "sha256": digest}
    except MemoryError:
        return {"name": name, "failed": "it would take more memory than it may"}
    except OSError as error:
        return {"name": name, "failed": f"it is larger than it may be, or the disk is full ({error.strerror})"}
    except (ImrGraphError, RuntimeError, ValueError) as error:
        return {"name": name, "failed": str(error).splitlines()[0].rstrip(".")}
    finally:
        draft.unlink(missing_ok=True)


def _report(found: Mapping[str, object]) -> None:
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
