"""Answering an assistant on standard input and output."""

from __future__ import annotations

from pathlib import Path

from imr_graph.errors import UsageError

__all__ = ["serve"]


def serve(store: Path | str) -> None:
    """Answer an assistant on standard input and output until it closes them.

    Raises StoreError where there is no store, UsageError where the package `mcp` is not installed.
    """
    try:
        from imr_graph.mcp.server import server_of
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in ("mcp", "pydantic"):
            raise
        raise UsageError(
            "The server for assistants needs the package mcp: pip install 'imr-graph[assistants]'."
        ) from None
    server_of(store).run(transport="stdio")
