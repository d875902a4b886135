"""Records as files for download: whole, or made while they are sent, so that no more than a piece is in memory."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from threading import Lock
from typing import Final

from starlette.datastructures import QueryParams
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from imr_graph.endpoint.formats import accepts_gzip
from imr_graph.live_store import StoreSnapshot
from imr_graph.record_files import FORMATS, RecordFile, format_csv, stream_records
from imr_graph.website.page_cache import RenderedPage, respond_with
from imr_graph.website.site import PageRequest, QueryFailedError, Site

__all__ = ["MOST_AT_A_TIME", "file_headers", "send_records", "send_table", "wants_bom"]

MOST_AT_A_TIME: Final = 8
"""Files that are sent at a time; each keeps a generation of the store open."""

_LEVEL: Final = 1  # of zlib: pieces are compressed while they are sent


def file_headers(name: str) -> dict[str, str]:
    """Return the headers of a file for download."""
    return {"cache-control": "no-cache", "content-disposition": f'attachment; filename="{name}"'}


def wants_bom(asked: QueryParams) -> bool:
    """Return whether an address asks for a byte order mark, which some spreadsheets need to read UTF-8: `bom=1`."""
    return asked.get("bom") == "1"


def send_table(
    asked: QueryParams,
    name: str,
    format: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    document: object,
) -> Response:
    """Return a small table as a file: its columns and rows as CSV, or the document as JSON."""
    if format == "csv":
        body = format_csv(columns, rows, bom=wants_bom(asked))
    else:
        body = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    return Response(body, 200, file_headers(f"{name}.{format}"), FORMATS[format])


async def send_records(
    asked: PageRequest,
    open_records: Callable[[StoreSnapshot], AbstractContextManager[RecordFile]],
    name: str,
    format: str,
) -> Response:
    """Return records as a file for download, in a format of `record_files.FORMATS`.

    `open_records` yields the records for as long as they are read. Raises what it raises, TimeoutError where the first
    piece takes longer than a query may, and QueryFailedError where too many files are being sent.
    """
    site, request = asked.site, asked.request
    etag = site.etag(f"-{format}")
    headers = {**file_headers(f"{name}.{format}"), "etag": etag, "vary": "accept-encoding"}
    known = respond_with(request, RenderedPage(b"", 200, {**headers, "content-type": FORMATS[format]}))
    if known.status_code == 304:
        return known
    if site.files_sent >= MOST_AT_A_TIME:
        raise QueryFailedError(f"{MOST_AT_A_TIME} files are being sent already: come back in a moment.")
    gzip = accepts_gzip(request.headers.get("accept-encoding", ""))
    if gzip:
        headers["content-encoding"] = "gzip"
    reader = _Reader(site, _pieces(site, open_records, format, bom=wants_bom(request.query_params)), gzip=gzip)
    try:
        first = await asyncio.wait_for(reader.read(), site.settings.query_seconds)
    except BaseException:
        reader.close()
        raise
    return _StreamedFile(reader, None if request.method == "HEAD" else first, headers, FORMATS[format])


def _pieces(
    site: Site,
    open_records: Callable[[StoreSnapshot], AbstractContextManager[RecordFile]],
    format: str,
    *,
    bom: bool,
) -> Iterator[bytes]:
    with site.live_store.open() as snapshot, open_records(snapshot) as records:
        for piece in stream_records(records, format, bom=bom):
            yield piece.encode(errors="replace")


class _Reader:
    """Pieces of a file, read in the threads of the site, and closed once, whoever leaves first."""

    def __init__(self, site: Site, pieces: Iterator[bytes], *, gzip: bool) -> None:
        self._site, self._pieces, self._lock = site, pieces, Lock()
        self._packer = zlib.compressobj(_LEVEL, wbits=zlib.MAX_WBITS | 16) if gzip else None
        self._closed = False
        site.files_sent += 1

    async def read(self) -> bytes | None:
        """Return the next piece, None behind the last."""
        return await asyncio.get_running_loop().run_in_executor(self._site.threads, self._next)

    def close(self) -> None:
        """Close what the pieces come from, in a thread, as a piece may be on its way."""
        if not self._closed:
            self._closed = True
            self._site.files_sent -= 1
            self._site.threads.submit(self._end)

    def _next(self) -> bytes | None:
        with self._lock:
            for piece in self._pieces:
                packed = self._packer.compress(piece) if self._packer else piece
                if packed:
                    return packed
            last, self._packer = self._packer.flush() if self._packer else b"", None
            return last or None

    def _end(self) -> None:
        with self._lock:
            self._pieces.close()  # type: ignore[attr-defined] # a generator's


class _StreamedFile(StreamingResponse):
    """An answer of pieces; what they come from is closed however the answer ends."""

    def __init__(self, reader: _Reader, first: bytes | None, headers: dict[str, str], media_type: str) -> None:
        super().__init__(self._pieces(first), 200, headers, media_type)
        self._reader = reader

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._reader.close()

    async def _pieces(self, piece: bytes | None) -> AsyncIterator[bytes]:
        while piece is not None:
            yield piece
            piece = await self._reader.read()
