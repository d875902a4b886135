"""The dimensions: what decisions are grouped, filtered and searched by, one row each.

A row here is all that a statistic or a filter takes: `stats`, the pages and the assistant's tools list what stands
here. With `indexed` columns the full-text index filters and counts by it as well; an index that was made before has
no marks of it, and `imr-graph reindex` makes it anew. What the values of a dimension are called is in
`analysis.dimensions.values`; the concepts that they name are of the kinds of `analysis.dimensions.kinds`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from imr_graph.fields import ACTIONS, BASES, DECISIONS, LATERALITIES, OUTCOMES, SEXES, STANCES

__all__ = ["DIMENSIONS", "INDEXED", "Dimension"]


@dataclass(frozen=True, slots=True)
class Dimension:
    """One thing to group by.

    `values` is the SQL expression of a row's values, a list without repetition. `kind` is the kind of concept that the
    values name, `labels` the column of their names as letters print them, in the same order, for values that the
    vocabulary may not have. `matched` is the expression of the values that a filter looks at, where it looks at more.
    `choices` are what the values can be where that is known, `form` the pattern of a value where it has one, with an
    example. `indexed` are the columns whose values the full-text index marks, each as `index_value` makes it of what
    the column holds; `facet` is the place among the facets that a search shows unasked. `field` says that forms have a
    field for it.
    """

    name: str
    title: str
    values: str
    kind: str | None = None
    labels: str | None = None
    matched: str | None = None
    choices: tuple[str, ...] = ()
    form: tuple[str, str] | None = None
    indexed: tuple[str, ...] = ()
    facet: int | None = None
    field: bool = False
    index_value: Callable[[Any], str] | None = None


def _scalar_as_list(value: str, column: str | None = None) -> str:
    return f"case when {column or value} is null then [] else [{value}] end"


def _flag(name: str, title: str, column: str, *, indexed: bool = False) -> Dimension:
    values = f"[case when {column} then 'yes' else 'no' end]"
    return Dimension(name, title, values, choices=("yes", "no"), indexed=(column,) if indexed else ())


def _range(name: str, title: str, *limits: int) -> Dimension:
    """Return the dimension of a number by ranges that end at the limits, the last one open."""
    starts = (1, *(limit + 1 for limit in limits))
    names = (*(f"{start} to {end}" for start, end in zip(starts, limits, strict=False)), f"{starts[-1]} or more")

    def index_value(number: int) -> str:
        return names[bisect_left(limits, number)]

    cases = " ".join(f"when {name} <= {end} then '{each}'" for end, each in zip(limits, names, strict=False))
    values = _scalar_as_list(f"case {cases} else '{names[-1]}' end", name)
    return Dimension(name, title, values, choices=names, indexed=(name,), index_value=index_value)


_DERIVATIVE: Final = "depends-on-denied-service"


def _is_derivative(reasons: list[str]) -> str:
    return "yes" if _DERIVATIVE in reasons else "no"


_DECADE = "patient_age // 10 * 10"
_ANY_CATEGORY = "list_concat(categories, list_concat(subcategories, drug_classes))"

_ROWS: Final = (
    Dimension("treatment", "Treatment", "treatments", "treatment", indexed=("treatments",), facet=4, field=True),
    Dimension("drug-class", "Drug class", "drug_classes", "category"),
    Dimension("category", "Treatment category", "categories", "category", matched=_ANY_CATEGORY,
              indexed=("categories", "subcategories", "drug_classes"), facet=3, field=True),
    Dimension("subcategory", "Treatment subcategory", "subcategories", "category"),
    Dimension("guideline", "Guideline of the expert reviewer", "reviewer_guidelines", "guideline",
              indexed=("reviewer_guidelines",), facet=5, field=True),
    Dimension("section", "Section of the expert reviewer", "reviewer_section_ids", "section", "reviewer_sections",
              indexed=("reviewer_section_ids",)),
    Dimension("page", "Page of the expert reviewer", "reviewer_pages", "page", indexed=("reviewer_pages",)),
    Dimension("basis", "Basis of the expert reviewer", "reviewer_bases", choices=tuple(BASES)),
    Dimension("stance", "Stance of the expert reviewer", _scalar_as_list("reviewer_stance"), choices=tuple(STANCES)),
    Dimension("denial-guideline", "Guideline of the denial", "administrator_guidelines", "guideline",
              indexed=("administrator_guidelines",), field=True),
    Dimension("denial-section", "Section of the denial", "administrator_section_ids", "section",
              "administrator_sections"),
    Dimension("denial-page", "Page of the denial", "administrator_pages", "page"),
    Dimension("denial-basis", "Basis of the denial", "administrator_bases", choices=tuple(BASES)),
    Dimension("administrator-action", "Action of the claims administrator", _scalar_as_list("administrator_action"),
              choices=tuple(ACTIONS), indexed=("administrator_action",)),
    Dimension("denial-stance", "Stance of the denial", _scalar_as_list("administrator_stance"), choices=tuple(STANCES)),
    Dimension("reason", "Reason of the decision", "reasons", "reason", indexed=("reasons",), facet=6, field=True),
    Dimension("specialty", "Reviewer's specialty", "reviewer_specialty_ids", "specialty", "reviewer_specialties",
              indexed=("reviewer_specialty_ids",), facet=7, field=True),
    Dimension("state", "Reviewer's state of licensure", "reviewer_states", "state",
              indexed=("reviewer_states",), facet=8, field=True),
    Dimension("profile", "Reviewer's profile", _scalar_as_list("reviewer_profile")),
    Dimension("year", "Year of the decision", _scalar_as_list("strftime(decision_date, '%Y')"),
              form=(r"\d{4}", "2016"), indexed=("decision_date",), facet=2, field=True),
    Dimension("month", "Month of the decision", _scalar_as_list("strftime(decision_date, '%Y-%m')"),
              form=(r"\d{4}-\d\d", "2016-07")),
    Dimension("region", "Body region", "body_regions", "region", indexed=("body_regions",), field=True),
    Dimension("laterality", "Side of the body", _scalar_as_list("laterality"), choices=tuple(LATERALITIES)),
    _flag("partial", "Partial certification", "partial_certification", indexed=True),
    _flag("retrospective", "Retrospective request", "retrospective", indexed=True),
    _flag("surgical-adjunct", "Associated surgical service", "surgical_adjunct"),
    _flag("topical", "Drug applied to the skin", "topical", indexed=True),
    Dimension("derivative", "Depends on a denied service",
              f"[case when list_contains(reasons, '{_DERIVATIVE}') then 'yes' else 'no' end]", choices=("yes", "no"),
              indexed=("reasons",), field=True, index_value=_is_derivative),
    _range("visits", "Visits requested", 6, 12, 24),
    _range("quantity", "Quantity requested", 30, 60, 90, 120),
    Dimension("decision", "Decision", _scalar_as_list("decision"), choices=tuple(DECISIONS),
              indexed=("decision",), facet=1),
    Dimension("outcome", "Outcome of the case", _scalar_as_list("outcome"),
              choices=tuple(OUTCOMES)),
    Dimension("priority", "Priority", _scalar_as_list("priority"), choices=("standard", "expedited")),
    Dimension("incomplete", "Letter damaged or cut", "[case when len(incomplete) > 0 then 'yes' else 'no' end]",
              choices=("yes", "no")),
    Dimension("layout", "Layout of the letter", _scalar_as_list("layout")),
    Dimension("sex", "Patient's sex", _scalar_as_list("patient_sex"), choices=tuple(SEXES)),
    Dimension("age", "Patient's age", _scalar_as_list(f"({_DECADE}) || ' to ' || ({_DECADE} + 9)", "patient_age"),
              form=(r"\d+ to \d+", "40 to 49")),
)  # fmt: skip

DIMENSIONS: Final[Mapping[str, Dimension]] = {row.name: row for row in _ROWS}

INDEXED: Final[Mapping[str, Dimension]] = {
    row.name: row for row in sorted(_ROWS, key=lambda row: (row.facet is None, row.facet or 0)) if row.indexed
}
"""The dimensions that searches filter and count by, those that are shown unasked first, in their order."""
