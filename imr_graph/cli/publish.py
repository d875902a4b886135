"""Publishing a store to an external SPARQL server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from imr_graph.cli.options import quiet, store
from imr_graph.cli.output import ProgressMeter
from imr_graph.errors import UsageError

if TYPE_CHECKING:
    from imr_graph.external_store.address import Address
    from imr_graph.external_store.publication import Publication

__all__ = ["publish"]

_PATIENCE = 10.0  # seconds that the server may take to say so


@click.command(short_help="Load a store into an external server.")
@click.argument("url", required=False)
@store
@click.option("--endpoint", metavar="URL", help="Where the server answers queries, if not beside URL as usual.")
@click.option("--graph", metavar="IRI", help="Rewrite this graph in place ('default' for the default graph).")
@click.option("--replace", is_flag=True, help="Send everything even where the server holds this generation already.")
@click.option("--files", "folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path),
              help="Write files for the server's own bulk loader instead, and how to load them.")  # fmt: skip
@click.option("--query-seconds", type=click.FloatRange(0), default=20.0, show_default=True,
              help="Look whether the server ends queries that take longer; 0 does not look.")  # fmt: skip
@quiet
def publish(
    url: str | None,
    store: Path,
    endpoint: str | None,
    graph: str | None,
    replace: bool,
    folder: Path | None,
    query_seconds: float,
    quiet: bool,
) -> None:
    """Load a store into an external SPARQL server by the Graph Store Protocol, where one machine is not enough.

    URL is where the server takes graphs. Everything goes to a new graph, which takes over in one step once it is
    complete; the one before stays until the next time. A server that lets queries go on without end is said to: it
    takes --query-seconds to know. Name and password come from the URL or the environment
    (IMR_GRAPH_ENDPOINT_USER, IMR_GRAPH_ENDPOINT_PASSWORD, or IMR_GRAPH_ENDPOINT_TOKEN).

    \b
    imr-graph publish http://localhost:7878/store                      oxigraph serve
    imr-graph publish http://localhost:8890/sparql-graph-crud-auth     Virtuoso
    imr-graph publish --files bulk                                     files for a bulk loader
    """
    from imr_graph.store.graph_store import open_store

    if (url is None) is (folder is None):
        raise UsageError("Say where to publish to: a URL, or a folder with --files DIR.")
    opened = open_store(store)
    meter = ProgressMeter(quiet=quiet)

    def progress(done: int, total: int) -> None:
        meter.show(f"{done:,} of {total:,} triples")

    if folder is not None:
        if endpoint or replace:
            raise UsageError("--endpoint and --replace go with a URL, not with --files.")
        from imr_graph.external_store.publish import MANUAL, write_files

        written = write_files(opened, folder, graph=graph, progress=progress)
        click.echo(f"{written.triples:,} triples of {written.cases:,} cases in {folder}; {MANUAL} there says how to "
                   "load them.")  # fmt: skip
        return
    from imr_graph.external_store.address import parse_address, query_url
    from imr_graph.external_store.publish import publish as upload

    graphs = parse_address(url or "")
    queries = parse_address(endpoint) if endpoint else graphs.at(query_url(graphs.url))
    held = upload(opened, graphs, queries, graph=graph, replace=replace, progress=progress)
    one = held.publication
    done = "holds now" if held.fresh else "holds already"
    click.echo(f"{queries.shown} {done}: generation {one.generation}, {one.triples:,} triples of {one.cases:,} cases, "
               f"in {'the default graph' if one.graph is None else one.graph}")  # fmt: skip
    if query_seconds:
        _warn_of_missing_limit(queries, one, query_seconds)


def _warn_of_missing_limit(queries: Address, published: Publication, seconds: float) -> None:
    """Say on standard error where a server lets queries go on that take longer."""
    from imr_graph.external_store.http import StoreClient
    from imr_graph.external_store.publication import describe_missing_limit

    client = StoreClient(queries, seconds=2 * seconds + _PATIENCE)
    try:
        missing = describe_missing_limit(client, published, seconds)
    finally:
        client.close()
    if missing:
        click.echo(f"Warning: {missing}; imr-graph serve --endpoint refuses it as it is.", err=True)
