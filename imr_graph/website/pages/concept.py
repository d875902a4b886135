"""Pages of what determinations refer to: treatments, guidelines, reviewers' profiles; and the network around one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import Final

from starlette.responses import Response

from imr_graph.analysis.dimensions.kinds import KINDS, ConceptKind
from imr_graph.errors import ImrGraphError, UsageError
from imr_graph.record_files import FORMATS
from imr_graph.store.generations import Manifest
from imr_graph.website import urls
from imr_graph.website.components import Crumb
from imr_graph.website.concept.figures import Walk, preload_figures, walk_from
from imr_graph.website.concept.view import ConceptView, view_concept, write_figures
from imr_graph.website.files import send_table
from imr_graph.website.page_head import PageHead, shorten
from imr_graph.website.rendering import preload_templates
from imr_graph.website.search_request import preload_search
from imr_graph.website.site import Page, PageNotFoundError, PageRequest, Site

__all__ = ["Preloader", "show_concept", "show_network"]

_COLUMNS: Final = ("side", "dimension", "value", "id", "decided", "overturned", "share", "low", "high", "few")


def show_concept(kind: ConceptKind, asked: PageRequest) -> Page | Response:
    """Show the page of a treatment, guideline or other concept, or send its figures as a file."""
    name, parameters = asked.request.path_params["name"], asked.parameters
    format = parameters.get("format", "")
    if format in FORMATS:
        rows = list(write_figures(asked.snapshot, kind, name))
        document = [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
        return send_table(parameters, name, format, _COLUMNS, rows, document)
    if format:
        raise UsageError(f"Figures come as csv and json, not as {format!r}; facts come with .ttl, .jsonld or .nt.")
    view = view_concept(asked.snapshot, kind, name, parameters.get("around", ""))
    return Page("concept.html", view, head=PageHead(_describe(view), urls.resource_named(name)))


def _describe(view: ConceptView) -> str:
    """Return what the page says in a sentence."""
    of = view.portrait.figures
    if not of.decisions or view.kind.name == "reason":
        return shorten(f"{view.title} in California Independent Medical Review: decisions, citations and reasons.")
    return shorten(
        f"{view.title}: {of.overturned:,} of {of.decisions:,} disputed items overturned in California Independent "
        "Medical Review, with what they cite and why."
    )


@dataclass(frozen=True, slots=True)
class NetworkView:
    """The network around one node."""

    title: str
    walk: Walk
    crumbs: tuple[Crumb, ...]


def show_network(asked: PageRequest) -> Page:
    """Show the network around the node of the parameter `around`."""
    name = asked.parameters.get("around", "")
    kind = KINDS.get(name.partition("-")[0])
    if kind is None or kind.network is None or kind.concept(name) is None:
        raise PageNotFoundError(
            "There is no such treatment or guideline: choose one of the list of treatments or of guidelines."
        )
    walk = walk_from(asked.snapshot, kind.name, name, here=urls.NETWORK)
    crumbs = ((kind.listing.title, kind.listing.path), (walk.label, urls.resource_named(walk.name)))
    head = PageHead(
        f"What is disputed or cited together with {walk.label} in California Independent Medical Review.",
        urls.with_query(urls.NETWORK, [("around", name)]),
    )
    return Page("network.html", NetworkView(f"Around {walk.label}", walk, crumbs), head=head)


class Preloader:
    """Computes the figures of a new generation in the background, so that its first readers need not wait."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._task: asyncio.Task[None] | None = None

    async def start(self, _manifest: Manifest) -> None:
        """Begin anew, for the generation that is served from now on."""
        self.stop()
        self._task = asyncio.get_running_loop().create_task(self._preload())

    def stop(self) -> None:
        """End what runs."""
        if self._task is not None:
            self._task.cancel()

    async def _preload(self) -> None:
        try:
            await self._site.run_in_thread(lambda snapshot: preload_templates(snapshot.store.base))
            await self._site.run_in_thread(preload_search)
            for name in ("treatment", "guideline", *(each for each in KINDS if each not in ("treatment", "guideline"))):
                await self._site.run_in_thread(partial(preload_figures, kind=name))
            # One page as well, for what the vocabularies make only when they are first asked.
            await self._site.run_in_thread(lambda snapshot: view_concept(snapshot, KINDS["treatment"], "treatment-mri"))
        except (ImrGraphError, TimeoutError) as error:  # the page that needs it will say so
            self._site.log.event("preload_failed", reason=str(error))
