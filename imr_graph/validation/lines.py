"""Canonical N-Triples as lines, and lines with fewer different values for an engine to look at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Final

from rdflib import RDF, SH, URIRef

from imr_graph.validation.shapes import read_shapes

__all__ = ["Line", "join_lines", "split_lines", "unify_values"]

Line = Sequence[bytes]
"""The subject, the predicate, and the object with the full stop, of a triple."""

# What a shape may say of a property whose values it does not compare with others and does not name.
_COUNTING: Final = {
    *(SH.path, SH.minCount, SH.maxCount, SH.datatype, SH.minLength, SH.pattern),
    *(RDF.type, SH.targetClass, SH.targetSubjectsOf, SH.severity, SH.message),
}
_SHORT: Final = 100  # bytes that cost an engine no more than what it would take to replace them
_CHECKED: Final = b"^^<http://www.w3.org/"  # datatypes of which engines know what a value looks like


def split_lines(text: bytes) -> list[Line]:
    """Return the lines of canonical N-Triples, as `mapping` and Oxigraph write them: single spaces between parts."""
    # A third of the time that parsing takes, and enough to see what is said of which node.
    return [line.split(b" ", 2) for line in text.split(b"\n") if line]


def join_lines(lines: Iterable[Line]) -> bytes:
    """Return the N-Triples of lines."""
    return b"".join([b"%b\n" % b" ".join(line) for line in lines])


def unify_values(lines: Sequence[Line]) -> list[Line]:
    """Return lines of which shapes find the same, in which values that no shape tells apart are one value.

    An engine that compiles a pattern for each value, and looks at each only once, has less to do. Of a property whose
    values shapes only count, match and ask for a datatype, the shortest that is as it should be stands for all others
    of its kind; short words that match no pattern are left as they are. Where a node has several values, all stay, so
    that there are as many as before.
    """
    patterns = _properties_of_like_values()
    first: dict[tuple[bytes, bytes], bytes] = {}
    several = set[tuple[bytes, bytes]]()
    found = [
        number
        for number, line in enumerate(lines)
        if (matched := patterns.get(line[1])) is not None and (matched or len(line[2]) > _SHORT)
    ]
    for subject, predicate, object in (lines[number] for number in found):
        if first.setdefault((subject, predicate), object) != object:
            several.add((subject, predicate))
    alike: dict[tuple[bytes, bytes], list[int]] = {}
    for number in found:
        subject, predicate, object = lines[number]
        end = object.rfind(b'"')
        kind = object[end + 1 :]
        if end > 1 and (subject, predicate) not in several and not kind.startswith(_CHECKED):
            word = object[1:end]
            if not patterns[predicate] or _matches(word, patterns[predicate]):
                alike.setdefault((predicate, kind), []).append(number)
    unified = list(lines)
    for numbers in alike.values():
        shortest = min((lines[number][2] for number in numbers), key=len)
        for number in numbers:
            unified[number] = (lines[number][0], lines[number][1], shortest)
    return unified


def _matches(word: bytes, patterns: Sequence[re.Pattern[bytes]]) -> bool:
    """Say whether every engine finds a word to match; of other signs than plain ASCII this is for engines to say."""
    return word.isascii() and b"\\" not in word and all(pattern.search(word) for pattern in patterns)


@cache
def _properties_of_like_values() -> Mapping[bytes, tuple[re.Pattern[bytes], ...]]:
    """Return the properties whose values shapes do not tell apart, with the patterns that they have to match."""
    graph = read_shapes().graph
    found = {}
    for prop in (node for node in graph.objects(None, SH.path) if isinstance(node, URIRef)):
        named = {(shape, how) for shape, how in graph.subject_predicates(prop) if how != SH.targetSubjectsOf}
        shapes = {shape for shape, _ in named}
        lengths = (int(str(length)) for shape in shapes for length in graph.objects(shape, SH.minLength))
        if (
            all(how == SH.path for _, how in named)
            and all(_COUNTING.issuperset(graph.predicates(shape)) for shape in shapes)
            and max(lengths, default=0) <= 1
        ):
            patterns = (str(pattern) for shape in shapes for pattern in graph.objects(shape, SH.pattern))
            found[f"<{prop}>".encode()] = tuple(re.compile(pattern.encode()) for pattern in sorted(patterns))
    return found
