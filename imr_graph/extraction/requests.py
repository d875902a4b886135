"""Reading treatments, body regions and laterality from the heading of a disputed item.

The names are in `ontology/procedures.ttl`, `drugs.ttl` and `body-regions.ttl`; here are only the rules of context:

1. The longest name wins ("MR arthrogram" over "MR"); a phrase that requests nothing hides the names inside it.
2. A field of practice ("neurology") counts beside a word for consultation, and then before any other reading.
3. Of treatments that share a name, those of a kind with what else the heading names ("ultrasound" among exercises, or
   beside an X-ray); of these the one whose typical region the heading names; else those without one.
4. What is excluded ("not Norco"), what the next word makes another thing ("lithium *level*"), and what stands behind a
   word of purpose or time ("clearance *for* lumbar fusion") is not requested.
5. A broad word ("injection", "evaluation", "brace support") counts only where nothing more exact is named.
6. A treatment takes in its parts (`imr:subsumes`): an arthroscopy the repairs done through it.
7. A product or combination gives every ingredient.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple, TypeAlias

from imr_graph import vocabulary
from imr_graph.extraction.candidates import CONSULTATION, Candidate, Name, Role, main_categories
from imr_graph.extraction.heading_words import read_words
from imr_graph.extraction.purposes import PurposeReader
from imr_graph.extraction.regions import ConceptMention, find_regions, read_laterality, read_regions
from imr_graph.extraction.request_rules import Scope, leave_out_context, leave_out_parts
from imr_graph.extraction.senses import settle_senses
from imr_graph.model import Span
from imr_graph.vocabulary import Match, Matcher, Treatment, Words
from imr_graph.vocabulary.phrases import load_phrases

__all__ = ["ConceptMention", "TreatmentReading", "read_treatments"]


class TreatmentReading(NamedTuple):
    """What a heading requests; every span is a place in the heading.

    `treatments` are ids of the treatment scheme in order of their places, each once; `body_regions` ids of the region
    scheme; `laterality` has the id "left", "right" or "bilateral".
    """

    treatments: tuple[ConceptMention, ...]
    body_regions: tuple[ConceptMention, ...]
    laterality: ConceptMention | None


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
    words = read_words(heading)
    matches = _matches(words)
    named = find_regions(words)
    regions = read_regions(words, named, matches)
    reader = PurposeReader(words, [region.span for region in regions])
    found: _Requested = ([], [])
    if disputed is not None:
        inside = [m for m in matches if m.start >= disputed.start and m.end <= disputed.end]
        found = _treatments(words, inside, regions, reader)
    if not found[0]:
        found = _treatments(words, matches, regions, reader)
    treatments, scopes = found
    no_place = bool(treatments) and _have_no_region(treatments)
    if no_place and regions:
        start = bisect(words.starts, treatments[0].span.start)
        for region in named:
            opener = reader.purpose_of(start, region.last - 1)
            if opener is not None:
                scopes.append(Scope(opener, reader.scope_end(opener)))
    without: set[int] = set()
    if scopes:
        behind = {words.starts[k] for scope in scopes for k in range(scope.start, scope.end)}
        if no_place or any(region.span.start not in behind for region in regions):
            without = behind
    regions = [region for region in regions if region.span.start not in without]
    return TreatmentReading(tuple(treatments), tuple(regions), read_laterality(words, named, without))


def _have_no_region(treatments: Iterable[ConceptMention]) -> bool:
    """Whether none of the treatments has a place on the body that an operation before it could share."""
    return {mention.id for mention in treatments} <= load_phrases().words["purpose.without_region"]


@cache
def _matcher() -> Matcher[Name]:
    known = vocabulary.load()
    names: list[tuple[str, Name]] = []
    for scheme in (known.treatments, known.products, known.phrases):
        for treatment in scheme:
            names.extend((label, Name(treatment, "name")) for label in treatment.labels)
            names.extend((label, Name(treatment, "field")) for label in treatment.fields)
            names.extend((label, Name(treatment, "fallback")) for label in treatment.fallbacks)
    return Matcher(names)


def _matches(words: Words) -> list[Match[Name]]:
    """Rules 1 and 2: the names in the text; fields of practice only where there is a word for consultation."""
    matches = [m for m in _matcher().find(words, lambda name: name.role != "field") if not _is_level(words, m)]
    if any(name.role == "fallback" and name.treatment.id == CONSULTATION for m in matches for name in m.values):
        return [m for m in _matcher().find(words) if not _is_level(words, m)]
    return matches


def _is_level(words: Words, match: Match[Name]) -> bool:
    """Whether the name of a hormone is a level of the spine: "T4-T6"."""
    if match.last - match.first != 2 or words.words[match.first] != "t" or match.last >= len(words):
        return False
    following = words.words[match.last]
    return words.gap(match.last) in ("-", "\u2013", "/") and (following == "t" or following.isdigit())


_Requested: TypeAlias = tuple[list[ConceptMention], list[Scope]]


def _treatments(
    words: Words, matches: list[Match[Name]], regions: Iterable[ConceptMention], reader: PurposeReader
) -> _Requested:
    """Return what is requested, and the words that say for what."""
    candidates = _candidates(matches, frozenset(region.id for region in regions))
    kept, scopes = leave_out_context(words, settle_senses(words, candidates, reader), reader)
    found: dict[str, Span] = {}
    for treatment, match in leave_out_parts(words, kept):
        for id in vocabulary.load().ingredients(treatment):
            found.setdefault(id, Span(match.start, match.end))
    return [ConceptMention(id, span) for id, span in found.items()], scopes


def _candidates(matches: list[Match[Name]], regions: frozenset[str]) -> list[Candidate]:
    """Rules 2 and 3: what each match may mean, a field of practice before a name before a broad word."""
    order: tuple[Role, ...] = ("field", "name", "fallback")
    candidates = []
    company = _company(matches)
    for match in matches:
        names = [name for name in match.values if name.treatment.kind != "phrase"]
        for role in order:
            meant = _keep_meant([name.treatment for name in names if name.role == role], company, regions)
            if meant:
                candidates.append(Candidate(meant, role, match))
                break
    return candidates


def _company(matches: list[Match[Name]]) -> frozenset[str]:
    """Return the main categories of what a heading names by a name of its own."""
    own = [m.value.treatment for m in matches if len(m.values) == 1 and m.value.role == "name"]
    return frozenset(main for treatment in own for main in main_categories(treatment.id))


def _keep_meant(treatments: list[Treatment], company: frozenset[str], regions: frozenset[str]) -> tuple[Treatment, ...]:
    """Rule 3: which of the treatments that share a name are meant."""
    if len(treatments) < 2:
        return tuple(treatments)
    alike = [t for t in treatments if not company.isdisjoint(main_categories(t.id))] or treatments
    typical = tuple(t for t in alike if not t.regions.isdisjoint(regions))
    return typical or tuple(t for t in alike if not t.regions)
