"""The data for people who take it home: files, description, columns, quality, licence, privacy, how to cite it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Final

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from imr_graph import iris as terms
from imr_graph.analysis.statistics.data_quality import Quality, data_quality
from imr_graph.analysis.statistics.overturn_rates import overturn_rates
from imr_graph.endpoint.sparql import Endpoint
from imr_graph.endpoint.urls import address, origin
from imr_graph.extraction.layouts import settings
from imr_graph.store.table_export import LIST_SEPARATOR
from imr_graph.table.dictionary import dictionary, written
from imr_graph.website import downloads
from imr_graph.website.downloads import KINDS, Downloads
from imr_graph.website.live_store import Opened
from imr_graph.website.pages import ontology, shapes
from imr_graph.website.site import Page, Site

__all__ = ["routes"]

_DCAT: Final = "http://www.w3.org/ns/dcat#"
_SPDX: Final = "http://spdx.org/rdf/terms#"
_NAMES: Final = 15  # of each kind that no vocabulary knows
_DICTIONARIES: Final = {"csv": "text/csv; charset=utf-8", "json": "application/json", "markdown": "text/markdown"}
# What each kind of names that no vocabulary knows is called.
_UNMATCHED: Final = {"treatments": "Treatments", "sections": "Sections", "specialties": "Specialties of reviewers"}


def routes(site: Site) -> list[BaseRoute]:
    """Return the routes of the data, its files, the ontology and the shapes."""
    files = Downloads(site, state="making" if site.settings.download_seconds else "off")
    site.pool.on_generation.append(files.make)
    site.on_close.append(files.end)

    async def data(request: Request) -> Response:
        # Files appear while a generation is served: a page is kept as long as it names those that are there.
        return await site.page(lambda site, request: _data(site, request, files), f"-{files.mark}")(request)

    async def description(request: Request) -> Response:
        return await _description(site, request, files)

    return [
        Route("/data", data, methods=["GET"]),
        Route("/data/description.ttl", description, methods=["GET"]),
        Route("/data/columns", site.page(_columns), methods=["GET"]),
        Route("/data/columns.{format}", site.page(_written_columns), methods=["GET"]),
        Route("/quality", site.page(_quality), methods=["GET"]),
        *downloads.routes(site, files),
        *ontology.routes(site),
        *shapes.routes(site),
    ]


async def _data(site: Site, request: Request, files: Downloads) -> Page:
    values: Mapping[str, Any] = {
        **await site.verb(_size),
        "title": "The data",
        "manifest": site.pool.manifest,
        "kinds": KINDS,
        "files": files.files,
        "failed": files.failed,
        "state": files.state,
        "settings": site.settings,
        "endpoint": address(request.scope, site.settings),
    }
    return Page("data.html", values)


def _size(opened: Opened) -> Mapping[str, Any]:
    """Return how much there is, of which years, and since when; runs in a thread."""
    cases, items = overturn_rates(opened.table, level="case"), overturn_rates(opened.table)
    by_year = overturn_rates(opened.table, "year", level="case").groups
    years = sorted(group.values[0].label for group in by_year if group.values[0].id)
    built = datetime.fromtimestamp((opened.path / "store.json").stat().st_mtime, UTC).date()
    return {"cases": cases.decisions, "items": items.decisions, "years": years, "built": built}


async def _columns(_site: Site, _request: Request) -> Page:
    entries = [(level, tuple(found)) for level, found in groupby(dictionary(), key=lambda entry: entry.level)]
    short = {entry.term: terms.local_name(entry.term) for entry in dictionary() if entry.term}
    values = {"title": "Columns of the table", "levels": entries, "short": short, "separator": LIST_SEPARATOR}
    return Page("data_columns.html", values)


async def _written_columns(_site: Site, request: Request) -> Response:
    format = {"md": "markdown"}.get(request.path_params["format"], request.path_params["format"])
    text = written(format)
    return Response(text, 200, {"cache-control": "no-cache"}, _DICTIONARIES[format])


async def _quality(site: Site, _request: Request) -> Page:
    found: Quality = await site.verb(lambda opened: data_quality(opened.table, limit=_NAMES))
    unmatched = [(_UNMATCHED[kind], tuple(names)) for kind, names in groupby(found.unmatched, key=lambda one: one.kind)]
    layouts = {layout.id: layout.name for layout in settings().layouts}
    values = {"title": "Data quality", "found": found, "unmatched": unmatched, "layouts": layouts}
    return Page("quality.html", values)


async def _description(site: Site, request: Request, files: Downloads) -> Response:
    """Answer with the description of the service and of its data, and of the files that are there."""
    endpoint: Endpoint = request.app.state.endpoint
    found = await endpoint.describer.written("text/turtle", address(request.scope, site.settings))
    body = (found[1] if found else b"") + _distributions(request, site, files)
    return Response(body, 200, {"cache-control": "no-cache"}, "text/turtle")


def _distributions(request: Request, site: Site, files: Downloads) -> bytes:
    """Return what catalogues are told of the files, as N-Triples, which are Turtle as well."""
    dataset = ox.NamedNode(f"{site.pool.manifest.base}dataset")
    home = f"{origin(request.scope, site.settings)}/data/files/"
    triples: list[ox.Triple] = []
    for name, file in sorted(files.files.items()):
        node, checksum = ox.NamedNode(f"{home}{name}"), ox.NamedNode(f"{home}SHA256SUMS#{name}")
        about = (
            (terms.RDF + "type", ox.NamedNode(f"{_DCAT}Distribution")),
            (_DCAT + "downloadURL", node),
            (_DCAT + "byteSize", ox.Literal(file.bytes)),
            (_DCAT + "mediaType", ox.Literal(KINDS[name][0].partition(";")[0])),
            (terms.DCTERMS + "title", ox.Literal(KINDS[name][1], language="en")),
            (_SPDX + "checksum", checksum),
        )
        triples.append(ox.Triple(dataset, ox.NamedNode(f"{_DCAT}distribution"), node))
        triples += [ox.Triple(node, ox.NamedNode(prop), value) for prop, value in about]
        triples.append(ox.Triple(checksum, ox.NamedNode(f"{_SPDX}checksumValue"), ox.Literal(file.sha256)))
    return ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""
