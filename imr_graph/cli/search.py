"""Full-text search over what letters say."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from imr_graph.cli.options import Days, as_json, file_options, filter_options, store
from imr_graph.cli.output import TEXT_WIDTH, print_json, terminal_width, write_records

if TYPE_CHECKING:
    from imr_graph.analysis.search.meaning import SearchTerm
    from imr_graph.analysis.search.search import Hit, SearchPage
    from imr_graph.analysis.statistics.overturn_rates import RateGroup

__all__ = ["search"]


@click.command(short_help="Search the words of letters.")
@click.argument("words", nargs=-1, metavar="[WORD]...")
@filter_options
@click.option("--facet", multiple=True, metavar="NAME", help="Count the hits by this dimension.")
@click.option("--words", "literal", is_flag=True, help="Look for the words only, whatever they name.")
@click.option("--limit", default=10, show_default=True, help="Hits on a page.")
@click.option("--offset", default=0, show_default=True, help="Where the page begins.")
@file_options
@store
@as_json
def search(
    words: tuple[str, ...],
    filters: dict[str, list[str]],
    days: Days,
    facet: tuple[str, ...],
    literal: bool,
    limit: int,
    offset: int,
    format_: str | None,
    bom: bool,
    output: Path | None,
    store: Path,
    as_json: bool,
) -> None:
    """Search headings, rationales, clinical summaries and citations for words.

    All words have to be there; OR, NOT, brackets, "a phrase", begin* and rationale:word are understood (put the whole
    search in single quotes). Names of treatments, regions, guidelines and so on find the requests for them first,
    however they are written; decision:overturned, treatment:mri, year:2016 filter.

    \b
    imr-graph search functional improvement
    imr-graph search PT low back decision:overturned
    imr-graph search '"red flags" OR cauda*' --filter treatment=MRI --filter decision=overturned
    imr-graph search --filter specialty="Pain Medicine" --facet treatment --limit 5
    imr-graph search epidural --format csv -o epidural.csv
    """
    from imr_graph.analysis.search.case_numbers import find_cases
    from imr_graph.analysis.search.meaning import filters_of
    from imr_graph.analysis.search.search import search as find
    from imr_graph.analysis.statistics.overturn_rates import overturn_rates
    from imr_graph.store.graph_store import open_store
    from imr_graph.store.table import open_table

    text = " ".join(words)
    if format_:
        _write_all(store, text, filters, format_, output, literal=literal, bom=bom, **days)
        return
    opened = open_store(store)
    page = find(opened, text, filters, limit=limit, offset=offset, facets=facet, literal=literal, **days)
    if as_json:
        print_json(asdict(page))
        return
    wanted = filters_of(page.terms)
    with open_table(opened) as table:
        cases = find_cases(table, page.text)
        figures = overturn_rates(table, filters=wanted).groups if wanted.values else ()
    known = [f"The case {case}: imr-graph show {case}" for case in cases]
    click.echo("\n".join([*known, *_format_meaning(page, figures), *_format_page(page, cases)]))


def _write_all(
    store: Path, text: str, filters: Any, format: str, output: Path | None, *, bom: bool, **options: Any
) -> None:
    """Write all hits, with what is known of each decision."""
    from imr_graph.analysis.search.results import hit_records
    from imr_graph.analysis.search.search import open_hits
    from imr_graph.store.table import open_table

    with open_table(store) as table, open_hits(table.store, text, filters, **options) as found:
        write_records(hit_records(table, found), format, output, bom=bom)


def _format_page(page: SearchPage, cases: Collection[str]) -> Iterator[str]:
    if not page.hits:
        if not page.total and cases:
            return
        yield "Nothing was found." if not page.total else f"{page.total:,} found; none from {page.offset} on."
        return
    yield f"{page.total:,} found, {page.offset + 1} to {page.offset + len(page.hits)} shown"
    for hit in page.hits:
        yield ""
        yield from _format_hit(hit)
    for name, counts in page.facets.items():
        yield ""
        yield f"by {name}: " + ", ".join(f"{facet.value.label} {facet.count:,}" for facet in counts[:10])
    if page.next_offset is not None:
        yield ""
        yield f"The next page: --offset {page.next_offset}"


def _format_meaning(page: SearchPage, figures: Iterable[RateGroup]) -> Iterator[str]:
    """Yield what the words were taken for, how that was decided, and what was left out for anything to fit."""
    if page.terms:
        terms = ", ".join(_format_term(term) for term in page.terms)
        first = f" {page.requests:,} requests for it come first." if page.requests else ""
        yield f"Understood: {terms} (--words searches for the words only).{first}"
    for of in figures:
        few = "; few cases, which say little" if of.small else ""
        bounds = f"{of.low:.1%} to {of.high:.1%}"
        yield f"{of.decisions:,} decided, {of.overturned:,} overturned: {of.share:.1%} ({bounds}{few})."
    if page.left_out:
        yield f"Nothing has all words; some of these are left out: {', '.join(page.left_out)}."


def _format_term(term: SearchTerm) -> str:
    also = f" ({', '.join(term.also)})" if term.also else ""
    return f'"{term.written}" as {term.label}{also}'


def _format_hit(hit: Hit) -> Iterator[str]:
    item = f" item {hit.position}" if hit.position else ""
    title = " ".join((hit.service or hit.heading or "").split())
    line = f"{hit.case}{item}, {hit.decided or 'no date'}: {(hit.decision or 'no decision').upper()}: {title}"
    yield from textwrap.wrap(line, TEXT_WIDTH, subsequent_indent="  ")
    marks = ("\x1b[1m", "\x1b[0m") if terminal_width() else ("**", "**")
    for snippet in hit.snippets:
        text = " ".join(snippet.mark_matches(*marks).split())
        yield from textwrap.wrap(f"{snippet.field}: {text}", TEXT_WIDTH, initial_indent="  ", subsequent_indent="  ")
