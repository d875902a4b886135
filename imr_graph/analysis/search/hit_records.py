"""All that a search finds as records of a file, with what is known of each decision."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Final

from imr_graph import iris
from imr_graph.analysis.dimensions import decision_records
from imr_graph.analysis.dimensions.decision_records import batches, read_details
from imr_graph.analysis.search.results import AllHits
from imr_graph.record_files import RecordFile
from imr_graph.store.table import Table

__all__ = ["COLUMNS", "hit_records"]

COLUMNS: Final = ("case", "item", "iri", "decision", "decided", "heading", *decision_records.COLUMNS, "words")
"""The columns of the file; `words` are what was found, in its surroundings."""

_NOTHING: Final = (None,) * len(decision_records.COLUMNS)


def hit_records(table: Table, found: AllHits) -> RecordFile:
    """Return all hits of an open search as records of a file, in the order of the search."""
    head = {
        "search": found.text,
        "filters": asdict(found.filters),
        "total": found.total,
        "understood": [{"written": term.written, "as": term.label} for term in found.terms],
        "left_out": list(found.left_out),
    }
    return RecordFile(COLUMNS, _rows(table, found), "hits", head)


def _rows(table: Table, found: AllHits) -> Iterator[tuple[object, ...]]:
    base = table.store.base
    for hits in batches(found.hits):
        details = read_details(table, ((hit.case, hit.position) for hit in hits))
        for hit in hits:
            case = iris.case_iri(hit.case, base)
            iri = iris.item_iri(case, hit.position) if hit.position else case
            words = " | ".join(" ".join(snippet.text.split()) for snippet in hit.snippets)
            known = details.get((hit.case, hit.position), _NOTHING)
            yield hit.case, hit.position, iri, hit.decision, hit.decided, hit.heading, *known, words
