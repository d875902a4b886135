"""Earlier decisions like a request."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from imr_graph.cli.completion import complete_treatments
from imr_graph.cli.options import as_json, endpoint_options, file_options, open_requested_store, store
from imr_graph.cli.output import TEXT_WIDTH, print_answer, text_width, write_records

if TYPE_CHECKING:
    from imr_graph.analysis.precedents.associations import Association
    from imr_graph.analysis.precedents.evidence import Quotation
    from imr_graph.analysis.precedents.precedents import Contrast, Precedent, Precedents
    from imr_graph.analysis.precedents.tiers import Tier

__all__ = ["format_association", "format_precedents", "precedents"]

_INDENT = "    "
_DEEPER = "     "


@click.command(short_help="Find earlier decisions like a request.")
@click.argument("text", metavar="TEXT", shell_complete=complete_treatments)
@click.option("--region", multiple=True, metavar="NAME", help="Only this body region: lumbar-spine, knee ...")
@click.option("--laterality", type=click.Choice(["left", "right", "bilateral"]), help="Only this side.")
@click.option("--guideline", multiple=True, metavar="NAME", help="Only where the expert reviewer cites it.")
@click.option("--specialty", multiple=True, metavar="NAME", help="Only reviewers of this specialty.")
@click.option("--state", multiple=True, metavar="NAME", help="Only reviewers licensed there: California, US-CA, CA.")
@click.option(
    "--decision", type=click.Choice(["upheld", "overturned"]), help="List only these; the figures stay those of all."
)
@click.option("--first", type=click.Choice(["upheld", "overturned"]), help="List these before the others.")
@click.option("--visits", type=click.IntRange(1), help="Requests for up to so many visits are nearest.")
@click.option("--quantity", type=click.IntRange(1), help="Requests for up to so many tablets, units ... are nearest.")
@click.option("--since", metavar="DATE", help="Decided on this day or later.")
@click.option("--until", metavar="DATE", help="Decided on this day or earlier.")
@click.option("--leave-out", multiple=True, metavar="CASE", help="A case that does not count.")
@click.option("--limit", default=20, show_default=True, help="Precedents to list.")
@file_options
@store
@endpoint_options
@as_json
def precedents(
    text: str,
    limit: int,
    format_: str | None,
    bom: bool,
    output: Path | None,
    store: Path,
    endpoint: str | None,
    graph: str | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Find earlier decisions like a request: how they went, what they rest on, and the words that carry them.

    TEXT names the treatment as letters do, with what matters of it; a region, a side, a guideline with a page and
    words of reasons count for the ranking.

    \b
    imr-graph precedents "Norco 10/325 #60"
    imr-graph precedents "MRI of the left knee" --decision overturned --since 2016-01-01
    imr-graph precedents "Acupuncture" --visits 12 --first overturned
    imr-graph precedents "Norco" --decision overturned --format csv -o norco.csv
    imr-graph precedents "Valium, chronic pain guidelines page 24, taper" --limit 5
    """
    from imr_graph.analysis.precedents.precedents import open_precedent_records
    from imr_graph.analysis.precedents.precedents import precedents as find
    from imr_graph.analysis.precedents.request import read_request
    from imr_graph.store.table import open_table

    request = read_request(text)
    opened = open_requested_store(store, endpoint, graph)
    if endpoint:
        from imr_graph.external_store.subset import fetch_relevant_cases

        opened = fetch_relevant_cases(opened, request)
    given = {name: value for name, value in options.items() if value not in (None, ())}
    if format_:
        with open_table(opened) as table, open_precedent_records(table, request, **given) as records:
            write_records(records, format_, output, bom=bom)
        return
    found = find(opened, request, **given, limit=limit)
    print_answer(asdict(found), format_precedents(found, width=text_width()), as_json)


def format_precedents(found: Precedents, *, width: int = TEXT_WIDTH) -> list[str]:
    """Return an answer as lines for a terminal of so many columns."""
    lines = [*_head(found, width), *_associations(found.grounds, found.compared, width)]
    if found.found:
        lines += ["", f"Precedents ({len(found.found)} shown):"]
    for number, one in enumerate(found.found, 1):
        lines += [*_title(one, f"{number:3}. ", width), *_wrap(one.reason, width), *_words(one, width)]
    if found.contrasts:
        lines += ["", "Decided differently on the same treatment and the same page or section:"]
    for pair in found.contrasts:
        lines += _contrast(pair, width)
    return lines


def _head(found: Precedents, width: int) -> Iterator[str]:
    """Yield what was understood, the figures, and the similarity tiers."""
    yield from textwrap.wrap(f"{found.request.text}", width, subsequent_indent="  ")
    yield from textwrap.wrap(f"Read as: {found.read_as}", width, subsequent_indent="  ")
    figures = found.figures
    missing = [each for each in found.remarks if each.startswith("None decided")]
    if figures:
        yield ""
        for remark in missing:
            yield from textwrap.wrap(remark, width)
        yield from textwrap.wrap(
            f"{_decisions(figures)} in {figures.cases:,} case{'' if figures.cases == 1 else 's'} on the {figures.name} "
            f"({' or '.join(figures.shared)}), {figures.overturned:,} overturned: {figures.share:.1%} "
            f"(95% interval {figures.low:.1%} to {figures.high:.1%})",
            width,
        )
    for remark in found.remarks:
        if remark not in missing:
            yield from textwrap.wrap(remark, width)
    if figures and len(found.steps) > 1:
        yield ""
        longest = max(len(tier.name) for tier in found.steps)
        for tier in found.steps:
            interval = f"{tier.share:6.1%} ({tier.low:.1%} to {tier.high:.1%})" if tier.decisions else ""
            yield f"{tier.name:{longest}}{_decisions(tier):>16}  {interval:24}{'; '.join(tier.shared)}"[:width]


def _associations(found: Sequence[Association], compared: int, width: int) -> Iterator[str]:
    """Yield what overturned and upheld decisions rest on."""
    for direction in ("overturned", "upheld"):
        chosen = [one for one in found if one.towards == direction]
        if chosen:
            weak = " (nothing clear; weak signs)" if all(one.weak for one in chosen) else ""
            yield from ("", f"What {direction} decisions rest on more often{weak}:")
        for a in chosen:
            yield from textwrap.wrap(format_association(a), width, initial_indent="  ", subsequent_indent=_INDENT)
    if found:
        many = "1 factor was" if compared == 1 else f"{compared:,} factors were"
        note = (
            f"{many} compared; chance is allowed for (Benjamini-Hochberg); odds ratios with 95% intervals by case. "
            "What only tells the region is left out."
        )
        yield from textwrap.wrap(note, width)


def format_association(of: Association) -> str:
    """Return a factor in plain words: "page ...: cited in 33% of overturned (8 of 24), 3% of upheld (2 of 64)"."""
    overturned, upheld = of.shares
    how = "reviewed by it" if of.kind == "specialty" else "cited"
    ratio, low, high = of.ratios
    return (
        f"{of.kind} {of.value.label}: {how} in {overturned:.0%} of overturned ({of.overturned:,} of "
        f"{of.all_overturned:,}), {upheld:.0%} of upheld ({of.upheld:,} of {of.all_upheld:,}); odds ratio {ratio:.2g} "
        f"({low:.2g} to {high:.2g})"
    )


def _contrast(pair: Contrast, width: int) -> Iterator[str]:
    places = "; ".join(value.label for value in pair.places)
    yield from textwrap.wrap(places, width, initial_indent="  on ", subsequent_indent=_INDENT)
    for one in (pair.overturned, pair.upheld):
        yield from (*_title(one, _INDENT, width), *_words(one, width))


def _title(one: Precedent, indent: str, width: int) -> list[str]:
    line = f"{one.case} item {one.position}, {one.decided or 'no date'}: {one.decision.upper()}: {one.service}"
    return textwrap.wrap(line, width, initial_indent=indent, subsequent_indent=_DEEPER)


def _words(one: Precedent, width: int) -> list[str]:
    quoted = " ".join(quotation.text for quotation in one.quotations)
    return _wrap(f'"{quoted}"{_places(one.quotations)}', width) if quoted else []


def _places(quotations: Sequence[Quotation]) -> str:
    places = dict.fromkeys(f"{q.start}-{q.end}" for q in quotations if q.start is not None)
    return f" [{', '.join(places)}]" if places else ""


def _wrap(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, initial_indent=_DEEPER, subsequent_indent=_DEEPER)


def _decisions(tier: Tier) -> str:
    return f"{tier.decisions:,} decision{'' if tier.decisions == 1 else 's'}"
