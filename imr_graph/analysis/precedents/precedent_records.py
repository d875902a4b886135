"""All decisions like a request as records of a file, the nearest first, with what is known of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Final

from imr_graph.analysis.dimensions import decision_records
from imr_graph.analysis.dimensions.decision_records import batches, read_details
from imr_graph.analysis.dimensions.values import parse_value
from imr_graph.analysis.precedents.precedent import make_precedent
from imr_graph.analysis.precedents.precedents import COMPARED, precedents
from imr_graph.analysis.precedents.request import Request
from imr_graph.analysis.precedents.similarity import ScoredItem, open_candidates, rank_candidates, rerank_by_terms
from imr_graph.record_files import RecordFile
from imr_graph.store.table import Table
from imr_graph.table.dimensions import DIMENSIONS

__all__ = ["COLUMNS", "MOST", "open_precedent_records"]

COLUMNS: Final = (
    "case", "item", "iri", "decision", "decided", "similarity", "points", "in_common", *decision_records.COLUMNS,
    "words",
)  # fmt: skip
"""The columns of the file; `similarity` is the narrowest level that a decision is in, `words` carry it."""

MOST: Final = 20_000
"""Decisions that a file has at most, the nearest; `total` counts those of all levels."""


@contextmanager
def open_precedent_records(
    table: Table,
    text: str | Request,
    *,
    decision: str | None = None,
    first: str | None = None,
    leave_out: Sequence[str] = (),
    **chosen: Any,
) -> Iterator[RecordFile]:
    """Yield all decisions like a request, to be read while they are open.

    The arguments and errors are those of `precedents`, without a limit.
    """
    found = precedents(table, text, decision=decision, first=first, leave_out=leave_out, limit=1, **chosen)
    listed, ahead = (
        None if each is None else parse_value(DIMENSIONS["decision"], each, table.store) for each in (decision, first)
    )
    head = {
        "request": found.request.text,
        "read_as": found.read_as,
        "filters": asdict(found.filters),
        "levels": [asdict(step) for step in found.steps],
        "remarks": list(found.remarks),
    }
    if found.step is None:
        yield RecordFile(COLUMNS, (), "precedents", {**head, "total": 0, "complete": True})
        return
    request, widest = found.request, len(found.steps) - 1
    with open_candidates(table, request, found.filters, tuple(leave_out), widest) as candidates:
        ranked = rank_candidates(candidates, MOST, decision=listed, first=ahead)
        where, values = ("", []) if listed is None else (" where decision = ?", [listed])
        total = candidates.rows(f"select count(*) from candidate{where}", values)[0][0]
    best = [*rerank_by_terms(table.store, request.words, ranked[:COMPARED], ahead), *ranked[COMPARED:]]
    yield RecordFile(
        COLUMNS, _rows(table, best), "precedents", {**head, "total": total, "complete": total == len(best)}
    )


def _rows(table: Table, best: Sequence[ScoredItem]) -> Iterator[tuple[object, ...]]:
    for some in batches(best):
        details = read_details(table, ((one.case, one.position) for one in some))
        for one in (make_precedent(table.store, each) for each in some):
            common = [f"{each.kind}: {', '.join(each.values)}" for each in one.shared]
            words = " ".join(quotation.text for quotation in one.quotations)
            known = details[one.case, one.position]
            yield (
                one.case, one.position, one.iri, one.decision, one.decided, one.step, one.score, common, *known, words,
            )  # fmt: skip
