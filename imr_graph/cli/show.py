"""One determination for reading: its facts, both sides' citations, and the words they came from."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path

import click

from imr_graph.cli.options import as_json, store
from imr_graph.cli.output import print_json
from imr_graph.model import Determination, DisputedItem, Party

__all__ = ["show"]

_WIDTH = 96


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
    from imr_graph.corrections import recorded
    from imr_graph.graph.reading import determination_of
    from imr_graph.model import to_record
    from imr_graph.store.graph_store import open_store

    opened = open_store(store)
    determination = determination_of(opened, case)
    if as_json:
        print_json(to_record(determination))
    else:
        click.echo("\n".join((*_lines(determination), *(f"  corrected   {one}" for one in recorded(opened, case)))))


def _lines(d: Determination) -> Iterator[str]:
    yield f"{d.case_number or d.key}: {d.outcome or 'no outcome'}{_place(d, '/case_number')}"
    yield f"  letter      {d.source}, layout {d.layout}, sha256 {d.sha256[:16]}"
    for label, name in _DATES:
        value = getattr(d.dates, name)
        if value:
            yield f"  {label:11} {value}{_place(d, f'/dates/{name}')}"
    if d.priority:
        yield f"  priority    {d.priority}{_place(d, '/priority')}"
    who = ", ".join(str(v) for v in (d.patient.age and f"{d.patient.age} years", d.patient.sex) if v)
    if who:
        yield f"  patient     {who}{_place(d, '/patient/age')}"
    if d.reviewer.specialties or d.reviewer.states:
        yield f"  reviewer    {', '.join(d.reviewer.specialties)} ({', '.join(d.reviewer.states)})"
    if d.summary:
        yield ""
        yield from _quoted(d.summary, _place(d, "/summary"), "  ")
    for index, item in enumerate(d.items):
        yield ""
        yield from _item(d, item, index)
    for passage in d.unparsed:
        yield f"  not understood [{passage.start}-{passage.end}]: {' '.join(passage.text.split())}"


_DATES = (
    ("injury", "injured"),
    ("UR denial", "ur_denied"),
    ("application", "received"),
    ("assigned", "assigned"),
    ("decision", "decided"),
)


def _item(d: Determination, item: DisputedItem, index: int) -> Iterator[str]:
    at = f"/items/{index}"
    yield f"{index + 1}. {item.service}: {item.decision.upper()}{_place(d, at + '/decision')}"
    if item.requested:
        yield f"   requested   {item.requested}"
        yield f"   authorized  {item.authorized}"
    flags = [
        name for name, on in (("retrospective", item.retrospective), ("with surgery", item.surgical_adjunct)) if on
    ]
    facts = [*item.treatments, *item.body_regions, *([item.laterality] if item.laterality else []), *flags]
    if facts:
        yield f"   concepts    {', '.join(facts)}"
    yield from _party(d, "administrator", item.claims_administrator, f"{at}/claims_administrator")
    yield from _party(d, "reviewer", item.reviewer, f"{at}/reviewer")
    if item.rationale:
        yield from _quoted(item.rationale, _place(d, at + "/rationale"), "   ")


def _party(d: Determination, label: str, party: Party, at: str) -> Iterator[str]:
    if party.stance:
        yield f"   {label:13} {party.stance}{_place(d, at + '/stance')}"
    for index, citation in enumerate(party.citations):
        yield f'   {label:13} {citation.guideline}: "{citation.text}"{_place(d, f"{at}/citations/{index}/text")}'


def _quoted(words: str, place: str, indent: str) -> list[str]:
    return textwrap.wrap(f'"{words}"{place}', _WIDTH, initial_indent=indent, subsequent_indent=indent + " ")


def _place(d: Determination, pointer: str) -> str:
    span = d.spans.get(pointer)
    return f" [{span.start}-{span.end}]" if span else ""
