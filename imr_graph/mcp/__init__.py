"""The graph for assistants: a server of the Model Context Protocol with read-only, bounded tools.

The server needs the package `mcp` (the extra `assistants`); `tools` works without it.
"""

from __future__ import annotations

from pathlib import Path

from imr_graph.errors import UsageError

__all__ = ["serve"]


def serve(store: Path | str, *, seconds: float = 60.0, memory: int = 1 << 30) -> None:
    """Answer an assistant on standard input and output until it closes them.

    A call may take `seconds` and `memory` bytes. Raises StoreError where there is no store, UsageError where the
    package `mcp` is not installed.
    """
    try:
        from imr_graph.mcp.server import make_server
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in ("mcp", "pydantic"):
            raise
        raise UsageError(
            "The server for assistants needs the package mcp: pip install 'imr-graph[assistants]'."
        ) from None
    make_server(store, seconds=seconds, memory=memory).run(transport="stdio")
