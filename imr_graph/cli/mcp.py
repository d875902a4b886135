"""Serving a store to an assistant."""

from __future__ import annotations

from pathlib import Path

import click

from imr_graph.cli.options import store

__all__ = ["mcp"]


@click.command(short_help="Serve a store to an assistant (MCP).")
@store
@click.pass_context
def mcp(ctx: click.Context, store: Path) -> None:
    """Serve the graph to an assistant by the Model Context Protocol, on standard input and output.

    The tools only read, their answers are bounded, and each call keeps to the limits of 'imr-graph --limit-seconds
    SECONDS --limit-memory MIB mcp'. It needs the extra "assistants"; docs/assistants.md says how
    to enter it in a client.

    \b
    imr-graph mcp --store imr-store
    """
    from imr_graph.mcp import serve

    limits = ctx.find_root().params
    serve(store, seconds=limits["limit_seconds"], memory=limits["limit_memory"] << 20)
