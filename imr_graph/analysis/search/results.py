"""What a search finds: a page of hits with snippets, counts by facet, and all hits as records of a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Final

from imr_graph import iris
from imr_graph.analysis.dimensions import decision_records
from imr_graph.analysis.dimensions.decision_records import batches, read_details
from imr_graph.analysis.dimensions.filters import Filters
from imr_graph.analysis.dimensions.values import Value
from imr_graph.analysis.search.meaning import SearchTerm
from imr_graph.record_files import RecordFile
from imr_graph.store.table import Table

__all__ = ["RANKED", "AllHits", "Facet", "Hit", "SearchPage", "Snippet", "hit_records"]

RANKED: Final = 20_000
"""Of more passages than this that fit, those that came last are ranked; all are counted."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """Words of one field around what was found; `pieces` are (text, whether it was found)."""

    field: str
    pieces: tuple[tuple[str, bool], ...]

    @property
    def text(self) -> str:
        """The words without marks."""
        return "".join(text for text, _ in self.pieces)

    def mark_matches(self, begin: str = "**", end: str = "**") -> str:
        """Return the words with what was found between two marks."""
        return "".join(f"{begin}{text}{end}" if found else text for text, found in self.pieces)


@dataclass(frozen=True, slots=True)
class Hit:
    """One disputed item that fits (`position` is None for a letter without items).

    A clinical summary is found at its case's first item. `decided` is the date of the decision in ISO form. `service`
    is what of the heading is in dispute: the part that a partial certification left, else what the heading names.
    """

    case: str
    position: int | None
    heading: str | None
    decision: str | None
    decided: str | None
    snippets: tuple[Snippet, ...]
    service: str | None = None


@dataclass(frozen=True, slots=True)
class Facet:
    """How many of the hits have one value of a dimension."""

    value: Value
    count: int


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of hits, the best first; without words to look for, those that came last first.

    `total` counts all that fit, `requests` those of them that ask for what the words name; these come first. `complete`
    is False where so many fit that only the last `RANKED` were ranked. `facets` counts by dimension, the most first.
    `terms` are the names that were understood; `left_out` are words that had to be passed over for anything to fit.
    """

    text: str
    filters: Filters
    total: int
    offset: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, tuple[Facet, ...]]
    complete: bool = True
    requests: int = 0
    terms: tuple[SearchTerm, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def next_offset(self) -> int | None:
        """Where the next page begins, None after the last."""
        after = self.offset + len(self.hits)
        last = min(self.total, RANKED) if not self.complete else self.total
        return after if self.hits and after < last else None


@dataclass(frozen=True, slots=True)
class AllHits:
    """All that a search finds, in its order; `hits` can be read once. The other values are those of `SearchPage`."""

    text: str
    filters: Filters
    total: int
    hits: Iterator[Hit]
    terms: tuple[SearchTerm, ...] = ()
    left_out: tuple[str, ...] = ()


# The columns of a file; `words` are what was found, in its surroundings.
_COLUMNS: Final = ("case", "item", "iri", "decision", "decided", "heading", *decision_records.COLUMNS, "words")
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
    return RecordFile(_COLUMNS, _rows(table, found), "hits", head)


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
