"""Lists of treatments, guidelines, specialties, states and body regions, with how decisions on them ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from imr_graph import iris as terms
from imr_graph import vocabulary
from imr_graph.analysis.dimensions.kinds import LISTED, ConceptKind
from imr_graph.analysis.search.meaning import correct_words, find_terms
from imr_graph.analysis.statistics.concept_profiles import ConceptProfiles
from imr_graph.analysis.statistics.overturn_rates import RateGroup
from imr_graph.live_store import StoreSnapshot
from imr_graph.website.components import GroupTable
from imr_graph.website.concept.figures import profiles_of
from imr_graph.website.site import Page, PageRequest

__all__ = ["show_list"]

_LISTS: Final = tuple((path, kind.listing.short) for path, kind in LISTED.items())


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
