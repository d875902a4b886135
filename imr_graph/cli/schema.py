"""What records and tables hold: the JSON Schema of the record, the data dictionary of the table."""

from __future__ import annotations

from pathlib import Path

import click

from imr_graph.cli.options import NameType, output
from imr_graph.cli.output import open_output

__all__ = ["schema"]


def _format_names() -> tuple[str, ...]:
    from imr_graph.table.columns import FORMATS

    return tuple(FORMATS)


@click.command(short_help="Print the schema of records or of the table.")
@click.argument("what", type=click.Choice(["record", "table"]), default="record")
@click.option(
    "--format",
    "format_",
    type=NameType("format of the data dictionary", _format_names),
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
    import json

    from imr_graph.records import record_schema
    from imr_graph.table.columns import format_dictionary

    record = json.dumps(record_schema(), ensure_ascii=False, indent=1) + "\n"
    with open_output(output) as stream:
        stream.write((record if what == "record" else format_dictionary(format_)).encode())
