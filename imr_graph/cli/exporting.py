"""Writing the whole graph to a file."""

from __future__ import annotations

from pathlib import Path

import click

from imr_graph.cli.options import destination, output, store

__all__ = ["export"]


@click.command()
@click.option("--format", "format_", default="turtle", show_default=True, help="turtle, ntriples, jsonld or rdfxml.")
@click.option(
    "--with-vocabulary", is_flag=True, help="Add the ontology and its vocabularies, so that the file stands alone."
)
@store
@output
def export(format_: str, with_vocabulary: bool, store: Path, output: Path | None) -> None:
    """Write the graph, or one row for each disputed item; the same graph gives the same bytes.

    \b
    imr-graph export > graph.ttl
    imr-graph export --format jsonld --with-vocabulary -o graph.jsonld
    imr-graph export --format parquet -o items.parquet
    """
    from imr_graph.graph.export import export as write
    from imr_graph.store.graph_store import open_store
    from imr_graph.store.table_export import FORMATS, export_table
    from imr_graph.table import dictionary

    opened = open_store(store)
    with destination(output) as stream:
        if format_ in FORMATS:
            export_table(opened, format_, stream)
        elif format_ == "dictionary":
            stream.write(dictionary.written("markdown").encode())
        else:
            write(opened, format_, stream, include_vocabulary=with_vocabulary)
