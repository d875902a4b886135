"""What the names in a heading mean by the words right beside them.

"Lithium level" is a blood test, "insulin syringes" are no insulin, "fusion consultation" is a consultation, "Dr. Cane"
no walking aid; and what is denied or replaced ("not Norco", "massage in lieu of acupuncture") is not requested. The
words are in `ontology/phrases.toml`.
"""

from __future__ import annotations

from collections.abc import Sequence

from imr_graph import vocabulary
from imr_graph.extraction.candidates import (
    CONSULTATIONS_BY_NAME,
    Candidate,
    are_drugs,
    is_device,
    is_drug,
    is_injection,
    is_operation,
)
from imr_graph.extraction.purposes import PurposeReader
from imr_graph.vocabulary import Words
from imr_graph.vocabulary.phrases import load_phrases

__all__ = ["names_person", "settle_senses"]

_SEEN = CONSULTATIONS_BY_NAME | {"psychological-evaluation", "chiropractic-manipulation", "acupuncture"}
_JOINT_FLUID = frozenset(("viscosupplementation",))
_IN_LIST = frozenset(("with", "w", "plus", "then"))  # these join no list of what is left out
_PARTED = frozenset(",;:.(")
_BEHIND_TITLE = frozenset((" ", ". ", "."))
_BEFORE_DEGREE = frozenset((" ", ", "))


def settle_senses(words: Words, candidates: Sequence[Candidate], reader: PurposeReader) -> list[Candidate]:
    """Return what the candidates mean by the words beside them, without what is excluded or no treatment."""
    kept: list[Candidate] = []
    excluded: Candidate | None = None  # the candidate before
    for candidate in candidates:
        if _is_excluded(words, candidate, reader) or (excluded and _joins(words, excluded, candidate, reader)):
            excluded = candidate
            continue
        excluded = None
        meant = candidate if _is_purpose(kept, candidate, reader) else _in_company(words, candidate)
        if meant is not None and not _is_person(words, meant):
            kept.append(meant)
    if len(kept) > 1:
        requested = [c for c in kept if not _follows_at_once(words, c.match.last, "excluded.after")]
        kept = requested or kept
        kept = [c for c in kept if not _follows_at_once(words, c.match.last, "heads.manners")] or kept
        kept = _share_levels(words, kept, reader)
    return kept


def _share_levels(words: Words, kept: list[Candidate], reader: PurposeReader) -> list[Candidate]:
    """Make drugs tests of the blood where they share the word behind the last of them: "Soma and methadone levels"."""
    levels = False
    for number in range(len(kept) - 1, -1, -1):
        candidate = kept[number]
        following = kept[number + 1].match.first if number + 1 < len(kept) else candidate.match.last
        if are_drugs(candidate):
            levels = levels and reader.continues_list(candidate.match.last, following, alike=True, commas=True)
            kept[number] = _as(candidate, "laboratory-test") if levels else candidate
        else:
            last = words.words[candidate.match.last - 1 : candidate.match.last]  # "vitamin D levels" is one name
            levels = last in load_phrases().runs["heads.levels"] or _follows_at_once(
                words, candidate.match.last, "heads.levels"
            )
    return kept


def names_person(words: Words, first: int, last: int) -> bool:
    """Whether words are the name of a person: right behind a title ("Dr. Foot"), or before a degree ("Foot, DPM")."""
    phrases = load_phrases()
    if last < len(words) and words.words[last] in phrases.words["names.degrees"] and words.gap(last) in _BEFORE_DEGREE:
        return True
    return first > 0 and words.words[first - 1] in phrases.words["names.titles"] and words.gap(first) in _BEHIND_TITLE


def _is_excluded(words: Words, candidate: Candidate, reader: PurposeReader) -> bool:
    first = candidate.match.first
    if first == 0 or not _PARTED.isdisjoint(words.gap(first)):
        return False
    if reader.follows("excluded.before", first, fillers=True) is not None:
        return True
    return are_drugs(candidate) and reader.follows("excluded.before_drugs", first, fillers=True) is not None


def _joins(words: Words, excluded: Candidate, candidate: Candidate, reader: PurposeReader) -> bool:
    """Whether a candidate goes on with a list of what is excluded ("failed Norco and Soma")."""
    start, end = excluded.match.last, candidate.match.first
    drugs = are_drugs(excluded) and are_drugs(candidate)
    return _IN_LIST.isdisjoint(words.words[start:end]) and reader.continues_list(start, end, alike=drugs, commas=drugs)


def _is_purpose(before: Sequence[Candidate], candidate: Candidate, reader: PurposeReader) -> bool:
    """Whether an operation is that for which something before it is requested: "visit to determine SCS candidacy"."""
    if not before or not all(map(is_operation, candidate.treatments)):
        return False
    return reader.find_opener(before[-1].match.last, candidate.match.first) is not None


def _in_company(words: Words, candidate: Candidate) -> Candidate | None:
    """Return a candidate as the word behind it makes it, or None where it is no treatment with it."""
    last = candidate.match.last
    if candidate.ids == _JOINT_FLUID and _is_share(words, last):
        return _as(candidate, "hyaluronic-acid")
    if are_drugs(candidate):
        if _follows_at_once(words, last, "heads.levels"):
            return _as(candidate, "laboratory-test")
        return None if _follows_at_once(words, last, "heads.not_drugs") else candidate
    if _follows_at_once(words, last, "heads.others"):
        return None
    if candidate.role == "fallback":
        injects = all(map(is_injection, candidate.treatments))
        return None if injects and _follows_at_once(words, last, "heads.consultations") else candidate
    if candidate.ids <= _SEEN and _follows_at_once(words, last, "heads.follow_ups"):
        return _as(candidate, "office-visit")
    if words.words[last : last + 1] and all(map(is_device, candidate.treatments)):
        uses = words.words[last] in load_phrases().words["heads.supplies"] and words.gap(last) in (" ", "-")
        return _as(candidate, "medical-supplies") if uses else candidate
    device = load_phrases().device_of.get(min(candidate.ids)) if len(candidate.ids) == 1 else None
    if device and words.words[last : last + 1] and words.words[last] in load_phrases().words["heads.devices"]:
        return _as(candidate, device)
    if _follows_at_once(words, last, "heads.consultations"):
        if all(map(is_operation, candidate.treatments)):
            return _as(candidate, "surgical-consultation")
        return None if all(map(is_injection, candidate.treatments)) else candidate
    return candidate


def _follows_at_once(words: Words, index: int, kind: str) -> bool:
    """Whether a phrase of a kind begins at a word, with no punctuation before it."""
    if index >= len(words) or not _PARTED.isdisjoint(words.gap(index)):
        return False
    runs = load_phrases().runs[kind]
    return any(words.words[index:end] in runs for end in range(index + 1, min(index + 4, len(words) + 1)))


def _is_share(words: Words, index: int) -> bool:
    """Whether a percentage begins at a word: "hyaluronic acid 0.2%" is part of a cream."""
    digits = index
    while digits < len(words) and digits < index + 2 and words.words[digits].isdigit():
        digits += 1
    return digits > index and words.text[words.ends[digits - 1] :].lstrip().startswith("%")


def _as(candidate: Candidate, treatment: str) -> Candidate:
    return Candidate((vocabulary.load().treatments[treatment],), "name", candidate.match)


def _is_person(words: Words, candidate: Candidate) -> bool:
    """Whether a drug's or device's name is a person's here."""
    match = candidate.match
    if match.last - match.first > 1 or not all(is_drug(t) or is_device(t) for t in candidate.treatments):
        return False
    return names_person(words, match.first, match.last)
