"""`imr-graph vocabulary`: checking the vocabularies, and making Turtle from their tables."""

from __future__ import annotations

import os
from pathlib import Path

import click

from imr_graph import resources
from imr_graph.errors import ToolError

__all__ = ["vocabulary"]

_folder = click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=None,
    help="Folder of the vocabularies; default: the one in use (ontology/ in a checkout).",
)


@click.group(short_help="Check or make the vocabularies.")
def vocabulary() -> None:
    """Check the vocabularies that letters are read with, or make the Turtle of their tables.

    \b
    imr-graph vocabulary make        after a change of sections.csv or drugs.csv
    imr-graph vocabulary check       every problem with its file, line and nearest right name
    """


@vocabulary.command(short_help="Name every problem with its line.")
@_folder
def check(folder: Path | None) -> int:
    """Check the vocabularies of a folder and its layouts of letters.

    Prints one line a problem: file, line, what is wrong, the nearest right name. Exit code 1 where there is one.
    """
    from imr_graph.extraction.layout_table import read_table
    from imr_graph.extraction.reasons.knowledge import check_reason_phrases
    from imr_graph.vocabulary.check import check_vocabulary, list_notations

    place = folder or resources.ontology()
    problems = [*map(str, check_vocabulary(place))]
    try:
        read_table(place / "layouts.toml")
    except ToolError as error:
        problems.append(str(error).removeprefix(f"{place}{os.sep}"))
    if (place / "reason-phrases.toml").is_file():
        problems += map(str, check_reason_phrases(place, list_notations(place, "reason")))
    for problem in problems:
        click.echo(problem)
    click.echo(f"{len(problems)} problem{'' if len(problems) == 1 else 's'}.", err=True)
    return int(bool(problems))


@vocabulary.command(short_help="Make the Turtle of the tables.")
@_folder
def make(folder: Path | None) -> int:
    """Make sections.ttl and drugs.ttl from their tables."""
    from imr_graph.vocabulary.tables import TABLES, make_turtle

    place = folder or resources.ontology()
    for table in TABLES:
        if table.entries and (place / f"{table.name}.csv").is_file():
            (place / f"{table.name}.ttl").write_text(make_turtle(place, table), encoding="utf-8")
            click.echo(f"{table.name}.ttl", err=True)
    return 0
