"""Commands that ask: named questions, SPARQL, shares, networks."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from imr_graph.cli.options import as_json, destination, output, store, terminal_width
from imr_graph.errors import UsageError

__all__ = ["network", "queries", "query", "stats"]


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
@output
@click.argument("more", nargs=-1, type=click.UNPROCESSED, metavar="[--PARAMETER VALUE]...")
def query(
    question: str,
    params: tuple[str, ...],
    format_: str,
    show_sparql: bool,
    store: Path,
    output: Path | None,
    more: tuple[str, ...],
) -> None:
    """Ask a question: one of the library by name, a file with SPARQL, or SPARQL itself.

    \b
    imr-graph query overturn-rate-by-treatment --minimum 5
    imr-graph query items-citing-page --page mtus-chronic-pain-2009-24 --format csv
    imr-graph query 'SELECT (COUNT(*) AS ?n) WHERE { ?case a imr:Case }'

    The names are listed by `imr-graph queries`; what a question takes is shown by `imr-graph queries NAME`.
    The prefixes imr:, id:, skos:, xsd: ... need no declaration.
    """
    from imr_graph.graph.store import open_store
    from imr_graph.questions import ask, results

    values = dict(_pair(param) for param in params) | _named(more)
    opened = open_store(store)
    if show_sparql:
        click.echo(ask.sparql_of(opened, question, values))
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
    from imr_graph.questions import library

    found = [library.find(name)] if name else [q for q in library.questions() if not tag or tag in q.tags]
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
    from imr_graph.questions import library

    return sorted({tag for question in library.questions() for tag in question.tags})


def _describe(question: object) -> None:
    from imr_graph.questions.library import Question

    assert isinstance(question, Question)
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
@click.option(
    "--by",
    "dimension",
    default="treatment",
    show_default=True,
    help="treatment, category, guideline, section, page, specialty, state or year.",
)
@click.option("--minimum", type=click.IntRange(1), default=1, show_default=True, help="Leave out smaller groups.")
@click.option("--limit", type=click.IntRange(1), default=25, show_default=True, help="Rows to show.")
@store
@as_json
def stats(dimension: str, minimum: int, limit: int, store: Path, as_json: bool) -> None:
    """Count decisions and the overturned share by one dimension, with Wilson 95 % intervals.

    \b
    imr-graph stats --by guideline
    imr-graph stats --by specialty --minimum 5 --json

    The letters are disputes that reached review: the shares say nothing of requests that were approved.
    """
    from imr_graph.graph.store import open_store
    from imr_graph.questions.statistics import SMALL, overturn_shares

    shares = overturn_shares(open_store(store), dimension, minimum=minimum)
    if as_json:
        click.echo(json.dumps([asdict(share) for share in shares[:limit]], indent=1))
        return
    if not shares:
        click.echo("The store holds no decision to count.")
        return
    click.echo(f"{'decisions':>9} {'overturned':>10} {'share':>7}  {'95 % interval':15} {dimension}")
    for s in shares[:limit]:
        mark = "*" if s.small else " "
        interval = f"{s.low:6.1%} - {s.high:6.1%}"
        click.echo(f"{s.decisions:9} {s.overturned:10} {s.share:7.1%}{mark} {interval:15} {s.label}")
    if len(shares) > limit:
        click.echo(f"({len(shares) - limit} more rows: --limit)")
    if any(s.small for s in shares[:limit]):
        click.echo(f"* fewer than {SMALL} decisions: the share says little.")


@click.command()
@click.argument("name", required=False)
@click.option(
    "--format",
    "format_",
    default="graphml",
    show_default=True,
    help="graphml, gexf, json (node-link), svg or png (the strongest ties).",
)
@store
@output
def network(name: str | None, format_: str, store: Path, output: Path | None) -> None:
    """Write a network of the graph for networkx, Gephi, Cytoscape, or as a picture; without NAME, list them.

    \b
    imr-graph network treatment-guideline --format svg -o network.svg
    imr-graph network case-guideline --format graphml > cases.graphml
    """
    from imr_graph.graph.store import open_store
    from imr_graph.questions import networks

    if name is None:
        for each, (title, _) in networks.PROJECTIONS.items():
            click.echo(f"{each:28} {title}")
        return
    projected = networks.project(open_store(store), name)
    with destination(output) as stream:
        networks.write(projected, format_, stream)
