"""Lists of what determinations refer to, such as treatments and guidelines, and the network around one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from imr_graph import iris as terms
from imr_graph import vocabulary
from imr_graph.analysis.dimensions.kinds import KINDS, LISTED, ConceptKind
from imr_graph.analysis.search.meaning import correct_words, find_terms
from imr_graph.analysis.statistics.concept_profiles import ConceptProfiles
from imr_graph.analysis.statistics.overturn_rates import RateGroup
from imr_graph.live_store import StoreSnapshot
from imr_graph.website import urls
from imr_graph.website.concepts import profiles_of, walk_from
from imr_graph.website.rendering import PageHead
from imr_graph.website.site import Page, PageNotFoundError, StoreRequest

__all__ = ["show_list", "show_network"]

_LISTS: Final = tuple((path, kind.listing.short) for path, kind in LISTED.items())


class ListPart(NamedTuple):
    """A part of a list under one heading: its own figures where it is a concept itself, and the groups in it."""

    label: str
    id: str
    own: RateGroup | None
    groups: Sequence[RateGroup]


def show_list(kind: ConceptKind, asked: StoreRequest) -> Page:
    """Show a list of concepts, of all or of those with the words of `q` in a name."""
    wanted = " ".join(asked.parameters.get("q", "").split())[:200]
    parts = [part for part in _PARTS.get(kind.name, _whole_list)(asked.snapshot, kind, wanted) if part.groups]
    return Page(
        "lists.html",
        title=kind.listing.title,
        kind=kind,
        wanted=wanted,
        count=len({group.values[0].id for part in parts for group in part.groups}),
        parts=parts,
        lists=_LISTS,
    )


def show_network(asked: StoreRequest) -> Page:
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
    return Page("network.html", title=f"Around {walk.label}", walk=walk, crumbs=crumbs, head=head)


def _treatments(snapshot: StoreSnapshot, _kind: ConceptKind, wanted: str) -> Iterator[ListPart]:
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
        yield ListPart(label, terms.local_name(category.iri), own, placed.pop(category.id, []))
    yield ListPart("Without a category", "none", None, [group for rest in placed.values() for group in rest])


def _guidelines(snapshot: StoreSnapshot, _kind: ConceptKind, wanted: str) -> Iterator[ListPart]:
    """Yield the guidelines that either side cites: those of the MTUS, and the others."""
    known, found = vocabulary.load().guidelines, profiles_of(snapshot, "guideline")
    cited = {g.values[0].id or "": g for g in _fitting(profiles_of(snapshot, "denial-guideline"), wanted)}
    groups = [*_fitting(found, wanted)]
    # What only denials cite has a row too: nothing was decided on it.
    groups += [found.figures(id) for id in cited if not found.figures(id).decisions]
    for inside, label, id in ((True, "Part of the MTUS", "mtus"), (False, "Other guidelines", "other")):
        chosen = [g for g in groups if ((c := known.get(g.values[0].id or "")) is not None and c.in_mtus) is inside]
        yield ListPart(label, id, None, chosen)


def _whole_list(snapshot: StoreSnapshot, kind: ConceptKind, wanted: str) -> Iterator[ListPart]:
    yield ListPart(kind.listing.group, kind.name, None, _fitting(profiles_of(snapshot, kind.name), wanted))


# What divides a list into parts, by its kind; other lists have one part.
_PARTS: Final[Mapping[str, Callable[[StoreSnapshot, ConceptKind, str], Iterator[ListPart]]]] = {
    "treatment": _treatments,
    "guideline": _guidelines,
}


def _fitting(found: ConceptProfiles, wanted: str) -> list[RateGroup]:
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
