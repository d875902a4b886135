"""Where every choice of the generator comes from: one stream of numbers per letter, fixed by (seed, index)."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, TypeVar

__all__ = ["Chance", "cumulative"]

T = TypeVar("T")


class Chance:
    """The choices of one letter; equal (seed, index) make equal choices on every machine and in every order."""

    def __init__(self, seed: int, index: int) -> None:
        self.random = Random(abs(seed) << 40 | index).random

    def pick(self, options: Sequence[T]) -> T:
        """Return one of the options, all equally likely."""
        return options[int(self.random() * len(options))]

    def happens(self, probability: float) -> bool:
        """Return True with the given probability."""
        return self.random() < probability

    def between(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both included."""
        return low + int(self.random() * (high - low + 1))

    def several(self, options: Sequence[T], count: int) -> list[T]:
        """Return `count` different options in chance order (all of them where there are fewer)."""
        left = list(options)
        return [left.pop(int(self.random() * len(left))) for _ in range(min(count, len(left)))]

    def weighted(self, table: Sequence[tuple[float, Any]]) -> Any:
        """Return a value of a table made by `cumulative`."""
        point = self.random()
        for limit, value in table:
            if point < limit:
                return value
        return table[-1][1]


def cumulative(weights: Sequence[tuple[float, T]]) -> tuple[tuple[float, T], ...]:
    """Return (weight, value) pairs as (upper limit in 0..1, value), for `Chance.weighted`."""
    total = sum(weight for weight, _ in weights)
    running, table = 0.0, []
    for weight, value in weights:
        running += weight / total
        table.append((running, value))
    return tuple(table)
