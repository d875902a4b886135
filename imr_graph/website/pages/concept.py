"""Pages of what determinations refer to: treatments, categories, guidelines, sections, pages, reviewers' profiles."""

from __future__ import annotations

import asyncio
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from imr_graph.errors import ImrGraphError, UsageError
from imr_graph.store.generations import Manifest
from imr_graph.website.concept.data import as_csv
from imr_graph.website.concept.figures import warmed
from imr_graph.website.concept.kinds import KINDS, Kind
from imr_graph.website.concept.view import shown
from imr_graph.website.pages import concept_lists as lists
from imr_graph.website.pages import network
from imr_graph.website.pages import precedents as precedent
from imr_graph.website.resources import PAGES, iri_of
from imr_graph.website.site import Page, Site

__all__ = ["routes"]


def routes(site: Site) -> list[BaseRoute]:
    """Return the routes of the lists, of precedents and of the network; pages of concepts are resources."""
    warming = _Warming(site)
    site.pool.on_generation.append(warming.start)
    site.on_close.append(warming.stop)
    return [*lists.routes(site), *precedent.routes(site), *network.routes(site)]


async def _answered(kind: Kind, site: Site, request: Request) -> Page | Response:
    name = request.path_params["name"]
    iri_of(site, name)
    format = request.query_params.get("format", "")
    if format == "csv":
        body = await site.run_in_thread(lambda snapshot: as_csv(snapshot, kind, name))
        headers = {"content-disposition": f'attachment; filename="{name}.csv"', "cache-control": "no-cache"}
        return Response(body, 200, headers, "text/csv; charset=utf-8")
    if format:
        raise UsageError(f"The figures come as csv, not as {format!r}; facts come with .ttl, .jsonld or .nt.")
    around = request.query_params.get("around", "")
    values = await site.run_in_thread(lambda snapshot: shown(snapshot, kind, name, around))
    return Page("concept.html", values)


PAGES.update({name: partial(_answered, kind) for name, kind in KINDS.items()})


class _Warming:
    """Makes the figures of a new generation ready in the background, so that its first readers need not wait."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._task: asyncio.Task[None] | None = None

    async def start(self, _manifest: Manifest) -> None:
        self.stop()
        self._task = asyncio.get_running_loop().create_task(self._warm())

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _warm(self) -> None:
        try:
            for name in ("treatment", "guideline", *(each for each in KINDS if each not in ("treatment", "guideline"))):
                await self._site.run_in_thread(partial(warmed, name=name))
            # One page as well, for what the vocabularies make only when they are first asked.
            await self._site.run_in_thread(lambda snapshot: shown(snapshot, KINDS["treatment"], "treatment-mri"))
        except (ImrGraphError, TimeoutError) as error:  # the page that needs it will say so
            self._site.log.event("not-ready", reason=str(error))
