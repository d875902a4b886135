"""Command: whether a store is whole, and deriving again what damage took."""

from __future__ import annotations

from pathlib import Path

import click

from imr_graph.cli.options import as_json, quiet, store
from imr_graph.cli.output import print_json

__all__ = ["verify"]


@click.command(short_help="Check that every file is as it was written.")
@click.option("--repair", is_flag=True, help="Derive again what is damaged and can be derived.")
@store
@as_json
@quiet
def verify(repair: bool, store: Path, as_json: bool, quiet: bool) -> int:
    """Compare each file of the store with the digest it was written with, and graph, catalog, table and index.

    Each damage is one sentence: the file, what is wrong, the way out. Exit with 1 where something is damaged.
    With --repair, table, index, digests and what the graph knows of the catalog are derived again; a damaged graph
    has to come from a copy, or from a new build.

    \b
    imr-graph verify
    imr-graph verify --repair
    """
    from imr_graph.store.repair import repair as derive_again
    from imr_graph.store.verify import verify as check

    found = derive_again(store) if repair else check(store)
    if as_json:
        print_json(found.as_record())
    elif not (quiet and found.intact):
        click.echo("\n".join(found.as_lines()))
    return 0 if found.intact else 1
