"""Where a concept stands in its scheme: its name, what it is also called, what is above, below and beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from imr_graph import iris as terms
from imr_graph import vocabulary
from imr_graph.analysis.dimensions.kinds import ConceptKind
from imr_graph.analysis.dimensions.values import chapter_of, guideline_of, make_value
from imr_graph.live_store import StoreSnapshot
from imr_graph.table.dimensions import DIMENSIONS
from imr_graph.vocabulary import Concept
from imr_graph.website import urls
from imr_graph.website.concept.figures import profiles_of
from imr_graph.website.site import PageNotFoundError

__all__ = ["ConceptContext", "ConceptFact", "ConceptLink", "read_context"]

_MINTED: Final = "As letters print it; the vocabulary of this project does not list it."
_OTHER: Final = "other"  # one entry for all publications that the vocabulary does not list
_MANY: Final = "Several publications that the vocabulary does not tell apart: shares here mix them."


@dataclass(frozen=True, slots=True)
class ConceptLink:
    """A name with the path of its page, None where it has none."""

    label: str
    path: str | None = None


@dataclass(frozen=True, slots=True)
class ConceptFact:
    """Something that is said of a concept."""

    name: str
    values: tuple[ConceptLink, ...]


@dataclass(frozen=True, slots=True)
class ConceptContext:
    """A concept in its scheme: `above` leads from the widest concept to it."""

    label: str
    above: tuple[ConceptLink, ...]
    also: tuple[str, ...]
    facts: tuple[ConceptFact, ...]


def read_context(snapshot: StoreSnapshot, kind: ConceptKind, name: str) -> ConceptContext:
    """Return what a resource is and where it stands; raises PageNotFoundError where nothing has it."""
    concept = kind.concept(name)
    if concept is None and not _is_cited(snapshot, kind, kind.id_of(name)):
        raise PageNotFoundError(f"Nothing in this graph is called {name!r}: look for it in the list, or search for it.")
    return _CONTEXTS.get(kind.name, _of_plain_list)(snapshot, kind, name, concept)


def _is_cited(snapshot: StoreSnapshot, kind: ConceptKind, id: str) -> bool:
    sides = (kind.name, f"denial-{kind.name}") if kind.both_sides else (kind.name,)
    return any(profiles_of(snapshot, side).figures(id).decisions for side in sides)


def _of_plain_list(snapshot: StoreSnapshot, kind: ConceptKind, name: str, concept: Concept | None) -> ConceptContext:
    """Return the context of what stands in a plain list: a specialty, a state, a body region."""
    if concept is None:
        label = profiles_of(snapshot, kind.name).figures(kind.id_of(name)).values[0].label
        return ConceptContext(label, (), (), (ConceptFact("Name", (ConceptLink(_MINTED),)),))
    above = tuple(_link(each) for each in vocabulary.load().ancestors(concept))
    code = (ConceptFact("Code", (ConceptLink(concept.id),)),) if kind.name == "state" else ()
    return ConceptContext(concept.label, above[::-1], concept.alternatives, code)


def _treatment(snapshot: StoreSnapshot, kind: ConceptKind, name: str, concept: Concept | None) -> ConceptContext:
    known = vocabulary.load()
    if concept is None:  # of a store that was built with other vocabularies
        return _of_plain_list(snapshot, kind, name, concept)
    paths = [_path(known.concept(iri)) for iri in concept.broader]
    facts = [
        ConceptFact("Category", (ConceptLink(" › ".join(n.label for n in path), path[-1].path),)) for path in paths[1:]
    ]
    products = [p.label for p in known.products if concept.id in p.ingredients]
    if products:
        facts.append(
            ConceptFact("Products with it", tuple(ConceptLink(label) for label in sorted(products, key=str.lower)))
        )
    return ConceptContext(concept.label, tuple(paths[0]) if paths else (), concept.alternatives, tuple(facts))


def _guideline(_snapshot: StoreSnapshot, kind: ConceptKind, name: str, listed: Concept | None) -> ConceptContext:
    known = vocabulary.load()
    concept = known.guideline(kind.id_of(name))
    rule = f"Yes, by {concept.regulation}" if concept.regulation else "No"
    facts = [] if listed else [ConceptFact("Name", (ConceptLink(_MINTED),))]
    facts += [ConceptFact("Stands for", (ConceptLink(_MANY),))] if concept.id == _OTHER else []
    facts += [ConceptFact("Part of the MTUS", (ConceptLink(rule),))] if listed else []
    if concept.year:
        facts.append(ConceptFact("Year", (ConceptLink(str(concept.year)),)))
    if concept.chapters:
        facts.append(ConceptFact("Chapters of ACOEM", (ConceptLink(", ".join(map(str, concept.chapters))),)))
    editions = [each for each in known.guidelines if concept.iri in each.broader]
    if editions:
        facts.append(ConceptFact("Chapters and editions", tuple(_link(each) for each in editions)))
    above = tuple(_link(each) for each in known.ancestors(concept))
    return ConceptContext(concept.label, above[::-1], concept.alternatives, tuple(facts))


def _section(snapshot: StoreSnapshot, _kind: ConceptKind, name: str, concept: Concept | None) -> ConceptContext:
    id = name.removeprefix("section-")
    label = concept.label if concept else _letter_label(snapshot, "section", id)
    guideline = concept.guideline if isinstance(concept, vocabulary.Section) else guideline_of(id)
    facts = [] if concept else [ConceptFact("Name", (ConceptLink(_MINTED),))]
    facts += [ConceptFact("Stands in", (ConceptLink(_MANY),))] if guideline == _OTHER else []
    if isinstance(concept, vocabulary.Section) and concept.is_chapter:
        facts.append(ConceptFact("Kind", (ConceptLink("A chapter"),)))
    chapter = chapter_of(id, label)
    known = vocabulary.load().all_sections.get(chapter) if chapter else None
    path = (*_of_guideline(guideline), *((_link(known),) if known else ()))
    return ConceptContext(label, path, concept.alternatives if concept else (), tuple(facts))


def _page(snapshot: StoreSnapshot, _kind: ConceptKind, name: str, _concept: Concept | None) -> ConceptContext:
    id = name.removeprefix("page-")
    guideline, _, number = id.rpartition("-")
    label = make_value(DIMENSIONS["page"], id, terms.BASE).label
    cited = {g.values[0].id or "" for side in ("page", "denial-page") for g in profiles_of(snapshot, side).all()}
    numbers = sorted({int(n) for each in cited for g, _, n in (each.rpartition("-"),) if g == guideline})
    place = numbers.index(int(number)) if number.isdigit() and int(number) in numbers else None
    facts = [ConceptFact("Stands for", (ConceptLink(_MANY),))] if guideline == _OTHER else []
    beside = [] if place is None else [numbers[n] for n in (place - 1, place + 1) if 0 <= n < len(numbers)]
    if beside:
        pages = tuple(ConceptLink(f"page {n}", urls.resource_named(f"page-{guideline}-{n}")) for n in beside)
        facts.append(ConceptFact("Next pages cited", pages))
    return ConceptContext(label, _of_guideline(guideline), (), tuple(facts))


# Kinds whose scheme says more than a list does.
_CONTEXTS: Final[Mapping[str, Callable[[StoreSnapshot, ConceptKind, str, Concept | None], ConceptContext]]] = {
    "treatment": _treatment,
    "category": _treatment,
    "guideline": _guideline,
    "section": _section,
    "page": _page,
}


def _letter_label(snapshot: StoreSnapshot, kind: str, id: str) -> str:
    return profiles_of(snapshot, kind).names.get(kind, {}).get(id, id)


def _of_guideline(id: str) -> tuple[ConceptLink, ...]:
    return (_link(vocabulary.load().guideline(id)),)


def _path(concept: Concept | None) -> list[ConceptLink]:
    """Return a concept with what stands above it, from the top."""
    return list(_upwards(concept))[::-1]


def _upwards(concept: Concept | None) -> Iterator[ConceptLink]:
    while concept is not None:
        yield _link(concept)
        concept = vocabulary.load().concept(concept.broader[0]) if concept.broader else None


def _link(concept: Concept) -> ConceptLink:
    return ConceptLink(concept.label, urls.resource_named(terms.local_name(concept.iri)))
