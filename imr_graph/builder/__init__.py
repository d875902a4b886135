"""Building stores at scale: shards by content, worker processes, resuming, keeping up with new letters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imr_graph.builder.report import BuildReport, Progress
from imr_graph.builder.status import Status, status

if TYPE_CHECKING:
    from imr_graph.builder.run import build

__all__ = ["BuildReport", "Progress", "Status", "build", "status"]


def __getattr__(name: str) -> Any:
    """Import what builds when a store is built: asking how one stands needs none of it."""
    if name == "build":
        from imr_graph.builder.run import build

        return build
    raise AttributeError(f"module 'imr_graph.builder' has no attribute {name!r}")
