"""What each side cites for an item: the printed line and the party's part of the record, per layout."""

from __future__ import annotations

from typing import Any

from .chance import Chance, cumulative
from .forms import Heading
from .mtus import mtus
from .non_mtus import non_mtus

__all__ = ["administrator_line", "reviewer_line"]

Line = tuple[str, dict[str, Any]]  # the words after the label, and the party of the record

# mtus, both, outside, none: how often each side of an item has which kind of line.
_REVIEWER = cumulative(((289, "mtus"), (51, "both"), (69, "outside"), (29, "none")))
_ADMINISTRATOR = cumulative(((164, "mtus"), (109, "both"), (87, "outside"), (79, "none")))
_OUTSIDE_2015 = "did not base their decision on the MTUS."
_OUTSIDE_2017 = "based their decision on recommendation(s) outside of the MTUS Guidelines."


def reviewer_line(chance: Chance, heading: Heading, layout: str, year: int) -> Line:
    """Return what follows "MAXIMUS guideline:" and the record of it."""
    return _line(chance, heading, layout, year, "The Expert Reviewer", chance.weighted(_REVIEWER))


def administrator_line(chance: Chance, heading: Heading, layout: str, year: int) -> Line:
    """Return what follows "Claims Administrator guideline:" and the record of it."""
    return _line(chance, heading, layout, year, "The Claims Administrator", chance.weighted(_ADMINISTRATOR))


def _line(chance: Chance, heading: Heading, layout: str, year: int, who: str, kind: str) -> Line:
    if kind == "none":
        return f"{who} did not cite any medical evidence for its decision.", {
            "stance": "no evidence cited",
            "citations": [],
        }
    early = layout in ("L3", "L4")
    gap = "  " if early else " "
    if kind == "outside":
        words, cited = non_mtus(chance, heading, early)
        stance = _OUTSIDE_2015 if early else _OUTSIDE_2017
        return (
            f"{who} {stance}{gap}Decision based on Non-MTUS Citation {words}{_stop(chance, early)}",
            {"stance": "outside the MTUS", "citations": cited},
        )
    words, cited = mtus(chance, heading, layout, year)
    line = f"Decision based on MTUS {words}."
    if kind == "both":
        more, also = non_mtus(chance, heading, early)
        line += f"{gap}Decision based on Non-MTUS Citation {more}{_stop(chance, early)}"
        cited = cited + also
    return line, {"stance": None, "citations": cited}


def _stop(chance: Chance, early: bool) -> str:
    return "" if early and chance.happens(0.5) else "."
