"""What the page of a concept shows, gathered from the library's figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from imr_graph import iris as terms
from imr_graph import vocabulary
from imr_graph.analysis.dimensions.store_facts import literals_of
from imr_graph.analysis.dimensions.values import Value, make_value, qualified_label
from imr_graph.analysis.precedents.contrasts import ContrastingPair
from imr_graph.analysis.precedents.evidence import ItemEvidence, read_evidence
from imr_graph.analysis.statistics.concept_profiles import ConceptProfile, DecidedItem
from imr_graph.analysis.statistics.overturn_rates import RateGroup, rate_group
from imr_graph.errors import StoreError
from imr_graph.live_store import StoreSnapshot
from imr_graph.table.dimensions import DIMENSIONS
from imr_graph.website.concept.context import Standing, id_of, standing
from imr_graph.website.concept.figures import NETWORKS, pairs_of, portraits_of, printed_of
from imr_graph.website.concept.kinds import Kind, Shown
from imr_graph.website.concept.network import walk_from
from imr_graph.website.svg import years

__all__ = ["Latest", "Table", "shown"]

_ROWS: Final = 8
_MOST_BELOW: Final = 25
_PRECEDENTS: Final = 3  # of each decision
_PAIRS: Final = 3


@dataclass(frozen=True, slots=True)
class Table:
    """A table of figures: the first rows, how many values there are, and what is left out of their names."""

    shown: Shown
    groups: tuple[RateGroup, ...]
    values: int
    prefix: str

    def label(self, value: Value) -> str:
        """Return a value's name without what the page's title says already."""
        label = qualified_label(value)
        short = label.removeprefix(self.prefix)
        if self.prefix and short[:2] in (": ", ", "):
            return f"{short[2:3].upper()}{short[3:]}"
        return label


@dataclass(frozen=True, slots=True)
class Latest:
    """A decision in a list: what names it, and the treatment in dispute."""

    item: DecidedItem
    iri: str
    service: str


@dataclass(frozen=True, slots=True)
class Compared:
    """A contrasting pair with its words, and the places that both decisions rest on."""

    places: tuple[Value, ...]
    overturned: ItemEvidence
    upheld: ItemEvidence


def shown(snapshot: StoreSnapshot, kind: Kind, name: str, around: str = "") -> dict[str, Any]:
    """Return the values of the template; `around` is the node that the reader walked to in the network.

    Raises PageNotFoundError where neither the vocabulary nor any letter has the resource.
    """
    id = id_of(kind, name)
    stands = standing(snapshot, kind, name)
    of = portraits_of(snapshot, kind.name).of(id, _ROWS)
    denied = portraits_of(snapshot, f"denial-{kind.name}").of(id, _ROWS) if kind.sided else None
    prefix = stands.above[1].label if kind.name in ("section", "page") else stands.label
    asked_for = kind.name == "treatment"
    return {
        "kind": kind,
        "full_label": qualified_label,
        "name": name,
        "id": id,
        "title": stands.label,
        "standing": stands,
        "portrait": of,
        "denied": denied,
        "sides": tuple(_sides(of, denied)) if denied is not None else (),
        "tables": tuple(_tables(of, kind.tables, prefix)),
        "below": _below(snapshot, kind, id, stands),
        "denial_tables": tuple(_tables(denied, kind.denial, prefix)) if denied is not None else (),
        "years": years.drawn(of.groups("year")),
        "precedents": _precedents(snapshot, of) if asked_for else {},
        "pairs": tuple(
            _compared(snapshot, pair, (kind.name, id)) for pair in pairs_of(snapshot, kind.name, id)[:_PAIRS]
        ),
        "latest": tuple(_latest(snapshot, item) for item in of.latest),
        "walk": walk_from(snapshot, kind.name, name, around) if kind.name in NETWORKS else None,
        "search": f"/search?{urlencode({kind.name: id})}",
        "denials": f"/search?{urlencode({f'denial-{kind.name}': id})}" if kind.name == "guideline" else "",
        "ask": f"/precedents?{urlencode({'q': _asked(stands)})}" if asked_for else "",
    }


def _below(snapshot: StoreSnapshot, kind: Kind, id: str, stands: Standing) -> Table | None:
    """Return the categories in a category, or the topics in a chapter, that letters have; None where there are none."""
    section = vocabulary.load().all_sections.get(id) if kind.name == "section" else None
    if kind.name == "category":
        shown, begin, prefix = Shown("category", "Categories in it", "Category"), f"{id}/", ""
    elif section is not None and section.is_chapter:
        shown, begin = Shown("section", "Topics in this chapter", "Topic"), f"{id}-"
        prefix = f"{stands.above[1].label}, {stands.label}"
    else:
        return None
    groups = portraits_of(snapshot, kind.name).all()
    inside = tuple(each for each in groups if (each.values[0].id or "").startswith(begin))
    return Table(shown, inside[:_MOST_BELOW], len(inside), prefix) if inside else None


def _tables(of: ConceptProfile, listed: tuple[Shown, ...], prefix: str) -> Iterator[Table]:
    for each in listed:
        crossing = of.crossed.get(each.dimension)
        if crossing is not None and crossing.groups:
            yield Table(each, crossing.groups[:_ROWS], crossing.values, prefix)


def _sides(of: ConceptProfile, denied: ConceptProfile) -> Iterator[tuple[str, RateGroup]]:
    """Yield how the items ended that both sides rest on it for, and those that only one of them does."""
    both = of.both or rate_group((), 0, 0)
    for words, side in (("Only the expert reviewer cites it", of), ("Only the denial cites it", denied)):
        decisions = side.figures.decisions - both.decisions
        yield words, rate_group((), decisions, side.figures.overturned - both.overturned)
    yield "Both sides cite it", both


def _precedents(snapshot: StoreSnapshot, of: ConceptProfile) -> dict[str, tuple[ItemEvidence, ...]]:
    return {
        decision: tuple(_evidence(snapshot, item) for item in of.nearest.get(decision, ())[:_PRECEDENTS])
        for decision in ("overturned", "upheld")
    }


def _compared(snapshot: StoreSnapshot, pair: ContrastingPair, own: tuple[str, str]) -> Compared:
    names, base = printed_of(snapshot), snapshot.store.base
    ordered = sorted(pair.places, key=lambda place: place != own)  # what the page is about first
    places = tuple(make_value(DIMENSIONS[kind], id, base, names.get(kind)) for kind, id in ordered)
    return Compared(places, _evidence(snapshot, pair.overturned), _evidence(snapshot, pair.upheld))


def _evidence(snapshot: StoreSnapshot, item: DecidedItem) -> ItemEvidence:
    found = read_evidence(snapshot.store, item.case, item.position)
    if found is None:
        raise StoreError(f"The table has {item.case} item {item.position} and the graph has not: build it anew.")
    return found


def _latest(snapshot: StoreSnapshot, item: DecidedItem) -> Latest:
    iri = terms.item_iri(terms.case_iri(item.case, snapshot.store.base), item.position)
    services = literals_of(snapshot.store.graph, iri, terms.term("service"), terms.term("heading"))
    return Latest(item, iri, next(iter(services), "Treatment not stated"))


def _asked(stands: Standing) -> str:
    """Return the name of a treatment by which free text is sure to mean it: a part of a name may mean another."""
    treatments = vocabulary.load().treatments
    names = [stands.label, *stands.also]
    return next((name for name in names if len(treatments.by_label(name)) == 1), stands.label)
