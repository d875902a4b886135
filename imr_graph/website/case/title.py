"""What a case is called: its number, what was in dispute, and how that ended."""

from __future__ import annotations

from typing import Final

from imr_graph.model import Determination

__all__ = ["title_case"]

_LONGEST: Final = 70  # characters of a service


def title_case(d: Determination, key: str) -> str:
    """Return the title of a case, such as `CM16-0000001: MRI of the left knee and 2 more, upheld`.

    `key` names a letter without a case number.
    """
    name = d.case_number or f"Letter {key[:16]} without a case number"
    if not d.items:
        return name
    first = d.items[0].service or d.items[0].heading
    more = f" and {len(d.items) - 1} more" if len(d.items) > 1 else ""
    return f"{name}: {_shorten(first)}{more}, {d.outcome or 'outcome not stated'}"


def _shorten(service: str) -> str:
    words = " ".join(service.split()).rstrip(".,;:")
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST].rsplit(' ', 1)[0].rstrip('.,;:')}…"
