"""The one error for a query that gets no answer, and the reasons that lie with the server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from imr_graph.errors import ImrGraphError

__all__ = ["QueryError", "failure"]


class QueryError(ImrGraphError):
    """A query that is not answered, or not wholly.

    `status` is the status of HTTP, `code` the reason's name in logs and metrics, `message` the sentence for whoever
    asked.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


_FAILURES: Final[Mapping[str, tuple[int, str]]] = {
    "time": (504, "The query took longer than a query may here: ask for less at a time."),
    "memory": (507, "The query took more memory than a query may here: ask for less at a time."),
    "depth": (400, "The query is nested too deep to be evaluated: write it flatter."),
    "crowded": (503, "Many long queries are running, and this one was not quick: come back later."),
    "queue": (503, "Too many queries are waiting: come back later."),
    "client": (429, "Too many queries of yours are running or waiting: let them end first."),
    "left": (499, "The client left."),
    "lost": (500, "The query could not be evaluated; the server goes on."),
}


def failure(code: str) -> QueryError:
    """Return the error for a reason that lies with the server: its limits, or a worker that ended."""
    status, message = _FAILURES[code]
    return QueryError(status, code, message)
