"""What the page of a concept shows, gathered from the library's figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from imr_graph import iris as terms
from imr_graph import vocabulary
from imr_graph.analysis.dimensions.filters import NO_FILTERS, Filters, describe_derivative
from imr_graph.analysis.dimensions.kinds import ConceptKind, PageTable
from imr_graph.analysis.dimensions.lookup import literals_of
from imr_graph.analysis.dimensions.values import Value, make_value, qualified_label
from imr_graph.analysis.precedents.contrasts import ContrastingPair
from imr_graph.analysis.precedents.evidence import ItemEvidence, read_evidence
from imr_graph.analysis.precedents.request import Request
from imr_graph.analysis.precedents.requirements import Criterion, requirements
from imr_graph.analysis.statistics.concept_profiles import SUBJECTS, ConceptProfile, DecidedItem, is_own_part
from imr_graph.analysis.statistics.overturn_rates import RateGroup, overturn_rates, rate_group
from imr_graph.errors import StoreError
from imr_graph.live_store import StoreSnapshot
from imr_graph.table.dimensions import DIMENSIONS
from imr_graph.website import urls
from imr_graph.website.components import Crumb, Figures, GroupTable
from imr_graph.website.concept.context import ConceptContext, read_context
from imr_graph.website.concept.figures import Walk, letter_labels, pairs_of, profiles_of, walk_from
from imr_graph.website.svg.periods import PeriodChart, draw_periods

__all__ = ["ConceptView", "view_concept", "write_figures"]

_ROWS: Final = 8
_MOST_BELOW: Final = 25
_PRECEDENTS: Final = 3  # of each decision
_PAIRS: Final = 3
_SIDES: Final = {"": "expert reviewer", "denial-": "claims administrator"}


@dataclass(frozen=True, slots=True)
class RelatedTable:
    """Figures by another dimension: its heading, the first rows, and how many values there are."""

    dimension: str
    heading: str
    table: GroupTable
    values: int


@dataclass(frozen=True, slots=True)
class LatestDecision:
    """A decision in a list: what names it, and the treatment in dispute."""

    item: DecidedItem
    iri: str
    service: str


@dataclass(frozen=True, slots=True)
class PairView:
    """A contrasting pair with its words, and the places that both decisions rest on."""

    places: tuple[Value, ...]
    overturned: ItemEvidence
    upheld: ItemEvidence


@dataclass(frozen=True, slots=True)
class ConceptView:
    """The page of a concept.

    `denied` counts the items whose denial rests on it, where there are two sides, and `sides` who cites it; `below`
    are the narrower concepts, `criteria` what decisions on a treatment say has to be documented. Addresses are empty
    where they lead nowhere.
    """

    title: str
    name: str
    id: str
    kind: ConceptKind
    crumbs: tuple[Crumb, ...]
    context: ConceptContext
    portrait: ConceptProfile
    denied: ConceptProfile | None
    sides: GroupTable | None
    below: RelatedTable | None
    tables: tuple[RelatedTable, ...]
    denial_tables: tuple[RelatedTable, ...]
    years: PeriodChart | None
    years_address: str
    compare_address: str
    year_table: GroupTable
    precedents: Mapping[str, tuple[ItemEvidence, ...]]
    requirements_address: str
    derivative: str
    precedents_address: str
    denials_address: str
    pairs: tuple[PairView, ...]
    criteria: tuple[Criterion, ...]
    latest: tuple[LatestDecision, ...]
    walk: Walk | None


def view_concept(snapshot: StoreSnapshot, kind: ConceptKind, name: str, around: str = "") -> ConceptView:
    """Return what the page shows; `around` is the node that the reader walked to in the network. Runs in a thread.

    Raises PageNotFoundError where neither the vocabulary nor any letter has the resource.
    """
    id = kind.id_of(name)
    context = read_context(snapshot, kind, name)
    profile = profiles_of(snapshot, kind.name).of(id, _ROWS)
    denied = profiles_of(snapshot, f"denial-{kind.name}").of(id, _ROWS) if kind.both_sides else None
    prefix = context.above[0].label if kind.listed_with == "guideline" and context.above else context.label
    shares = kind.name != "reason"  # the decisions of one reason all ended alike
    is_treatment, years = kind.name == "treatment", profile.groups("year")
    return ConceptView(
        title=context.label,
        name=name,
        id=id,
        kind=kind,
        crumbs=((kind.listing.title, kind.listing.path), *((each.label, each.path) for each in context.above)),
        context=context,
        portrait=profile,
        denied=denied,
        sides=_sides(profile, denied) if denied else None,
        below=_narrower(snapshot, kind, id, context),
        tables=tuple(_related_tables(profile, kind.tables, prefix, shares)),
        denial_tables=tuple(_related_tables(denied, kind.denial_tables, prefix)) if denied else (),
        years=draw_periods(years, undated=_count_undated(profile)) if shares else None,
        years_address=urls.statistics(by="year", **{kind.name: id}),
        compare_address=urls.compare(kind.name, id) if kind.name in DIMENSIONS and shares else "",
        year_table=GroupTable.of(years, "Year", label="Table: decisions by year", compact=True, shares=shares),
        precedents=_nearest(snapshot, profile) if is_treatment else {},
        requirements_address=urls.requirements(_request_for(context)) if is_treatment else "",
        derivative=describe_derivative(NO_FILTERS) if shares else "",
        precedents_address=urls.precedents(_request_for(context)) if is_treatment else "",
        denials_address=urls.search("", (f"denial-{kind.name}", id)) if kind.name == "guideline" else "",
        pairs=tuple(_pair(snapshot, pair, (kind.name, id)) for pair in pairs_of(snapshot, kind.name, id)[:_PAIRS]),
        criteria=_criteria(snapshot, id, context) if is_treatment else (),
        latest=tuple(_latest(snapshot, item) for item in profile.latest),
        walk=walk_from(snapshot, kind.name, name, around) if kind.network else None,
    )


def _count_undated(profile: ConceptProfile) -> int:
    return profile.figures.decisions - sum(group.decisions for group in profile.groups("year"))


def _criteria(snapshot: StoreSnapshot, id: str, context: ConceptContext) -> tuple[Criterion, ...]:
    """Return what decisions on a treatment, and on no other, say has to be documented."""
    return requirements(snapshot.table, Request(context.label, ((id,),))).criteria[:_ROWS]


def write_figures(snapshot: StoreSnapshot, kind: ConceptKind, name: str) -> Iterator[tuple[object, ...]]:
    """Yield the rows of every group, not only of those that the page has room for; runs in a thread.

    A row is the side whose citation counts (for guidelines, sections and pages), the dimension, the value and its id,
    and the figures. Raises PageNotFoundError where there is no such resource.
    """
    context, id = read_context(snapshot, kind, name), kind.id_of(name)
    for prefix, side in _SIDES.items() if kind.both_sides else (("", ""),):
        subject = f"{prefix}{kind.name}"
        filters = Filters(((subject, (id,)),))
        everything = overturn_rates(snapshot.table, filters=filters).groups
        yield side, "all", context.label, id, *_numbers(everything[0] if everything else rate_group((), 0, 0))
        for dimension in SUBJECTS[subject]:
            for group in overturn_rates(snapshot.table, dimension, filters=filters).groups:
                value = group.values[0]
                if is_own_part(subject, id, dimension, value.id):
                    yield side, DIMENSIONS[dimension].title, value.label, value.id or "", *_numbers(group)


def _numbers(of: RateGroup) -> tuple[str, ...]:
    shares = (f"{share:.4f}" if of.decisions else "" for share in (of.share, of.low, of.high))
    return str(of.decisions), str(of.overturned), *shares, "yes" if of.small else "no"


def _narrower(snapshot: StoreSnapshot, kind: ConceptKind, id: str, context: ConceptContext) -> RelatedTable | None:
    """Return the categories in a category, or the topics in a chapter, that letters have; None where there are none."""
    section = vocabulary.load().all_sections.get(id) if kind.name == "section" else None
    if kind.name == "category":
        shown, begin, prefix = PageTable("category", "Categories in it", "Category"), f"{id}/", ""
    elif section is not None and section.is_chapter:
        shown, begin = PageTable("section", "Topics in this chapter", "Topic"), f"{id}-"
        prefix = f"{context.above[0].label}, {context.label}"
    else:
        return None
    groups = profiles_of(snapshot, kind.name).all()
    inside = [each for each in groups if (each.values[0].id or "").startswith(begin)]
    return _table(shown, inside[:_MOST_BELOW], len(inside), prefix) if inside else None


def _related_tables(
    of: ConceptProfile, tables: tuple[PageTable, ...], prefix: str, shares: bool = True
) -> Iterator[RelatedTable]:
    for each in tables:
        crossing = of.crossed.get(each.dimension)
        if crossing is not None and crossing.groups:
            yield _table(each, crossing.groups[:_ROWS], crossing.values, prefix, shares)


def _table(
    of: PageTable, groups: tuple[RateGroup, ...] | list[RateGroup], values: int, prefix: str, shares: bool = True
) -> RelatedTable:
    def short_name(value: Value) -> str:
        """Return a value's name without what the page's title says already."""
        label = qualified_label(value)
        rest = label.removeprefix(prefix)
        return f"{rest[2:3].upper()}{rest[3:]}" if prefix and rest[:2] in (": ", ", ") else label

    table = GroupTable.of(
        groups, of.column, label=f"Table: {of.heading}", compact=True, short_name=short_name, shares=shares
    )
    return RelatedTable(of.dimension, of.heading, table, values)


def _sides(of: ConceptProfile, denied: ConceptProfile) -> GroupTable:
    """Return how the items ended that both sides rest on it for, and those that only one of them does."""
    nothing = rate_group((), 0, 0)
    found: tuple[tuple[str, Figures], ...] = (
        ("Only the expert reviewer cites it", of.alone or nothing),
        ("Only the denial cites it", denied.alone or nothing),
        ("Both sides cite it", of.both or nothing),
    )
    rows = tuple(((Value(words, words),), figures) for words, figures in found)
    caption = "By who cites it: the expert reviewer for the decision, the claims administrator for the denial"
    return GroupTable(("Cited by",), rows, caption, "Table: by who cites it", compact=True, kind="by-side")


def _nearest(snapshot: StoreSnapshot, of: ConceptProfile) -> dict[str, tuple[ItemEvidence, ...]]:
    return {
        decision: tuple(_evidence(snapshot, item) for item in of.nearest.get(decision, ())[:_PRECEDENTS])
        for decision in ("overturned", "upheld")
    }


def _pair(snapshot: StoreSnapshot, pair: ContrastingPair, own: tuple[str, str]) -> PairView:
    names, base = letter_labels(snapshot), snapshot.store.base
    ordered = sorted(pair.places, key=lambda place: place != own)  # what the page is about first
    places = tuple(make_value(DIMENSIONS[kind], id, base, names.get(kind)) for kind, id in ordered)
    return PairView(places, _evidence(snapshot, pair.overturned), _evidence(snapshot, pair.upheld))


def _evidence(snapshot: StoreSnapshot, item: DecidedItem) -> ItemEvidence:
    found = read_evidence(snapshot.store, item.case, item.position)
    if found is None:
        raise StoreError(f"The table has {item.case} item {item.position} and the graph has not: build it anew.")
    return found


def _latest(snapshot: StoreSnapshot, item: DecidedItem) -> LatestDecision:
    iri = terms.item_iri(terms.case_iri(item.case, snapshot.store.base), item.position)
    services = literals_of(snapshot.store.graph, iri, terms.term("service"), terms.term("heading"))
    return LatestDecision(item, iri, next(iter(services), "Treatment not stated"))


def _request_for(context: ConceptContext) -> str:
    """Return the name of a treatment by which free text is sure to mean it: a part of a name may mean another."""
    treatments = vocabulary.load().treatments
    names = [context.label, *context.also]
    return next((name for name in names if len(treatments.by_label(name)) == 1), context.label)
