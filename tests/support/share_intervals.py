"""Intervals of shares by other means: statsmodels' cluster-robust variance, scipy's Student and Wilson's formula."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import statsmodels.api as sm
from scipy.stats import t

Z = 1.959963984540054


def independent_size(cases: Sequence[str], hits: Sequence[bool]) -> float:
    """Return how many independent items a share is worth, from a row for each item: its case, whether it is counted."""
    count, of, several = sum(hits), len(hits), len(set(cases))
    if several == of:
        return float(of)
    if not 0 < count < of or several < 2:
        sizes = [list(cases).count(case) for case in set(cases)]
        return max(1.0, of * of / sum(each * each for each in sizes))
    groups = np.unique(np.array(cases), return_inverse=True)[1]
    fit = sm.OLS(np.array(hits, float), np.ones(of)).fit(cov_type="cluster", cov_kwds={"groups": groups})
    share, variance = count / of, float(fit.bse[0]) ** 2
    if variance < 1e-15:
        return float(of)
    return min(float(of), max(1.0, share * (1 - share) / variance * (Z / t.ppf(0.975, several - 1)) ** 2))


def interval_of(cases: Sequence[str], hits: Sequence[bool]) -> tuple[float, float]:
    """Return the bounds of a share's interval from a row for each item: its case, and whether it is counted."""
    count, of, size = sum(hits), len(hits), independent_size(cases, hits)
    share = count / of
    center = (share + Z * Z / (2 * size)) / (1 + Z * Z / size)
    reach = Z * math.sqrt(share * (1 - share) / size + Z * Z / (4 * size * size)) / (1 + Z * Z / size)
    return center - reach if count else 0.0, center + reach if count < of else 1.0
