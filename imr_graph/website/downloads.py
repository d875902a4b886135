"""Files for download: made once for each generation, beside everything else, and served with ranges.

Dumping a large store at each request would be a gift to whoever wants to keep the server busy. So a process of low
priority makes each file once, within `download_seconds` and `download_bytes`; until it is there, the page says so.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from imr_graph.endpoint.child import ChildProcess
from imr_graph.endpoint.observability import Log
from imr_graph.endpoint.settings import ServerSettings
from imr_graph.store.generations import Manifest, manifest_of

__all__ = ["KINDS", "DownloadFile", "Downloads"]

_MODULE: Final = "imr_graph.website.make_downloads"
KINDS: Final = {
    "graph.ttl.gz": ("application/gzip", "The graph as Turtle, compressed"),
    "graph.nt.gz": ("application/gzip", "The graph as N-Triples, compressed"),
    "items.parquet": ("application/vnd.apache.parquet", "The table of disputed items as Parquet"),
    "items.csv": ("text/csv; charset=utf-8", "The table of disputed items as CSV"),
}
"""Media type and title of each file, by its name."""


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
