"""The values of dimensions: what they are called, and which one a user's words mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from imr_graph import iris as terms
from imr_graph import vocabulary
from imr_graph.analysis.dimensions.kinds import KINDS, ConceptKind
from imr_graph.analysis.dimensions.lookup import label_of, resolve_node
from imr_graph.errors import UnknownNameError, UsageError
from imr_graph.graph.literals import english_literal, replace_surrogates
from imr_graph.graph.resolver import default_resolver
from imr_graph.store.graph_store import GraphStore
from imr_graph.table.dimensions import DIMENSIONS, Dimension
from imr_graph.vocabulary import Concept

if TYPE_CHECKING:
    from imr_graph.store.table import Table

__all__ = [
    "DIMENSIONS",
    "NOT_STATED",
    "Dimension",
    "Value",
    "chapter_of",
    "find_dimension",
    "guideline_of",
    "label_value",
    "labels_in_letters",
    "make_value",
    "make_values",
    "parse_value",
    "qualified_label",
]

NOT_STATED: Final = "not stated"
"""What a group is called whose decisions have no value of the dimension, and how a filter asks for them."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a dimension: its id (None where it is not stated), its name, and its node where it has one."""

    id: str | None
    label: str
    iri: str | None = None


def find_dimension(name: str) -> Dimension:
    """Return a dimension by its name; raise UnknownNameError, with the nearest names, where there is none."""
    if name not in DIMENSIONS:
        raise UnknownNameError("dimension of statistics", name, DIMENSIONS)
    return DIMENSIONS[name]


def parse_value(of: Dimension, written: str, store: GraphStore) -> str | None:
    """Return the id of the value that a user's words mean for a dimension; None for "not stated".

    Raises UnknownNameError, with the nearest names, or UsageError where a name means several or has another form.
    """
    words = " ".join(replace_surrogates(written).split())
    if words.lower().replace("-", " ") == NOT_STATED:
        return None
    if of.kind is not None:
        return KINDS[of.kind].id_of(_concept_iri(KINDS[of.kind], words, store))
    if of.choices:
        found = {choice.lower().replace(" ", "-"): choice for choice in of.choices}.get(words.lower().replace(" ", "-"))
        if found is None:
            raise UnknownNameError(of.name, written, of.choices)
        return found
    if of.form and not re.fullmatch(of.form[0], words, re.ASCII):
        raise UsageError(f"{written!r} is not a value of {of.name!r}, such as {of.form[1]}.")
    return words


def _concept_iri(kind: ConceptKind, written: str, store: GraphStore) -> str:
    if kind.minted_class and kind.unique_names:  # the vocabulary first: looking through the store takes time
        scheme = kind.concepts()
        found: Concept | None = scheme.get(written.lower()) or scheme.unique_by_label(written)
        if found:
            return found.iri
    return resolve_node(kind.name, written, store).value


def make_values(of: Dimension, ids: Iterable[str | None], table: Table) -> dict[str | None, Value]:
    """Return the values of a dimension by their ids, with names as the vocabulary or else the letters give them."""
    names = labels_in_letters(of, table)
    return {id: make_value(of, id, table.store.base, names) for id in set(ids)}


def labels_in_letters(of: Dimension, table: Table) -> dict[str, str]:
    """Return the names of a dimension's values as letters print them, by id; of several, the one the graph keeps.

    Values of dimensions without such names are named by the vocabulary alone: nothing is returned for them.
    """
    found: dict[str, str] = {}
    if of.labels:
        for id, label in table.rows(f"select distinct unnest({of.values}), unnest({of.labels}) from items"):
            found[id] = min(label, found.get(id, label), key=english_literal)
    return found


def make_value(of: Dimension, id: str | None, base: str, in_letters: Mapping[str, str] | None = None) -> Value:
    """Return the value of a dimension by its id; `base` starts the IRIs of the data.

    `in_letters` has the labels, by id, of what the vocabulary does not know; without it the id stands for them.
    """
    if id is None:
        return Value(None, NOT_STATED)
    if of.kind is None:
        return Value(id, id)
    iri = KINDS[of.kind].iri(id, base)
    concept = vocabulary.load().concept(iri)
    label = concept.label if concept else (in_letters or {}).get(id, id)
    return Value(id, _LABELS[of.kind](id, label) if of.kind in _LABELS else label, iri)


def label_value(name: str, id: str, store: GraphStore) -> Value:
    """Return a value of a dimension with its name: the vocabulary's, else the one that the store's letters print."""
    of = DIMENSIONS[name]
    value = make_value(of, id, store.base)
    if value.iri is None or of.labels is None:
        return value
    printed = label_of(store.graph, value.iri)
    return value if printed == terms.local_name(value.iri) else make_value(of, id, store.base, {id: printed})


def _page_label(id: str, _label: str) -> str:
    guideline, _, number = id.rpartition("-")
    return f"{default_resolver().page_prefix(guideline)}, page {number}"


def _section_label(id: str, label: str) -> str:
    guideline = vocabulary.load().guideline(guideline_of(id))  # one name stands for sections of several guidelines
    return f"{guideline.label}: {label}"


def _guideline_label(id: str, _label: str) -> str:
    return vocabulary.load().guideline(id).label


_LABELS: Final[Mapping[str, Callable[[str, str], str]]] = {
    "guideline": _guideline_label,
    "page": _page_label,
    "section": _section_label,
}
"""By kind: what the value of a name is called where it needs more than the name itself, by its id and its label."""


@lru_cache(65_536)
def chapter_of(section: str, label: str) -> str | None:
    """Return the id of the chapter that a topic stands in, by the topic's id and name; None where its id has none.

    One topic of the Official Disability Guidelines stands in several chapters. A chapter that the vocabulary does not
    know has an id of the same form.

    >>> chapter_of("odg-low-back-mris", "MRIs"), chapter_of("odg-mris", "MRIs")
    ('odg-low-back', None)
    """
    topic = f"-{terms.slug(label)}"
    guideline = guideline_of(section)
    inside = section.endswith(topic) and len(section) > len(guideline) + len(topic) and f"{guideline}--" not in section
    return section[: -len(topic)] if inside else None


@lru_cache(65_536)
def qualified_label(value: Value) -> str:
    """Return a value's name, that of a topic with the chapter it stands in: several chapters have topics of one name.

    >>> iri = f"{terms.BASE}section-odg-mris"
    >>> qualified_label(Value("odg-low-back-mris", "Official Disability Guidelines: MRIs", iri))
    'Official Disability Guidelines, Low Back: MRIs'
    """
    if value.id is None or not terms.local_name(value.iri or "").startswith("section-"):
        return value.label
    guideline, separator, topic = value.label.partition(": ")
    chapter = chapter_of(value.id, topic)
    if chapter is None:
        return value.label
    found = vocabulary.load().all_sections.get(chapter)
    name = found.label if found else chapter.removeprefix(guideline_of(chapter))[1:].replace("-", " ")
    return f"{guideline}, {name}{separator}{topic}"


@lru_cache(65_536)
def guideline_of(section: str) -> str:
    """Return the id of the guideline that a section's id begins with: up to two hyphens, or the longest that fits."""
    unlisted, hyphens, _ = section.partition("--")
    if hyphens:
        return unlisted
    known = (id for id in vocabulary.load().guidelines.ids if section.startswith(f"{id}-"))
    return max(known, key=len, default=section)
