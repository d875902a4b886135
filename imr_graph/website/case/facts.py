"""Facts of a case for its page: what each says, where the letter says it, where it leads, how it was corrected."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from imr_graph import vocabulary
from imr_graph.labels import pointer_label
from imr_graph.model import Span
from imr_graph.website.case.highlighting import Highlight, place_id
from imr_graph.website.case.read import CaseRecord, CorrectionView

__all__ = ["CaseFact", "FactBuilder", "label_of"]


@dataclass(frozen=True, slots=True)
class CaseFact:
    """A value: its words, the place in the letter that shows it, the IRI of its page, and its corrections.

    `at` is what the id of the place's mark has behind `at-`, None where there is no place or no text; `pointer` names
    the value in the record.
    """

    words: str
    pointer: str
    at: str | None = None
    iri: str | None = None
    corrections: tuple[CorrectionView, ...] = ()


class FactBuilder:
    """Makes the facts of one case; it knows the places and the corrections of its values, and the text's length."""

    def __init__(self, case: CaseRecord, length: int | None) -> None:
        self.case, self._length = case, length
        self._spans = case.determination.spans
        self._corrections: Mapping[str, list[CorrectionView]] = defaultdict(list)
        for each in case.corrections:
            self._corrections[each.pointer].append(each)

    def fact(self, pointer: str, words: str, iri: str | None = None) -> CaseFact:
        """Return a fact; `pointer` is the value's place in the record."""
        return CaseFact(words, pointer, self.anchor(pointer), iri, self.corrections_of(pointer))

    def optional(self, pointer: str, words: str | None, iri: str | None = None) -> CaseFact | None:
        """Return a fact, None where there is neither a value nor a correction that took it away."""
        if words is None and not self._corrections.get(pointer):
            return None
        return self.fact(pointer, words or "", iri)

    def many(self, pointer: str, pairs: Sequence[tuple[str, str | None]]) -> tuple[CaseFact, ...]:
        """Return the facts of a list, given as words and IRI; corrections of a list belong to the list as a whole."""
        return tuple(
            CaseFact(words, f"{pointer}/{n}", self.anchor(f"{pointer}/{n}"), iri)
            for n, (words, iri) in enumerate(pairs)
        )

    def corrections_of(self, pointer: str) -> tuple[CorrectionView, ...]:
        """Return the corrections of a value or a list."""
        return tuple(self._corrections.get(pointer, ()))

    def anchor(self, pointer: str) -> str | None:
        """Return the place of a value, None where the page has no words to show for it."""
        span = self._spans.get(pointer)
        return place_id(span) if span is not None and self._is_in_text(span) else None

    def highlights(self) -> Iterator[Highlight]:
        """Yield what is marked in the letter: every place, and the passages that no rule understood."""
        values = [(span, _kind(pointer) == "extent", pointer) for pointer, span in self._spans.items()]
        # Of values that share a place the first names it, and what is nothing but an extent comes last.
        for span, is_extent, pointer in sorted(values):
            yield Highlight(span, pointer_label(pointer), "extent" if is_extent else _kind(pointer))
        for passage in self.case.determination.unparsed:
            yield Highlight(Span(passage.start, passage.end), "not understood", "lost")

    def passage(self, span: Span) -> str | None:
        """Return the place of a passage that is no fact."""
        return place_id(span) if self._is_in_text(span) else None

    def _is_in_text(self, span: Span) -> bool:
        return self._length is not None and 0 <= span.start < span.end <= self._length


def label_of(iri: str, otherwise: str) -> str:
    """Return the name that the vocabulary gives a concept, and something else where it does not know it."""
    concept = vocabulary.load().concept(iri)
    return concept.label if concept else otherwise


def _kind(pointer: str) -> str:
    """Return how a place is shown: an extent holds several facts, a passage is long, a value is a few words."""
    last = pointer.rpartition("/")[2]
    if (last.isdigit() and pointer.split("/")[-2] in ("items", "citations")) or pointer == "/reviewer":
        return "extent"
    return "passage" if last in ("summary", "rationale") else "value"
