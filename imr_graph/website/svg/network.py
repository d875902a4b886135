"""A neighborhood as a drawing: the centre in the middle, its neighbors around it, by coordinates."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from imr_graph import iris as terms
from imr_graph.analysis.networks.ego_network import EgoNetwork, Neighbor

__all__ = ["NetworkDrawing", "Spot", "TieLine", "draw_network", "wrap_label"]

WIDTH, HEIGHT = 760, 486
_X, _Y = WIDTH / 2, 240.0
_ACROSS, _DOWN = 205.0, 178.0  # of the ellipse that neighbors stand on
_SMALLEST, _LARGEST = 15.0, 24.0  # radius of a neighbor
_THINNEST, _THICKEST = 1.5, 9.0
_LINE: Final = 24  # characters of a name in one line
_LINES: Final = 2
_BRACKETS: Final = re.compile(r"\s*\([^()]*\)")
_TIES: Final = 14  # ties among neighbors that are drawn, the strongest


@dataclass(frozen=True, slots=True)
class TieLine:
    """A tie from place to place, as thick as it is strong; `beside` says that it leads past the centre."""

    x1: float
    y1: float
    x2: float
    y2: float
    thickness: float
    beside: bool


@dataclass(frozen=True, slots=True)
class Spot:
    """A neighbor where it stands; its name is written beside it in `lines`, from `text_x`, `text_y` on."""

    number: int
    name: str
    neighbor: Neighbor
    x: float
    y: float
    radius: float
    text_x: float
    text_y: float
    anchor: Literal["start", "middle", "end"]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NetworkDrawing:
    """The drawing of a neighborhood."""

    name: str
    title: tuple[str, ...]
    around: EgoNetwork
    width: int
    height: int
    x: float
    y: float
    lines: tuple[TieLine, ...]
    spots: tuple[Spot, ...]


def draw_network(around: EgoNetwork) -> NetworkDrawing:
    """Return the drawing of a neighborhood, the same each time: neighbors clockwise from the top, strongest first."""
    most = max((each.figures.decisions for each in around.neighbors), default=1)
    spots = tuple(
        _spot(number, each, len(around.neighbors), each.figures.decisions / most)
        for number, each in enumerate(around.neighbors)
    )
    spokes = [
        TieLine(_X, _Y, spot.x, spot.y, _thickness(spot.neighbor.figures.decisions / most), beside=False)
        for spot in spots
    ]
    strongest = sorted(around.edges, key=lambda tie: (-tie[2], tie))[:_TIES]
    rim = [_rim(spots, one, other, count / strongest[0][2]) for one, other, count in strongest]
    return NetworkDrawing(
        terms.local_name(around.node), wrap_label(around.label), around, WIDTH, HEIGHT, _X, _Y, (*rim, *spokes), spots
    )


def _spot(place: int, neighbor: Neighbor, all_of_them: int, strength: float) -> Spot:
    angle = 2 * math.pi * place / all_of_them - math.pi / 2
    x, y = _X + _ACROSS * math.cos(angle), _Y + _DOWN * math.sin(angle)
    radius = _SMALLEST + (_LARGEST - _SMALLEST) * math.sqrt(strength)
    lines = wrap_label(neighbor.label)
    side = round(math.cos(angle), 6)
    if abs(side) < 0.2:  # above or below: the name is in the middle
        down = y > _Y
        text_y = y + radius + 17 if down else y - radius - 8 - 15 * (len(lines) - 1)
        place_of_text: tuple[float, Literal["start", "middle", "end"]] = (x, "middle")
    else:
        text_y = y + 5 - 7.5 * (len(lines) - 1)
        place_of_text = (x + radius + 8, "start") if side > 0 else (x - radius - 8, "end")
    name = terms.local_name(neighbor.node)
    text_x, anchor = place_of_text
    return Spot(place + 1, name, neighbor, _r(x), _r(y), _r(radius), _r(text_x), _r(text_y), anchor, lines)


def _rim(spots: Sequence[Spot], one: int, other: int, strength: float) -> TieLine:
    a, b = spots[one], spots[other]
    return TieLine(a.x, a.y, b.x, b.y, _r(_thickness(strength) / 3), beside=True)


def wrap_label(label: str) -> tuple[str, ...]:
    """Return a name, without what it says in brackets, in at most two short lines.

    >>> wrap_label("Epidural steroid injection (interlaminar, transforaminal, caudal)")
    ('Epidural steroid', 'injection')
    """
    lines = [""]
    for word in (_BRACKETS.sub("", label) or label).split():
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) <= _LINE or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    if len(lines) > _LINES:
        lines[_LINES - 1 :] = [" ".join(lines[_LINES - 1 :])]
    return tuple(line if len(line) <= _LINE else line[: _LINE - 2].rstrip() + "…" for line in lines)


def _thickness(strength: float) -> float:
    return _r(_THINNEST + (_THICKEST - _THINNEST) * strength)


def _r(value: float) -> float:
    return math.floor(value * 10 + 0.5) / 10
