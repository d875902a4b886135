"""Writing the whole graph to a file, and what such files hold: the schema of records, the dictionary of the table."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from imr_graph.cli.options import NameType, jobs, output, quiet, store
from imr_graph.cli.output import ProgressMeter, open_output

__all__ = ["export", "schema"]


@click.command(short_help="Write the graph or the table to a file.")
@click.option(
    "--format",
    "format_",
    type=NameType("export format", "imr_graph.api", "EXPORTS"),
    default="turtle",
    show_default=True,
    help="A form of the graph, of the table of disputed items, of a property graph (its nodes and its edges), the "
    "places of facts in their letters (Web Annotations), or the dictionary of the table's columns.",
)
@click.option(
    "--with-vocabulary", is_flag=True, help="Add the ontology and its vocabularies, so that the file stands alone."
)
@click.option(
    "--release",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write a folder for a repository instead: graph, table, ontology, shapes, mappings, metadata (RO-Crate, "
    "Croissant, DCAT), checksums, citation.",
)
@jobs
@quiet
@store
@output
def export(
    format_: str,
    with_vocabulary: bool,
    release: Path | None,
    jobs: int | None,
    quiet: bool,
    store: Path,
    output: Path | None,
) -> None:
    """Write the graph, or one row for each disputed item; the same graph gives the same bytes.

    \b
    imr-graph export > graph.ttl
    imr-graph export --format jsonld --with-vocabulary -o graph.jsonld
    imr-graph export --format parquet -o items.parquet
    imr-graph export --format kgx-nodes -o nodes.tsv
    imr-graph export --format kgx-edges -o edges.tsv
    imr-graph export --format annotations -o annotations.ttl
    imr-graph export --release imr-graph-release
    """
    from imr_graph import api
    from imr_graph.graph import export as graph_files
    from imr_graph.store.graph_store import open_store

    if release:
        from imr_graph.release.folder import write_release

        write_release(open_store(store), release)
        return
    with open_output(output) as stream:
        if format_ not in graph_files.FORMATS:
            api.export(store, format_, stream)
            return
        meter = ProgressMeter(quiet=quiet)

        def show(done: int, total: int) -> None:
            meter.show(f"{done:,} of {total:,} triples")

        opened = open_store(store)
        graph_files.export(
            opened, format_, stream, include_vocabulary=with_vocabulary, jobs=jobs or os.cpu_count() or 1, progress=show
        )
        meter.close()


@click.command(short_help="Print the schema of records or of the table.")
@click.argument("what", type=click.Choice(["record", "table"]), default="record")
@click.option(
    "--format",
    "format_",
    type=NameType("format of the data dictionary", "imr_graph.table.columns", "FORMATS"),
    default="markdown",
    show_default=True,
    help="Form of the data dictionary of the table.",
)
@output
def schema(what: str, format_: str, output: Path | None) -> None:
    """Print what `imr-graph extract` writes (record), or what `imr-graph export --format parquet` does (table).

    \b
    imr-graph schema > record.schema.json
    imr-graph schema table
    imr-graph schema table --format csv -o columns.csv
    """
    from imr_graph.records import record_schema
    from imr_graph.table.columns import format_dictionary

    record = json.dumps(record_schema(), ensure_ascii=False, indent=1) + "\n"
    with open_output(output) as stream:
        stream.write((record if what == "record" else format_dictionary(format_)).encode())
