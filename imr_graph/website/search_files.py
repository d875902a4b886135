"""The hits of a search as a file: CSV or JSON, of the first of them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import Any, Final

from starlette.responses import Response

from imr_graph import iris as terms
from imr_graph.analysis.search.results import Hit, SearchPage
from imr_graph.analysis.search.search import search
from imr_graph.store.graph_store import GraphStore
from imr_graph.website.search_request import SearchRequest

__all__ = ["FORMATS", "MOST", "response"]

MOST: Final = 1000
"""Hits that a file holds at most, the first in the order of the search."""

_AT_ONCE: Final = 200
_COLUMNS: Final = ("case", "item", "iri", "decision", "decided", "heading", "words")


def response(store: GraphStore, asked: SearchRequest, format: str) -> Response:
    """Return the first `MOST` hits of a search in a format of `FORMATS`."""
    pages = list(_pages(store, asked))
    media_type, write = FORMATS[format]
    headers = {
        "cache-control": "no-cache",
        "content-disposition": f'attachment; filename="determinations.{format}"',
        "x-total-count": str(pages[0].total),
    }
    return Response(write(pages, store.base), 200, headers, media_type)


def _pages(store: GraphStore, asked: SearchRequest) -> Iterator[SearchPage]:
    offset: int | None = 0
    while offset is not None and offset < MOST:
        page = search(
            store,
            asked.text,
            asked.filters,
            since=asked.since or None,
            until=asked.until or None,
            sort=asked.sort,
            limit=_AT_ONCE,
            offset=offset,
        )
        yield page
        offset = page.next_offset


def _row(hit: Hit, base: str) -> tuple[Any, ...]:
    case = terms.case_iri(hit.case, base)
    iri = terms.item_iri(case, hit.position) if hit.position else case
    words = " | ".join(" ".join(snippet.text.split()) for snippet in hit.snippets)
    return hit.case, hit.position, iri, hit.decision, hit.decided, hit.heading, words


def _csv(pages: list[SearchPage], base: str) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(_COLUMNS)
    writer.writerows(_row(hit, base) for page in pages for hit in page.hits)
    return stream.getvalue()


def _json(pages: list[SearchPage], base: str) -> str:
    first = pages[0]
    hits = [dict(zip(_COLUMNS, _row(hit, base), strict=True)) for page in pages for hit in page.hits]
    whole = {
        "search": first.text,
        "filters": asdict(first.filters),
        "total": first.total,
        "complete": first.complete and len(hits) == first.total,
        "hits": hits,
    }
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


FORMATS: Final[Mapping[str, tuple[str, Callable[[list[SearchPage], str], str]]]] = {
    "csv": ("text/csv; charset=utf-8", _csv),
    "json": ("application/json", _json),
}
"""Formats by their names in addresses: the media type and the writer."""
