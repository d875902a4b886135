"""Serving a store to an assistant."""

from __future__ import annotations

from pathlib import Path

import click

from imr_graph.cli.options import parse_pair, store
from imr_graph.errors import UsageError

__all__ = ["mcp"]


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
