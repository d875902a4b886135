"""What in a heading is named but not requested, and what of the named is meant.

The rules are those of `requests`; the words they go by are in `ontology/phrases.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from imr_graph.extraction.candidates import (
    CONSULTATIONS,
    CONSULTATIONS_BY_NAME,
    Candidate,
    Name,
    are_drugs,
    is_device,
    is_drug,
    is_injection,
    is_operation,
    is_surgical_adjunct,
    is_test,
    main_categories,
)
from imr_graph.extraction.purposes import PurposeReader
from imr_graph.vocabulary import Match, Treatment, Words
from imr_graph.vocabulary.phrases import load_phrases

__all__ = ["Scope", "leave_out_context", "leave_out_parts"]

_POST_OPERATIVE = re.compile(r"\bpost[\s-]?op(?:erative(?:ly)?)?\b|\bpost[\s-]?surgical\b", re.IGNORECASE)
_BEFORE_AND_AFTER = frozenset(("pre", "post"))
_PARTS = frozenset(",:(-\u2013")
_HYPHENS = frozenset(("-", "\u2010", "\u2011", "\u2013"))


class Scope(NamedTuple):
    """The words, from `start` to before `end`, that a word of purpose governs and that name a treatment."""

    start: int
    end: int


def leave_out_context(
    words: Words, candidates: Sequence[Candidate], reader: PurposeReader
) -> tuple[list[Candidate], list[Scope]]:
    """Rule 4: leave out purpose, time, place, manner and provider; also return what the words of purpose govern."""
    kept: list[Candidate] = []
    scopes: list[Scope] = []
    left_out: Candidate | None = None  # directly before the candidate
    for number, candidate in enumerate(candidates):
        if _is_count(words, candidate):
            continue
        first = candidate.match.first
        if left_out is not None and _continues(reader, left_out, candidate, kept):
            opener: int | None = left_out.match.first
        elif not kept:
            opener = reader.find_time(first)
            if opener is None and not any(map(is_device, candidate.treatments)):
                opener = reader.find_gain(first)
        elif are_drugs(kept[-1]) and are_drugs(candidate):
            opener = _find_cause(reader, kept[-1].match.last, first)
        else:
            opener = reader.find_opener(kept[-1].match.last, first)
            if opener is None and kept[-1].ids <= load_phrases().words["purpose.escorts"]:
                opener = reader.find_escorted(kept[-1].match.last, first)
            if opener is None and _is_past(words, kept[-1], candidate):
                opener = first
            if opener is not None and _completes(kept[-1], candidate) and not any(map(_is_consultation, kept[:-1])):
                opener = None if reader.leaves_open(opener) else opener
        if opener is None and number < 3 and _is_adjunct_of(words, kept, candidate):
            opener = first
        if opener is not None:
            scopes.append(Scope(opener, reader.scope_end(opener)))
        elif not _is_context(words, candidates, number, reader):
            kept.append(candidate)
            left_out = None
            continue
        left_out = candidate
    return kept, scopes


def _find_cause(reader: PurposeReader, start: int, end: int) -> int | None:
    """Return where a word of cause leads from one drug to another; in brackets any word of purpose does."""
    found = reader.find_opener(start, end, "purpose.causes")
    return reader.find_bracket_opener(start, end) if found is None else found


def _is_past(words: Words, kept: Candidate, operation: Candidate) -> bool:
    """Whether brackets say after which operation something is requested: "post-op PT (rotator cuff repair)"."""
    if not all(map(is_operation, operation.treatments)) or any(map(is_operation, kept.treatments)):
        return False
    before = words.text[words.ends[kept.match.last - 1] : words.starts[operation.match.first]]
    return before.count("(") > before.count(")") and bool(_POST_OPERATIVE.search(words.text, 0, kept.match.end))


def _is_adjunct_of(words: Words, kept: Sequence[Candidate], operation: Candidate) -> bool:
    """Whether an operation says to what a service beside it belongs: "assistant surgeon, L4-5 fusion"."""
    services = [treatment for candidate in kept for treatment in candidate.treatments]
    if not services or not all(is_surgical_adjunct(t) or t.id in CONSULTATIONS_BY_NAME for t in services):
        return False
    if any(is_surgical_adjunct(t) or not is_operation(t) for t in operation.treatments):
        return False
    between = range(kept[-1].match.last, operation.match.first + 1)
    joining = load_phrases().words["purpose.joining"]
    return any(not _PARTS.isdisjoint(words.gap(k)) for k in between) and joining.isdisjoint(
        words.words[between[0] : between[-1]]
    )


def _is_count(words: Words, candidate: Candidate) -> bool:
    """Whether a candidate is a bare number of visits, which does not say what they are for: "additional 6 visits"."""
    phrases = load_phrases()
    first, last = candidate.match.first, candidate.match.last
    if not phrases.words["count.words"].issuperset(words.words[first:last]):
        return False
    counted = first > 0 and (
        words.words[first - 1].isdigit() or words.words[first - 1] in phrases.words["count.before"]
    )
    return counted and words.words[last : last + 1] not in phrases.runs["count.unless_before"]


def _continues(reader: PurposeReader, left_out: Candidate, candidate: Candidate, kept: Sequence[Candidate]) -> bool:
    """Whether a candidate continues a list that is left out; behind a ride or an interpreter lists have commas."""
    commas = bool(kept) and not are_drugs(kept[-1]) and are_drugs(left_out) and are_drugs(candidate)
    commas = commas or (bool(kept) and kept[-1].ids <= load_phrases().words["purpose.escorts"])
    alike = not _kinds(left_out).isdisjoint(_kinds(candidate))
    return reader.continues_list(left_out.match.last, candidate.match.first, alike=alike, commas=commas)


def _is_context(words: Words, candidates: Sequence[Candidate], number: int, reader: PurposeReader) -> bool:
    """Whether a candidate says before or after what, where, how or with whom something is done."""
    candidate = candidates[number]
    before, after = candidates[:number], candidates[number + 1 :]
    first, ids, phrases = candidate.match.first, candidate.ids, load_phrases()
    time = words.words[first - 1] if first > 0 and words.gap(first) in _HYPHENS else ""
    if time in _BEFORE_AND_AFTER and (after or (before and time == "pre")):
        return True
    if ids <= phrases.words["place.treatments"]:
        opener = reader.follows("place.openers", first, fillers=True)
        if opener is not None and not set(words.words[:opener]) <= _words_of_asking():
            return True
    if ids <= phrases.words["manner.treatments"] and reader.follows("manner.openers", first) is not None:
        others = [t for other in (*before, *after) if other.ids != ids for t in other.treatments]
        if others and all(map(is_test, others)):
            return True
    if any(words.words[first : first + len(run)] == run for run in phrases.runs["provider.names"]):
        sees = any(other.ids & CONSULTATIONS for other in before)
        return sees and reader.follows("provider.openers", first) is not None
    if any(words.words[first : first + len(run)] == run for run in phrases.runs["provider.therapists"]):
        treats = any(other.role != "fallback" and not other.ids & CONSULTATIONS_BY_NAME for other in before)
        return treats and reader.follows("provider.openers", first) is not None
    if before and before[-1].ids <= phrases.words["replacement.parts"] and any(map(is_device, candidate.treatments)):
        return not phrases.words["replacement.word"].isdisjoint(words.words[: before[-1].match.first])
    return bool(after) and _owns_replaced_part(words, candidate, after[0])


def _owns_replaced_part(words: Words, owner: Candidate, part: Candidate) -> bool:
    """Whether a candidate is the device of which the next one, behind a comma, is a replacement part."""
    phrases = load_phrases()
    if not part.ids <= phrases.words["replacement.parts"] or not any(map(is_device, owner.treatments)):
        return False
    between = set(words.words[owner.match.last : part.match.first + 1])
    return "," in words.gap(owner.match.last) and not between.isdisjoint(phrases.words["replacement.word"])


@cache
def _words_of_asking() -> frozenset[str]:
    phrases = load_phrases()
    return phrases.words["place.asking"] | phrases.words["purpose.fillers"] | frozenset(map(str, range(100)))


def leave_out_parts(words: Words, candidates: list[Candidate]) -> list[tuple[Treatment, Match[Name]]]:
    """Rules 5 and 6: leave out broad words beside exact ones, and what another treatment of the heading takes in."""
    pairs = [(treatment, c.match) for c in _without_broad_words(words, candidates) for treatment in c.treatments]
    taken = frozenset(id for treatment, _ in pairs for id in treatment.subsumes - {treatment.id})
    return [(treatment, match) for treatment, match in pairs if treatment.id not in taken]


def _completes(head: Candidate, candidate: Candidate) -> bool:
    """Whether the words behind a word of purpose say what the words before it began.

    So it is with the way in which a drug is given ("Kenalog for injection"), and with a bare word for a consultation,
    unless the consultation is about an operation or injection ("referral to a neurosurgeon", "evaluation for a pain
    program"; but "evaluation for fusion").
    """
    injects = any(map(is_injection, candidate.treatments))
    if are_drugs(head):
        return injects
    consults = head.role == "fallback" and all(t.id in CONSULTATIONS for t in head.treatments)
    return consults and not injects and not any(is_operation(t) or is_drug(t) for t in candidate.treatments)


def _kinds(candidate: Candidate) -> frozenset[str]:
    if are_drugs(candidate):
        return frozenset(("pharmaceuticals",))
    return frozenset(main for treatment in candidate.treatments for main in main_categories(treatment.id))


def _without_broad_words(words: Words, candidates: list[Candidate]) -> list[Candidate]:
    """Apply rule 5; a drug does not stand in the way of a word for the injection that gives it."""
    exact = [c for c in candidates if c.role != "fallback"]
    if not exact:
        pairs = zip([None, *candidates], candidates, [*candidates[1:], None], strict=False)
        return [c for before, c, after in pairs if not _is_about(before, c) and not _is_place(c, after)]
    only_drugs = all(is_drug(t) for c in exact for t in c.treatments)
    return [c for c in candidates if c.role != "fallback" or (only_drugs and _says_injection(words, c))]


def _is_about(before: Candidate | None, candidate: Candidate) -> bool:
    """Whether a word for a consultation is right behind a broad word for what it is about: "program consult"."""
    if before is None:
        return False
    consults = before.ids.isdisjoint(CONSULTATIONS) and candidate.ids <= CONSULTATIONS
    return consults and before.match.last == candidate.match.first


def _is_place(candidate: Candidate, after: Candidate | None) -> bool:
    """Whether a broad word for an operation says where the injection behind it goes: "cubital tunnel injection"."""
    if after is None or candidate.match.last != after.match.first:
        return False
    return all(map(is_operation, candidate.treatments)) and all(map(is_injection, after.treatments))


def _says_injection(words: Words, candidate: Candidate) -> bool:
    """Whether a broad word says that a drug is injected, and by no mere route ("infusion")."""
    named = words.words[candidate.match.first : candidate.match.last]
    return any(map(is_injection, candidate.treatments)) and named not in load_phrases().runs["route.names"]


def _is_consultation(candidate: Candidate) -> bool:
    """Whether a candidate names by a name of its own whom the patient sees."""
    return candidate.role != "fallback" and not candidate.ids.isdisjoint(CONSULTATIONS_BY_NAME)
