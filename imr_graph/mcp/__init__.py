"""The graph for assistants: a server of the Model Context Protocol with read-only, bounded tools.

The server needs the package `mcp` (the extra `assistants`), over HTTP what serving needs as well (`serve`); `tools`
works without them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from imr_graph.errors import UsageError

__all__ = ["serve", "serve_http"]

_ASSISTANTS: Final = frozenset({"mcp", "mcp_types", "pydantic"})
_SERVE: Final = frozenset({"httptools", "jinja2", "prometheus_client", "starlette", "uvicorn"})


def serve(store: Path | str, *, seconds: float = 60.0, memory: int = 1 << 30) -> None:
    """Answer an assistant on standard input and output until it closes them.

    A call may take `seconds` and `memory` bytes. Raises StoreError where there is no store, UsageError where the
    package `mcp` is not installed.
    """
    with _translate_missing():
        from imr_graph.mcp.server import make_server
    make_server(store, seconds=seconds, memory=memory).run(transport="stdio")


def serve_http(**settings: Any) -> None:
    """Serve a store to assistants over HTTP until a signal ends it.

    `settings` are those of the SPARQL endpoint (`endpoint.settings.ServerSettings`): `store`, `host`, `port` ... Raises
    StoreError where there is no store, UsageError for a wrong setting and where a package is not installed, ToolError
    where the address cannot be listened on.
    """
    with _translate_missing():
        from imr_graph.endpoint.settings import settings_from
        from imr_graph.mcp.http import serve as run
    run(settings_from(**settings))


@contextmanager
def _translate_missing() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in _ASSISTANTS | _SERVE:
            raise
        extra = "assistants" if package in _ASSISTANTS else "assistants,serve"
        raise UsageError(
            f"The server for assistants needs the package {package}: pip install 'imr-graph[{extra}]'."
        ) from None
