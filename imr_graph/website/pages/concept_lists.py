"""Lists of treatments, guidelines, specialties, states and body regions, with how decisions on them ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from imr_graph import iris as terms
from imr_graph import vocabulary
from imr_graph.analysis.statistics.concept_profiles import ConceptProfiles
from imr_graph.analysis.statistics.overturn_rates import RateGroup
from imr_graph.live_store import StoreSnapshot
from imr_graph.vocabulary import Concept
from imr_graph.website.concept.figures import portraits_of
from imr_graph.website.site import Page, Site

__all__ = ["LISTS", "Part", "show_list"]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a list under one heading: its own figures where it is a category or guideline, and its rows."""

    label: str
    id: str
    own: RateGroup | None
    groups: tuple[RateGroup, ...]


@dataclass(frozen=True, slots=True)
class ConceptList:
    """A list: its title, what stands under it, the name of its rows, and what parts it."""

    title: str
    lead: str
    column: str
    parts: Callable[[StoreSnapshot, str], Iterator[Part]]


async def show_list(listed: ConceptList, site: Site, request: Request) -> Page | Response:
    """Show a list of concepts, of all or of those with the words of `q` in a name."""
    wanted = " ".join(request.query_params.get("q", "").split())[:200]
    parts = await site.run_in_thread(
        lambda snapshot: tuple(part for part in listed.parts(snapshot, wanted) if part.groups)
    )
    count = len({group.values[0].id for part in parts for group in part.groups})
    values = {"title": listed.title, "listed": listed, "groups": parts, "wanted": wanted, "count": count}
    return Page("lists.html", values)


def _treatments(snapshot: StoreSnapshot, wanted: str) -> Iterator[Part]:
    """Yield the treatments that letters ask for, by category: the narrowest ones, in the vocabulary's order."""
    known, found, figures = vocabulary.load(), portraits_of(snapshot, "treatment"), portraits_of(snapshot, "category")
    placed: dict[str, list[RateGroup]] = {}
    for each in _fitting(found, wanted):
        above = known.categories_of(each.values[0].id or "")
        placed.setdefault(above[0].id if above else "", []).append(each)
    for category in known.categories:
        path = [*known.ancestors(category)[::-1], category]
        label = " › ".join(each.label for each in path)
        yield Part(label, _anchor(category), figures.figures(category.id), tuple(placed.pop(category.id, ())))
    yield Part("Without a category", "none", None, tuple(group for rest in placed.values() for group in rest))


def _guidelines(snapshot: StoreSnapshot, wanted: str) -> Iterator[Part]:
    """Yield the guidelines that either side cites: those of the MTUS, and the others."""
    known, found = vocabulary.load().guidelines, portraits_of(snapshot, "guideline")
    cited = {g.values[0].id or "": g for g in _fitting(portraits_of(snapshot, "denial-guideline"), wanted)}
    groups = [*_fitting(found, wanted)]
    # What only denials cite has a row too: nothing was decided on it.
    groups += [found.figures(id) for id in cited if not found.figures(id).decisions]
    for inside, label, id in ((True, "Part of the MTUS", "mtus"), (False, "Other guidelines", "other")):
        chosen = (g for g in groups if ((c := known.get(g.values[0].id or "")) is not None and c.in_mtus) is inside)
        yield Part(label, id, None, tuple(chosen))


def _plain(kind: str, label: str, snapshot: StoreSnapshot, wanted: str) -> Iterator[Part]:
    yield Part(label, kind, None, tuple(_fitting(portraits_of(snapshot, kind), wanted)))


def _fitting(found: ConceptProfiles, wanted: str) -> Iterable[RateGroup]:
    """Return the figures of the values whose name, or another name of theirs, has the words that are wanted."""
    words = vocabulary.normalise(wanted).split()
    return [each for each in found.all() if all(word in _names(each) for word in words)]


def _names(of: RateGroup) -> str:
    value = of.values[0]
    concept = vocabulary.load().concept(value.iri or "")
    return vocabulary.normalise(" ".join((value.label, *(concept.labels if concept else ()))))


def _anchor(concept: Concept) -> str:
    return terms.local_name(concept.iri)


LISTS: Final[Mapping[str, ConceptList]] = {
    "/treatments": ConceptList(
        "Treatments",
        "What disputed items ask for, by category, with how the expert reviewers decided.",
        "Treatment",
        _treatments,
    ),
    "/guidelines": ConceptList(
        "Guidelines",
        "What expert reviewers rest their decisions on. Each guideline’s page also has the denials that cite it.",
        "Guideline",
        _guidelines,
    ),
    "/specialties": ConceptList(
        "Reviewers’ specialties",
        "Expert reviewers are anonymous; letters give their specialties. Shares differ with what they are asked.",
        "Specialty",
        partial(_plain, "specialty", "By number of decisions"),
    ),
    "/states": ConceptList(
        "Reviewers’ states of licensure",
        "Expert reviewers are anonymous; letters give the states in which they are licensed, often several.",
        "State",
        partial(_plain, "state", "By number of decisions"),
    ),
    "/regions": ConceptList(
        "Body regions",
        "The parts of the body that disputed items name.",
        "Body region",
        partial(_plain, "region", "By number of decisions"),
    ),
}
