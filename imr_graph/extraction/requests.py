"""Reading treatments, body regions and laterality from the heading of a disputed item.

The names are in `ontology/procedures.ttl`, `drugs.ttl` and `body-regions.ttl`; here are only the rules of context:

1. The longest name wins ("MR arthrogram" over "MR"); a phrase that requests nothing hides the names inside it.
2. A field of practice ("neurology") counts beside a word for consultation, and then before any other reading.
3. Of treatments that share a name, those of a kind with what else the heading names ("ultrasound" among exercises, or
   beside an X-ray); of these the one whose typical region the heading names; else those without one.
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
from imr_graph.extraction.purposes import fillers, goes_on, lead_to
from imr_graph.extraction.regions import Found, read_laterality, read_regions
from imr_graph.model import Span
from imr_graph.vocabulary import Match, Matcher, Treatment, Words, split

__all__ = ["Found", "TreatmentReading", "read_treatments"]

_Role = Literal["name", "field", "fallback"]
_CONSULTATION = "specialist-consultation"  # its fallback labels are the words for a consultation
_CONSULTATIONS = frozenset((_CONSULTATION, "office-visit"))


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
    matches = _matches(words)
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


def _matches(words: Words) -> list[Match[_Name]]:
    """Rules 1 and 2: the names in the text; fields of practice only where there is a word for consultation."""
    matches = _matcher().find(words, lambda name: name.role != "field")
    if any(name.role == "fallback" and name.treatment.id == _CONSULTATION for m in matches for name in m.values):
        return _matcher().find(words)
    return matches


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
    """Rules 2 and 3: what each match may mean, a field of practice before a name before a broad word."""
    order: tuple[_Role, ...] = ("field", "name", "fallback")
    candidates = []
    company = _company(matches)
    for match in matches:
        names = [name for name in match.values if name.treatment.kind != "phrase"]
        for role in order:
            meant = _meant([name.treatment for name in names if name.role == role], company, regions)
            if meant:
                candidates.append(_Candidate(meant, role, match))
                break
    return candidates


def _company(matches: list[Match[_Name]]) -> frozenset[str]:
    """Return the main categories of what a heading names by a name of its own."""
    own = [m.value.treatment for m in matches if len(m.values) == 1 and m.value.role == "name"]
    return frozenset(main for treatment in own for main in _main_categories(treatment.id))


def _meant(treatments: list[Treatment], company: frozenset[str], regions: frozenset[str]) -> tuple[Treatment, ...]:
    """Rule 3: which of the treatments that share a name are meant."""
    if len(treatments) < 2:
        return tuple(treatments)
    alike = [t for t in treatments if not company.isdisjoint(_main_categories(t.id))] or treatments
    typical = tuple(t for t in alike if not t.regions.isdisjoint(regions))
    return typical or tuple(t for t in alike if not t.regions)


def _without_purposes(words: Words, candidates: list[_Candidate], regions: Iterable[Found]) -> list[_Candidate]:
    """Rule 4: leave out what stands behind a word of purpose or time, where a treatment stands before it."""
    free = fillers(words, [region.span for region in regions])
    kept: list[_Candidate] = []
    left_out: _Candidate | None = None  # directly before the candidate
    for candidate in candidates:
        place = candidate.match.first
        if left_out is not None:
            alike = not _kinds(left_out).isdisjoint(_kinds(candidate))
            continues = goes_on(words, left_out.match.last, place, free, alike=alike)
        else:
            continues = False
        led_to = bool(kept) and lead_to(words, kept[-1].match.last, place, free)
        if continues or (led_to and not _completes(kept[-1], candidate)):
            left_out = candidate
        else:
            kept.append(candidate)
            left_out = None
    return kept


def _completes(head: _Candidate, candidate: _Candidate) -> bool:
    """Whether the words behind a word of purpose say what the words before it began.

    So it is with the way in which a drug is given ("Kenalog for injection"), and with a bare word for a consultation,
    unless the consultation is about an operation or injection ("referral to a neurosurgeon", "evaluation for a pain
    program"; but "evaluation for fusion").
    """
    injects = any(map(_is_injection, candidate.treatments))
    if all(map(_is_drug, head.treatments)):
        return injects
    consults = head.role == "fallback" and all(t.id in _CONSULTATIONS for t in head.treatments)
    return consults and not injects and not any(map(_is_operation, candidate.treatments))


def _kinds(candidate: _Candidate) -> frozenset[str]:
    return frozenset(main for treatment in candidate.treatments for main in _main_categories(treatment.id))


def _without_broad_words(candidates: list[_Candidate]) -> list[_Candidate]:
    """Apply rule 5; a drug does not stand in the way of a word for the injection that gives it."""
    exact = [c for c in candidates if c.role != "fallback"]
    if not exact:
        return candidates
    only_drugs = all(_is_drug(t) for c in exact for t in c.treatments)
    return [
        c for c in candidates if c.role != "fallback" or (only_drugs and any(_is_injection(t) for t in c.treatments))
    ]


def _without_parts(candidates: list[_Candidate]) -> list[tuple[Treatment, Match[_Name]]]:
    """Rule 6: leave out what another treatment of the heading takes in."""
    pairs = [(treatment, candidate.match) for candidate in candidates for treatment in candidate.treatments]
    taken = frozenset(id for treatment, _ in pairs for id in treatment.subsumes - {treatment.id})
    return [(treatment, match) for treatment, match in pairs if treatment.id not in taken]


@cache
def _categories(treatment: str) -> frozenset[str]:
    return frozenset(category.id for category in vocabulary.load().categories_of(treatment))


@cache
def _main_categories(treatment: str) -> frozenset[str]:
    return frozenset(category for category in _categories(treatment) if "/" not in category)


def _is_drug(treatment: Treatment) -> bool:
    return treatment.kind == "product" or "pharmaceuticals" in _categories(treatment.id)


def _is_injection(treatment: Treatment) -> bool:
    return "injection" in _categories(treatment.id)


def _is_operation(treatment: Treatment) -> bool:
    """Surgery, consultations with a surgeon aside."""
    return "surgery" in _categories(treatment.id) and "surgery/consult" not in _categories(treatment.id)
