"""Reading body regions and the side of the body from the heading of a disputed item."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from typing import Any, NamedTuple, TypeAlias

from imr_graph import vocabulary
from imr_graph.extraction.senses import names_person
from imr_graph.model import Span
from imr_graph.vocabulary import Concept, Match, Matcher, Words, split
from imr_graph.vocabulary.phrases import load_phrases

__all__ = ["ConceptMention", "find_regions", "read_laterality", "read_regions"]

# Vertebral levels: the region that a letter stands for, and how many vertebrae it has (L6 and S5 are seen in letters).
_LEVELS = {"c": ("neck", 8), "t": ("thoracic-spine", 12), "l": ("lumbar-spine", 6), "s": ("pelvis", 5)}
# An interspace belongs to its upper vertebra: a request at C7-T1 is a request for the neck, one at L5-S1 for the low
# back. S1 alone is the root of the same interspace.
_JUNCTIONS = {("c", 7, "t", 1), ("t", 12, "l", 1), ("l", 5, "s", 1), ("l", 6, "s", 1)}
_COORDINATES = frozenset(" ,/&")
_LEVEL_GAPS = frozenset(("", "-", "–"))
_RANGE_GAPS = frozenset("-–—/ ")

# One letter, or "both", is a side before a region: "(R) knee", "both the wrists"; not "L4", "both EMG and NCV". One
# letter is a side also in brackets of its own ("shoulder (R)"), and behind a region at the end of a part ("hip, R").
_WEAK_SIDES = {
    "l": "left",
    "r": "right",
    "both": "bilateral",
    "lft": "left",
    "b": "bilateral",
}  # "LFTs" are liver function tests
_BEFORE_B = frozenset(("vitamin", "vit", "hepatitis", "hep", "type", "group", "part"))
_LETTERS = {"l": "left", "r": "right", "b": "bilateral"}
_BEFORE_REGION = frozenset(("the", "of", "her", "his", "sided", "side"))
_BETWEEN_SIDES = frozenset(("", "and", "or"))
_ENDS = frozenset(",;.)")


_Side: TypeAlias = tuple[str, Match[Concept]]


class ConceptMention(NamedTuple):
    """An id read from a text, and the place of the words that name it."""

    id: str
    span: Span


def read_regions(
    words: Words, matches: Sequence[Match[Concept]], not_levels: Iterable[Match[Any]] = ()
) -> list[ConceptMention]:
    """Return the body regions that a text names, in order of their first place.

    `matches` are those of `find_regions`; vertebral levels are added to them. `not_levels` are passages in which a
    letter and a number are no vertebral level ("T4" among blood tests).
    """
    covered = {index for match in not_levels for index in range(match.first, match.last)}
    found = [(r.id, Span(m.start, m.end)) for m in matches for r in m.values]
    covered.update(index for match in matches for index in range(match.first, match.last))
    found.extend(_levels(words, covered))
    first: dict[str, Span] = {}
    for region, span in sorted(found, key=lambda pair: pair[1]):
        first.setdefault(region, span)
    return [ConceptMention(region, span) for region, span in first.items()]


def read_laterality(
    words: Words, regions: Sequence[Match[Concept]], without: AbstractSet[int] = frozenset()
) -> ConceptMention | None:
    """Return the one side that a text names ("left", "right", "bilateral"), or None where it is none or not one.

    Left and right of the same region ("left and right wrists") are bilateral; of different regions they are not one.
    `regions` are those of `find_regions`; `without` are places in the text at which a side does not count.
    """
    sides = [side for side in _sides(words, regions) if side[1].start not in without]
    if not sides:
        return None
    named = {side for side, _ in sides}
    if len(named) == 1:
        side, match = sides[0]
        return ConceptMention(side, Span(match.start, match.end))
    if named == {"left", "right"} and _are_alike(sides, regions):
        return ConceptMention("bilateral", Span(sides[0][1].start, sides[-1][1].end))
    return None


def _are_alike(sides: list[_Side], regions: Sequence[Match[Concept]]) -> bool:
    """Whether left and right are said of the same regions.

    A region belongs to the last side word before it; a side word without a region of its own shares those of the next
    ("left and right wrists"), at the end of the text those of the one before ("wrists, left and right").
    """
    owned: list[set[str]] = [set() for _ in sides]
    last_before: set[str] = set()
    current = -1
    for region in regions:
        while current + 1 < len(sides) and sides[current + 1][1].first <= region.first:
            current += 1
        ids = {concept.id for concept in region.values}
        if current >= 0:
            owned[current] |= ids
        else:
            last_before = ids
    shared = owned[-1] or next((ids for ids in reversed(owned) if ids), last_before)
    per_side: dict[str, set[str]] = {"left": set(), "right": set()}
    for (side, _), ids in zip(reversed(sides), reversed(owned), strict=True):
        shared = ids or shared
        per_side[side] |= shared
    return bool(shared) and per_side["left"] == per_side["right"]


def _sides(words: Words, regions: Sequence[Match[Concept]]) -> list[_Side]:
    taken = {index for match in regions for index in range(match.first, match.last)}
    starts = {match.first for match in regions}
    lateralities = vocabulary.load().lateralities
    matches = [(m.value.id.lower(), m) for m in lateralities.matcher.find(words)]
    taken.update(index for _, match in matches for index in range(match.first, match.last))
    starts.update(_level_starts(words))
    ends = {match.last for match in regions} | {start + 2 for start in _level_starts(words)}
    for index in range(len(words) - 1, -1, -1):
        if index in taken:
            continue
        side = _weak_side(words, index, starts) or _letter_side(words, index, ends)
        if side is not None:
            starts.add(index)  # "R and L knees": a side before a side that is one
            concept = lateralities[side.capitalize()]
            matches.append((side, Match((concept,), words.starts[index], words.ends[index], index, index + 1)))
    return sorted(matches, key=lambda pair: pair[1].start)


def _level_starts(words: Words) -> Iterator[int]:
    """Yield where vertebral levels begin that have a word before them: "L L4-5" is the left side."""
    for index in range(1, len(words) - 1):
        is_level = words.words[index] in _LEVELS and words.words[index + 1].isdigit() and not words.gap(index + 1)
        if is_level and words.gap(index) == " ":
            yield index


def _weak_side(words: Words, index: int, starts: set[int]) -> str | None:
    """Return the side that a weak word before a region, or before another weak side, stands for."""
    side = _WEAK_SIDES.get(words.words[index])
    if side == "bilateral" and index > 0 and words.words[index - 1] in _BEFORE_B:
        return None
    following = index + 1
    while side and following < len(words) and words.words[following] in _BEFORE_REGION:
        following += 1
    if following < len(words) and words.words[following] in _BETWEEN_SIDES and words.words[index] in _LETTERS:
        following += 1
    return side if following in starts else None


def _letter_side(words: Words, index: int, region_ends: set[int]) -> str | None:
    """Return the side of a letter in brackets of its own, or behind a region at the end of a part."""
    side = _LETTERS.get(words.words[index])
    if side is None:
        return None
    text, start, end = words.text, words.starts[index], words.ends[index]
    if text[start - 1 : start] == "(" and text[end : end + 1] == ")":
        return side
    if any(last <= index for last in region_ends) and (not text[end:].strip() or text[end] in _ENDS):
        gap = words.gap(index)
        if index in region_ends or "," in gap or "-" in gap.strip():
            return side if gap.strip() or side != "bilateral" else None
        if side != "bilateral" and words.words[index - 1] not in _BETWEEN_SIDES:
            return side  # "thumb splint R", "blocks C3-C6 L"
    return None


@cache
def _matcher() -> Matcher[Concept]:
    """Regions, and the phrases in which a region's word means something else."""
    known = vocabulary.load()
    return Matcher([(label, c) for scheme in (known.body_regions, known.phrases) for c in scheme for label in c.labels])


def find_regions(words: Words) -> list[Match[Concept]]:
    """Return where regions are named, in order."""
    found: list[Match[Concept]] = []
    for match in _matcher().find(words):
        if all(value.kind == "body-region" for value in match.values):
            found.extend(_split_coordinated(words, match))
            found.append(match)
        elif match.first > 0 and words.words[match.first - 1] in _strong_sides():
            meant = _matcher().at(words, match.first, lambda value: value.kind == "body-region")
            found += [meant] if meant else []  # "left hand therapy": the side says that a hand is meant
    return _without_names(words, found) if found else found


def _without_names(words: Words, found: list[Match[Concept]]) -> list[Match[Concept]]:
    """Leave out regions in the name of a person or a place: "Dr. Foot", "Hand & Wrist Institute"."""
    kept: list[Match[Concept]] = []
    institutions = load_phrases().words["names.institutions"]
    named: set[int] = set()  # where regions begin that are left out
    for match in reversed(found):
        following = match.last
        if following < len(words) and words.words[following] == "and":
            following += 1
        is_name = following in named or (match.last < len(words) and words.words[match.last] in institutions)
        if is_name or names_person(words, match.first, match.last):
            named.add(match.first)
        else:
            kept.append(match)
    return kept[::-1]


def _split_coordinated(words: Words, match: Match[Concept]) -> Iterator[Match[Concept]]:
    """Yield the regions that share a name's last words: "upper and" of "lower extremities", "C, T and" of "L spine"."""
    if match.last - match.first < 2:
        return
    shared = " ".join(words.words[match.first + 1 : match.last])
    before: list[Match[Concept]] = []
    index = match.first
    while index > 0:
        if not _COORDINATES.issuperset(words.gap(index)):
            break
        index -= 1
        if words.words[index] in _BETWEEN_SIDES:
            continue
        regions = tuple(v for v in _matcher().values_of(f"{words.words[index]} {shared}") if v.kind == "body-region")
        if not regions or (words.gap(index + 1) == " " and words.words[index + 1] not in _BETWEEN_SIDES):
            break
        before.append(Match(regions, words.starts[index], words.ends[index], index, index + 1))
    yield from reversed(before)


@cache
def _strong_sides() -> frozenset[str]:
    labels = (label for side in vocabulary.load().lateralities for label in side.labels)
    return frozenset(words[0] for label in labels if len(words := split(label).words) == 1)


def _levels(words: Words, covered: set[int]) -> list[tuple[str, Span]]:
    found: list[tuple[str, Span]] = []
    previous: tuple[str, int, int] | None = None  # letter, number, index of the number
    for index in range(1, len(words)):
        letter, digits = words.words[index - 1], words.words[index]
        known = _LEVELS.get(letter)
        if known is not None and letter != "s" and digits == "s" and words.gap(index) == "/":  # "C/S" is the C-spine
            found.append((known[0], Span(words.starts[index - 1], words.ends[index])))
        if known is None or index in covered or not digits.isdigit() or words.gap(index) not in _LEVEL_GAPS:
            continue
        if not 1 <= int(digits) <= known[1] or len(digits) > 2 or _is_inside_word(words, index):
            continue
        number = int(digits)
        region = "lumbar-spine" if (letter, number) == ("s", 1) and not _goes_on(words, index + 1) else known[0]
        joined = previous is not None and previous[2] == index - 2 and _RANGE_GAPS.issuperset(words.gap(index - 1))
        if not (joined and previous is not None and (*previous[:2], letter, number) in _JUNCTIONS):
            found.append((region, Span(words.starts[index - 1], words.ends[index])))
        previous = (letter, number, index)
    return found


def _goes_on(words: Words, index: int) -> bool:
    """Whether a range of sacral levels goes on at a word: "S1-S3" are no root of the low back."""
    if index >= len(words) or words.gap(index) not in ("-", "\u2013"):
        return False
    following = words.words[index + (words.words[index] == "s")] if index + 1 < len(words) else words.words[index]
    return following.isdigit()


def _is_inside_word(words: Words, index: int) -> bool:
    """Whether letters go on right behind a number, and are no level: "C1aims"."""
    behind = index + 1
    return behind < len(words) and not words.gap(behind) and words.words[behind] not in _LEVELS
