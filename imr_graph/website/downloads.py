"""Files for download: made once for each generation, beside everything else, and served with ranges.

Dumping a large store at each request would be a gift to whoever wants to keep the server busy. So a process of low
priority makes each file once, within `download_seconds` and `download_bytes`; until it is there, the page says so.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from imr_graph.store.generations import Manifest, manifest_of
from imr_graph.website.site import PageNotFoundError, Site

__all__ = ["KINDS", "Downloads", "File", "routes"]

KINDS: Final = {
    "graph.ttl.gz": ("application/gzip", "The graph as Turtle, compressed"),
    "graph.nt.gz": ("application/gzip", "The graph as N-Triples, compressed"),
    "items.parquet": ("application/vnd.apache.parquet", "The table of disputed items as Parquet"),
    "items.csv": ("text/csv; charset=utf-8", "The table of disputed items as CSV"),
}
"""Media type and title of each file, by its name."""


@dataclass(frozen=True, slots=True)
class File:
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

    site: Site
    files: dict[str, File] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    state: str = "off"
    _process: asyncio.subprocess.Process | None = None
    _temporary: Path | None = None
    _ended: bool = False

    @property
    def mark(self) -> str:
        """What tells apart pages that show different files."""
        return "-".join((self.state, *(f"{name}{file.generation}" for name, file in sorted(self.files.items()))))

    async def make(self, _served: Manifest) -> None:
        """Make the files of the generation that is served from now on."""
        settings = self.site.settings
        # The folder of the store, also where the queries go to an external one.
        manifest = manifest_of(settings.store) if settings.download_seconds else None
        if manifest is None or self._ended:
            return
        self._kill()
        mark = (settings.store / "store.json").stat().st_mtime_ns
        folder = self._root() / f"{manifest.generation}-{mark:x}"
        limits = (settings.download_bytes, 4 * settings.memory_bytes)
        self.state, self.failed = "making", {}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "imr_graph.website.make_downloads"),
            *(str(settings.store.absolute()), str(folder), *map(str, limits)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        self._process = process
        try:
            async with asyncio.timeout(settings.download_seconds):
                await self._take(process, folder)
        except TimeoutError:
            self.state = "ended"
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process is self._process and not self._ended:
            self._settle(process.returncode, folder)

    def end(self) -> None:
        """End the making for good, and delete what was made in a temporary folder."""
        self._ended = True
        self._kill()
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)

    async def _take(self, process: asyncio.subprocess.Process, folder: Path) -> None:
        """Take files as they come."""
        assert process.stdout is not None
        generation = 0
        async for line in process.stdout:
            found: dict[str, Any] = json.loads(line)
            generation = found.get("generation", generation)
            name = found.get("name")
            if name and "failed" in found:
                self.failed[name] = found["failed"]
            elif name:
                self.files[name] = File(name, folder / name, found["bytes"], found["sha256"], generation)
        await process.wait()

    def _settle(self, code: int | None, folder: Path) -> None:
        """Say how it ended, and delete what older generations left."""
        if self.state == "making":
            self.state = "broken" if code else "made"
        if code or self.failed:
            self.site.log.event("downloads failed", code=code, files=self.failed)
        self.files = {name: file for name, file in self.files.items() if file.path.parent == folder}
        root = self._root()
        for other in root.iterdir() if root.is_dir() else ():
            if other != folder and _ours(other):
                shutil.rmtree(other, ignore_errors=True)

    def _root(self) -> Path:
        if self.site.settings.downloads:
            return Path(self.site.settings.downloads)
        if self._temporary is None:
            self._temporary = Path(tempfile.mkdtemp(prefix="imr-graph-downloads-"))
        return self._temporary

    def _kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()


def routes(site: Site, downloads: Downloads) -> list[BaseRoute]:
    """Return the routes of the files and of their digests."""

    async def file(_site: Site, request: Request) -> Response:
        found = downloads.files.get(request.path_params["name"])
        if found is None or not found.path.exists():
            raise PageNotFoundError("That file is not made, or not yet: see the page of the data.")
        kind, _ = KINDS[found.name]
        stem, _, suffix = found.name.partition(".")
        name = f"imr-graph-{stem}-{found.generation}.{suffix}"
        return FileResponse(found.path, media_type=kind, filename=name, headers={"cache-control": "no-cache"})

    async def digests(_request: Request) -> Response:
        lines = (f"{file.sha256}  {name}\n" for name, file in sorted(downloads.files.items()))
        return PlainTextResponse("".join(lines), headers={"cache-control": "no-cache"})

    return [
        Route("/data/files/SHA256SUMS", digests),
        Route("/data/files/{name}", site.page(file), methods=["GET"]),
    ]


def _ours(folder: Path) -> bool:
    """Return whether a folder is one that this module made: a generation and a mark."""
    generation, _, mark = folder.name.partition("-")
    return folder.is_dir() and generation.isdigit() and all(c in "0123456789abcdef" for c in mark) and bool(mark)
