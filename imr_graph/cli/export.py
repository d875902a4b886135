"""Writing the whole graph to a file."""

from __future__ import annotations

from pathlib import Path

import click

from imr_graph.cli.options import NameType, jobs, output, quiet, store
from imr_graph.cli.output import ProgressMeter, open_output

__all__ = ["export"]


_DICTIONARY = "dictionary"  # what the columns of the table mean, as Markdown


def _format_names() -> tuple[str, ...]:
    from imr_graph.graph import export as graph_export
    from imr_graph.store import table_export

    return (*graph_export.FORMATS, *table_export.FORMATS, _DICTIONARY)


@click.command(short_help="Write the graph or the table to a file.")
@click.option(
    "--format",
    "format_",
    type=NameType("export format", _format_names),
    default="turtle",
    show_default=True,
    help="A form of the graph, of the table of disputed items, or the dictionary of the table's columns.",
)
@click.option(
    "--with-vocabulary", is_flag=True, help="Add the ontology and its vocabularies, so that the file stands alone."
)
@jobs
@quiet
@store
@output
def export(
    format_: str, with_vocabulary: bool, jobs: int | None, quiet: bool, store: Path, output: Path | None
) -> None:
    """Write the graph, or one row for each disputed item; the same graph gives the same bytes.

    \b
    imr-graph export > graph.ttl
    imr-graph export --format jsonld --with-vocabulary -o graph.jsonld
    imr-graph export --format parquet -o items.parquet
    """
    from imr_graph.graph.export import export as write
    from imr_graph.store.graph_store import open_store
    from imr_graph.store.table_export import FORMATS, export_table
    from imr_graph.table.columns import format_dictionary

    opened = open_store(store)
    with open_output(output) as stream:
        if format_ in FORMATS:
            export_table(opened, format_, stream)
        elif format_ == _DICTIONARY:
            stream.write(format_dictionary("markdown").encode())
        else:
            meter = ProgressMeter(quiet=quiet)

            def show(stage: str, done: int, total: int) -> None:
                meter.show(f"{stage}: {done:,} of {total:,} triples")

            write(opened, format_, stream, include_vocabulary=with_vocabulary, jobs=jobs, progress=show)
            meter.close()
