"""What a user asks about, read from free text as headings of letters are read: treatments, region, side, authorities.

What is requested comes first; behind a comma, a treatment is requested only where the clause begins with it: "MRI of
the knee, failed physical therapy" asks for the MRI, and the words behind the comma are compared with rationales.

>>> request = read_request("Norco 10/325 #60 for the low back, no functional improvement")
>>> request.treatments, request.regions, request.words
((('hydrocodone', 'acetaminophen'),), ('lumbar-spine',), ('functional', 'improvement'))
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from imr_graph import vocabulary
from imr_graph.analysis.search.meaning import correct_words
from imr_graph.analysis.search.words import EMPTY_WORDS
from imr_graph.errors import UnknownNameError, UsageError
from imr_graph.extraction.amounts import read_amounts, read_topical
from imr_graph.extraction.citations.citation import PAGES, expand
from imr_graph.extraction.reasons import FoundReason, find_reasons
from imr_graph.extraction.requests import ConceptMention, TreatmentReading, read_treatments
from imr_graph.model import Laterality, Span
from imr_graph.table.rows import groups_of, groups_of_item

__all__ = ["Request", "read_request"]

_LONGEST: Final = 4_000  # characters
_MOST_WORDS: Final = 40
_SHORTEST_WORD: Final = 3  # letters
_NEAR: Final = 3
# Words that say nothing of the reasons for a decision: those of grammar, and those of any request.
_EMPTY: Final = EMPTY_WORDS.union(
    vocabulary.split(
        "into no nor not without all any both each few other some such request requested requests requesting patient "
        "treatment number quantity qty dose dosage mg mcg ml gram grams tab tabs tablet tablets cap caps capsule "
        "capsules pill pills refill refills daily day days week weeks weekly month months monthly time times session "
        "sessions visit visits hour hours minute minutes year years old medically necessary necessity guideline "
        "guidelines section chapter page pages mtus"
    ).words
)
# Between clauses; a number may have a comma or a full stop inside.
_CLAUSE: Final = re.compile(r"[,;:.](?=\s)")
# Between a request and what its records are said to lack ("no functional improvement").
_ABSENCE: Final = re.compile(r"^(?:no|without|lacks?|lack of|missing)\s+", re.I)
# Words that may stand before a treatment in a clause of its own ("MRI of the knee, 6 sessions of physical therapy").
_LEADING: Final = frozenset(
    vocabulary.split(
        "a an the of for and or plus also with then possible additional further repeat new initial continue continued "
        "continuing one two three four five six seven eight nine ten twelve trial series set course session sessions "
        "visit visits unit units box boxes bottle pair prescription refill refills retrospective prospective "
        "associated surgical service services outpatient inpatient post pre operative op home left right bilateral x"
    ).words
)


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked about, by ids of the vocabularies.

    `treatments` has one group for each thing that is named: a combination drug is one group of all its ingredients.
    `drug_classes`, `subcategories` and `categories` are those of the treatments, from near to far. `guidelines` are
    all editions of what is named; `reasons` are those that a clause behind the treatment states ("no functional
    improvement"); `visits` and `quantity` are how much is asked for, at most one of them. `words` are the words that
    name nothing of this, for comparison with rationales.
    """

    text: str
    treatments: tuple[tuple[str, ...], ...] = ()
    drug_classes: tuple[str, ...] = ()
    subcategories: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    laterality: Laterality | None = None
    guidelines: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    visits: int | None = None
    quantity: int | None = None
    words: tuple[str, ...] = ()

    @property
    def amount(self) -> tuple[str, int] | None:
        """The column of the amount that is asked for ("visits", "quantity") and how much it is."""
        if self.visits is not None:
            return "visits", self.visits
        return None if self.quantity is None else ("quantity", self.quantity)

    @property
    def treatment_ids(self) -> tuple[str, ...]:
        """The treatments of all groups, each once."""
        return tuple(dict.fromkeys(id for group in self.treatments for id in group))


def read_request(text: str) -> Request:
    """Return what a free text asks about.

    A text without any treatment may name a drug class or a category ("opioids"), or misspell a name by one letter,
    which `Request.text` then has as it was meant. Raises UnknownNameError, with near names of the vocabulary, where it
    names neither; UsageError for an empty or very long text.
    """
    text = " ".join(text.split())
    if not text:
        raise UsageError("Nothing is asked for: name a treatment as letters do, such as 'Norco 10/325 #60'.")
    if len(text) > _LONGEST:
        raise UsageError(f"The text has more than {_LONGEST:,} characters: name the treatment and what matters of it.")
    reading = read_treatments(text)
    groups, spans = _groups(text, reading)
    if not any(groups):
        spelled = " ".join(correct_words(text.split(), lambda _word: False))
        if spelled == text:
            raise _unknown(text)
        return read_request(spelled)
    guidelines, sections, pages, cited = _authorities(text, spans)
    spans += [found.span for found in reading.body_regions] + cited
    side = reading.laterality
    if side:
        spans.append(side.span)
    treatments, classes, subcategories, categories = groups
    return Request(
        text,
        treatments,
        classes,
        subcategories,
        categories,
        tuple(dict.fromkeys(found.id for found in reading.body_regions)),
        _SIDES[side.id] if side else None,
        guidelines,
        sections,
        pages,
        _reasons(text),
        *_amounts(text, categories),
        _words(text, spans),
    )


_SIDES: Final[dict[str, Laterality]] = {"left": "left", "right": "right", "bilateral": "bilateral"}
_Ids = tuple[str, ...]


def _groups(text: str, reading: TreatmentReading) -> tuple[tuple[tuple[_Ids, ...], _Ids, _Ids, _Ids], list[Span]]:
    """Return the treatments, drug classes, subcategories and categories that a text names, and where it does."""
    requested = _find_requested(text, reading)
    by_place: dict[Span, list[str]] = {}
    for found in requested:
        by_place.setdefault(found.span, []).append(found.id)
    above = [groups_of(found.id) for found in requested]
    if above:
        classes, tops, between = (_once(ids) for ids in zip(*above, strict=True))
        if read_topical(text, tops):
            classes = groups_of_item([found.id for found in requested], topical=True).drug_classes
        return (tuple(map(tuple, by_place.values())), classes, between, tops), list(by_place)
    named = vocabulary.load().categories.matcher.find(text)
    ids = [match.value.id for match in named]
    below = [id for id in ids if "/" in id]
    drugs = [id for id in below if id.startswith("pharmaceuticals/")]
    tops = _once([[id.partition("/")[0] for id in ids]])
    return ((), tuple(drugs), tuple(id for id in below if id not in drugs), tops), [Span(m.start, m.end) for m in named]


def _find_requested(text: str, reading: TreatmentReading) -> list[ConceptMention]:
    """Return the treatments of the first clause that names any, and of the clauses that begin with one."""
    requested: list[ConceptMention] = []
    for found in sorted(reading.treatments, key=lambda one: one.span):
        before = [stop.end() for stop in _CLAUSE.finditer(text, 0, found.span.start)]
        clause = before[-1] if before else 0
        beside = any(other.span.start >= clause for other in requested)
        if not requested or beside or _leads(text, clause, found.span.start, reading):
            requested.append(found)
    return requested


def _leads(text: str, start: int, end: int, reading: TreatmentReading) -> bool:
    """Whether nothing stands between two places but what may lead a clause: numbers, small words, regions."""
    words = vocabulary.split(text[start:end])
    regions = [region.span for region in reading.body_regions]
    return all(
        word.isdigit() or word in _LEADING or _meets(start + at, start + at + 1, regions)
        for word, at in zip(words.words, words.starts, strict=True)
    )


def _authorities(text: str, taken: Sequence[Span]) -> tuple[_Ids, _Ids, _Ids, list[Span]]:
    """Return the guidelines (all editions of a name), sections and pages that a text cites, and where it does.

    What names a treatment or a category at a place that is taken ("opioids") names no guideline there.
    """
    known = vocabulary.load()
    named = [match for match in known.guidelines.matcher.find(text) if not _meets(match.start, match.end, taken)]
    guidelines = _once([[guideline.id for guideline in match.values] for match in named])
    spans = [Span(match.start, match.end) for match in named]
    if not guidelines:
        return (), (), (), []
    sections = [
        match.value.id
        for guideline in guidelines
        for match in known.sections(guideline).matcher.find(text)
        if not _meets(match.start, match.end, spans)
    ]
    numbers = []
    for found in PAGES.finditer(text):
        numbers += [number for number, _ in expand(text, *found.span("numbers"))]
        spans.append(Span(*found.span()))
    pages = [f"{guideline}-{number}" for guideline in guidelines for number in dict.fromkeys(numbers)]
    return guidelines, _once([sections]), tuple(pages), spans


def _reasons(text: str) -> _Ids:
    """Return the reasons that clauses behind the first state, each read as a sentence of a rationale."""
    clauses = [clause.strip(" .;,") for clause in _CLAUSE.split(text)[1:]]
    return _once([found.reason for found in _read_clause(clause)] for clause in clauses if clause)


def _read_clause(clause: str) -> list[FoundReason]:
    bare = _ABSENCE.sub("", clause)
    if bare != clause:
        return find_reasons(f"There is no documentation of {bare}.", "upheld")
    against = find_reasons(f"The request {clause}.", "upheld") or find_reasons(f"{clause}.", "upheld")
    return against or find_reasons(f"The patient {clause}.", "overturned")


def _amounts(text: str, categories: Iterable[str]) -> tuple[int | None, int | None]:
    """Return the visits or the quantity that the first clause asks for."""
    first = next(_CLAUSE.finditer(text), None)
    found = read_amounts(text[: first.start()] if first else text, categories).value
    return found.visits, None if found.visits is not None else found.quantity


def _meets(start: int, end: int, spans: Sequence[Span]) -> bool:
    return any(start < span.end and span.start < end for span in spans)


def _words(text: str, taken: Sequence[Span]) -> tuple[str, ...]:
    """Return the words that stand in no place that was understood and may say something of the reasons."""
    words = vocabulary.split(text)
    free = [
        word
        for word, start in zip(words.words, words.starts, strict=True)
        if not _meets(start, start + 1, taken)
        and len(word) >= _SHORTEST_WORD
        and not word.isdigit()
        and word not in _EMPTY
        and word not in _LEADING
    ]
    return tuple(dict.fromkeys(free))[:_MOST_WORDS]


def _once(lists: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(id for ids in lists for id in ids))


def _unknown(text: str) -> UsageError:
    """Return the error for a text that names no treatment: with the words most like a name, and the names they are."""
    words = vocabulary.split(text).words[:_MOST_WORDS]
    runs = [" ".join(words[i : i + n]) for n in (1, 2, 3) for i in range(len(words) - n + 1)]
    likely = [(run, near) for run in runs if _may_name(run) and (near := _nearest(run))]
    if not likely:
        return UsageError(f"{text[:80]!r} names no treatment: write a drug, procedure or device as letters do, such as "
                          "'Norco 10/325 #60' or 'MRI of the left knee'.")  # fmt: skip
    run, near = max(likely, key=lambda pair: difflib.SequenceMatcher(None, pair[0], pair[1][0].lower()).ratio())
    return UnknownNameError("treatment", run, near)


def _may_name(run: str) -> bool:
    """Return whether words may be a misspelled name: they are long enough, and no word that names nothing."""
    return len(run) > _SHORTEST_WORD and run not in _EMPTY


def _nearest(run: str) -> list[str]:
    names = _names()
    alike = [
        name for name in names if abs(len(name) - len(run)) < _NEAR and (name[0] == run[0] or name[1:3] == run[1:3])
    ]
    return [names[name] for name in difflib.get_close_matches(run, alike, n=_NEAR, cutoff=0.7)]


@cache
def _names() -> dict[str, str]:
    known = vocabulary.load()
    schemes: tuple[Iterable[vocabulary.Concept], ...] = (known.treatments, known.products, known.categories)
    labels = (label for scheme in schemes for c in scheme for label in (c.label, *c.alternatives))
    return {normal: label for label in labels if (normal := vocabulary.normalise(label))}
