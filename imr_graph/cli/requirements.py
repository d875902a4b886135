"""What has to be documented for a request, as earlier decisions say."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from imr_graph.cli.completion import complete_treatments
from imr_graph.cli.options import Days, as_json, filter_options, store
from imr_graph.cli.output import print_answer, text_width

if TYPE_CHECKING:
    from imr_graph.analysis.precedents.requirements import Criterion, CriterionSide, Requirements

__all__ = ["requirements"]


@click.command(short_help="List what decisions say has to be documented.")
@click.argument("text", metavar="TEXT", shell_complete=complete_treatments)
@filter_options
@click.option("--limit", type=click.IntRange(1), default=10, show_default=True, help="Criteria to list.")
@store
@as_json
def requirements(text: str, filters: dict[str, list[str]], days: Days, limit: int, store: Path, as_json: bool) -> None:
    """List what decisions on requests like TEXT say has to be documented.

    Each criterion comes with how often its absence upheld a denial and its presence overturned one, a sentence of each,
    and the section of a guideline that these decisions cite most.

    \b
    imr-graph requirements "lumbar MRI"
    imr-graph requirements "Norco 10/325 #60" --filter derivative=no --since 2016-01-01
    """
    from imr_graph.analysis.dimensions.filters import resolve_filters
    from imr_graph.analysis.precedents.requirements import requirements as find
    from imr_graph.store.graph_store import open_store

    opened = open_store(store)
    found = find(opened, text, filters=resolve_filters(opened, filters, **days))
    print_answer(asdict(found), _format(found, limit, text_width()), as_json)


def _format(found: Requirements, limit: int, width: int) -> Iterator[str]:
    if found.step:
        head = (
            f"{found.request.text}: {found.step.name} ({'; '.join(found.step.shared)}), {found.step.decisions:,} "
            f"decisions, {found.step.overturned:,} overturned"
        )
        yield from textwrap.wrap(head, width, subsequent_indent="  ")
    for number, criterion in enumerate(found.criteria[:limit], 1):
        yield ""
        yield from _format_criterion(number, criterion, width)
    if len(found.criteria) > limit:
        yield f"({len(found.criteria) - limit} more criteria: --limit)"
    yield ""
    for remark in found.remarks:
        yield from textwrap.wrap(remark, width)


def _format_criterion(number: int, of: Criterion, width: int) -> Iterator[str]:
    yield from _format_side(f"{number}. ", of.absent, "upheld", width)
    if of.present:
        yield from _format_side("   ", of.present, "overturned", width)
    if of.section:
        line = f"cited most: {of.section.label} ({of.cited:,})"
        yield from textwrap.wrap(line, width, initial_indent="   ", subsequent_indent="     ")


def _format_side(indent: str, of: CriterionSide, decision: str, width: int) -> Iterator[str]:
    few = " (few cases)" if of.small else ""
    line = (
        f"{of.reason.label}: {of.given:,} of {of.decisions:,} {decision}, {of.share:.1%} (95% interval {of.low:.1%} "
        f"to {of.high:.1%}){few}"
    )
    yield from textwrap.wrap(line, width, initial_indent=indent, subsequent_indent="     ")
    if quoted := of.quotation:
        place = "" if quoted.start is None else f" [{quoted.start}-{quoted.end}]"
        words = f'"{quoted.text}" {quoted.case} item {quoted.position}{place}'
        yield from textwrap.wrap(words, width, initial_indent="     ", subsequent_indent="      ")
