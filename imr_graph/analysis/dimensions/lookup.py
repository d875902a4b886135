"""From a name as a user writes it to a node: by id, by any of its labels, or by IRI.

What the vocabulary holds is looked up there; sections, specialties, pages and cases come from letters as well, so
they are looked up in the store.

Facts are read straight from the store, property by property: the fastest way to read many of one kind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, NamedTuple, TypeVar

import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph import vocabulary
from imr_graph.analysis.dimensions.kinds import KINDS, ConceptKind
from imr_graph.errors import UnknownNameError, UsageError
from imr_graph.graph.cases import near_cases
from imr_graph.graph.readable import ReadableGraph
from imr_graph.store.graph_store import GraphStore

__all__ = [
    "NamedPages",
    "find_pages",
    "iter_instances",
    "iter_property",
    "label_of",
    "literals_of",
    "resolve_node",
    "values_of",
]

_TYPE = ox.NamedNode(f"{terms.RDF}type")
_LABEL = ox.NamedNode(f"{terms.SKOS}prefLabel")


def iter_property(store: ReadableGraph, name: str) -> Iterator[tuple[str, str]]:
    """Yield (subject's IRI, object's IRI or text) of every triple with a property of the ontology."""
    for quad in store.quads_for_pattern(None, ox.NamedNode(terms.term(name)), None, None):
        yield _value(quad.subject), _value(quad.object)


def values_of(store: ReadableGraph, name: str) -> dict[str, str]:
    """Return the one value of a property for each subject; of several, the last in code point order."""
    found: dict[str, str] = {}
    for subject, value in iter_property(store, name):
        found[subject] = max(value, found.get(subject, value))
    return found


def iter_instances(store: ReadableGraph, name: str) -> Iterator[str]:
    """Yield the IRI of every node of a class of the ontology."""
    for quad in store.quads_for_pattern(None, _TYPE, ox.NamedNode(terms.term(name)), None):
        yield _value(quad.subject)


def literals_of(store: ReadableGraph, node: str, *properties: str) -> list[str]:
    """Return the values of properties (full IRIs) of one node, sorted within each property."""
    subject = ox.NamedNode(node)
    return [
        text
        for name in properties
        for text in sorted(_value(q.object) for q in store.quads_for_pattern(subject, ox.NamedNode(name), None, None))
    ]


def label_of(store: ReadableGraph, node: str) -> str:
    """Return the preferred label of a node, or the last piece of its IRI where it has none."""
    labels = [_value(quad.object) for quad in store.quads_for_pattern(ox.NamedNode(node), _LABEL, None, None)]
    return min(labels, default=terms.local_name(node))


def _value(node: object) -> str:
    return node.value if isinstance(node, ox.NamedNode | ox.Literal | ox.BlankNode) else str(node)


C = TypeVar("C", bound=vocabulary.Concept)

_LABELS = tuple(f"{terms.SKOS}{kind}Label" for kind in ("pref", "alt", "hidden"))
# `page 24`, `p. 24`, `24` at the end of a page's name; the guideline stands before it.
_PAGE_NUMBER = re.compile(r"\b(?:pages?|pg|p)?\.? ?(\d{1,6})$")
_IRI = re.compile(r"https?://|urn:")
_MOST_NAMED = 6


def resolve_node(kind: str, written: str, store: GraphStore) -> ox.NamedNode:
    """Return the node of a kind (a node type of `library.TYPES`) that a written name means.

    Raises UnknownNameError, with the nearest names, where there is none; UsageError where a name means several.
    """
    if _IRI.match(written):
        try:
            return ox.NamedNode(written)
        except ValueError:
            raise UsageError(f"{written!r} is not a valid IRI.") from None
    return ox.NamedNode(_iri(kind, written, store))


def _iri(kind: str, written: str, store: GraphStore) -> str:
    if kind in _LOOKUPS:
        return _LOOKUPS[kind](written, store)
    if kind not in KINDS:
        raise UsageError(f"{kind!r} is not a kind of node that a question takes.")
    if KINDS[kind].minted_class:
        return _find_stored(KINDS[kind], written, store)
    return _concept(KINDS[kind].concepts(), written)


def _concept(scheme: vocabulary.Scheme[C], written: str, *ids: str) -> str:
    for identifier in (written, written.lower(), *ids):
        found = scheme.get(identifier)
        if found:
            return found.iri
    named = scheme.by_label(written)
    if len(named) > 1:
        raise UsageError(f"{written!r} names more than one {scheme.name}: say {_either(c.id for c in named)}.")
    if not named:
        known = (name for c in scheme for name in (c.id, c.label, *c.alternatives))
        raise UnknownNameError(scheme.name, written, known)
    return named[0].iri


def _state(written: str, _store: GraphStore) -> str:
    return _concept(vocabulary.load().states, written, written.upper(), f"US-{written.upper()}")


def _treatment(written: str, _store: GraphStore) -> str:
    known = vocabulary.load()
    products = known.products.by_label(written)
    if products and written not in known.treatments and not known.treatments.by_label(written):
        parts = _either(products[0].ingredients)
        raise UsageError(f"{products[0].label} has more than one active ingredient: ask for {parts}.")
    return _concept(known.treatments, written)


def _find_stored(kind: ConceptKind, written: str, store: GraphStore) -> str:
    """Return the one node of a kind that has this id or name; a section may be named with its guideline first."""
    assert kind.minted_class is not None
    for base in (terms.BASE, store.base):
        iri = f"{base}{kind.name}-{written}"
        if re.fullmatch(r"[\w.\-]+", written) and _is_a(iri, kind.minted_class, store):
            return iri
    nodes = iter_instances(store.graph, kind.minted_class)
    names = [(node, name) for node in nodes for name in literals_of(store.graph, node, *_LABELS)]
    wanted = vocabulary.normalise(written)
    found = {node for node, name in names if vocabulary.normalise(name) == wanted}
    found = found or {node for node, name in names if _is_section_of(node, name, wanted, store)}
    if len(found) > 1:
        raise UsageError(f"{written!r} names more than one {kind.name}: say {_either(map(kind.id_of, found))}.")
    if not found:
        raise UnknownNameError(kind.name, written, sorted({label_of(store.graph, node) for node, _ in names}))
    return found.pop()


def _is_section_of(node: str, name: str, wanted: str, store: GraphStore) -> bool:
    """Whether the wanted name is a guideline's name followed by this section's."""
    name = vocabulary.normalise(name)
    if not wanted.endswith(f" {name}"):
        return False
    before = wanted.removesuffix(f" {name}")
    guidelines = literals_of(store.graph, node, terms.term("sectionOf"))
    return any(
        before in (terms.local_name(guideline), vocabulary.normalise(label))
        for guideline in guidelines
        for label in literals_of(store.graph, guideline, *_LABELS)
    )


def _page(written: str, store: GraphStore) -> str:
    """Return the page that an id names, or a guideline and a number: of several guidelines, that which letters cite."""
    if re.fullmatch(r"[\w.\-]+", written) and _is_a(f"{store.base}page-{written}", "Page", store):
        return f"{store.base}page-{written}"
    number = _PAGE_NUMBER.search(written)
    before = written[: number.start()].rstrip(" ,:-") if number else ""
    named = find_pages(f"{before} page {number[1]}" if number and before else written)
    if named is None:
        raise UsageError(
            f"{written!r} is not a page: write a guideline and a number, such as 'mtus-chronic-pain-2009 24'."
        )
    cited = [id for id in named.ids if _is_a(f"{store.base}page-{id}", "Page", store)]
    guidelines = vocabulary.load().guidelines
    if before and (guideline := guidelines.get(before.lower()) or guidelines.unique_by_label(before)):
        exact = terms.page_iri(guideline.id, int(number[1]) if number else 0, store.base)
        if not cited or exact.removeprefix(f"{store.base}page-") in cited:
            return exact
    if before and not named.named:
        raise UnknownNameError("guideline", before, (name for each in guidelines for name in (each.id, each.label)))
    if len(cited) > 1:
        raise UsageError(f"{written!r} names more than one page: say {_either(cited)}.")
    return f"{store.base}page-{(cited or named.ids)[0]}"


def _case(written: str, store: GraphStore) -> str:
    key = written.removeprefix("case-")
    iri = terms.case_iri(key, store.base)
    if not _is_a(iri, "Case", store):
        raise UnknownNameError("case", written, near_cases(store, key))
    return iri


def _is_a(iri: str, kind: str, store: GraphStore) -> bool:
    return terms.term(kind) in literals_of(store.graph, iri, f"{terms.RDF}type")


def _either(names: Iterable[str]) -> str:
    listed = sorted(names)
    more = f" (or {len(listed) - _MOST_NAMED} more)" if len(listed) > _MOST_NAMED else ""
    return " or ".join(repr(name) for name in listed[:_MOST_NAMED]) + more


# Kinds of nodes that are looked up otherwise than by their ids and names.
_LOOKUPS: Final[Mapping[str, Callable[[str, GraphStore], str]]] = {
    "case": _case,
    "page": _page,
    "state": _state,
    "treatment": _treatment,
}


class NamedPages(NamedTuple):
    """Pages that a text names, `text[start:end]`: the ids of the guidelines that may be meant, and the numbers.

    `named` says that the text names a guideline; else all guidelines are given.
    """

    start: int
    end: int
    guidelines: tuple[str, ...]
    numbers: tuple[int, ...]
    named: bool

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the pages that may be meant."""
        return tuple(f"{guideline}-{number}" for guideline in self.guidelines for number in self.numbers)


def find_pages(text: str) -> NamedPages | None:
    """Return the pages that a text names, those of the guidelines named beside them, or of any where none is.

    >>> find_pages("chronic pain guidelines 2009, p. 80").ids
    ('mtus-chronic-pain-2009-80',)
    >>> find_pages("Norco 10/325 #80") is None
    True
    """
    from imr_graph.extraction.citations.citation import PAGES, expand  # here, as few names have a page

    found = next(PAGES.finditer(text), None)
    numbers = tuple(number for number, _ in expand(text, *found.span("numbers"))) if found else ()
    if found is None or not numbers:
        return None
    known = vocabulary.load().guidelines
    named = known.matcher.find(text)
    # "Chronic pain" names all guidelines with these words: whoever gives a page does not think of editions.
    words = [frozenset(vocabulary.split(text[match.start : match.end]).words) for match in named]
    exact = {guideline.id for match in named for guideline in match.values}
    meant = (
        each.id
        for each in known
        if not named or each.id in exact or any(every <= set(vocabulary.split(each.label).words) for every in words)
    )
    start, end = min([found.start(), *(m.start for m in named)]), max([found.end(), *(m.end for m in named)])
    return NamedPages(start, end, tuple(meant), numbers, bool(named))
