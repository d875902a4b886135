"""What statistics and searches group and filter by: dimensions, the values they have, and what users call them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from imr_graph import iris as terms
from imr_graph import vocabulary
from imr_graph.analysis.dimensions.lookup import node_of
from imr_graph.errors import UnknownNameError, UsageError
from imr_graph.graph.literals import english, sound
from imr_graph.graph.resolver import shipped_names
from imr_graph.store.graph_store import GraphStore
from imr_graph.store.table import Table

__all__ = [
    "DIMENSIONS",
    "NOT_STATED",
    "Dimension",
    "Value",
    "chapter_of",
    "dimension",
    "full_label",
    "meant",
    "printed",
    "value_of",
    "values_of",
]

NOT_STATED: Final = "not stated"
"""What a group is called whose decisions have no value of the dimension, and how a filter asks for them."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """One thing to group by.

    `values` is the SQL expression of a row's values, a list without repetition; `matched` that of the values a filter
    looks at, where it looks at more. `kind` is the kind of node that the values name, `choices` what the values can
    be where that is known, `form` the pattern of a value where it has one.
    """

    name: str
    title: str
    values: str
    kind: str | None = None
    matched: str | None = None
    choices: tuple[str, ...] = ()
    form: str | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a dimension: its id (None where it is not stated), its name, and its node where it has one."""

    id: str | None
    label: str
    iri: str | None = None


def _one(value: str, column: str | None = None) -> str:
    return f"case when {column or value} is null then [] else [{value}] end"


def _flag(column: str) -> str:
    return f"[case when {column} then 'yes' else 'no' end]"


_BASES = ("mtus", "non-mtus")
_STANCES = ("outside the MTUS", "no evidence cited")
_YES = ("yes", "no")
_ANY_CATEGORY = "list_concat(categories, list_concat(subcategories, drug_classes))"
_DECADE = "patient_age // 10 * 10"

DIMENSIONS: Final[Mapping[str, Dimension]] = {
    each.name: each
    for each in (
        Dimension("treatment", "Treatment", "treatments", "treatment"),
        Dimension("drug-class", "Drug class", "drug_classes", "category"),
        Dimension("category", "Treatment category", "categories", "category", _ANY_CATEGORY),
        Dimension("subcategory", "Treatment subcategory", "subcategories", "category"),
        Dimension("guideline", "Guideline of the expert reviewer", "reviewer_guidelines", "guideline"),
        Dimension("section", "Section of the expert reviewer", "reviewer_section_ids", "section"),
        Dimension("page", "Page of the expert reviewer", "reviewer_pages", "page"),
        Dimension("basis", "Basis of the expert reviewer", "reviewer_bases", choices=_BASES),
        Dimension("stance", "Stance of the expert reviewer", _one("reviewer_stance"), choices=_STANCES),
        Dimension("denial-guideline", "Guideline of the denial", "administrator_guidelines", "guideline"),
        Dimension("denial-section", "Section of the denial", "administrator_section_ids", "section"),
        Dimension("denial-page", "Page of the denial", "administrator_pages", "page"),
        Dimension("denial-basis", "Basis of the denial", "administrator_bases", choices=_BASES),
        Dimension("denial-stance", "Stance of the denial", _one("administrator_stance"), choices=_STANCES),
        Dimension("specialty", "Reviewer's specialty", "reviewer_specialty_ids", "specialty"),
        Dimension("state", "Reviewer's state of licensure", "reviewer_states", "state"),
        Dimension("profile", "Reviewer's profile", _one("reviewer_profile")),
        Dimension("year", "Year of the decision", _one("strftime(decision_date, '%Y')"), form=r"\d{4}"),
        Dimension("month", "Month of the decision", _one("strftime(decision_date, '%Y-%m')"), form=r"\d{4}-\d\d"),
        Dimension("region", "Body region", "body_regions", "region"),
        Dimension("laterality", "Side of the body", _one("laterality"), choices=("left", "right", "bilateral")),
        Dimension("partial", "Partial certification", _flag("partial_certification"), choices=_YES),
        Dimension("retrospective", "Retrospective request", _flag("retrospective"), choices=_YES),
        Dimension("surgical-adjunct", "Associated surgical service", _flag("surgical_adjunct"), choices=_YES),
        Dimension("decision", "Decision", _one("decision"), choices=("upheld", "overturned")),
        Dimension("outcome", "Outcome of the case", _one("outcome"),
                  choices=("upheld", "overturned", "partially overturned")),
        Dimension("priority", "Priority", _one("priority"), choices=("standard", "expedited")),
        Dimension("layout", "Layout of the letter", _one("layout")),
        Dimension("sex", "Patient's sex", _one("patient_sex"), choices=("female", "male")),
        Dimension("age", "Patient's age", _one(f"({_DECADE}) || ' to ' || ({_DECADE} + 9)", "patient_age"),
                  form=r"\d+ to \d+"),
    )
}  # fmt: skip


def dimension(name: str) -> Dimension:
    """Return a dimension by its name; raise UnknownNameError, with the nearest names, where there is none."""
    if name not in DIMENSIONS:
        raise UnknownNameError("dimension of statistics", name, DIMENSIONS)
    return DIMENSIONS[name]


def meant(of: Dimension, written: str, store: GraphStore) -> str | None:
    """Return the id of the value that a user's words mean for a dimension; None for "not stated".

    Raises UnknownNameError, with the nearest names, or UsageError where a name means several or has another form.
    """
    words = " ".join(sound(written).split())
    if words.lower().replace("-", " ") == NOT_STATED:
        return None
    if of.kind is not None:
        return _id(of.kind, _node(of.kind, words, store))
    if of.choices:
        found = {choice.lower().replace(" ", "-"): choice for choice in of.choices}.get(words.lower().replace(" ", "-"))
        if found is None:
            raise UnknownNameError(of.name, written, of.choices)
        return found
    if of.form and not re.fullmatch(of.form, words, re.ASCII):
        example = {"year": "2016", "month": "2016-07", "age": "40 to 49"}[of.name]
        raise UsageError(f"{written!r} is not a value of {of.name!r}, such as {example}.")
    return words


def values_of(of: Dimension, ids: Iterable[str | None], table: Table) -> dict[str | None, Value]:
    """Return the values of a dimension by their ids, with names as the vocabulary or else the letters give them."""
    names = printed(of, table)
    return {id: value_of(of, id, table.store.base, names) for id in set(ids)}


def printed(of: Dimension, table: Table) -> dict[str, str]:
    """Return the names of sections or specialties as letters print them, by id; of several, the one the graph keeps.

    Values of other dimensions are named by the vocabulary alone: nothing is returned for them.
    """
    if of.kind not in ("section", "specialty"):
        return {}
    labels = of.values.replace("section_ids", "sections").replace("specialty_ids", "specialties")
    found: dict[str, str] = {}
    for id, label in table.rows(f"select distinct unnest({of.values}), unnest({labels}) from items"):
        found[id] = min(label, found.get(id, label), key=english)
    return found


def value_of(of: Dimension, id: str | None, base: str, printed: Mapping[str, str] | None = None) -> Value:
    """Return the value of a dimension by its id; `base` starts the IRIs of the data.

    `printed` has the labels, by id, of what the vocabulary does not know; without it the id stands for them.
    """
    if id is None:
        return Value(None, NOT_STATED)
    kind = of.kind
    if kind is None:
        return Value(id, id)
    iri = _iri(kind, id, base)
    concept = vocabulary.load().concept(iri)
    label = concept.label if concept else (printed or {}).get(id, id)
    if kind == "page":
        guideline, _, number = id.rpartition("-")
        label = f"{shipped_names().guideline(guideline)}, page {number}"
    if kind == "section":  # one name stands for sections of several guidelines
        guideline = _guideline(id)
        named = vocabulary.load().guidelines.get(guideline)
        label = f"{named.label if named else guideline}: {label}"
    return Value(id, label, iri)


def _iri(kind: str, id: str, base: str) -> str:
    match kind:
        case "treatment":
            return terms.treatment_iri(id)
        case "category":
            return terms.category_iri(id)
        case "guideline":
            return terms.guideline_iri(id)
        case "region":
            return terms.region_iri(id)
        case "state":
            return terms.state_iri(id)
    known = f"{terms.BASE}{kind}-{id}"
    return known if vocabulary.load().concept(known) else f"{base}{kind}-{id}"


def _node(kind: str, written: str, store: GraphStore) -> str:
    if kind == "specialty":  # the vocabulary first: looking through the store takes time
        scheme = vocabulary.load().specialties
        found = scheme.get(written.lower()) or scheme.unique_by_label(written)
        if found:
            return found.iri
    return node_of(kind, written, store).value


def _id(kind: str, iri: str) -> str:
    concept = vocabulary.load().concept(iri)
    if concept is not None and kind not in ("section", "specialty"):
        return concept.id
    return terms.local_name(iri).removeprefix(f"{kind}-")


@lru_cache(65_536)
def chapter_of(section: str, label: str) -> str | None:
    """Return the id of the chapter that a topic stands in, by the topic's id and name; None where its id has none.

    One topic of the Official Disability Guidelines stands in several chapters. A chapter that the vocabulary does not
    know has an id of the same form.

    >>> chapter_of("odg-low-back-mris", "MRIs"), chapter_of("odg-mris", "MRIs")
    ('odg-low-back', None)
    """
    topic = f"-{terms.slug(label)}"
    inside = section.endswith(topic) and len(section) > len(_guideline(section)) + len(topic)
    return section[: -len(topic)] if inside else None


@lru_cache(65_536)
def full_label(value: Value) -> str:
    """Return a value's name, that of a topic with the chapter it stands in: several chapters have topics of one name.

    >>> full_label(Value("odg-low-back-mris", "Official Disability Guidelines: MRIs", f"{terms.BASE}section-odg-mris"))
    'Official Disability Guidelines, Low Back: MRIs'
    """
    if value.id is None or not terms.local_name(value.iri or "").startswith("section-"):
        return value.label
    guideline, separator, topic = value.label.partition(": ")
    chapter = chapter_of(value.id, topic)
    if chapter is None:
        return value.label
    found = vocabulary.load().all_sections.get(chapter)
    name = found.label if found else chapter.removeprefix(_guideline(chapter))[1:].replace("-", " ")
    return f"{guideline}, {name}{separator}{topic}"


@lru_cache(65_536)
def _guideline(section: str) -> str:
    """Return the id of the guideline that a section's id begins with: the longest one that fits."""
    known = (id for id in vocabulary.load().guidelines.ids if section.startswith(f"{id}-"))
    return max(known, key=len, default=section)
