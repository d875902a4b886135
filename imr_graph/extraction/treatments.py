"""Reading treatments, body regions and laterality from the heading of a disputed item.

The names are in `ontology/procedures.ttl`, `drugs.ttl` and `body-regions.ttl`; here are only the rules of context:

1. The longest name wins ("MR arthrogram" over "MR"); a phrase that requests nothing hides the names inside it.
2. A field of practice ("neurology") counts beside a word for consultation, and then before any other reading.
3. Of treatments that share a name, the one whose typical region the heading names; else those without one.
4. What stands behind a word of purpose or time is not requested: "clearance *for* lumbar fusion".
5. A broad word ("injection", "evaluation", "brace support") counts only where nothing more exact is named.
6. A treatment takes in its parts (`imr:subsumes`): an arthroscopy the repairs done through it.
7. A product or combination gives every ingredient.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from imr_graph import vocabulary
from imr_graph.extraction.regions import Found, read_laterality, read_regions
from imr_graph.model import Span
from imr_graph.vocabulary import Match, Matcher, Treatment, Words, split

__all__ = ["Found", "TreatmentReading", "read_treatments"]

_Role = Literal["name", "field", "fallback"]
_CONSULTATION = "specialist-consultation"  # its fallback labels are the words for a consultation
_INJECTION = "injection"  # the category whose broad words count beside a drug

# Words of purpose or time: each as the run of words that makes it. The treatment that follows is not requested.
_PURPOSES = frozenset(
    tuple(phrase.split())
    for phrase in (
        "for",
        "to",
        "from",
        "before",
        "after",
        "following",
        "during",
        "post",
        "pending",
        "prior to",
        "status post",
        "s p",
        "to evaluate",
        "to assess",
        "to assist with",
        "to discuss",
        "in preparation for",
        "in anticipation of",
        "to and from",
    )
)
_LONGEST_PURPOSE = max(len(phrase) for phrase in _PURPOSES)
# What may stand between a word of purpose and the treatment it leads to, besides regions, sides and numbers.
_FILLERS = frozenset(
    "a an the her his any all of possible potential upcoming future planned proposed scheduled pending consideration "
    "considering left right bilateral l r lt rt spine joint level levels total further additional new repeat current "
    "previous recent initial second first".split()
)
_JOINING = frozenset("and or with plus including".split())  # go on with the list that a word of purpose began
_BREAKS = frozenset(",;:.")


@dataclass(frozen=True, slots=True)
class TreatmentReading:
    """What a heading requests; every span is a place in the heading.

    `treatments` are ids of the treatment scheme in order of their places, each once; `body_regions` ids of the region
    scheme; `laterality` has the id "left", "right" or "bilateral".
    """

    treatments: tuple[Found, ...]
    body_regions: tuple[Found, ...]
    laterality: Found | None


@dataclass(frozen=True, slots=True)
class _Name:
    treatment: Treatment
    role: _Role


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One match with the treatments it may mean, all in one role."""

    treatments: tuple[Treatment, ...]
    role: _Role
    match: Match[_Name]


def read_treatments(heading: str, disputed: Span | None = None) -> TreatmentReading:
    """Return the treatments, body regions and laterality of a heading.

    `disputed` is the part of the heading that is in dispute, for a partial certification: treatments are read from it
    alone (from the whole heading where it names none: "the remaining 20 tablets"), regions and laterality from the
    whole heading. Source of the rules: the record contract, fields treatments, body_regions, laterality.

    >>> reading = read_treatments("EMG/NCV of the left upper extremity")
    >>> [found.id for found in reading.treatments]
    ['emg', 'nerve-conduction-study']
    >>> reading.body_regions[0].id, reading.laterality.id
    ('upper-extremity', 'left')
    """
    words = split(heading)
    matches = _matcher().find(words)
    regions = read_regions(words, matches)
    treatments: list[Found] = []
    if disputed is not None:
        inside = [m for m in matches if m.start >= disputed.start and m.end <= disputed.end]
        treatments = _treatments(words, inside, regions)
    if not treatments:
        treatments = _treatments(words, matches, regions)
    return TreatmentReading(tuple(treatments), tuple(regions), read_laterality(words))


@cache
def _matcher() -> Matcher[_Name]:
    known = vocabulary.load()
    names: list[tuple[str, _Name]] = []
    for scheme in (known.treatments, known.products, known.phrases):
        for treatment in scheme:
            names.extend((label, _Name(treatment, "name")) for label in treatment.labels)
            names.extend((label, _Name(treatment, "field")) for label in treatment.fields)
            names.extend((label, _Name(treatment, "fallback")) for label in treatment.fallbacks)
    return Matcher(names)


def _treatments(words: Words, matches: list[Match[_Name]], regions: Iterable[Found]) -> list[Found]:
    candidates = _candidates(matches, frozenset(region.id for region in regions))
    candidates = _without_purposes(words, candidates, regions)
    candidates = _without_broad_words(candidates)
    found: dict[str, Span] = {}
    for treatment, match in _without_parts(candidates):
        for id in vocabulary.load().ingredients(treatment):
            found.setdefault(id, Span(match.start, match.end))
    return [Found(id, span) for id, span in found.items()]


def _candidates(matches: list[Match[_Name]], regions: frozenset[str]) -> list[_Candidate]:
    """Rules 1 to 3: what each match may mean."""
    consultation = any(n.role == "fallback" and n.treatment.id == _CONSULTATION for m in matches for n in m.values)
    order: tuple[_Role, ...] = ("field", "name", "fallback") if consultation else ("name", "fallback")
    candidates = []
    for match in matches:
        if any(name.treatment.kind == "phrase" for name in match.values):
            continue
        for role in order:
            meant = _meant([name.treatment for name in match.values if name.role == role], regions)
            if meant:
                candidates.append(_Candidate(meant, role, match))
                break
    return candidates


def _meant(treatments: list[Treatment], regions: frozenset[str]) -> tuple[Treatment, ...]:
    if len(treatments) < 2:
        return tuple(treatments)
    typical = tuple(t for t in treatments if not t.regions.isdisjoint(regions))
    return typical or tuple(t for t in treatments if not t.regions)


def _without_purposes(words: Words, candidates: list[_Candidate], regions: Iterable[Found]) -> list[_Candidate]:
    """Rule 4: leave out what stands behind a word of purpose or time, where a treatment stands before it."""
    free = _fillers(words, regions)
    kept: list[_Candidate] = []
    following = 0  # index of the word behind the last treatment that was left out
    for candidate in candidates:
        first = candidate.match.first
        if following and _all_joining(words, following, first, free):
            following = candidate.match.last
        elif kept and _purpose_before(words, kept[-1].match.last, first, free) and not _is_given(kept, candidate):
            following = candidate.match.last
        else:
            kept.append(candidate)
            following = 0
    return kept


def _is_given(kept: list[_Candidate], candidate: _Candidate) -> bool:
    """Whether the candidate is the way in which the drugs before it are given: "Kenalog for injection"."""
    return all(map(_is_drug, kept[-1].treatments)) and any(map(_is_injection, candidate.treatments))


def _fillers(words: Words, regions: Iterable[Found]) -> list[bool]:
    spans = [region.span for region in regions]
    return [
        word in _FILLERS or word.isdigit() or len(word) == 1 or any(s.start <= start < s.end for s in spans)
        for word, start in zip(words.words, words.starts, strict=True)
    ]


def _purpose_before(words: Words, start: int, end: int, free: list[bool]) -> bool:
    """Whether the words before `end` are fillers led by a word of purpose that stands at or behind `start`."""
    index = end
    while index > start:
        for length in range(min(_LONGEST_PURPOSE, index - start), 0, -1):
            if words.words[index - length : index] in _PURPOSES:
                return True
        if not free[index - 1] or (index < len(words) and not _BREAKS.isdisjoint(words.gap(index))):
            return False
        index -= 1
    return False


def _all_joining(words: Words, start: int, end: int, free: list[bool]) -> bool:
    if any(not _BREAKS.isdisjoint(words.gap(index)) for index in range(start, end + 1)):
        return False
    return all(free[index] or words.words[index] in _JOINING for index in range(start, end))


def _without_broad_words(candidates: list[_Candidate]) -> list[_Candidate]:
    """Rule 5; a drug does not stand in the way of a word for the injection that gives it."""
    exact = [c for c in candidates if c.role != "fallback"]
    if not exact:
        return candidates
    only_drugs = all(_is_drug(t) for c in exact for t in c.treatments)
    return [
        c
        for c in candidates
        if c.role != "fallback" or (only_drugs and any(_is_injection(t) for t in c.treatments))
    ]


def _without_parts(candidates: list[_Candidate]) -> list[tuple[Treatment, Match[_Name]]]:
    """Rule 6: leave out what another treatment of the heading takes in."""
    pairs = [(treatment, candidate.match) for candidate in candidates for treatment in candidate.treatments]
    taken = frozenset(id for treatment, _ in pairs for id in treatment.subsumes - {treatment.id})
    return [(treatment, match) for treatment, match in pairs if treatment.id not in taken]


@cache
def _categories(treatment: str) -> frozenset[str]:
    return frozenset(category.id for category in vocabulary.load().categories_of(treatment))


def _is_drug(treatment: Treatment) -> bool:
    return treatment.kind == "product" or "pharmaceuticals" in _categories(treatment.id)


def _is_injection(treatment: Treatment) -> bool:
    return _INJECTION in _categories(treatment.id)
