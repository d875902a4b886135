"""What is said of the data as a whole, wherever it is said: VoID, DCAT, schema.org, Croissant, RO-Crate, citations."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

__all__ = ["DESCRIPTION", "HOMEPAGE", "KEYWORDS", "LICENSE", "PUBLISHER", "TITLE", "built_on", "cite"]

TITLE: Final = "Independent Medical Review determinations as a knowledge graph"
DESCRIPTION: Final = (
    "Final determinations of California workers' compensation Independent Medical Review, read from their letters by "
    "rules: cases, treatments in dispute, decisions, and the guidelines that each side cites, every fact with its "
    "place in the letter."
)
KEYWORDS: Final = (
    "independent medical review",
    "workers' compensation",
    "utilization review",
    "medical necessity",
    "treatment guidelines",
    "California",
)
LICENSE: Final = "https://creativecommons.org/publicdomain/zero/1.0/"
"""No right in the facts is claimed; the letters are public records of the state."""
PUBLISHER: Final = "The imr-graph developers"
HOMEPAGE: Final = "https://w3id.org/imr-graph"


def built_on(store: Path) -> date:
    """Return the day (UTC) on which the generation of a store's folder was built."""
    return datetime.fromtimestamp((store / "store.json").stat().st_mtime, UTC).date()


def cite(generation: int, built: date, cases: int, address: str = HOMEPAGE) -> str:
    """Return how to cite the data: a title, the generation with its day, how many cases, an address.

    >>> cite(3, date(2026, 1, 5), 1200)[-66:]
    'generation 3 (2026-01-05), 1,200 cases. https://w3id.org/imr-graph'
    """
    return f"{PUBLISHER}: {TITLE}, generation {generation} ({built}), {cases:,} cases. {address}"
