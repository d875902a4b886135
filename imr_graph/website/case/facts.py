"""Facts of a case for its page: what each says, where the letter says it, where it leads, how it was corrected.

The template asks for the facts of the determination where it shows them, by their pointers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from imr_graph import iris as terms
from imr_graph import labels, vocabulary
from imr_graph.fields import CASE, CITATION, ITEM, SIDES, Field, Level
from imr_graph.graph.resolver import default_resolver
from imr_graph.labels import pointer_label
from imr_graph.model import Citation, DisputedItem, Span
from imr_graph.website.case.highlighting import Highlight, place_id
from imr_graph.website.case.read import CaseRecord, CorrectionView

__all__ = ["CaseEvent", "CaseFact", "CaseFacts"]

# Fields that have a place of their own on the page; the others stand under their labels.
_PLACED_OF_CASE: Final = frozenset(("case_number", "priority", "outcome", "patient/age", "patient/sex", "summary"))
_PLACED_OF_ITEM: Final = frozenset(
    ("heading", "service", "requested", "authorized", "decision", "treatments", "body_regions", "laterality",
     "rationale")
)  # fmt: skip
_SIDES: Final = frozenset(side.path for side in SIDES)
_DATES: Final = tuple(each for each in CASE.fields if each.kind == "date")
# How ids of concepts become IRIs, by the last part of the pointer of their list.
_IRIS: Final[Mapping[str, Callable[[str], str]]] = {
    "treatments": terms.treatment_iri,
    "body_regions": terms.region_iri,
    "states": terms.state_iri,
}


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


class CaseEvent(NamedTuple):
    """A date of the case; `days` counts from the event before it, None for the first."""

    name: str
    fact: CaseFact
    days: int | None


class CaseFacts:
    """The facts of one case; it knows the places and the corrections of its values, and the text's length."""

    def __init__(self, case: CaseRecord, length: int | None) -> None:
        self.case, self._length = case, length
        self._spans = case.determination.spans
        self._corrections: Mapping[str, list[CorrectionView]] = defaultdict(list)
        for each in case.corrections:
            self._corrections[each.pointer].append(each)

    # Facts by their pointers

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

    def concepts(self, pointer: str, ids: Iterable[str]) -> tuple[CaseFact, ...]:
        """Return the facts of a list of ids: treatments, body regions or states."""
        iri_of = _IRIS[pointer.rpartition("/")[2]]
        return self.many(pointer, [(_label_of(iri_of(id), id), iri_of(id)) for id in ids])

    def individual(self, pointer: str, word: str) -> CaseFact:
        """Return the fact of a word that is an individual of the ontology: a stance, or the basis of a citation."""
        of: Field = CITATION.field("basis") if pointer.endswith("/basis") else ITEM.field(pointer.split("/", 3)[3])
        return self.fact(pointer, labels.capitalize_label((of.codes or {}).get(word, word)))

    def corrections_of(self, pointer: str, *lists: str) -> tuple[CorrectionView, ...]:
        """Return the corrections of a value or a list, and of the lists below it."""
        pointers = (pointer, *(f"{pointer}/{each}" for each in lists))
        return tuple(one for each in pointers for one in self._corrections.get(each, ()))

    def anchor(self, pointer: str) -> str | None:
        """Return the place of a value, None where the page has no words to show for it."""
        span = self._spans.get(pointer)
        return place_id(span) if span is not None and self._is_in_text(span) else None

    def passage(self, span: Span) -> str | None:
        """Return the place of a passage that is no fact."""
        return place_id(span) if self._is_in_text(span) else None

    def _is_in_text(self, span: Span) -> bool:
        return self._length is not None and 0 <= span.start < span.end <= self._length

    # Facts that are put together

    def events(self) -> Iterator[CaseEvent]:
        """Yield the dates of the case in their order."""
        dated = [(day, each) for each in _DATES if (day := each.getter()(self.case.determination))]
        before: date | None = None
        for day, each in sorted(dated, key=lambda pair: pair[0]):
            fact = self.fact(f"/{each.path}", day.isoformat())
            yield CaseEvent(labels.capitalize_label(each.term), fact, (day - before).days if before else None)
            before = day

    def list_undated(self) -> list[str]:
        """Return the names of the dates that the letter does not give."""
        return [labels.label(each.term) for each in _DATES if each.getter()(self.case.determination) is None]

    def specialties(self) -> tuple[CaseFact, ...]:
        """Return the specialties of the expert reviewer."""
        names = self.case.determination.reviewer.specialties
        pairs = [(name, default_resolver().specialty(name, self.case.base).iri) for name in names]
        return self.many("/reviewer/specialties", pairs)

    def categories(self, item: DisputedItem, at: str) -> Iterator[CaseFact]:
        """Yield the categories that the vocabulary puts an item's treatments in, the broader ones first."""
        known = vocabulary.load()
        found: dict[str, str] = {}
        for treatment in (known.treatments.get(each) for each in item.treatments):
            if treatment is not None:
                found |= {category.iri: category.label for category in reversed(known.ancestors(treatment))}
        for category_iri, label in found.items():
            yield CaseFact(label, f"{at}/treatments", None, category_iri)

    def reason(self, pointer: str, id: str) -> CaseFact:
        """Return the type of a reason as a fact."""
        iri = terms.reason_type_iri(id)
        return self.fact(pointer, _label_of(iri, id), iri)

    def guideline(self, citation: Citation, at: str) -> CaseFact:
        """Return the guideline that a citation names."""
        iri = terms.guideline_iri(citation.guideline)
        return self.fact(f"{at}/guideline", _label_of(iri, citation.guideline), iri)

    def sections(self, citation: Citation, at: str) -> tuple[CaseFact, ...]:
        """Return the sections that a citation names."""
        find = default_resolver().section
        pairs = [
            (name, find(citation.guideline, citation.chapter, name, self.case.base).iri) for name in citation.sections
        ]
        return self.many(f"{at}/sections", pairs)

    def pages(self, citation: Citation, at: str) -> tuple[CaseFact, ...]:
        """Return the pages that a citation names."""
        pairs = [(str(n), terms.page_iri(citation.guideline, n, self.case.base)) for n in citation.pages]
        return self.many(f"{at}/pages", pairs)

    def remarks(self, item: DisputedItem, at: str) -> list[CaseFact]:
        """Return what an item is marked as."""
        flags = [each for each in ITEM.fields if each.kind == "flag"]
        words = [labels.capitalize_label(each.term) if each.getter()(item) else None for each in flags]
        found = (self.optional(f"{at}/{each.path}", said) for each, said in zip(flags, words, strict=True))
        return [fact for fact in found if fact is not None]

    def others(self, holder: Any, at: str = "") -> Iterator[tuple[str, list[CaseFact]]]:
        """Yield what the fields of a case, or of an item, say that have no place of their own, under their labels."""
        level: Level = ITEM if at else CASE
        placed = _PLACED_OF_ITEM if at else _PLACED_OF_CASE
        for each in level.fields:
            is_of_side = len(each.steps) > 1 and each.steps[0] in _SIDES
            if each.path in placed or each.kind in ("date", "flag") or is_of_side:
                continue
            value, pointer = each.getter()(holder), f"{at}/{each.path}"
            if each.several:
                found: Sequence[CaseFact | None] = self.many(pointer, [(str(one), None) for one in value])
            else:
                found = (self.optional(pointer, None if value is None else str(value)),)
            if facts := [fact for fact in found if fact is not None]:
                yield labels.capitalize_label(each.term), facts

    # The letter

    def highlights(self) -> Iterator[Highlight]:
        """Yield what is marked in the letter: every place, and the passages that no rule understood."""
        values = [(span, _kind(pointer) == "extent", pointer) for pointer, span in self._spans.items()]
        # Of values that share a place the first names it, and what is nothing but an extent comes last.
        for span, is_extent, pointer in sorted(values):
            yield Highlight(span, pointer_label(pointer), "extent" if is_extent else _kind(pointer))
        for passage in self.case.determination.unparsed:
            yield Highlight(Span(passage.start, passage.end), "not understood", "lost")


def _label_of(iri: str, otherwise: str) -> str:
    """Return the name that the vocabulary gives a concept, and something else where it does not know it."""
    concept = vocabulary.load().concept(iri)
    return concept.label if concept else otherwise


def _kind(pointer: str) -> str:
    """Return how a place is shown: an extent holds several facts, a passage is long, a value is a few words."""
    last = pointer.rpartition("/")[2]
    if (last.isdigit() and pointer.split("/")[-2] in ("items", "citations")) or pointer == "/reviewer":
        return "extent"
    return "passage" if last in ("summary", "rationale") else "value"
