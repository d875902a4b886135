"""Commands that ask: named questions, SPARQL, shares, networks."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from imr_graph.cli.options import (
    as_json,
    destination,
    external,
    filtering,
    opened_store,
    output,
    store,
    terminal_width,
    wanted,
)
from imr_graph.errors import UsageError

if TYPE_CHECKING:
    from imr_graph.analysis.queries.library import Question

__all__ = ["network", "queries", "query"]


@click.command()
@click.argument("question", metavar="NAME|FILE|SPARQL")
@click.option(
    "--param",
    "-p",
    "params",
    metavar="NAME=VALUE",
    multiple=True,
    help="A parameter of a named question; --NAME VALUE says the same.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "json", "csv", "tsv", "xml", "turtle"]),
    default="table",
    show_default=True,
    help="Form of the answer.",
)
@click.option("--show-sparql", is_flag=True, help="Print the SPARQL with its parameters set instead of asking it.")
@store
@external
@output
@click.argument("more", nargs=-1, type=click.UNPROCESSED, metavar="[--PARAMETER VALUE]...")
def query(
    question: str,
    params: tuple[str, ...],
    format_: str,
    show_sparql: bool,
    store: Path,
    endpoint: str | None,
    graph: str | None,
    output: Path | None,
    more: tuple[str, ...],
) -> None:
    """Ask a question: one of the library by name, a file with SPARQL, or SPARQL itself.

    \b
    imr-graph query overturn-rate-by-treatment --minimum 5
    imr-graph query items-citing-page --page mtus-chronic-pain-2009-24 --format csv
    imr-graph query 'SELECT (COUNT(*) AS ?n) WHERE { ?case a imr:Case }'
    imr-graph query overturn-rate-by-year --endpoint https://sparql.example.org/query

    The names are listed by `imr-graph queries`; what a question takes is shown by `imr-graph queries NAME`.
    The prefixes imr:, id:, skos:, xsd: ... need no declaration.
    """
    from imr_graph.analysis.queries import ask, results

    values = dict(_pair(param) for param in params) | _named(more)
    opened = opened_store(store, endpoint, graph)
    if show_sparql:
        click.echo(ask.resolve_sparql(opened, question, values))
        return
    raw = ask.run(opened, question, values)
    with destination(output) as stream:
        results.write(raw, format_, stream, base=opened.base, width=None if output else terminal_width())


query.context_settings = {"ignore_unknown_options": True}


def _pair(param: str) -> tuple[str, str]:
    name, mark, value = param.partition("=")
    if not mark:
        raise UsageError(f"--param {param}: write it as NAME=VALUE.")
    return name.strip(), value


def _named(more: tuple[str, ...]) -> dict[str, str]:
    """Read `--NAME VALUE` and `--NAME=VALUE`."""
    values: dict[str, str] = {}
    waiting: str | None = None
    for word in more:
        if waiting is not None:
            values[waiting], waiting = word, None
        elif word.startswith("--") and len(word) > 2:
            name, mark, value = word[2:].partition("=")
            name = name.replace("-", "_")
            if mark:
                values[name] = value
            else:
                waiting = name
        else:
            raise UsageError(
                f"{word!r} is not understood: put a query in quotes, and write parameters as --NAME VALUE."
            )
    if waiting is not None:
        raise UsageError(f"--{waiting} needs a value.")
    return values


@click.command()
@click.argument("name", required=False)
@click.option("--tag", help="Only questions with this tag.")
@as_json
def queries(name: str | None, tag: str | None, as_json: bool) -> None:
    """List the ready-made questions, or show what one of them asks and takes.

    \b
    imr-graph queries
    imr-graph queries --tag rates
    imr-graph queries similar-cases
    """
    from imr_graph.analysis.queries import library

    found = [library.find_question(name)] if name else [q for q in library.questions() if not tag or tag in q.tags]
    if not found:
        raise UsageError(f"No question has the tag {tag!r}; the tags are {', '.join(_tags())}.")
    if as_json:
        click.echo(json.dumps([asdict(question) for question in found], indent=1))
    elif name:
        _describe(found[0])
    else:
        width = max(len(question.name) for question in found)
        for question in found:
            click.echo(f"{question.name:{width}}  {question.title}")


def _tags() -> list[str]:
    from imr_graph.analysis.queries import library

    return sorted({tag for question in library.questions() for tag in question.tags})


def _describe(question: Question) -> None:
    click.echo(f"{question.title}\n\n{question.description}\n")
    for p in question.parameters:
        given = (
            f"default {p.default}" if p.default else f"required, for example {p.example}" if p.required else "optional"
        )
        click.echo(f"  --{p.name} {p.type.upper()}  ({given}) {p.description}")
    for column in question.columns:
        click.echo(f"  column {column.name}: {column.description}")
    click.echo(f"\ntags: {', '.join(question.tags)}\n\n{question.sparql.rstrip()}")


@click.command()
@click.argument("name", required=False)
@click.option("--weight", default="count", show_default=True, help="count, jaccard or npmi.")
@click.option(
    "--measure",
    "measures",
    metavar="NAME",
    multiple=True,
    help="degree, strength, betweenness, pagerank, community, core; may be given more than once.",
)
@click.option("--bridges", is_flag=True, help="Show what joins treatments that nothing else joins.")
@filtering
@click.option(
    "--format",
    "format_",
    default="table",
    show_default=True,
    help="table, graphml, gexf, json (node-link), html (an explorer), svg or png (the strongest ties).",
)
@store
@output
def network(
    name: str | None,
    weight: str,
    measures: tuple[str, ...],
    bridges: bool,
    filters: tuple[str, ...],
    since: str | None,
    until: str | None,
    format_: str,
    store: Path,
    output: Path | None,
) -> None:
    """Show or write a network for networkx, Gephi, Cytoscape, or as a picture; without NAME, list them.

    \b
    imr-graph network treatment-guideline --measure pagerank --measure community
    imr-graph network case-guideline --format graphml > cases.graphml
    imr-graph network treatment-guideline --filter year=2016 --format html -o explorer.html
    """
    from imr_graph.analysis.dimensions.filters import parse_filters
    from imr_graph.analysis.networks import measures as measuring
    from imr_graph.analysis.networks import networks
    from imr_graph.store.table import open_table

    if name is None:
        for each, projection in networks.PROJECTIONS.items():
            click.echo(f"{each:28} {projection.title}")
        return
    with open_table(store) as table:
        chosen = parse_filters(table.store, wanted(filters), since=since, until=until)
        projected = networks.project(table, name, weight=weight, filters=chosen)
    if bridges:
        for bridge in measuring.bridges(projected)[:25]:
            example = f", such as {' and '.join(bridge.example)}" if bridge.example else ""
            click.echo(f"{bridge.only:5} pairs  {bridge.label} ({bridge.kind}){example}")
        return
    if measures:
        projected = measuring.with_measures(projected, list(measures))
    with destination(output) as stream:
        networks.write(projected, format_, stream)
