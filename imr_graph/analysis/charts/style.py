"""What pictures share: colours that all people can tell apart, settings, axes of time, files of equal bytes."""

from __future__ import annotations

import re
import textwrap
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from imr_graph.analysis.statistics.overturn_rates import RateGroup
from imr_graph.errors import UsageError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "BLUE",
    "GRID",
    "INK",
    "LIMITS",
    "NOT_IN_XML",
    "ORANGE",
    "PALE",
    "PALETTE",
    "PAPER",
    "PERIODS",
    "SETTINGS",
    "SOFT",
    "elide_middle",
    "named_periods",
    "new_figure",
    "period_number",
    "sanitize",
    "save",
]

LIMITS: Final = (
    "Letters that reached independent medical review only: not all requests, and not medical or legal advice."
)
"""What every picture says of its figures."""

# A page in the dark replaces these (`html`), so each is used for one thing.
INK, SOFT, GRID, PAPER = "#1b1f24", "#57606a", "#d0d7de", "#ffffff"
BLUE, ORANGE = "#0072b2", "#d55e00"
PALE: Final = "#8fc1de"

PALETTE: Final = (BLUE, ORANGE, "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Okabe and Ito's palette, which people with any common colour vision tell apart: blue, vermilion, bluish green,
reddish purple, orange, sky blue."""

SETTINGS: Final[Mapping[str, Any]] = {
    "axes.edgecolor": GRID,
    "axes.labelcolor": SOFT,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.facecolor": PAPER,
    "font.family": "DejaVu Sans",  # comes with matplotlib, so pictures are the same everywhere
    "font.size": 10,
    "savefig.facecolor": PAPER,
    "svg.fonttype": "none",
    "svg.hashsalt": "imr-graph",
    "text.color": INK,
    "text.parse_math": False,  # a dollar sign is a dollar sign
    "xtick.color": SOFT,
    "ytick.color": SOFT,
}
"""matplotlib's settings while a picture is drawn."""

NOT_IN_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
"""Characters that XML 1.0 cannot hold (section 2.2), not even as references."""

# Line ends, tabs and DEL are drawn as nothing or as boxes.
_NOT_DRAWN: Final = re.compile(f"{NOT_IN_XML.pattern}|[\t\n\r\x7f]")
# What matplotlib would write of the day or of itself
_STAMPS: Final[Mapping[str, tuple[str, ...]]] = {"svg": ("Date", "Creator"), "png": ("Software",)}
_WIDTH: Final = 11.0  # inches


def new_figure(height: float, title: str, caption: str, *, width: float = _WIDTH) -> Figure:
    """Return a figure with a title above and a caption below its drawing, which is `height` inches high."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    heading = textwrap.wrap(sanitize(title), int(width * 7)) or [""]
    lines = [line for part in caption.split("\n") for line in textwrap.wrap(sanitize(part), int(width * 14))]
    whole = height + 0.35 + 0.27 * len(heading) + 0.19 * len(lines)
    figure = Figure(figsize=(width, whole), layout=ConstrainedLayoutEngine(w_pad=0.15, h_pad=0.1))
    left = 0.02
    figure.suptitle("\n".join(heading), x=left, ha="left", fontsize=15, fontweight="bold")
    figure.supxlabel("\n".join(lines), x=left, ha="left", fontsize=9, color=SOFT, linespacing=1.4)
    return figure


def sanitize(text: str) -> str:
    """Return a text without the characters that XML cannot hold and no font draws."""
    return _NOT_DRAWN.sub("\ufffd", text)


def elide_middle(label: str, most: int) -> str:
    """Return a label without its middle where it is too long: both its ends tell it from others."""
    label = sanitize(label)
    if len(label) <= most:
        return label
    return f"{label[: most * 2 // 3].rstrip()} … {label[len(label) - most // 3 + 3 :].lstrip()}"


def save(draw: Callable[[], Figure], stream: BinaryIO, format: str) -> None:
    """Draw a figure in the settings of all pictures and write it as "svg" or "png"; equal figures give equal bytes.

    Raises UsageError where matplotlib is not installed.
    """
    try:
        import matplotlib
    except ImportError:
        raise UsageError("A picture needs matplotlib: install it with pip install 'imr-graph[pictures]'.") from None
    settings: Any = dict(SETTINGS)
    with matplotlib.rc_context(settings), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font", category=UserWarning)
        draw().savefig(stream, format=format, dpi=150, metadata=dict.fromkeys(_STAMPS[format]))


PERIODS: Final = ("year", "month")
"""The dimensions that are drawn along an axis of time."""

_PERIOD: Final = re.compile(r"(\d{4})(?:-(\d\d))?", re.ASCII)
_SHORT_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_YEARS: Final = (1, 2, 5, 10, 20, 50, 100, 1000)  # from one name to the next
_MONTHS: Final = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 12000)


def period_number(group: RateGroup) -> int | None:
    """Return the number of the year, or of the month since the year 0, that is a group's last value.

    None where it has none.
    """
    value = group.values[-1]
    found = _PERIOD.fullmatch(value.label) if value.id is not None else None
    if found is None:
        return None
    return int(found[1]) if found[2] is None else int(found[1]) * 12 + int(found[2]) - 1


def named_periods(first: int, last: int, most: int) -> Iterator[tuple[int, str]]:
    """Yield the periods whose names fit below an axis, at even distances and at most so many, with their names.

    >>> list(named_periods(2013, 2018, 4))
    [(2014, '2014'), (2016, '2016'), (2018, '2018')]
    >>> [name for _, name in named_periods(2016 * 12, 2016 * 12 + 11, 6)]
    ['Jan 2016', 'Mar 2016', 'May 2016', 'Jul 2016', 'Sep 2016', 'Nov 2016']
    """
    monthly = first > 9999
    step = next(step for step in (_MONTHS if monthly else _YEARS) if (last - first + 1) / step <= most)
    for number in range(first + -first % step, last + 1, step):
        year, month = divmod(number, 12) if monthly else (number, 0)
        yield number, f"{_SHORT_MONTHS[month]} {year}" if monthly and step < 12 else str(year)
