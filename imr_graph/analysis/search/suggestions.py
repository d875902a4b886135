"""Suggestions while somebody types: names that letters of a store have, and that the words typed may begin.

The names are those by which searches are understood (`meaning`), with brands and abbreviations; what no letter of the
store has is not suggested.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeAlias

from imr_graph import vocabulary
from imr_graph.analysis.dimensions.kinds import KINDS
from imr_graph.analysis.search.case_numbers import begin_of_case_number
from imr_graph.analysis.search.meaning import REST, correct_words
from imr_graph.graph.literals import replace_surrogates
from imr_graph.store.follow import open_index
from imr_graph.store.graph_store import GraphStore
from imr_graph.store.search_index import PRESENT
from imr_graph.table.dimensions import DIMENSIONS
from imr_graph.vocabulary import Concept, normalise, split

__all__ = ["KnownName", "KnownNames", "Suggestion", "read_names", "suggest", "suggest_cases"]

Facts: TypeAlias = tuple[tuple[str, str], ...]

_LONGEST: Final = 200  # characters of a search that are looked at
_SHORTEST: Final = 2  # letters from which the beginning of a name counts
_AFTER_OTHERS: Final = 3  # the same behind other words, where short ones are mostly whole words
_LIKELY: Final = 400  # names that are put in order
# A filter that is being typed: `treatment:mr`, `treatment:"spinal fu`.
_FIELD: Final = re.compile(r'(?<!\S)(?P<name>[A-Za-z-]+):"?(?P<begun>[^":]*)$')


@dataclass(frozen=True, slots=True)
class KnownName:
    """A name of something that disputed items of a store have.

    `words` are compared with what is typed; with `slip`, they are a misspelling of `written`. `facts` are the
    (dimension, id) that an item has together: a combination drug is all of its ingredients. `label` is the name of the
    concept itself where this is another of its names, `items` counts the disputed items.
    """

    words: str
    slip: bool
    written: str
    kind: str
    label: str
    facts: Facts
    items: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A whole search that the words typed may become, and the name that completes it."""

    text: str
    name: KnownName


@dataclass(frozen=True)
class KnownNames:
    """All names of a store; they are found by how any of their words begins."""

    names: tuple[KnownName, ...]

    @cached_property
    def _places(self) -> list[tuple[str, int, int]]:
        """Each name from each of its words on: the words, the number of the first one, the number of the name."""
        found = []
        for number, name in enumerate(self.names):
            words = name.words.split()
            found += [(" ".join(words[first:]), first, number) for first in range(len(words))]
        return sorted(found)

    def find(self, begun: str, dimension: str | None = None) -> list[KnownName]:
        """Return names with words that begin so, one for each concept: the very name, then the most frequent."""
        places = self._places
        start = bisect_left(places, (begun,))
        end = bisect_left(places, (f"{begun}\U0010ffff",), start)
        fitting = []
        for words, first, number in places[start:end]:
            name = self.names[number]
            if dimension in (None, name.facts[0][0]):
                place = 2 if first else int(words != begun)
                fitting.append((name.slip, place, -name.items, bool(name.label), len(words), number))
        chosen: dict[Facts, KnownName] = {}
        for slip, *_, number in sorted(fitting)[:_LIKELY]:
            if not slip or not chosen:
                chosen.setdefault(self.names[number].facts, self.names[number])
        return list(chosen.values())


def read_names(store: GraphStore) -> KnownNames:
    """Return the names of what disputed items of a store have, by the full-text index."""
    with open_index(store) as index:
        found = index.execute("select id, dimension, value from mark")
        marks = {(dimension, value): id for id, dimension, value in found}
        sql = f"select count(*) from words where words match :match and {PRESENT}"
        counts: dict[Facts, int] = {}
        names = []
        for kind, concept, facts in _concepts():
            if facts not in counts and all(fact in marks for fact in facts):
                match = " AND ".join(f"marks : x{marks[fact]}" for fact in facts)
                counts[facts] = index.execute(sql, {"match": match, "now": store.generation}).fetchone()[0]
            if items := counts.get(facts, 0):
                names += [_known_name(concept, label, kind, facts, items) for label in concept.labels]
    return KnownNames(tuple(names))


def _known_name(concept: Concept, label: str, kind: str, facts: Facts, items: int) -> KnownName:
    slip = label in concept.hidden
    of = "" if slip or label.casefold() == concept.label.casefold() else concept.label
    return KnownName(normalise(label), slip, concept.label if slip else label, kind, of, facts, items)


def _concepts() -> Iterator[tuple[str, Concept, Facts]]:
    """Yield what searches name, with the title of its kind and what items have that ask for it."""
    for kind in KINDS.values():
        if kind.suggested:
            yield from (
                (kind.title, concept, ((kind.name, concept.id),))
                for concept in kind.concepts()
                if not concept.id.startswith(REST)
            )
    for product in vocabulary.load().products:
        yield KINDS["treatment"].title, product, tuple(("treatment", id) for id in product.ingredients)
    for decision in DIMENSIONS["decision"].choices:
        concept = Concept(id=decision, iri="", kind="decision", label=decision)
        yield DIMENSIONS["decision"].title, concept, (("decision", decision),)


def suggest(names: KnownNames, text: str, *, dimension: str | None = None, most: int = 8) -> tuple[Suggestion, ...]:
    """Return the searches that a text being typed may become, the likeliest first.

    As many of the last words as begin a name are completed, the words before them stay. A misspelled word is completed
    as what it is meant for. Behind `name:`, and with a `dimension`, only values of that dimension are suggested.
    """
    text = replace_surrogates(text)
    if len(text) > _LONGEST or text.count('"') > 1:
        return ()
    if field := _FIELD.search(text):
        return tuple(_suggest_values(names, text[: field.start()], field["name"].lower(), field["begun"]))[:most]
    words = split(text)
    for spelled in (words.words, tuple(correct_words(words.words, lambda _word: False))):
        for first, start in enumerate(words.starts):
            begun = " ".join(spelled[first:])
            if len(begun) >= (_AFTER_OTHERS if first else _SHORTEST) and (found := names.find(begun, dimension)):
                return tuple(Suggestion(text[:start] + name.written, name) for name in found[:most])
    return ()


def _suggest_values(names: KnownNames, before: str, dimension: str, begun: str) -> Iterator[Suggestion]:
    for name in names.find(normalise(begun), dimension):
        value = f'"{name.written}"' if not name.written.isalnum() else name.written
        yield Suggestion(f"{before}{dimension}:{value}", name)


def suggest_cases(store: GraphStore, text: str, *, most: int = 8) -> tuple[str, ...]:
    """Return the keys of the cases whose number begins so: `CM16-02`, `cm16 02`."""
    begun = begin_of_case_number(text)
    if begun is None:
        return ()
    with open_index(store) as index:
        sql = (
            "select distinct key from entry where key >= :begun and key < :end "
            "and came <= :now and (went is null or went > :now) order by key limit :most"
        )
        values = {"begun": begun, "end": f"{begun}\U0010ffff", "now": store.generation, "most": most}
        return tuple(key for (key,) in index.execute(sql, values))
