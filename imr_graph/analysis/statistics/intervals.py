"""How sure a share is: Wilson's interval, and the cases that are behind the items it counts.

Items of one letter are decided together, so a hundred items of five letters say less than a hundred of as many. The
interval is taken on an effective number of items: the number of independent items whose share would vary as much
(the design effect of cluster samples, L. Kish, Survey Sampling, 1965, chapter 5), fewer where there are few cases to
tell it from (E. L. Korn and B. I. Graubard, Survey Methodology 24 (1998), 193-201). Wilson's interval alone, which
takes items for independent, holds the true share in 72 to 85 of 100 samples where the items of a letter are alike; this
one in 92 to 98 (docs/statistics.md).
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

__all__ = ["SMALL_SAMPLE", "Z95", "CaseSums", "effective_size", "share_interval", "sums_by_case", "wilson"]

SMALL_SAMPLE: Final = 30
"""Groups of fewer cases than this are marked: their shares say little."""

Z95: Final = 1.959963984540054
"""The normal distribution's 97.5th percentile, of which 95% intervals are made."""


class CaseSums(NamedTuple):
    """What is summed over the cases of a group, of their `m` items and the `o` among them that a share counts.

    `cases` is how many there are, `sizes` the sum of m * m, `joint` that of m * o, `hits` that of o * o.
    """

    cases: int
    sizes: int
    joint: int
    hits: int


def sums_by_case(items: str = "m", hits: str = "o") -> str:
    """Return the SQL of the counts of a group, and its `CaseSums`, from a row for each of its cases.

    Its six columns are the items, those that the share counts, and the four sums.
    """
    m, o = items, hits
    columns = (f"sum({m})", f"sum({o})", "count(*)", f"sum({m} * {m})", f"sum({m} * {o})", f"sum({o} * {o})")
    return ", ".join(f"cast({each} as bigint)" for each in columns)


def share_interval(count: int, of: int, sums: CaseSums | None = None) -> tuple[float, float]:
    """Return the bounds of the 95% interval of a share; without sums each item is a case of its own.

    >>> [round(bound, 3) for bound in share_interval(1, 10)]
    [0.018, 0.404]
    >>> [round(bound, 3) for bound in share_interval(10, 20, CaseSums(4, 100, 50, 50))]  # all alike in each letter
    [0.062, 0.938]
    """
    return wilson(count, of, effective_size(count, of, sums) if sums else None)


def effective_size(count: int, of: int, sums: CaseSums) -> float:
    """Return the number of independent items whose share would vary as much as that of items which come in cases.

    Where all items or none are counted, nothing shows how alike those of one case are: each case then counts as if its
    items were one (the size of all squared, over the sum of squares). Never more than the items, never fewer than one.

    >>> effective_size(10, 20, CaseSums(20, 20, 10, 10))
    20.0
    """
    if not of or sums.cases == of:
        return float(of)
    alike = of * of / sums.sizes
    share = count / of
    if not 0 < count < of or sums.cases < 2:
        return max(1.0, alike)
    squares = sums.hits - 2 * share * sums.joint + share * share * sums.sizes
    variance = squares / (of * of) * sums.cases / (sums.cases - 1)
    if variance <= 0:  # each letter has the very share of all: no more certain than independent items
        return float(of)
    return min(float(of), max(1.0, share * (1 - share) / variance * (Z95 / _student(sums.cases - 1)) ** 2))


def _student(freedom: int) -> float:
    """Return the 97.5th percentile of Student's t, from 3 on by the expansion of Cornish and Fisher (0.7% too low)."""
    if freedom < 3:
        return (12.706204736174694, 4.302652729749462)[freedom - 1]
    z, n = Z95, freedom
    first = (z**3 + z) / (4 * n)
    second = (5 * z**5 + 16 * z**3 + 3 * z) / (96 * n**2)
    return z + first + second + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * n**3)


def wilson(count: float, of: float, size: float | None = None) -> tuple[float, float]:
    """Return the bounds of the Wilson 95% interval of a share; (0, 1) where nothing was counted.

    `size` is the number of independent items that the share is worth, `of` where it is not given. Source: E. B.
    Wilson, Journal of the American Statistical Association 22 (1927), 209-212.

    >>> [round(bound, 3) for bound in wilson(1, 10)]
    [0.018, 0.404]
    """
    if not of:
        return 0.0, 1.0
    size = of if size is None else size
    share, squared = count / of, Z95 * Z95
    middle = share + squared / (2 * size)
    reach = Z95 * math.sqrt(share * (1 - share) / size + squared / (4 * size * size))
    scale = 1 + squared / size
    # None and all have their bound at the very end, which rounding would miss.
    low = (middle - reach) / scale if count else 0.0
    high = (middle + reach) / scale if count < of else 1.0
    return low, high
