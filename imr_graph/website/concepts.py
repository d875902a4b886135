"""What the site knows of concepts: where each stands in its scheme, and the figures and networks of all of a kind.

Figures are counted for all of a kind at once, when the first of them is asked for. The network is one that a person can
walk in: what is requested, or cited, together with a treatment or guideline.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

import networkx as nx

from imr_graph import iris as terms
from imr_graph import vocabulary
from imr_graph.analysis.dimensions.kinds import KINDS, ConceptKind
from imr_graph.analysis.dimensions.values import chapter_of, guideline_of, make_value
from imr_graph.analysis.networks.ego_network import ego_network
from imr_graph.analysis.networks.projections import project
from imr_graph.analysis.precedents.contrasts import ContrastingPair, find_all_contrasting_pairs
from imr_graph.analysis.statistics.concept_profiles import ConceptProfiles, concept_profiles, labels_of_letters
from imr_graph.live_store import StoreSnapshot
from imr_graph.table.dimensions import DIMENSIONS
from imr_graph.vocabulary import Concept
from imr_graph.website import urls
from imr_graph.website.site import PageNotFoundError
from imr_graph.website.svg.network import NetworkDrawing, draw_network

__all__ = [
    "ConceptContext",
    "ConceptFact",
    "ConceptLink",
    "Walk",
    "letter_labels",
    "pairs_of",
    "preload_figures",
    "profiles_of",
    "read_context",
    "walk_from",
]

_NEIGHBORS: Final = 12
_MINTED: Final = "As letters print it; the vocabulary of this project does not list it."
_OTHER: Final = "other"  # one entry for all publications that the vocabulary does not list
_MANY: Final = "Several publications that the vocabulary does not tell apart: shares here mix them."


class ConceptLink(NamedTuple):
    """A name with the path of its page, None where it has none."""

    label: str
    path: str | None = None


class ConceptFact(NamedTuple):
    """Something that is said of a concept."""

    name: str
    values: tuple[ConceptLink, ...]


class ConceptContext(NamedTuple):
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
        return ConceptContext(label, (), (), (_say("Name", _MINTED),))
    above = tuple(_link(each) for each in vocabulary.load().ancestors(concept))
    code = (_say("Code", concept.id),) if kind.name == "state" else ()
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
        facts.append(_say("Products with it", *sorted(products, key=str.lower)))
    return ConceptContext(concept.label, tuple(paths[0]) if paths else (), concept.alternatives, tuple(facts))


def _guideline(_snapshot: StoreSnapshot, kind: ConceptKind, name: str, listed: Concept | None) -> ConceptContext:
    known = vocabulary.load()
    concept = known.guideline(kind.id_of(name))
    rule = f"Yes, by {concept.regulation}" if concept.regulation else "No"
    facts = [] if listed else [_say("Name", _MINTED)]
    facts += [_say("Stands for", _MANY)] if concept.id == _OTHER else []
    facts += [_say("Part of the MTUS", rule)] if listed else []
    facts += [_say("Year", str(concept.year))] if concept.year else []
    facts += [_say("Chapters of ACOEM", ", ".join(map(str, concept.chapters)))] if concept.chapters else []
    editions = [each for each in known.guidelines if concept.iri in each.broader]
    if editions:
        facts.append(ConceptFact("Chapters and editions", tuple(_link(each) for each in editions)))
    above = tuple(_link(each) for each in known.ancestors(concept))
    return ConceptContext(concept.label, above[::-1], concept.alternatives, tuple(facts))


def _section(snapshot: StoreSnapshot, _kind: ConceptKind, name: str, concept: Concept | None) -> ConceptContext:
    id = name.removeprefix("section-")
    label = concept.label if concept else _letter_label(snapshot, "section", id)
    guideline = concept.guideline if isinstance(concept, vocabulary.Section) else guideline_of(id)
    facts = [] if concept else [_say("Name", _MINTED)]
    facts += [_say("Stands in", _MANY)] if guideline == _OTHER else []
    if isinstance(concept, vocabulary.Section) and concept.is_chapter:
        facts.append(_say("Kind", "A chapter"))
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
    facts = [_say("Stands for", _MANY)] if guideline == _OTHER else []
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
    found: list[ConceptLink] = []
    while concept is not None:
        found.insert(0, _link(concept))
        concept = vocabulary.load().concept(concept.broader[0]) if concept.broader else None
    return found


def _say(name: str, *words: str) -> ConceptFact:
    """Return a fact whose values have no pages."""
    return ConceptFact(name, tuple(map(ConceptLink, words)))


def _link(concept: Concept) -> ConceptLink:
    return ConceptLink(concept.label, urls.resource_named(terms.local_name(concept.iri)))


Network: TypeAlias = "nx.Graph[str]"


def letter_labels(snapshot: StoreSnapshot) -> dict[str, dict[str, str]]:
    """Return the names that only letters have, by kind and id."""
    return snapshot.once("letter labels", lambda: labels_of_letters(snapshot.table))


def profiles_of(snapshot: StoreSnapshot, dimension: str) -> ConceptProfiles:
    """Return the profiles of all values of a dimension."""

    def compute() -> ConceptProfiles:
        return concept_profiles(snapshot.table, dimension, letter_labels(snapshot))

    return snapshot.once(("profiles", dimension), compute)


def pairs_of(snapshot: StoreSnapshot, kind: str, id: str) -> tuple[ContrastingPair, ...]:
    """Return the contrasting pairs of a treatment, page or section."""
    return snapshot.once("pairs", lambda: find_all_contrasting_pairs(snapshot.table)).get((kind, id), ())


def _network_of(snapshot: StoreSnapshot, kind: str) -> Network:
    """Return the network of a kind that has one, of all items."""
    name = KINDS[kind].network
    if name is None:
        raise ValueError(f"the kind {kind!r} has no network")
    return snapshot.once(("network", kind), lambda: project(snapshot.table, name))


def preload_figures(snapshot: StoreSnapshot, kind: str) -> None:
    """Compute what the pages of a kind need, before the first is asked for."""
    profiles_of(snapshot, kind)
    if KINDS[kind].network:
        _network_of(snapshot, kind)
        pairs_of(snapshot, kind, "")


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a reader stands in the network: the node (`name` and `label`), and what is drawn; None without ties.

    `home` is the node that the page is about, `here` the path of the page.
    """

    kind: str
    name: str
    label: str
    home: str
    here: str
    drawing: NetworkDrawing | None


def walk_from(snapshot: StoreSnapshot, kind: str, home: str, name: str = "", here: str = "") -> Walk:
    """Return where a reader stands who came to the page of a node and walked to another of its kind.

    A name that is not in the network leads nowhere: the reader stays at home.
    """
    network = _network_of(snapshot, kind)
    wanted = name if name.startswith(f"{kind}-") and terms.BASE + name in network else home
    found = ego_network(network, terms.BASE + wanted, _NEIGHBORS)
    concept = KINDS[kind].concept(wanted)
    label = found.label if found else concept.label if concept else wanted
    return Walk(kind, wanted, label, home, here or urls.resource_named(home), draw_network(found) if found else None)
