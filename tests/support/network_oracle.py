"""Networks counted from records in plain Python: what the projections of a store are compared with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations

from imr_graph import iris as terms
from imr_graph import vocabulary
from imr_graph.graph.resolver import default_resolver
from imr_graph.model import Determination, DisputedItem, Party
from imr_graph.store.table import Table, open_table
from support.sample_world import World, world_of


@dataclass(frozen=True)
class Tabled:
    """Records beside the open table of the store that holds them."""

    records: tuple[Determination, ...]
    world: World
    table: Table

    def items(self) -> Iterator[tuple[Determination, int, DisputedItem]]:
        """Yield each disputed item with its determination and its position."""
        return self.world.items()


@contextmanager
def tabled(records: tuple[Determination, ...]) -> Iterator[Tabled]:
    """Yield records with the table of a store that holds them."""
    world = world_of(records)
    with open_table(world.store) as table:
        yield Tabled(records, world, table)


def asked(item: DisputedItem) -> set[str]:
    """Return the treatments of an item."""
    return {terms.treatment_iri(t) for t in item.treatments}


def cited(party: Party) -> set[str]:
    """Return the guidelines that one side cites."""
    return {terms.guideline_iri(c.guideline) for c in party.citations}


def sections(item: DisputedItem) -> set[str]:
    """Return the sections that the expert reviewer cites."""
    names = default_resolver()
    return {
        names.section(c.guideline, c.chapter, label, terms.BASE).iri
        for c in item.reviewer.citations
        for label in c.sections
    }


def reasons(item: DisputedItem) -> set[str]:
    """Return the reasons of an item."""
    return {terms.reason_type_iri(r.reason) for r in item.reasons}


def pages(item: DisputedItem) -> set[str]:
    """Return the pages that the expert reviewer cites."""
    return {terms.page_iri(c.guideline, page) for c in item.reviewer.citations for page in c.pages}


def profile(record: Determination) -> set[str]:
    """Return the profile of the expert reviewer."""
    known = vocabulary.load().specialties
    named = sorted({found.label if (found := known.unique_by_label(s)) else s for s in record.reviewer.specialties})
    states = ", ".join(sorted({s.removeprefix("US-") for s in record.reviewer.states})) or "state not stated"
    return {f"profile:{' + '.join(named) or 'specialty not stated'} ({states})"}


ENDS: dict[str, Callable[[Determination, DisputedItem], tuple[set[str], set[str]]]] = {
    "case-guideline": lambda r, i: ({terms.case_iri(r.key)}, cited(i.reviewer)),
    "treatment-guideline": lambda _, i: (asked(i), cited(i.reviewer)),
    "treatment-section": lambda _, i: (asked(i), sections(i)),
    "treatment-reason": lambda _, i: (asked(i), reasons(i)),
    "reason-section": lambda _, i: (reasons(i), sections(i)),
    "treatment-page": lambda _, i: (asked(i), pages(i)),
    "reviewer-profile-treatment": lambda r, i: (profile(r), asked(i)),
    "administrator-reviewer-guideline": lambda _, i: (
        {f"denial:{g}" for g in cited(i.claims_administrator)},
        {f"review:{g}" for g in cited(i.reviewer)},
    ),
}


@dataclass
class Counted:
    """What a network should be: units of ties, overturned ones, units of nodes tied and occurring, number of units."""

    ties: dict[tuple[str, str], set[object]]
    overturned: dict[tuple[str, str], set[object]]
    tied: dict[str, set[object]]
    occurring: dict[str, set[object]]
    units: set[object]


def counted(
    records: Tabled, name: str, wanted: Callable[[Determination, DisputedItem], bool] = lambda _r, _i: True
) -> Counted:
    """Count a projection of records, unit by unit, with sets."""
    found = Counted({}, {}, {}, {}, set())
    by_case: dict[str, list[tuple[int, DisputedItem]]] = {}
    for record, position, item in records.items():
        if not wanted(record, item):
            continue
        by_case.setdefault(record.key, []).append((position, item))
        unit, over = (record.key, position), item.decision == "overturned"
        if name == "guideline-co-citation":
            guidelines = cited(item.reviewer)
            _note(found, unit, combinations(sorted(guidelines), 2), guidelines, lambda _, over=over: over)
        elif name in ENDS:
            ones, others = ENDS[name](record, item)
            pairs = ((one, other) for one in ones for other in others)
            _note(found, unit, pairs, ones | others, lambda _, over=over: over)
    if name == "treatment-co-request":
        for key, items in by_case.items():
            _case(found, key, items)
    return found


def _case(found: Counted, key: str, items: list[tuple[int, DisputedItem]]) -> None:
    where: dict[str, set[int]] = {}
    for position, item in items:
        for treatment in asked(item):
            where.setdefault(treatment, set()).add(position)
    upheld = {position for position, item in items if item.decision == "upheld"}
    pairs = [
        p for p in combinations(sorted(where), 2) if where[p[0]] != where[p[1]] or not (_drug(p[0]) and _drug(p[1]))
    ]
    _note(found, key, pairs, set(where), lambda pair: not (where[pair[0]] | where[pair[1]]) & upheld)


def _drug(treatment: str) -> bool:
    concept = vocabulary.load().concept(treatment)
    assert concept is not None
    return any(above.id == "pharmaceuticals" for above in vocabulary.load().ancestors(concept))


def _note(found: Counted, unit: object, pairs: object, occurring: set[str], overturned: Callable[..., bool]) -> None:
    found.units.add(unit)
    for node in occurring:
        found.occurring.setdefault(node, set()).add(unit)
    for pair in pairs:  # type: ignore[attr-defined]
        found.ties.setdefault(pair, set()).add(unit)
        if overturned(pair):
            found.overturned.setdefault(pair, set()).add(unit)
        for node in pair:
            found.tied.setdefault(node, set()).add(unit)
