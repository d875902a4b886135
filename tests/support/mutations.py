"""Random damage to graphs of letters, of every kind that shapes look for, for differential tests of validators."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pyoxigraph as ox

from imr_graph import iris as terms

TYPE = ox.NamedNode(f"{terms.RDF}type")
Triples = list[ox.Triple]


def literal(value: str, kind: str = "string") -> ox.Literal:
    return ox.Literal(value, datatype=ox.NamedNode(f"{terms.IMR if kind == 'spanList' else terms.XSD}{kind}"))


# Values that are wrong somewhere, or nearly right: other forms, kinds, scripts, limits, and what no parser takes.
VALUES = {
    "integer": ("7", "-1", "007", "+7", "0", "abc", "", " 7", "2001", "9" * 22),
    "date": ("2012-12-31", "2013-01-01", "2016-02-29", "2016-02-30", "2016-03-01Z", "2016-03-01+02:00", "soon"),
    "boolean": ("true", "1", "0", "TRUE", "maybe"),
    "spanList": ("a@1-2", "a@1-2 ", "a@1-2\n", "a@1-2  b@3-4", "", "á@1-2", "a=ü@1-2", "a@٣-٤"),
    "string": ("", " ", "\n", "x", "a/b", "L5", "L5\n", "standard", "true", "2016-03-01", "a" * 64, "g" * 64, "😀"),
    "decimal": ("44.0",),
    "int": ("44",),
    "double": ("4.4e1", "NaN"),
    "dateTime": ("2016-03-01T00:00:00", "2016-03-01T00:00:00Z"),
    "gYear": ("2016",),
    "anyURI": ("x",),
    "token": ("standard",),
}
CASE_NUMBERS = ("CM16-9990001", "CM16-9990001\n", "IMR16-999001", "CM١٦-9990001")
LITERALS = (
    *(literal(value, kind) for kind, values in VALUES.items() for value in values),
    *(literal(value) for value in CASE_NUMBERS),
    ox.Literal("x", language="en"),
    ox.Literal("standard", language="en"),
)
TERMS = (
    "Upheld Overturned PartiallyOverturned MTUS NonMTUS ClaimsAdministrator ExpertReviewer OutsideMTUS NoEvidenceCited "
    "Denied Modified Delayed "
    "Female Male Left Right Bilateral Case Letter Reviewer DisputedItem Citation Guideline Section Page Treatment "
    "Specialty State BodyRegion TreatmentCategory"
)
CONCEPTS = ("guideline-acoem", "guideline-odg", "guideline-other", "state-US-CA", "nobody")
NODES = (
    *(ox.NamedNode(terms.term(name)) for name in TERMS.split()),
    *(ox.NamedNode(f"{terms.BASE}{name}") for name in CONCEPTS),
)


def _subject(triples: Triples, random: Random) -> ox.NamedNode | ox.BlankNode | ox.Triple:
    return random.choice(triples).subject


def drop(triples: Triples, random: Random) -> None:
    triples.pop(random.randrange(len(triples)))


def bend(triples: Triples, random: Random) -> None:
    """Give a property another value: a literal, a term, or another node of the letter."""
    at = random.randrange(len(triples))
    other = random.choice((random.choice(LITERALS), random.choice(NODES), _subject(triples, random)))
    triples[at] = ox.Triple(triples[at].subject, triples[at].predicate, other)


def double(triples: Triples, random: Random) -> None:
    """Give a property a second value, or its value to a second node."""
    old = random.choice(triples)
    other = random.choice((random.choice(LITERALS), random.choice(NODES), random.choice(triples).object))
    given, taken = ox.Triple(old.subject, old.predicate, other), (_subject(triples, random), old.predicate, old.object)
    triples.append(random.choice((given, ox.Triple(*taken))))


def swap(triples: Triples, random: Random) -> None:
    """Exchange two values of one kind: two dates, two places, two texts, two nodes."""
    first = random.randrange(len(triples))
    kind = getattr(triples[first].object, "datatype", None)
    alike = [n for n, triple in enumerate(triples) if getattr(triple.object, "datatype", None) == kind]
    second = random.choice(alike)
    one, other = triples[first], triples[second]
    triples[first] = ox.Triple(one.subject, one.predicate, other.object)
    triples[second] = ox.Triple(other.subject, other.predicate, one.object)


def retype(triples: Triples, random: Random) -> None:
    """Give a literal another datatype or form, or a node a further class."""
    at = random.randrange(len(triples))
    old = triples[at]
    if not isinstance(old.object, ox.Literal):
        triples.append(ox.Triple(old.subject, TYPE, random.choice(NODES)))
        return
    value, kind = old.object.value, terms.local_name(old.object.datatype.value)
    same = kind if kind in VALUES else "string"
    other = (
        literal(value),
        literal(value, random.choice(("date", "integer", "boolean", "spanList"))),
        literal(f"{value} ", same),
        literal(f"0{value}", same),
        ox.Literal(value, language="en"),
    )
    triples[at] = ox.Triple(old.subject, old.predicate, random.choice(other))


KINDS: tuple[Callable[[Triples, Random], None], ...] = (drop, bend, double, swap, retype)


def mutated(triples: Triples, random: Random) -> Triples:
    """Return triples with one to twelve damages."""
    made = list(triples)
    for _ in range(random.randint(1, 12)):
        random.choice(KINDS)(made, random)
    return made
