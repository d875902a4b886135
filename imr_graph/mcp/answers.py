"""The parts of answers, and how much one may hold, so that an assistant's context is not flooded.

What is left out is always said.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal, TypeAlias

from imr_graph.analysis.dimensions.filters import Filters, to_sql
from imr_graph.analysis.precedents.associations import Association
from imr_graph.analysis.precedents.evidence import ItemEvidence, Quotation, read_evidence
from imr_graph.analysis.precedents.precedents import Contrast, Precedent
from imr_graph.analysis.precedents.requirements import Criterion, CriterionSide
from imr_graph.analysis.precedents.tiers import Tier
from imr_graph.analysis.search.results import Hit
from imr_graph.analysis.statistics.overturn_rates import RateGroup
from imr_graph.errors import UsageError
from imr_graph.store.graph_store import GraphStore
from imr_graph.store.table import Table

__all__ = [
    "CHARACTERS",
    "ROWS",
    "TEXT",
    "Answer",
    "Detail",
    "Limit",
    "Offset",
    "association_entry",
    "check_page",
    "compact_record",
    "contrast_entry",
    "criterion_entry",
    "figures_entry",
    "group_entry",
    "hit_entry",
    "next_offset",
    "precedent_entry",
    "quotation_entries",
    "share_entry",
    "tier_entry",
    "truncate_rows",
    "truncate_text",
]

ROWS: Final = 50
"""The most rows (hits, precedents, groups, items) of one answer."""

CHARACTERS: Final = 30_000
"""The most characters of one answer, as JSON."""

TEXT: Final = 1_500
"""The most characters of one text within an answer."""

Answer = dict[str, Any]

Limit: TypeAlias = Annotated[int, f"How many rows, 1 to {ROWS}."]
Offset: TypeAlias = Annotated[int, "Where to begin: next_offset of the answer before."]
Detail: TypeAlias = Annotated[Literal["short", "full"], "How much to say of each row."]


def check_page(limit: int, offset: int) -> None:
    """Raise UsageError where a limit is not 1 to `ROWS`, or an offset below 0."""
    if not 1 <= limit <= ROWS:
        raise UsageError(f"An answer has 1 to {ROWS} rows: change the limit {limit}.")
    if offset < 0:
        raise UsageError(f"Rows are counted from 0: change the offset {offset}.")


def next_offset(offset: int, limit: int, total: int) -> int | None:
    """Return where the next answer begins, None after the last.

    >>> next_offset(0, 10, 11), next_offset(10, 10, 11)
    (10, None)
    """
    return offset + limit if offset + limit < total else None


def truncate_text(text: str | None, most: int = TEXT) -> str | None:
    """Return a text, cut with a note of how much was left out where it is longer than allowed.

    >>> truncate_text("word " * 5, 10)
    'word word … [15 more characters]'
    """
    if text is None or len(text) <= most:
        return text
    kept = text[:most].rstrip()
    return f"{kept} … [{len(text) - most} more characters]"


def truncate_rows(answer: Answer, rows: str, more: str, lists: Sequence[str] = ()) -> Answer:
    """Return an answer that keeps to `CHARACTERS`: what is too much goes from the end of its list `rows`.

    Lists named in `lists` are shortened first. `more` says how to get at what is left out.
    """
    left_out = 0
    for name in (*lists, rows):
        # Each round drops a tenth, so that a long list is not written out again for each of its rows.
        while answer[name] and _size(answer) > CHARACTERS:
            kept = len(answer[name]) - max(1, len(answer[name]) // 10)
            left_out += len(answer[name]) - kept
            answer[name] = answer[name][:kept]
    if left_out:
        answer["left_out"] = f"{left_out} rows did not fit into {CHARACTERS:,} characters: {more}"
    return answer


def _size(answer: Answer) -> int:
    return len(json.dumps(answer, ensure_ascii=False))


def precedent_entry(one: Precedent, most: int | None = None) -> Answer:
    """Return a precedent with why it ranks where it does, and its words: `most` quotations, the last first."""
    return {
        "case": one.case,
        "item": one.position,
        "service": one.service,
        "decision": one.decision,
        "decided": one.decided,
        "why": one.reason,
        "score": one.score,
        "quotations": quotation_entries(one, most),
    }


def contrast_entry(pair: Contrast) -> Answer:
    """Return two decisions that differ on the same pages or sections."""
    places = [place.label for place in pair.places]
    return {"on": places, "overturned": precedent_entry(pair.overturned), "upheld": precedent_entry(pair.upheld)}


def criterion_entry(of: Criterion) -> Answer:
    """Return a criterion with the figures and a sentence of its absence and of its presence."""
    return {
        "absent": _side_entry(of.absent),
        "present": _side_entry(of.present) if of.present else None,
        "cited_most": {"section": of.section.label, "decisions": of.cited} if of.section else None,
    }


def _side_entry(of: CriterionSide) -> Answer:
    said = of.quotation
    quotation = said and {
        "case": said.case, "item": said.position, "decided": said.decided, "text": said.text,
        "place": None if said.start is None else [said.start, said.end],
    }  # fmt: skip
    counts = {"reason": of.reason.label, "given": of.given, "decisions": of.decisions, "cases": of.cases}
    return {**counts, **share_entry(of), "quotation": quotation}


def hit_entry(store: GraphStore, hit: Hit, most: int | None = None) -> Answer:
    """Return a hit of a search with `most` of the words in which something was found, else those of the decision."""
    return {
        "case": hit.case,
        "item": hit.position,
        "heading": hit.heading,
        "service": hit.service,
        "decision": hit.decision,
        "decided": hit.decided,
        "quotations": [{"from": snippet.field, "text": snippet.mark_matches()} for snippet in hit.snippets[:most]]
        or quotation_entries(read_evidence(store, hit.case, hit.position) if hit.position else None, most),
    }


def quotation_entries(evidence: ItemEvidence | None, most: int | None = None) -> list[Answer]:
    """Return the words behind a decision, the `most` that tell most, with their places in the letter's text."""
    if evidence is None:
        return []
    return [
        {
            "from": "rationale",
            "role": ", ".join(q.reasons) or q.role,
            "text": q.text,
            "place": None if q.start is None else [q.start, q.end],
        }
        for q in _most_telling(evidence.quotations, most)
    ]


def _most_telling(quotations: Sequence[Quotation], most: int | None) -> list[Quotation]:
    """Return some of the quotations in their order: what states a reason before the rest, of that the last."""
    telling = [(not each.reasons, each.role != "reason", -n) for n, each in enumerate(quotations)]
    ranked = sorted(range(len(quotations)), key=telling.__getitem__)
    return [quotations[n] for n in sorted(ranked[:most])]


def group_entry(
    store: GraphStore, table: Table, by: Sequence[str], filters: Filters, group: RateGroup, full: bool = True
) -> Answer:
    """Return the figures of a group; in full with one of its decisions as an example."""
    named = {name: value.label for name, value in zip(by, group.values, strict=True)} | figures_entry(group)
    if not full:
        return named
    own = Filters(
        (*filters.values, *((name, (value.id,)) for name, value in zip(by, group.values, strict=True))),
        filters.since,
        filters.until,
    )
    return named | {"example": _example_entry(store, table, own)}


def figures_entry(of: RateGroup | Tier) -> Answer:
    """Return counts, cases, the share and its interval."""
    return {"decisions": of.decisions, "overturned": of.overturned, "cases": of.cases, **share_entry(of)}


def _example_entry(store: GraphStore, table: Table, filters: Filters) -> Answer | None:
    """Return one decision that fits, with its words."""
    said, values = to_sql(filters)
    for case, position in table.rows(f"select case_key, position from items where {said} limit 1", values):
        found = read_evidence(store, case, position)
        if found:
            return {"case": case, "item": position, "decision": found.decision, "quotations": quotation_entries(found)}
    return None


def share_entry(of: RateGroup | Tier | CriterionSide) -> Answer:
    """Return a share with its interval, and a warning where it rests on few decisions."""
    found: Answer = {"share": round(of.share, 4), "interval_95": [round(of.low, 4), round(of.high, 4)]}
    return {**found, "small": "fewer than 30 cases: the share says little"} if of.small else found


def association_entry(of: Association) -> Answer:
    """Return what decisions of one direction rest on more often."""
    overturned, upheld = of.shares
    ratio, low, high = of.ratios
    return {
        "towards": of.towards,
        "kind": of.kind,
        "name": of.value.label,
        "overturned": {"count": of.overturned, "of": of.all_overturned, "share": round(overturned, 4)},
        "upheld": {"count": of.upheld, "of": of.all_upheld, "share": round(upheld, 4)},
        "cases": of.cases,
        "odds_ratio": round(ratio, 3),
        "interval_95": [round(low, 3), round(high, 3)],
        "weak": of.weak,
    }


def tier_entry(of: Tier) -> Answer:
    """Return a similarity tier with its figures."""
    return {"step": of.name, "shared": of.shared, **figures_entry(of)}


def compact_record(value: Any, most: int | None = None) -> Any:
    """Return a record without what is not stated, its texts cut to `most` characters (twice `TEXT` without)."""
    if isinstance(value, dict):
        found = {name: compact_record(inner, most) for name, inner in value.items()}
        return {name: inner for name, inner in found.items() if inner not in (None, [], {}, ())}
    if isinstance(value, list | tuple):
        return [compact_record(inner, most) for inner in value]
    return truncate_text(value, most or 2 * TEXT) if isinstance(value, str) else value
