"""Serving a store: as a SPARQL endpoint with pages, and to assistants."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import click

from imr_graph.cli.options import endpoint_options, parse_pair, store
from imr_graph.cli.output import print_note
from imr_graph.errors import UsageError

__all__ = ["mcp", "serve"]


@click.command(short_help="Serve pages and a SPARQL endpoint.")
@store
@endpoint_options
@click.option("--host", help="Address to listen on; this machine only without it.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 8000 without it, 0 for a free one.")
@click.option(
    "--set", "given", metavar="NAME=VALUE", multiple=True, help="Any other setting; may be given more than once."
)
@click.option("--settings", "listed", is_flag=True, help="List the settings with their defaults instead.")
def serve(
    store: Path,
    endpoint: str | None,
    graph: str | None,
    host: str | None,
    port: int | None,
    given: tuple[str, ...],
    listed: bool,
) -> None:
    """Serve a store as a read-only SPARQL endpoint with limits, until it is stopped.

    With --endpoint the queries go to an external store, behind the same limits; the pages read the folder of --store,
    which has to hold the same generation, and are not there without it.

    Each setting can also stand in the environment: IMR_GRAPH_SERVE_QUERY_SECONDS sets query_seconds.

    \b
    imr-graph serve
    imr-graph serve --port 9000 --set query_seconds=5 --set hosts=imr.example.org
    imr-graph serve --endpoint http://localhost:7878/query --store imr-store
    imr-graph serve --settings
    """
    if not hasattr(signal, "SIGALRM"):
        raise UsageError(
            "Serving needs Linux or macOS, whose limits on processes bound each query; ask with query here."
        )
    try:
        from imr_graph.endpoint.server import create_app
        from imr_graph.endpoint.server import serve as run
        from imr_graph.endpoint.settings import describe_settings, settings_from
        from imr_graph.website.app import create_site
    except ImportError:
        raise UsageError("Serving needs more libraries: install them with pip install 'imr-graph[serve]'.") from None
    if listed:
        for name, (default, sentence) in describe_settings().items():
            click.echo(f"{name:20} {default!s:14} {sentence}")
        return
    values: dict[str, Any] = {}
    values.update(parse_pair("--set", each) for each in given)
    if endpoint:
        values |= _endpoint_settings(endpoint, graph)
    settings = settings_from(store=store, host=host, port=port, **values)
    has_pages = not settings.endpoint or _has_pages(settings.store)
    run(settings, create_site if has_pages else create_app)


def _endpoint_settings(endpoint: str, graph: str | None) -> dict[str, str]:
    """Return the settings of an external store; a name and password in the URL go where the workers look for them."""
    from imr_graph.external_store.address import PASSWORD_VARIABLE, USER_VARIABLE, parse_address

    asked = parse_address(endpoint, graph=graph)
    os.environ |= {USER_VARIABLE: asked.user or "", PASSWORD_VARIABLE: asked.password or ""} if asked.user else {}
    return {"endpoint": asked.url, "endpoint_graph": asked.graph or ""}


def _has_pages(store: Path) -> bool:
    from imr_graph.store.generations import manifest_of

    if manifest_of(store) is not None:
        return True
    print_note(
        f"There is no store at {store} for the pages: the endpoint at /sparql is served alone. Name one with --store."
    )
    return False


@click.command(short_help="Serve a store to an assistant (MCP).")
@store
@click.option("--http", is_flag=True, help="Serve over HTTP (streamable, at /mcp), not on standard input and output.")
@click.option("--host", help="With --http: address to listen on; this machine only without it.")
@click.option("--port", type=click.IntRange(0, 65535), help="With --http: port; 8000 without it, 0 for a free one.")
@click.option(
    "--set",
    "given",
    metavar="NAME=VALUE",
    multiple=True,
    help="With --http: any setting that 'imr-graph serve --settings' lists; may be given more than once.",
)
@click.pass_context
def mcp(
    ctx: click.Context, store: Path, http: bool, host: str | None, port: int | None, given: tuple[str, ...]
) -> None:
    """Serve the graph to an assistant by the Model Context Protocol.

    The tools only read, their answers are bounded, and each call keeps to the limits of 'imr-graph --limit-seconds
    SECONDS --limit-memory MIB mcp', over HTTP to those of 'imr-graph serve'. It needs the extra "assistants";
    docs/assistants.md says how to enter it in a client.

    \b
    imr-graph mcp --store imr-store
    imr-graph mcp --http --port 9000 --set query_seconds=5
    """
    from imr_graph.mcp import serve, serve_http

    if http:
        serve_http(store=store, host=host, port=port, **dict(parse_pair("--set", each) for each in given))
        return
    if host is not None or port is not None or given:
        raise UsageError("--host, --port and --set are for a server over HTTP: add --http.")
    limits = ctx.find_root().params
    serve(store, seconds=limits["limit_seconds"], memory=limits["limit_memory"] << 20)
