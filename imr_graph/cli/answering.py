"""Commands that answer from the letters: precedents, full-text search, and the server for assistants."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from imr_graph.cli.options import as_json, external, filtering, opened_store, store, terminal_width, wanted

if TYPE_CHECKING:
    from imr_graph.analysis.search.search import Hit, SearchPage

__all__ = ["mcp", "precedents", "search"]

_WIDTH = 96
_SIDES = ("left", "right", "bilateral")
_DECISIONS = ("upheld", "overturned")


@click.command()
@click.argument("text", metavar="TEXT")
@click.option("--region", multiple=True, metavar="NAME", help="Only this body region: lumbar-spine, knee ...")
@click.option("--laterality", type=click.Choice(_SIDES), help="Only this side.")
@click.option("--guideline", multiple=True, metavar="NAME", help="Only where the expert reviewer cites it.")
@click.option("--specialty", multiple=True, metavar="NAME", help="Only reviewers of this specialty.")
@click.option("--state", multiple=True, metavar="NAME", help="Only reviewers licensed there: California, US-CA, CA.")
@click.option("--decision", type=click.Choice(_DECISIONS), help="List only these; the figures stay those of all.")
@click.option("--since", metavar="DATE", help="Decided on this day or later.")
@click.option("--until", metavar="DATE", help="Decided on this day or earlier.")
@click.option("--leave-out", multiple=True, metavar="CASE", help="A case that does not count.")
@click.option("--limit", default=20, show_default=True, help="Precedents to list.")
@store
@external
@as_json
def precedents(
    text: str,
    region: tuple[str, ...],
    laterality: str | None,
    guideline: tuple[str, ...],
    specialty: tuple[str, ...],
    state: tuple[str, ...],
    decision: str | None,
    since: str | None,
    until: str | None,
    leave_out: tuple[str, ...],
    limit: int,
    store: Path,
    endpoint: str | None,
    graph: str | None,
    as_json: bool,
) -> None:
    """Find earlier decisions like a request: how they went, what they rest on, and the words that carry them.

    TEXT names the treatment as letters do, with what matters of it; a region, a side, a guideline with a page and
    words of reasons count for the ranking.

    \b
    imr-graph precedents "Norco 10/325 #60"
    imr-graph precedents "MRI of the left knee" --decision overturned --since 2016-01-01
    imr-graph precedents "Valium, chronic pain guidelines page 24, taper" --limit 5
    """
    from imr_graph.analysis.precedents.precedents import precedents as find
    from imr_graph.analysis.precedents.request import read_request

    request = read_request(text)
    opened = opened_store(store, endpoint, graph)
    if endpoint:
        from imr_graph.external_store.subset import near

        opened = near(opened, request)
    found = find(
        opened,
        request,
        region=region or None,
        laterality=laterality,
        guideline=guideline or None,
        specialty=specialty or None,
        state=state or None,
        decision=decision,
        since=since,
        until=until,
        leave_out=leave_out,
        limit=limit,
    )
    if as_json:
        click.echo(json.dumps(asdict(found), ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(found.as_lines(width=min(terminal_width() or _WIDTH, _WIDTH))))


@click.command()
@click.argument("words", nargs=-1, metavar="[WORD]...")
@filtering
@click.option("--facet", multiple=True, metavar="NAME", help="Count the hits by this dimension.")
@click.option("--limit", default=10, show_default=True, help="Hits on a page.")
@click.option("--offset", default=0, show_default=True, help="Where the page begins.")
@store
@as_json
def search(
    words: tuple[str, ...],
    filters: tuple[str, ...],
    since: str | None,
    until: str | None,
    facet: tuple[str, ...],
    limit: int,
    offset: int,
    store: Path,
    as_json: bool,
) -> None:
    """Search headings, rationales, clinical summaries and citations for words.

    All words have to be there; OR, NOT, brackets, "a phrase", begin* and rationale:word are understood (put the whole
    search in single quotes).

    \b
    imr-graph search functional improvement
    imr-graph search '"red flags" OR cauda*' --filter treatment=MRI --filter decision=overturned
    imr-graph search --filter specialty="Pain Medicine" --facet treatment --limit 5
    """
    from imr_graph.analysis.search.search import search as find

    page = find(
        store, " ".join(words), wanted(filters), since=since, until=until, limit=limit, offset=offset, facets=facet
    )
    if as_json:
        click.echo(json.dumps(asdict(page), ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(_page(page)))


@click.command()
@store
def mcp(store: Path) -> None:
    """Serve the graph to an assistant by the Model Context Protocol, on standard input and output.

    The tools only read, and their answers are bounded. It needs the extra "assistants"; docs/assistants.md says how
    to enter it in a client.

    \b
    imr-graph mcp --store imr-store
    """
    from imr_graph.mcp.serving import serve

    serve(store)


def _page(page: SearchPage) -> Iterator[str]:
    if not page.hits:
        yield "Nothing was found." if not page.total else f"{page.total:,} found; none from {page.offset} on."
        return
    yield f"{page.total:,} found, {page.offset + 1} to {page.offset + len(page.hits)} shown"
    for hit in page.hits:
        yield ""
        yield from _hit(hit)
    for name, counts in page.facets.items():
        yield ""
        yield f"by {name}: " + ", ".join(f"{facet.value.label} {facet.count:,}" for facet in counts[:10])
    if page.next_offset is not None:
        yield ""
        yield f"The next page: --offset {page.next_offset}"


def _hit(hit: Hit) -> Iterator[str]:
    item = f" item {hit.position}" if hit.position else ""
    line = (
        f"{hit.case}{item}, {hit.decided or 'no date'}: {(hit.decision or 'no decision').upper()}: {hit.heading or ''}"
    )
    yield from textwrap.wrap(line, _WIDTH, subsequent_indent="  ")
    marks = ("\x1b[1m", "\x1b[0m") if terminal_width() else ("**", "**")
    for snippet in hit.snippets:
        text = " ".join(snippet.marked(*marks).split())
        yield from textwrap.wrap(f"{snippet.field}: {text}", _WIDTH, initial_indent="  ", subsequent_indent="  ")
