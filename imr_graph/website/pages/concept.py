"""Pages of what determinations refer to, such as treatments and guidelines: of each, lists, the network around one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias

from starlette.responses import Response

from imr_graph import iris as terms
from imr_graph import vocabulary
from imr_graph.analysis.dimensions.kinds import KINDS, LISTED, ConceptKind
from imr_graph.analysis.search.meaning import correct_words, find_terms
from imr_graph.analysis.statistics.concept_profiles import ConceptProfiles
from imr_graph.analysis.statistics.overturn_rates import RateGroup
from imr_graph.errors import ImrGraphError, UsageError
from imr_graph.live_store import StoreSnapshot
from imr_graph.record_files import FORMATS
from imr_graph.store.generations import Manifest
from imr_graph.website import urls
from imr_graph.website.citations import PageHead, shorten
from imr_graph.website.components import Crumb, GroupTable
from imr_graph.website.concept.figures import Walk, preload_figures, profiles_of, walk_from
from imr_graph.website.concept.view import ConceptView, view_concept, write_figures
from imr_graph.website.files import send_table
from imr_graph.website.rendering import preload_templates
from imr_graph.website.search_request import preload_search
from imr_graph.website.site import Page, PageNotFoundError, PageRequest, Site

__all__ = ["Preloader", "show_concept", "show_list", "show_network"]

_LISTS: Final = tuple((path, kind.listing.short) for path, kind in LISTED.items())
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


@dataclass(frozen=True, slots=True)
class ListPart:
    """A part of a list under one heading: its own figures where it is a concept itself, and its rows."""

    label: str
    id: str
    own: RateGroup | None
    table: GroupTable


@dataclass(frozen=True, slots=True)
class ListView:
    """A list of concepts of a kind: of all, or of those with the `wanted` words in a name; `lists` are all lists."""

    kind: str
    title: str
    lead: str
    wanted: str
    count: int
    parts: tuple[ListPart, ...]
    lists: tuple[tuple[str, str], ...] = _LISTS


_Part: TypeAlias = tuple[str, str, RateGroup | None, tuple[RateGroup, ...]]


def show_list(kind: ConceptKind, asked: PageRequest) -> Page:
    """Show a list of concepts, of all or of those with the words of `q` in a name."""
    wanted = " ".join(asked.parameters.get("q", "").split())[:200]
    found = [part for part in _PARTS.get(kind.name, _whole_list)(asked.snapshot, kind, wanted) if part[3]]
    page, count = kind.listing, len({group.values[0].id for *_, groups in found for group in groups})
    column = kind.title.partition(" of ")[0]
    parts = tuple(
        ListPart(
            label,
            id,
            own,
            GroupTable.of(groups, column, label=f"Table: {label}", compact=True, shares=kind.name != "reason"),
        )
        for label, id, own, groups in found
    )
    return Page("lists.html", ListView(kind.name, page.title, page.lead, wanted, count, parts))


def _treatments(snapshot: StoreSnapshot, _kind: ConceptKind, wanted: str) -> Iterator[_Part]:
    """Yield the treatments that letters ask for, by category: the narrowest ones, in the vocabulary's order."""
    known, categories = vocabulary.load(), profiles_of(snapshot, "category")
    placed: dict[str, list[RateGroup]] = {}
    for each in _fitting(profiles_of(snapshot, "treatment"), wanted):
        above = known.categories_of(each.values[0].id or "")
        placed.setdefault(above[0].id if above else "", []).append(each)
    for category in known.categories:
        path = [*known.ancestors(category)[::-1], category]
        label = " › ".join(each.label for each in path)
        own = categories.figures(category.id)
        yield label, terms.local_name(category.iri), own, tuple(placed.pop(category.id, ()))
    yield "Without a category", "none", None, tuple(group for rest in placed.values() for group in rest)


def _guidelines(snapshot: StoreSnapshot, _kind: ConceptKind, wanted: str) -> Iterator[_Part]:
    """Yield the guidelines that either side cites: those of the MTUS, and the others."""
    known, found = vocabulary.load().guidelines, profiles_of(snapshot, "guideline")
    cited = {g.values[0].id or "": g for g in _fitting(profiles_of(snapshot, "denial-guideline"), wanted)}
    groups = [*_fitting(found, wanted)]
    # What only denials cite has a row too: nothing was decided on it.
    groups += [found.figures(id) for id in cited if not found.figures(id).decisions]
    for inside, label, id in ((True, "Part of the MTUS", "mtus"), (False, "Other guidelines", "other")):
        chosen = (g for g in groups if ((c := known.get(g.values[0].id or "")) is not None and c.in_mtus) is inside)
        yield label, id, None, tuple(chosen)


def _whole_list(snapshot: StoreSnapshot, kind: ConceptKind, wanted: str) -> Iterator[_Part]:
    yield kind.listing.group, kind.name, None, tuple(_fitting(profiles_of(snapshot, kind.name), wanted))


# What divides a list into parts, by its kind; other lists have one part.
_PARTS: Final[Mapping[str, Callable[[StoreSnapshot, ConceptKind, str], Iterator[_Part]]]] = {
    "treatment": _treatments,
    "guideline": _guidelines,
}


def _fitting(found: ConceptProfiles, wanted: str) -> Iterable[RateGroup]:
    """Return the figures of the values that the wanted words name, or that have them in one of their names."""
    words = vocabulary.normalise(wanted).split()
    spelled = " ".join(correct_words(wanted.split(), lambda _word: False))
    terms = (term for _, _, term in find_terms(spelled)) if words else ()
    meant = {id for term in terms for facts in term.values for _, id in facts}
    return [each for each in found.all() if each.values[0].id in meant or all(word in _names(each) for word in words)]


def _names(of: RateGroup) -> str:
    value = of.values[0]
    concept = vocabulary.load().concept(value.iri or "")
    return vocabulary.normalise(" ".join((value.label, *(concept.labels if concept else ()))))


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
