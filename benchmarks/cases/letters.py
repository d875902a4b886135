"""The prepared texts, for probes of every environment."""

from __future__ import annotations

import json
from pathlib import Path

__all__ = ["read_texts"]


def read_texts(prepared: Path) -> list[tuple[str, str]]:
    """Return each letter's name and text."""
    with (prepared / "texts.jsonl").open(encoding="utf-8") as file:
        return [(one["source"], one["text"]) for one in map(json.loads, file)]
