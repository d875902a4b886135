"""Questions: of the library by name, and SPARQL."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from imr_graph.cli.completion import complete_parameters, complete_questions, complete_tags
from imr_graph.cli.options import (
    NameType,
    as_json,
    endpoint_options,
    json_format,
    open_requested_store,
    output,
    parse_pair,
    store,
)
from imr_graph.cli.output import open_output, print_json, terminal_width
from imr_graph.errors import UsageError

if TYPE_CHECKING:
    from imr_graph.analysis.queries.library import Question

__all__ = ["queries", "query"]


@click.command(short_help="Ask a question, by name or as SPARQL.")
@click.argument("question", metavar="NAME|FILE|SPARQL|-", shell_complete=complete_questions)
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
    type=NameType("format of answers", "imr_graph.analysis.queries.results", "FORMATS"),
    default="table",
    show_default=True,
    help="Form of the answer. csv is SPARQL's own, exact: import it as text. spreadsheet is CSV to be opened.",
)
@json_format
@click.option("--show-sparql", is_flag=True, help="Print the SPARQL with its parameters set instead of asking it.")
@store
@endpoint_options
@output
@click.argument(
    "more", nargs=-1, type=click.UNPROCESSED, metavar="[--PARAMETER VALUE]...", shell_complete=complete_parameters
)
def query(
    question: str,
    params: tuple[str, ...],
    format_: str,
    as_json: bool,
    show_sparql: bool,
    store: Path,
    endpoint: str | None,
    graph: str | None,
    output: Path | None,
    more: tuple[str, ...],
) -> None:
    """Ask a question: one of the library by name, a file with SPARQL, SPARQL itself, or - for standard input.

    \b
    imr-graph query overturn-rate-by-treatment --minimum 5
    imr-graph query items-citing-page --page mtus-chronic-pain-2009-24 --format csv
    imr-graph query 'SELECT (COUNT(*) AS ?n) WHERE { ?case a imr:Case }'
    imr-graph query ./my-question.rq
    imr-graph query overturn-rate-by-year --endpoint https://sparql.example.org/query

    A file is named by a path with a slash, or ends in .rq; every other single word is the name of a question.
    The names are listed by `imr-graph queries`; what a question takes is shown by `imr-graph queries NAME`.
    The prefixes imr:, id:, skos:, xsd: ... need no declaration.
    """
    from imr_graph.analysis.queries import ask, results

    values = dict(parse_pair("--param", param) for param in params) | _parse_parameters(more)
    if question == "-":
        question = _read_standard_input()
    opened = open_requested_store(store, endpoint, graph)
    if show_sparql:
        click.echo(ask.resolve_sparql(opened, question, values))
        return
    raw = ask.run(opened, question, values)
    with open_output(output) as stream:
        results.write_answer(
            raw, "json" if as_json else format_, stream, base=opened.base, width=None if output else terminal_width()
        )


query.context_settings = {"ignore_unknown_options": True}


def _read_standard_input() -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"standard input: the query cannot be read as UTF-8 text ({error}).") from None


def _parse_parameters(more: tuple[str, ...]) -> dict[str, str]:
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


@click.command(short_help="List the ready-made questions.")
@click.argument("name", required=False, shell_complete=complete_questions)
@click.option("--tag", shell_complete=complete_tags, help="Only questions with this tag.")
@as_json
def queries(name: str | None, tag: str | None, as_json: bool) -> None:
    """List the ready-made questions, or show what one of them asks and takes.

    \b
    imr-graph queries
    imr-graph queries --tag rates
    imr-graph queries similar-cases
    """
    from imr_graph.analysis.queries import library

    found = [library.find_question(name)] if name else [q for q in library.list_questions() if not tag or tag in q.tags]
    if not found:
        raise UsageError(f"No question has the tag {tag!r}; the tags are {', '.join(library.list_tags())}.")
    if as_json:
        print_json([asdict(question) for question in found])
    elif name:
        _print_question(found[0])
    else:
        width = max(len(question.name) for question in found)
        for question in found:
            click.echo(f"{question.name:{width}}  {question.title}")


def _print_question(question: Question) -> None:
    click.echo(f"{question.title}\n\n{question.description}\n")
    for p in question.parameters:
        given = (
            f"default {p.default}" if p.default else f"required, for example {p.example}" if p.required else "optional"
        )
        click.echo(f"  --{p.name} {p.type.upper()}  ({given}) {p.description}")
    for column in question.columns:
        click.echo(f"  column {column.name}: {column.description}")
    click.echo(f"\ntags: {', '.join(question.tags)}\n\n{question.sparql.rstrip()}")
