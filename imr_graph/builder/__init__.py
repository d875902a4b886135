"""Building stores at scale: shards by content, worker processes, resuming, keeping up with new letters."""

from imr_graph.builder.report import BuildReport, Progress
from imr_graph.builder.run import build
from imr_graph.builder.status import Status, status

__all__ = ["BuildReport", "Progress", "Status", "build", "status"]
