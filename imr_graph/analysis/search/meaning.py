"""What the words of a search name: treatments, body regions, categories, guidelines, pages, specialties, decisions.

Words are read as the headings of letters are read (`extraction.requests`), so that a brand, an abbreviation, a class
or a misspelling means what it means there. What stands in no such name stays a word to look for.

>>> [(term.written, term.label) for _, _, term in find_terms("Norco lumbar weaning")]
[('Norco', 'hydrocodone and acetaminophen'), ('lumbar', 'lumbar spine')]
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, TypeAlias

from imr_graph import vocabulary
from imr_graph.analysis.dimensions.filters import Filters
from imr_graph.analysis.dimensions.kinds import KINDS
from imr_graph.analysis.dimensions.lookup import find_pages
from imr_graph.extraction.reasons import find_reasons
from imr_graph.extraction.requests import read_treatments
from imr_graph.vocabulary import Concept, Match, Scheme, split, split_words
from imr_graph.vocabulary.spelling import Speller

__all__ = ["OUTCOMES", "REST", "SearchTerm", "correct_words", "filters_of", "find_terms", "other_names"]

REST: Final = "other-"
"""Begins the ids of treatments that take in what has no concept of its own: their names name nothing in a search."""

OUTCOMES: Final = ("decision", "reason")
"""The dimensions that say how a request ended: among those that ended so, the share of the overturned says nothing."""

Fact: TypeAlias = tuple[str, str]
"""A dimension and the id of one of its values."""


@dataclass(frozen=True, slots=True)
class SearchTerm:
    """A name in a search.

    `written` are the words, `label` what they name. Of `values` one alternative has to be there, and of an alternative
    each (dimension, id): a combination drug is all of its ingredients, a guideline's name any of its editions.
    `strict` says that the words themselves, said of something else, are no hit; `phrase` that they are one as they
    stand together. `also` are other names of it that headings print.
    """

    written: str
    label: str
    values: tuple[tuple[Fact, ...], ...]
    strict: bool = False
    phrase: bool = False
    also: tuple[str, ...] = ()

    @property
    def dimension(self) -> str:
        """The dimension of what it names."""
        return self.values[0][0][0]


_Place: TypeAlias = tuple[int, int, SearchTerm]
_DECISIONS: Final = re.compile(r"\b(?P<overturned>overturn(?:ed|s)?)\b|\b(?P<upheld>upheld|denied)\b", re.IGNORECASE)
# What records are said to lack ("no functional improvement"), and which word of the back no region takes in.
_ABSENCE: Final = re.compile(r"\b(?:no|without|lacks?|lack of|missing)(?P<what>(?:\s+[a-z-]+){1,4})", re.IGNORECASE)
_BACK: Final = re.compile(r"\bback\b", re.IGNORECASE)
_BACK_REGIONS: Final = ("lumbar-spine", "thoracic-spine")
_YEAR: Final = re.compile(r"(?<![\w/-])20[0-3]\d(?![\w/-])", re.ASCII)
_SHORTEST_STATE: Final = 3  # letters: "OR", "IN" and "ME" are words
_SHORTEST_SLIP: Final = (4, 4, 5)


def find_terms(text: str) -> list[_Place]:
    """Return the names in a run of plain words, with the places at which each begins and ends.

    Names of treatments and of body regions may share words ("lumbar ESI"); all others stand apart.
    """
    reading = read_treatments(text)
    by_place: dict[tuple[int, int], list[str]] = {}
    for found in reading.treatments:
        if found.id.startswith(REST):
            continue  # "CPAP" asks for a CPAP, not for all other equipment: it stays a word
        by_place.setdefault((found.span.start, found.span.end), []).append(found.id)
    places = [(start, end, _treatments(text[start:end], ids)) for (start, end), ids in by_place.items()]
    for region in reading.body_regions:
        start, end = region.span.start, region.span.end
        places.append((start, end, _one_of(text[start:end], "region", (region.id,))))
    for find in (_find_decisions, _find_reasons, _find_categories, _find_pages, _find_others, _find_back):
        places += [new for new in find(text) if not any(new[0] < end and start < new[1] for start, end, _ in places)]
    return sorted(places, key=lambda place: place[:2])


def correct_words(words: Iterable[str], is_printed: Callable[[str], bool]) -> list[str]:
    """Return words of which each misspelled name is replaced by one that it differs from by a letter.

    Of several such names it has to be one thing that is meant. A word that letters print (`is_printed`) is no
    misspelling.
    """
    return [word if word.lower() in _right_words() or is_printed(word) else _restore(word) for word in words]


def filters_of(terms: Iterable[SearchTerm], *, leave_out: Collection[str] = OUTCOMES) -> Filters:
    """Return the filters for the requests that are named, whichever way and for whatever reason they were decided."""
    values: list[tuple[str, tuple[str, ...]]] = []
    for term in terms:
        if term.dimension not in leave_out:
            first, *others = term.values
            ids = [id for facts in term.values for dimension, id in facts if dimension == term.dimension]
            values += [(term.dimension, tuple(sorted(ids)))] if others else [(name, (id,)) for name, id in first]
    return Filters(tuple(dict.fromkeys(values)))


def other_names(term: SearchTerm) -> Iterator[str]:
    """Yield other names of the treatment that a search names: its own, and those of products that contain it."""
    known, ids = vocabulary.load(), tuple(id for _, id in term.values[0])  # in an order that every run has
    if term.dimension == "treatment":
        products = (each for each in known.products if set(ids) <= set(each.ingredients))
        names = (
            name for concept in (*products, *map(known.treatments.get, ids)) if concept for name in _names(concept)
        )
        said = {term.written.casefold(), term.label.casefold()}
        yield from (name for name in dict.fromkeys(names) if name.casefold() not in said)


def _names(concept: Concept) -> tuple[str, ...]:
    return (concept.label, *concept.alternatives)


def _restore(word: str) -> str:
    near = sorted(_speller().near(word.lower()))
    meant = {term.values for name in near for _, _, term in find_terms(name)}
    return near[0] if len(near) == 1 or len(meant) == 1 else word


def _treatments(written: str, ids: list[str]) -> SearchTerm:
    known = vocabulary.load().treatments
    label = " and ".join(known[id].label for id in ids)
    return SearchTerm(written, label, (tuple(("treatment", id) for id in ids),))


def _one_of(written: str, kind: str, ids: Iterable[str], dimensions: tuple[str, ...] = ()) -> SearchTerm:
    """Return the term for what is any of some concepts, in any of some dimensions (that of the kind unless given)."""
    ids = tuple(ids)
    found = (KINDS[kind].concept(KINDS[kind].iri(id)) for id in ids)
    labels = dict.fromkeys(concept.label for concept in found if concept)
    values = tuple(((dimension, id),) for dimension in dimensions or (kind,) for id in ids)
    return SearchTerm(written, " or ".join(labels) if len(labels) < 3 else f"{len(labels)} editions of it", values)


def _find_decisions(text: str) -> Iterator[_Place]:
    for found in _DECISIONS.finditer(text):
        decision = found.lastgroup or ""
        yield found.start(), found.end(), SearchTerm(found[0], decision, ((("decision", decision),),), strict=True)
    for found in _YEAR.finditer(text):
        yield found.start(), found.end(), SearchTerm(found[0], f"decided in {found[0]}", ((("year", found[0]),),))


def _find_reasons(text: str) -> Iterator[_Place]:
    """Yield the reasons for a denial that name what is said to be missing ("no red flags")."""
    known = KINDS["reason"].concepts()
    for found in _ABSENCE.finditer(text):
        words = re.findall(r"\s+\S+", found["what"])
        for number in range(1, len(words) + 1):
            what = "".join(words[:number])
            reasons = {each.reason for each in find_reasons(f"There is no documentation of{what}.", "upheld")}
            # What only says that something is missing is no name for it.
            if len(reasons) == 1 and set(split(what).words) & set(split(known[min(reasons)].label).words):
                end = found.start("what") + len(what)
                yield found.start(), end, _one_of(text[found.start() : end], "reason", reasons)
                break


def _find_back(text: str) -> Iterator[_Place]:
    for found in _BACK.finditer(text):
        yield found.start(), found.end(), _one_of(found[0], "region", _BACK_REGIONS)


def _find_categories(text: str) -> Iterator[_Place]:
    for match in vocabulary.load().categories.matcher.find(text):
        yield match.start, match.end, _one_of(text[match.start : match.end], "category", (match.value.id,))


def _find_pages(text: str) -> Iterator[_Place]:
    if found := find_pages(text):
        written = text[found.start : found.end]
        values = tuple((("page", id),) for id in found.ids)
        # A page of no named guideline is also mentioned; that of a named one is cited, or it is another.
        yield found.start, found.end, SearchTerm(written, written, values, strict=found.named, phrase=not found.named)


def _find_others(text: str) -> Iterator[_Place]:
    taken: list[Match[Any]] = []
    for kind, dimensions in (("guideline", ("guideline", "denial-guideline")), ("specialty", ()), ("state", ())):
        for match in KINDS[kind].concepts().matcher.find(text):
            short = kind == "state" and match.end - match.start < _SHORTEST_STATE
            if not short and not any(match.start < other.end and other.start < match.end for other in taken):
                taken.append(match)
                ids = (concept.id for concept in match.values)
                yield match.start, match.end, _one_of(text[match.start : match.end], kind, ids, dimensions)


def _schemes() -> Iterator[Scheme[Any]]:
    known = vocabulary.load()
    yield from (known.treatments, known.products, known.categories, known.body_regions, known.specialties)


@cache
def _right_words() -> frozenset[str]:
    concepts: Iterator[Concept] = (concept for scheme in _schemes() for concept in scheme)
    return frozenset(word for concept in concepts for label in concept.labels for word in split_words(label))


@cache
def _speller() -> Speller:
    """Return what corrects names of one word: in others, a wrong letter makes too many words likely."""
    concepts: Iterator[Concept] = (concept for scheme in _schemes() for concept in scheme)
    names = (split_words(label) for concept in concepts for label in (concept.label, *concept.alternatives))
    return Speller((words[0] for words in names if len(words) == 1), _right_words(), _SHORTEST_SLIP)
