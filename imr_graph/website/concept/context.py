"""Where a concept stands in its scheme: its name, what it is also called, what is above, below and beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from imr_graph import iris as terms
from imr_graph import vocabulary
from imr_graph.analysis.dimensions.values import chapter_of, make_value
from imr_graph.live_store import StoreSnapshot
from imr_graph.table.dimensions import DIMENSIONS
from imr_graph.vocabulary import Concept
from imr_graph.website.concept.figures import portraits_of
from imr_graph.website.concept.kinds import Kind
from imr_graph.website.site import PageNotFoundError

__all__ = ["Fact", "Named", "Standing", "concept_of", "id_of", "standing"]

_MINTED: Final = "As letters print it; the vocabulary of this project does not list it."
_OTHER: Final = "other"  # one entry for all publications that the vocabulary does not list
_MANY: Final = "Several publications that the vocabulary does not tell apart: shares here mix them."


@dataclass(frozen=True, slots=True)
class Named:
    """A name with the path of its page, None where it has none."""

    label: str
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that is said of a concept."""

    name: str
    values: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """A concept in its scheme: `above` leads from the list of all to it."""

    label: str
    above: tuple[Named, ...]
    also: tuple[str, ...]
    facts: tuple[Fact, ...]


def concept_of(name: str) -> Concept | None:
    """Return the concept of the vocabulary that a name of a resource means."""
    return vocabulary.load().concept(terms.BASE + name)


def id_of(kind: Kind, name: str) -> str:
    """Return the id by which figures know a resource: the vocabulary's, or what follows the kind in its name.

    >>> from imr_graph.website.concept.kinds import KINDS
    >>> id_of(KINDS["category"], "category-diagnostic-testing-imaging")
    'diagnostic-testing/imaging'
    """
    concept = concept_of(name)
    of_scheme = concept is not None and kind.name not in ("section", "specialty")
    return concept.id if concept is not None and of_scheme else name.removeprefix(f"{kind.name}-")


def standing(snapshot: StoreSnapshot, kind: Kind, name: str) -> Standing:
    """Return what a resource is and where it stands; raises PageNotFoundError where nothing has it."""
    concept = concept_of(name)
    if concept is None and not _cited(snapshot, kind, id_of(kind, name)):
        raise PageNotFoundError(f"Nothing in this graph is called {name!r}: look for it in the list, or search for it.")
    found = _STANDINGS.get(kind.name, _listed)(snapshot, name, concept)
    top = Named(kind.listing.title, kind.listing.path)
    return Standing(found.label, (top, *found.above), found.also, found.facts)


def _cited(snapshot: StoreSnapshot, kind: Kind, id: str) -> bool:
    sides = (kind.name, f"denial-{kind.name}") if kind.sided else (kind.name,)
    return any(portraits_of(snapshot, side).figures(id).decisions for side in sides)


def _listed(snapshot: StoreSnapshot, name: str, concept: Concept | None) -> Standing:
    """Return the standing of what stands in a plain list: a specialty, a state, a body region."""
    kind, _, id = name.partition("-")
    if concept is None:
        label = portraits_of(snapshot, kind).figures(id).values[0].label
        return Standing(label, (), (), (Fact("Name", (Named(_MINTED),)),))
    above = tuple(_named(each) for each in vocabulary.load().ancestors(concept))
    code = (Fact("Code", (Named(concept.id),)),) if kind == "state" else ()
    return Standing(concept.label, above[::-1], concept.alternatives, code)


def _treatment(snapshot: StoreSnapshot, name: str, concept: Concept | None) -> Standing:
    known = vocabulary.load()
    if concept is None:  # of a store that was built with other vocabularies
        return _listed(snapshot, name, concept)
    paths = [_path(known.concept(iri)) for iri in concept.broader]
    facts = [Fact("Category", (Named(" › ".join(n.label for n in path), path[-1].path),)) for path in paths[1:]]
    products = [p.label for p in known.products if concept.id in p.ingredients]
    if products:
        facts.append(Fact("Products with it", tuple(Named(label) for label in sorted(products, key=str.lower))))
    return Standing(concept.label, tuple(paths[0]) if paths else (), concept.alternatives, tuple(facts))


def _guideline(_snapshot: StoreSnapshot, _name: str, concept: Concept | None) -> Standing:
    known = vocabulary.load()
    if not isinstance(concept, vocabulary.Guideline):
        raise PageNotFoundError("There is no such guideline: look for it in the list of guidelines.")
    rule = f"Yes, by {concept.regulation}" if concept.regulation else "No"
    facts = [Fact("Stands for", (Named(_MANY),))] if concept.id == _OTHER else []
    facts += [Fact("Part of the MTUS", (Named(rule),))]
    if concept.year:
        facts.append(Fact("Year", (Named(str(concept.year)),)))
    if concept.chapters:
        facts.append(Fact("Chapters of ACOEM", (Named(", ".join(map(str, concept.chapters))),)))
    editions = [each for each in known.guidelines if concept.iri in each.broader]
    if editions:
        facts.append(Fact("Chapters and editions", tuple(_named(each) for each in editions)))
    above = tuple(_named(each) for each in known.ancestors(concept))
    return Standing(concept.label, above[::-1], concept.alternatives, tuple(facts))


def _section(snapshot: StoreSnapshot, name: str, concept: Concept | None) -> Standing:
    id = name.removeprefix("section-")
    label = concept.label if concept else _printed(snapshot, "section", id)
    guideline = concept.guideline if isinstance(concept, vocabulary.Section) else _guideline_of(id)
    facts = [] if concept else [Fact("Name", (Named(_MINTED),))]
    facts += [Fact("Stands in", (Named(_MANY),))] if guideline == _OTHER else []
    if isinstance(concept, vocabulary.Section) and concept.is_chapter:
        facts.append(Fact("Kind", (Named("A chapter"),)))
    chapter = chapter_of(id, label)
    known = vocabulary.load().all_sections.get(chapter) if chapter else None
    path = (*_of_guideline(guideline), *((_named(known),) if known else ()))
    return Standing(label, path, concept.alternatives if concept else (), tuple(facts))


def _page(snapshot: StoreSnapshot, name: str, _concept: Concept | None) -> Standing:
    id = name.removeprefix("page-")
    guideline, _, number = id.rpartition("-")
    label = make_value(DIMENSIONS["page"], id, terms.BASE).label
    cited = {g.values[0].id or "" for side in ("page", "denial-page") for g in portraits_of(snapshot, side).all()}
    numbers = sorted({int(n) for each in cited for g, _, n in (each.rpartition("-"),) if g == guideline})
    place = numbers.index(int(number)) if number.isdigit() and int(number) in numbers else None
    facts = [Fact("Stands for", (Named(_MANY),))] if guideline == _OTHER else []
    beside = [] if place is None else [numbers[n] for n in (place - 1, place + 1) if 0 <= n < len(numbers)]
    if beside:
        pages = tuple(Named(f"page {n}", f"/id/page-{guideline}-{n}") for n in beside)
        facts.append(Fact("Next pages cited", pages))
    return Standing(label, _of_guideline(guideline), (), tuple(facts))


_STANDINGS: Final[Mapping[str, Callable[[StoreSnapshot, str, Concept | None], Standing]]] = {
    "treatment": _treatment,
    "category": _treatment,
    "guideline": _guideline,
    "section": _section,
    "page": _page,
}


def _printed(snapshot: StoreSnapshot, kind: str, id: str) -> str:
    return portraits_of(snapshot, kind).names.get(kind, {}).get(id, id)


def _guideline_of(section: str) -> str:
    known: Iterable[str] = (id for id in vocabulary.load().guidelines.ids if section.startswith(f"{id}-"))
    return max(known, key=len, default="other")


def _of_guideline(id: str) -> tuple[Named, ...]:
    found = vocabulary.load().guidelines.get(id)
    return (_named(found),) if found else (Named(id),)


def _path(concept: Concept | None) -> list[Named]:
    """Return a concept with what stands above it, from the top."""
    return list(_upwards(concept))[::-1]


def _upwards(concept: Concept | None) -> Iterator[Named]:
    while concept is not None:
        yield _named(concept)
        concept = vocabulary.load().concept(concept.broader[0]) if concept.broader else None


def _named(concept: Concept) -> Named:
    return Named(concept.label, f"/id/{terms.local_name(concept.iri)}")
