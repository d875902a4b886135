"""From a determination to its rows: pure, one row for each disputed item, as JSON can hold it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from imr_graph import iris as terms
from imr_graph.fields import CASE, ITEM, LETTER, LEVELS, REVIEWER, SIDES, Field, Level
from imr_graph.graph.literals import replace_surrogates
from imr_graph.graph.resolver import NameResolver, ResolvedName, default_resolver
from imr_graph.model import Citation, Determination, DisputedItem
from imr_graph.table.columns import COLUMNS
from imr_graph.vocabulary import load
from imr_graph.vocabulary.concepts import Concept

__all__ = ["Groups", "Row", "groups_of", "groups_of_item", "item_rows"]

Row = dict[str, Any]

_DRUGS = "pharmaceuticals/"
_CREAM, _COMPOUND = f"{_DRUGS}topical-analgesics", f"{_DRUGS}topical-compounds"
# Classes of drugs that act in the whole body also where they pass through the skin: a patch of an opioid is an opioid.
_SYSTEMIC = frozenset(f"{_DRUGS}{name}" for name in ("opioids", "hormones", "androgens-anabolic-steroids"))
_ITEM_COLUMNS = tuple(column.name for column in COLUMNS if column.level == "item")


# For each level the columns of its fields with what gets the value of a record.
_PLANS: Final = {
    level.name: tuple((each.column, each.getter(), each) for each in level.fields if each.column) for level in LEVELS
}


class Groups(NamedTuple):
    """Where a treatment stands in the vocabulary, by ids: its drug classes, top categories, categories between."""

    drug_classes: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    subcategories: tuple[str, ...] = ()


@lru_cache(maxsize=16_384)
def groups_of(treatment: str) -> Groups:
    """Return the groups of a treatment's id; none for an id that the vocabulary does not know.

    >>> groups_of("mri")
    Groups(drug_classes=(), categories=('diagnostic-testing',), subcategories=('diagnostic-testing/imaging',))
    """
    above = load().categories_of(treatment)
    tops = [concept for concept in above if not concept.broader]
    below = [concept for concept in above if concept.broader]
    drugs = [concept for concept in below if concept.id.startswith(_DRUGS)]
    return Groups(_ids(drugs), _ids(tops), _ids(concept for concept in below if concept not in drugs))


def groups_of_item(treatments: Sequence[str], *, topical: bool) -> Groups:
    """Return the groups of what an item requests, each sorted.

    The state has groups of their own for drugs applied to the skin, whatever class they are of when swallowed:
    compounds of several drugs, and analgesics.

    >>> groups_of_item(["cyclobenzaprine"], topical=False).drug_classes
    ('pharmaceuticals/muscle-relaxant',)
    >>> groups_of_item(["cyclobenzaprine"], topical=True).drug_classes
    ('pharmaceuticals/topical-analgesics',)
    """
    groups = [groups_of(treatment) for treatment in treatments]
    classes, tops, between = (tuple(sorted({id for group in groups for id in group[at]})) for at in range(3))
    if topical and (len(classes) > 1 or not _SYSTEMIC.issuperset(classes)):
        drugs = [group for group in groups if group.drug_classes]
        classes = (_COMPOUND if len(drugs) > 1 else _CREAM,)
    return Groups(classes, tops, between)


def item_rows(determination: Determination, key: str | None = None, *, names: NameResolver | None = None) -> list[Row]:
    """Return the rows of a determination: a value for each of `columns.COLUMNS`, dates in ISO form.

    `key` names the case where its own key is taken by another letter. A letter without any disputed item has one row
    whose `position` is None, so that its case is not lost.

    >>> from imr_graph.model import *
    >>> item = DisputedItem("MRI of the knee", "upheld", "MRI of the knee", treatments=("mri",))
    >>> of = (None, Dates(), "upheld", Patient(), Reviewer(), None, (item,))
    >>> rows = item_rows(Determination("a.txt", "0" * 64, "L5", "EX16-1", *of))
    >>> [(row["case_key"], row["position"], row["categories"]) for row in rows]
    [('EX16-1', 1, ['diagnostic-testing'])]
    """
    names = names or default_resolver()
    case = _case(determination, key or determination.key, names)
    items = [_item(item, position, names) for position, item in enumerate(determination.items, 1)]
    rows = [case | item for item in items] or [case | dict.fromkeys(_ITEM_COLUMNS)]
    for row in rows[1:]:
        row["summary"] = None
    return rows


def _values(level: Level, holder: Any) -> Row:
    """Return the columns of a level's fields."""
    return {name: _plain(of, value(holder)) for name, value, of in _PLANS[level.name]}


def _plain(of: Field, value: Any) -> Any:
    """Return a field's value as JSON can hold it and as the column's entry in the data dictionary says."""
    if value is None:
        return None
    if of.several:
        return sorted({replace_surrogates(each) if of.kind in ("text", "word") else each for each in value})
    if of.kind == "date":
        return value.isoformat()
    return replace_surrogates(value) if of.kind in ("text", "word") else value


def _case(d: Determination, key: str, names: NameResolver) -> Row:
    named = [names.specialty(label, terms.BASE) for label in d.reviewer.specialties]
    specialties = _label_nodes("specialty-", named, names)
    reviewer = _values(REVIEWER, d.reviewer) | {"reviewer_specialties": list(specialties.values())}
    return {
        "case_key": key,
        **_values(LETTER, d),
        **_values(CASE, d),
        **reviewer,
        "reviewer_specialty_ids": list(specialties),
        "reviewer_profile": _profile(sorted(specialties.values()), reviewer["reviewer_states"]),
        "unmatched_specialties": sorted({found.label for found in named if found.label is not None}),
        "unparsed_passages": len(d.unparsed),
        "items_in_case": len(d.items),
    }


def _profile(specialties: list[str], states: list[str]) -> str:
    codes = ", ".join(state.removeprefix("US-") for state in states)
    return f"{' + '.join(specialties) or 'specialty not stated'} ({codes or 'state not stated'})"


def _item(item: DisputedItem, position: int, names: NameResolver) -> Row:
    row = _values(ITEM, item)
    groups = groups_of_item(row["treatments"], topical=item.topical)
    unmatched: set[str] = set()
    for side in SIDES:
        citations = getattr(item, side.path).citations
        named = [
            (citation, names.section(citation.guideline, citation.chapter, label, terms.BASE))
            for citation in citations
            for label in citation.sections
        ]
        row |= _citations(side.column, citations, _label_nodes("section-", (found for _, found in named), names))
        unknown = ((citation.guideline, found.label) for citation, found in named if found.label is not None)
        unmatched |= {f"{guideline}: {replace_surrogates(label)}" for guideline, label in unknown}
    return row | {
        "position": position,
        "partial_certification": item.requested is not None or item.authorized is not None,
        **{name: list(ids) for name, ids in groups._asdict().items()},
        "unmatched_sections": sorted(unmatched),
        "reasons": sorted({reason.reason for reason in item.reasons}),
    }


def _citations(prefix: str, citations: tuple[Citation, ...], sections: Mapping[str, str]) -> Row:
    """Return the columns of what one side cites; `sections` has the labels of its sections by their ids."""
    return {
        f"{prefix}_bases": sorted({citation.basis for citation in citations}),
        f"{prefix}_guidelines": sorted({citation.guideline for citation in citations}),
        f"{prefix}_chapters": sorted({replace_surrogates(c.chapter) for c in citations if c.chapter is not None}),
        f"{prefix}_sections": list(sections.values()),
        f"{prefix}_section_ids": list(sections),
        f"{prefix}_pages": _pages(citations),
        f"{prefix}_citations": [replace_surrogates(citation.text) for citation in citations],
    }


def _label_nodes(prefix: str, named: Iterable[ResolvedName], names: NameResolver) -> dict[str, str]:
    """Return the ids of nodes with their labels, sorted by id."""
    found: dict[str, str] = {}
    for iri, minted in named:
        concept = names.vocabulary.concept(iri) if minted is None else None
        found[terms.local_name(iri).removeprefix(prefix)] = replace_surrogates(
            concept.label if concept else minted or ""
        )
    return dict(sorted(found.items()))


def _pages(citations: tuple[Citation, ...]) -> list[str]:
    numbers = sorted({(citation.guideline, page) for citation in citations for page in citation.pages})
    return [f"{guideline}-{number}" for guideline, number in numbers]


def _ids(concepts: Iterable[Concept]) -> tuple[str, ...]:
    return tuple(concept.id for concept in concepts)
