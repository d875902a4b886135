"""Records that pages hand to the components of `templates/components.html`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol, Self

from imr_graph.analysis.dimensions.values import Value
from imr_graph.analysis.statistics.overturn_rates import RateGroup

__all__ = ["Crumb", "Figures", "GroupTable", "Pager", "Words"]

Words = tuple[str, str]
"""A link: its words and its address."""

Crumb = tuple[str, str | None]
"""A step on the way to a page: its words, and its address where it has a page."""


class Figures(Protocol):
    """Decisions counted: how many, how many were overturned, and the share with its interval."""

    @property
    def decisions(self) -> int:
        """The number of decisions."""

    @property
    def overturned(self) -> int:
        """How many of them overturned the denial."""

    @property
    def cases(self) -> int:
        """How many cases they are of."""

    @property
    def share(self) -> float:
        """The share of these, from 0 to 1."""

    @property
    def low(self) -> float:
        """The lower end of its 95% interval."""

    @property
    def high(self) -> float:
        """The upper end of its 95% interval."""

    @property
    def small(self) -> bool:
        """Whether they are of fewer than 30 cases."""


@dataclass(frozen=True, slots=True)
class GroupTable:
    """Groups of decisions with their shares.

    `heads` names the columns of values; a row pairs the values of a group (None: all) with its figures. `count` heads
    the number of decisions. A `compact` table leaves out how many were overturned, and fits beside another. `label`
    says what the table is where it has no caption. `short_name` gives the names of values where they are not shown as
    they are; `kind` is a class of its own for style sheets. Without `shares` only decisions and
    cases are shown: those of one reason all ended alike.
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[tuple[Value | None, ...], Figures], ...]
    caption: str = ""
    label: str = ""
    count: str = "Decided"
    compact: bool = False
    kind: str = ""
    short_name: Callable[[Value], str] | None = None
    shares: bool = True

    @classmethod
    def of(
        cls,
        groups: Iterable[RateGroup],
        *heads: str,
        caption: str = "",
        label: str = "",
        count: str = "Decided",
        compact: bool = False,
        short_name: Callable[[Value], str] | None = None,
        shares: bool = True,
    ) -> Self:
        """Return the table of groups by one or more dimensions, whose names are `heads`."""
        rows = tuple((group.values or (None,), group) for group in groups)
        return cls(heads, rows, caption, label, count, compact, short_name=short_name, shares=shares)

    def name(self, value: Value | None) -> str:
        """Return the name that stands for a value's own; empty where its own is shown."""
        return self.short_name(value) if self.short_name and value is not None else ""


@dataclass(frozen=True, slots=True)
class Pager:
    """A piece of a list: the places of its first and last row, of how many, and the addresses before and after it."""

    unit: str
    first: int
    last: int
    total: int | None
    before: str | None
    after: str | None
