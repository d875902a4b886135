"""The figures of a concept's page as CSV: every group, not only those that the page has room for."""

from __future__ import annotations

import csv
import io
from typing import Final

from imr_graph.analysis.dimensions.filters import Filters
from imr_graph.analysis.statistics.concept_profiles import SUBJECTS
from imr_graph.analysis.statistics.overturn_rates import RateGroup, overturn_rates, rate_group
from imr_graph.live_store import StoreSnapshot
from imr_graph.table.dimensions import DIMENSIONS
from imr_graph.website.concept.context import id_of, standing
from imr_graph.website.concept.kinds import Kind

__all__ = ["as_csv"]

_COLUMNS: Final = ("side", "dimension", "value", "id", "decided", "overturned", "share", "low", "high", "few")
_SIDES: Final = {"": "expert reviewer", "denial-": "claims administrator"}


def as_csv(snapshot: StoreSnapshot, kind: Kind, name: str) -> str:
    """Return the figures as a table; raises PageNotFoundError where there is no such resource.

    `side` says whose citation counts, for guidelines, sections and pages; `few` marks less than 30 decisions.
    """
    stands, id = standing(snapshot, kind, name), id_of(kind, name)
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\r\n")
    table.writerow(_COLUMNS)
    for prefix, side in _SIDES.items() if kind.sided else (("", ""),):
        subject = f"{prefix}{kind.name}"
        filters = Filters(((subject, (id,)),))
        everything = overturn_rates(snapshot.table, filters=filters)
        table.writerow(_row(side, "all", stands.label, id, _all(everything.groups)))
        for dimension in SUBJECTS[subject]:
            groups = overturn_rates(snapshot.table, dimension, filters=filters).groups
            title = DIMENSIONS[dimension].title
            table.writerows(_row(side, title, g.values[0].label, g.values[0].id or "", g) for g in groups)
    return written.getvalue()


def _all(groups: tuple[RateGroup, ...]) -> RateGroup:
    return groups[0] if groups else rate_group((), 0, 0)


def _row(side: str, dimension: str, label: str, id: str, of: RateGroup) -> list[str]:
    figures = (f"{of.share:.4f}", f"{of.low:.4f}", f"{of.high:.4f}", "yes" if of.small else "no")
    return [side, dimension, _cell(label), id, str(of.decisions), str(of.overturned), *figures]


def _cell(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
