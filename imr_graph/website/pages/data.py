"""The data for people who take it home: files, description, columns, quality, licence, privacy, how to cite it."""

from __future__ import annotations

import json
from datetime import date
from itertools import groupby
from typing import Final, NamedTuple

import pyoxigraph as ox
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response

from imr_graph import dataset
from imr_graph import iris as terms
from imr_graph.analysis.statistics.data_quality import data_quality
from imr_graph.analysis.statistics.overturn_rates import overturn_rates
from imr_graph.endpoint.sparql import Endpoint
from imr_graph.extraction.layouts import settings
from imr_graph.live_store import StoreSnapshot
from imr_graph.record_files import LIST_SEPARATOR
from imr_graph.release.metadata import DatasetFacts, DatasetFile, describe_croissant, describe_dataset
from imr_graph.table.columns import describe_columns, format_dictionary
from imr_graph.website import urls
from imr_graph.website.downloads import KINDS
from imr_graph.website.rendering import PageHead
from imr_graph.website.site import Page, PageNotFoundError, PageRequest, Site, StoreRequest

__all__ = [
    "redirect_to_description",
    "send_columns",
    "send_croissant",
    "send_description",
    "send_digests",
    "send_file",
    "show_columns",
    "show_data",
    "show_quality",
]

_DCAT: Final = "http://www.w3.org/ns/dcat#"
_SPDX: Final = "http://spdx.org/rdf/terms#"
_NAMES: Final = 15  # of each kind that no vocabulary knows
_DICTIONARIES: Final = {"csv": "text/csv; charset=utf-8", "json": "application/json", "markdown": "text/markdown"}
# What each kind of names that no vocabulary knows is called.
_UNMATCHED: Final = {"treatments": "Treatments", "sections": "Sections", "specialties": "Specialties of reviewers"}


class DataSize(NamedTuple):
    """How much there is: cases, disputed items, the first and the last year of decisions, and since when."""

    cases: int
    items: int
    years: str
    built: date


def show_data(asked: StoreRequest) -> Page:
    """Show what the data are, and the files that can be downloaded."""
    site, size = asked.site, _size(asked.snapshot)
    facts = DatasetFacts(site.pool.manifest.generation, size.built, size.cases, urls.DATA)
    return Page(
        "data.html",
        title="The data",
        size=size,
        downloads=site.downloads,
        kinds=KINDS,
        settings=site.settings,
        endpoint=asked.endpoint,
        manifest=site.pool.manifest,
        head=PageHead(dataset.DESCRIPTION, structured=describe_dataset(facts, _files(site))),
    )


def send_croissant(asked: StoreRequest) -> Response:
    """Answer with the description of the data and its files as Croissant."""
    site, size, home = asked.site, _size(asked.snapshot), asked.public
    facts = DatasetFacts(site.pool.manifest.generation, size.built, size.cases, f"{home}{urls.DATA}")
    body = json.dumps(describe_croissant(facts, _files(site, home)), ensure_ascii=False)
    return Response(body, 200, {"cache-control": "no-cache"}, "application/ld+json")


def _files(site: Site, home: str = "") -> list[DatasetFile]:
    """Return the files for download that are there; `home` begins their addresses."""
    return [
        DatasetFile(
            name, f"{home}{urls.file(name)}", of.media_type.partition(";")[0], of.title, file.bytes, file.sha256
        )
        for name, file in sorted(site.downloads.files.items())
        for of in (KINDS[name],)
    ]


def _size(snapshot: StoreSnapshot) -> DataSize:
    """Return how much there is, of which years, and since when."""
    cases, items = overturn_rates(snapshot.table, level="case"), overturn_rates(snapshot.table)
    by_year = overturn_rates(snapshot.table, "year", level="case").groups
    years = sorted(group.values[0].label for group in by_year if group.values[0].id)
    span = " to ".join(dict.fromkeys((*years[:1], *years[-1:])))
    return DataSize(cases.decisions, items.decisions, span, dataset.built_on(snapshot.path))


async def show_columns(_asked: PageRequest) -> Page:
    """Show the data dictionary of the table, by level, with the local names of the terms of the ontology."""
    entries = [(level, tuple(found)) for level, found in groupby(describe_columns(), key=lambda entry: entry.level)]
    short = {entry.term: terms.local_name(entry.term) for entry in describe_columns() if entry.term}
    title = "Columns of the table"
    return Page("data_columns.html", title=title, levels=entries, short=short, separator=LIST_SEPARATOR)


async def send_columns(asked: PageRequest) -> Response:
    """Send the data dictionary as a file."""
    format = asked.request.path_params["format"]
    format = "markdown" if format == "md" else format
    return Response(format_dictionary(format), 200, {"cache-control": "no-cache"}, _DICTIONARIES[format])


def show_quality(asked: StoreRequest) -> Page:
    """Show what letters did not say and what their reading did not understand."""
    found = data_quality(asked.snapshot.table, limit=_NAMES)
    unmatched = [(_UNMATCHED[kind], tuple(names)) for kind, names in groupby(found.unmatched, key=lambda one: one.kind)]
    layouts = {layout.id: layout.name for layout in settings().layouts}
    return Page("quality.html", title="Data quality", found=found, unmatched=unmatched, layouts=layouts)


async def send_description(asked: PageRequest) -> Response:
    """Answer with the description of the service and of its data, and of the files that are there."""
    endpoint: Endpoint = asked.request.app.state.endpoint
    found = await endpoint.description.serialize("text/turtle", asked.endpoint)
    body = (found[1] if found else b"") + _distributions(asked)
    return Response(body, 200, {"cache-control": "no-cache"}, "text/turtle")


async def redirect_to_description(_asked: PageRequest) -> Response:
    """Lead from where VoID looks for a site's description (RFC 8615) to where it is."""
    return RedirectResponse(urls.DESCRIPTION, 303)


def _distributions(asked: PageRequest) -> bytes:
    """Return what catalogues are told of the files, as N-Triples, which are Turtle as well."""
    whole = ox.NamedNode(f"{asked.site.pool.manifest.base}dataset")
    home = f"{asked.public}{urls.FILES}/"
    triples: list[ox.Triple] = []
    for name, file in sorted(asked.site.downloads.files.items()):
        node, checksum = ox.NamedNode(f"{home}{name}"), ox.NamedNode(f"{home}SHA256SUMS#{name}")
        about = (
            (terms.RDF + "type", ox.NamedNode(f"{_DCAT}Distribution")),
            (_DCAT + "downloadURL", node),
            (_DCAT + "byteSize", ox.Literal(file.bytes)),
            (_DCAT + "mediaType", ox.Literal(KINDS[name].media_type.partition(";")[0])),
            (terms.DCTERMS + "license", ox.NamedNode(dataset.LICENSE)),
            (_DCAT + "accessURL", node),
            (terms.DCTERMS + "title", ox.Literal(KINDS[name].title, language="en")),
            (_SPDX + "checksum", checksum),
        )
        triples.append(ox.Triple(whole, ox.NamedNode(f"{_DCAT}distribution"), node))
        triples += [ox.Triple(node, ox.NamedNode(prop), value) for prop, value in about]
        triples.append(ox.Triple(checksum, ox.NamedNode(f"{_SPDX}checksumValue"), ox.Literal(file.sha256)))
    return ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""


async def send_file(asked: PageRequest) -> Response:
    """Send a file for download; it answers requests for ranges."""
    found = asked.site.downloads.files.get(asked.name)
    if found is None or not found.path.exists():
        raise PageNotFoundError("That file is not made, or not yet: see the page of the data.")
    stem, _, suffix = found.name.partition(".")
    name = f"imr-graph-{stem}-{found.generation}.{suffix}"
    return FileResponse(
        found.path, media_type=KINDS[found.name].media_type, filename=name, headers={"cache-control": "no-cache"}
    )


async def send_digests(asked: PageRequest) -> Response:
    """Send the SHA-256 of each file."""
    lines = (f"{file.sha256}  {name}\n" for name, file in sorted(asked.site.downloads.files.items()))
    return PlainTextResponse("".join(lines), headers={"cache-control": "no-cache"})
