"""Building stores at scale: shards by content, worker processes, resuming, keeping up with new letters."""

from imr_graph.pipeline.building import build
from imr_graph.pipeline.progress import Progress
from imr_graph.pipeline.report import BuildReport
from imr_graph.pipeline.standing import Status, status

__all__ = ["BuildReport", "Progress", "Status", "build", "status"]
