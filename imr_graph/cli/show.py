"""One determination for reading: its facts, both sides' citations, and the words they came from."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Final

import click

from imr_graph.cli.options import as_json, store
from imr_graph.cli.output import TEXT_WIDTH, print_answer
from imr_graph.fields import CASE, ITEM, REVIEWER, SIDES, Level
from imr_graph.labels import label
from imr_graph.model import Determination, DisputedItem

__all__ = ["show"]

_LABEL = 29  # characters: the longest label of a field


@click.command(short_help="Print one determination with its quotations.")
@click.argument("case", metavar="CASE")
@store
@as_json
def show(case: str, store: Path, as_json: bool) -> None:
    """Print one determination: each item with its decision, both sides' citations and the quoted rationale.

    CASE is a case number, or the letter's digest where it has none. Numbers in brackets are the places in the
    letter's text that a fact was read from (`imr-graph text LETTER` prints that text). Values that people corrected
    have no place; what was corrected stands at the end.

    \b
    imr-graph show CM16-0000000
    imr-graph show CM16-0000000 --json
    """
    from imr_graph.corrections import read_corrections
    from imr_graph.graph.reading import determination_of
    from imr_graph.records import to_record
    from imr_graph.store.graph_store import open_store

    opened = open_store(store)
    determination = determination_of(opened, case)
    corrected = (f"  corrected   {correction}" for correction in read_corrections(opened, case))
    print_answer(to_record(determination), chain(_format_determination(determination), corrected), as_json)


def _format_determination(d: Determination) -> Iterator[str]:
    yield f"{d.case_number or d.key}: {d.outcome or 'no outcome'}{_format_place(d, '/case_number')}"
    yield _format_fact("letter", f"{d.source}, layout {d.layout}, sha256 {d.sha256[:16]}", indent=2)
    yield from _format_facts(d, CASE, d, "", indent=2)
    yield from _format_facts(d, REVIEWER, d.reviewer, "/reviewer", indent=2)
    if d.summary:
        yield ""
        yield from _wrap_quotation(d.summary, _format_place(d, "/summary"), "  ")
    for index, item in enumerate(d.items):
        yield ""
        yield from _format_item(d, item, index)
    for passage in d.unparsed:
        yield f"  not understood [{passage.start}-{passage.end}]: {' '.join(passage.text.split())}"


# What stands in the first line of a case or an item, or below its facts.
_ELSEWHERE: Final = frozenset(("case_number", "outcome", "summary", "heading", "service", "decision", "rationale"))


def _format_facts(d: Determination, level: Level, holder: object, at: str, *, indent: int) -> Iterator[str]:
    """Yield a line for each field that has a value, but for those that stand elsewhere."""
    for each in level.fields:
        value = each.getter()(holder)
        if each.path not in _ELSEWHERE and value not in (None, False, ()):
            words = ", ".join(map(str, value)) if each.several else "yes" if value is True else str(value)
            name = label(next((side.party for side in SIDES if side.path == each.steps[0]), each.term))
            yield _format_fact(name, words + _format_place(d, f"{at}/{each.path}"), indent)


def _format_fact(name: str, words: str, indent: int) -> str:
    return f"{' ' * indent}{name:{_LABEL}} {words}"


def _format_item(d: Determination, item: DisputedItem, index: int) -> Iterator[str]:
    at = f"/items/{index}"
    yield f"{index + 1}. {item.service}: {item.decision.upper()}{_format_place(d, at + '/decision')}"
    yield from _format_facts(d, ITEM, item, at, indent=3)
    for side in SIDES:
        for number, citation in enumerate(getattr(item, side.path).citations):
            place = _format_place(d, f"{at}/{side.path}/citations/{number}/text")
            yield _format_fact(label(side.party), f'{citation.guideline}: "{citation.text}"{place}', indent=3)
    for number, reason in enumerate(item.reasons):
        place = _format_place(d, f"{at}/reasons/{number}/text")
        yield _format_fact("Reason", f'{reason.reason}: "{" ".join(reason.text.split())}"{place}', indent=3)
    if item.rationale:
        yield from _wrap_quotation(item.rationale, _format_place(d, at + "/rationale"), "   ")


def _wrap_quotation(words: str, place: str, indent: str) -> list[str]:
    return textwrap.wrap(f'"{words}"{place}', TEXT_WIDTH, initial_indent=indent, subsequent_indent=indent + " ")


def _format_place(d: Determination, pointer: str) -> str:
    span = d.spans.get(pointer)
    return f" [{span.start}-{span.end}]" if span else ""
