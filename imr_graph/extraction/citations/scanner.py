"""The scanner of citations: it walks a statement once and asks, wherever a citation may begin, what opens there.

A `Form` of statements says where that may be and, in the order of trial, what may open a citation: rows of
`openers.py`. What opens one ends the one before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, TypeAlias

from imr_graph.extraction.citations.citation import Cited, without_joint
from imr_graph.extraction.citations.guideline_names import Mention
from imr_graph.extraction.text import trim
from imr_graph.model import Basis, Span

__all__ = ["Form", "Opener", "Opening", "OpeningPlace", "Sighting", "find_opening", "scan"]


class OpeningPlace(NamedTuple):
    """A place where a citation may begin: the beginning of a statement, or behind a `joint`.

    The statement ends at `end`; `current` opened what is being read, and `is_listed` says that its sections have begun.
    With `only_certain`, only what is unmistakable counts. `in_force` chooses between editions (see `day_in_force`).
    """

    text: str
    at: int
    end: int
    in_force: date | None = None
    joint: re.Match[str] | None = None
    current: Opening | None = None
    is_listed: bool = False
    only_certain: bool = False

    def is_behind(self, joint: str) -> bool:
        """Return whether the joint in front is of a kind: a group of the form's pattern."""
        return self.joint is not None and self.joint[joint] is not None

    def continues(self, kind: str) -> bool:
        """Return whether a citation of a kind is being read."""
        return self.current is not None and self.current.opener.kind == kind


class Sighting(NamedTuple):
    """What an opener found: where a guideline is named, and which one.

    No other citation begins before `reach`. With `begins` false, the words are of the citation that is being read.
    With `lacks_chapter`, the chapter of the reference may still follow.
    """

    reach: int = 0
    named: Span | None = None
    mention: Mention | None = None
    begins: bool = True
    lacks_chapter: bool = False


Reader: TypeAlias = Callable[[str, Span, Sighting, Basis], Cited]


class Opener(NamedTuple):
    """A row: a kind of citation, what opens one at a spot, and how it is read; None where it is not understood."""

    kind: str
    find: Callable[[OpeningPlace], Sighting | None]
    read: Reader | None = None


class Opening(NamedTuple):
    """A citation that an opener opens at `start`."""

    opener: Opener
    start: int
    found: Sighting


@dataclass(frozen=True, slots=True)
class Form:
    """A form of statements: what joins its citations, and in the order of trial what may open one.

    `listing` is the label behind which sections are listed. With `skips_brackets`, nothing begins within brackets.
    """

    basis: Basis
    joint: re.Pattern[str]
    openers: tuple[Opener, ...]
    listing: re.Pattern[str] | None = None
    skips_brackets: bool = False


def scan(text: str, place: Span, form: Form, in_force: date | None) -> tuple[list[Cited], list[Span]]:
    """Read the citations of a statement; also return what is not understood.

    `in_force` chooses the edition where no year is printed (see `day_in_force`).
    """
    place = trim(text, place.start, place.end, drop=".,;")
    if place.end <= place.start:
        return [], []
    openings = list(_find_openings(text, place, form, in_force))
    citations: list[Cited] = []
    unread: list[Span] = []
    for opening, stop in zip(openings, [*(later.start for later in openings[1:]), place.end], strict=True):
        whole = without_joint(text, Span(opening.start, stop))
        if whole.end <= whole.start:
            continue
        if opening.opener.read:
            citations.append(opening.opener.read(text, whole, opening.found, form.basis))
        else:
            unread.append(whole)
    return citations, unread


def find_opening(spot: OpeningPlace, form: Form) -> Opening | None:
    """Return what opens at a spot: of the first opener that finds something."""
    for opener in form.openers:
        if found := opener.find(spot):
            return Opening(opener, spot.at, found)
    return None


def _find_openings(text: str, place: Span, form: Form, in_force: date | None) -> Iterator[Opening]:
    current = find_opening(OpeningPlace(text, place.start, place.end, in_force), form)
    if current:
        yield current
    reach = current.found.reach if current else 0
    label = form.listing.search(text, max(reach, place.start), place.end) if form.listing else None
    for joint in _find_joints(text, place, form):
        if joint.end() < reach:
            continue
        is_listed = label is not None and joint.start() > label.start()
        opening = find_opening(OpeningPlace(text, joint.end(), place.end, in_force, joint, current, is_listed), form)
        if opening and opening.found.begins:
            current, reach = opening, opening.found.reach
            yield opening


def _find_joints(text: str, place: Span, form: Form) -> Iterator[re.Match[str]]:
    depth, cursor = 0, place.start
    for joint in form.joint.finditer(text, place.start, place.end):
        if form.skips_brackets:
            depth += text.count("(", cursor, joint.end()) - text.count(")", cursor, joint.end())
            cursor = joint.end()
        if depth <= 0:
            yield joint
