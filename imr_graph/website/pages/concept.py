"""The page of what determinations refer to, such as a treatment or a guideline, and its figures as a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from starlette.responses import Response

from imr_graph import iris as terms
from imr_graph import vocabulary
from imr_graph.analysis.dimensions.filters import NO_FILTERS, Filters, describe_derivative
from imr_graph.analysis.dimensions.kinds import ConceptKind, PageTable
from imr_graph.analysis.dimensions.lookup import literals_of
from imr_graph.analysis.dimensions.values import Value, make_value
from imr_graph.analysis.precedents.contrasts import ContrastingPair
from imr_graph.analysis.precedents.evidence import ItemEvidence, read_evidence
from imr_graph.analysis.precedents.request import Request
from imr_graph.analysis.precedents.requirements import requirements
from imr_graph.analysis.statistics.concept_profiles import SUBJECTS, ConceptProfile, DecidedItem, is_own_part
from imr_graph.analysis.statistics.overturn_rates import RateGroup, overturn_rates, rate_group
from imr_graph.errors import StoreError, UsageError
from imr_graph.live_store import StoreSnapshot
from imr_graph.record_files import FORMATS
from imr_graph.table.dimensions import DIMENSIONS
from imr_graph.website import urls
from imr_graph.website.citations import shorten
from imr_graph.website.concepts import ConceptContext, letter_labels, pairs_of, profiles_of, read_context, walk_from
from imr_graph.website.files import send_table
from imr_graph.website.rendering import PageHead
from imr_graph.website.site import Page, StoreRequest
from imr_graph.website.svg.periods import draw_periods

__all__ = ["show_concept", "view_concept"]

_COLUMNS: Final = ("side", "dimension", "value", "id", "decided", "overturned", "share", "low", "high", "few")
_ROWS: Final = 8
_MOST_BELOW: Final = 25
_PRECEDENTS: Final = 3  # of each decision
_PAIRS: Final = 3
_SIDES: Final = {"": "expert reviewer", "denial-": "claims administrator"}


class RelatedTable(NamedTuple):
    """Figures by another dimension: the first groups, how many there are, and what their names need not repeat."""

    of: PageTable
    groups: Sequence[RateGroup]
    values: int
    within: str


class LatestDecision(NamedTuple):
    """A decision in a list: what names it, and the treatment in dispute."""

    item: DecidedItem
    iri: str
    service: str


class PairView(NamedTuple):
    """A contrasting pair with its words, and the places that both decisions rest on."""

    places: tuple[Value, ...]
    overturned: ItemEvidence
    upheld: ItemEvidence


def show_concept(kind: ConceptKind, asked: StoreRequest) -> Page | Response:
    """Show the page of a treatment, guideline or other concept, or send its figures as a file."""
    name, parameters = asked.name, asked.parameters
    format = parameters.get("format", "")
    if format in FORMATS:
        rows = list(_write_figures(asked.snapshot, kind, name))
        document = [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
        return send_table(parameters, name, format, _COLUMNS, rows, document)
    if format:
        raise UsageError(f"Figures come as csv and json, not as {format!r}; facts come with .ttl, .jsonld or .nt.")
    return view_concept(asked.snapshot, kind, name, parameters.get("around", ""))


def view_concept(snapshot: StoreSnapshot, kind: ConceptKind, name: str, around: str = "") -> Page:
    """Return the page of a concept; `around` is the node that the reader walked to in the network.

    `denied` counts the items whose denial rests on it, where there are two sides, and `sides` who cites it; `below`
    are the narrower concepts, `criteria` what decisions on a treatment say has to be documented. Raises
    PageNotFoundError where neither the vocabulary nor any letter has the resource.
    """
    id = kind.id_of(name)
    context = read_context(snapshot, kind, name)
    profile = profiles_of(snapshot, kind.name).of(id, _ROWS)
    denied = profiles_of(snapshot, f"denial-{kind.name}").of(id, _ROWS) if kind.both_sides else None
    within = context.above[0].label if kind.listed_with == "guideline" and context.above else context.label
    shares = kind.name != "reason"  # the decisions of one reason all ended alike
    is_treatment, years = kind.name == "treatment", profile.groups("year")
    undated = profile.figures.decisions - sum(group.decisions for group in years)
    # What decisions on this treatment, and on no other, say has to be documented.
    criteria = requirements(snapshot.table, Request(context.label, ((id,),))).criteria[:_ROWS] if is_treatment else ()
    return Page(
        "concept.html",
        title=context.label,
        name=name,
        id=id,
        kind=kind,
        context=context,
        portrait=profile,
        denied=denied,
        sides=[each or rate_group((), 0, 0) for each in (profile.alone, denied.alone, profile.both)] if denied else (),
        below=_narrower(snapshot, kind, id, context),
        tables=list(_related_tables(profile, kind.tables, within)),
        denial_tables=list(_related_tables(denied, kind.denial_tables, within)) if denied else (),
        years=years,
        chart=draw_periods(years, undated=undated) if shares else None,
        shares=shares,
        comparable=shares and kind.name in DIMENSIONS,
        precedents=_nearest(snapshot, profile) if is_treatment else {},
        request=_request_for(context) if is_treatment else "",
        derivative=describe_derivative(NO_FILTERS),
        pairs=[_pair(snapshot, pair, (kind.name, id)) for pair in pairs_of(snapshot, kind.name, id)[:_PAIRS]],
        criteria=criteria,
        latest=[_latest(snapshot, item) for item in profile.latest],
        walk=walk_from(snapshot, kind.name, name, around) if kind.network else None,
        head=PageHead(_describe(context.label, kind, profile.figures), urls.resource_named(name)),
    )


def _describe(title: str, kind: ConceptKind, of: RateGroup) -> str:
    """Return what the page says in a sentence."""
    if not of.decisions or kind.name == "reason":
        return shorten(f"{title} in California Independent Medical Review: decisions, citations and reasons.")
    return shorten(
        f"{title}: {of.overturned:,} of {of.decisions:,} disputed items overturned in California Independent "
        "Medical Review, with what they cite and why."
    )


def _write_figures(snapshot: StoreSnapshot, kind: ConceptKind, name: str) -> Iterator[tuple[object, ...]]:
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
        shown, begin, within = PageTable("category", "Categories in it", "Category"), f"{id}/", ""
    elif section is not None and section.is_chapter:
        shown, begin = PageTable("section", "Topics in this chapter", "Topic"), f"{id}-"
        within = f"{context.above[0].label}, {context.label}"
    else:
        return None
    groups = profiles_of(snapshot, kind.name).all()
    inside = [each for each in groups if (each.values[0].id or "").startswith(begin)]
    return RelatedTable(shown, inside[:_MOST_BELOW], len(inside), within) if inside else None


def _related_tables(of: ConceptProfile, tables: tuple[PageTable, ...], within: str) -> Iterator[RelatedTable]:
    for each in tables:
        crossing = of.crossed.get(each.dimension)
        if crossing is not None and crossing.groups:
            yield RelatedTable(each, crossing.groups[:_ROWS], crossing.values, within)


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
