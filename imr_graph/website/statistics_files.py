"""Statistics as files: CSV with one row for each group, JSON as the library gives it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import Any, Final

from starlette.responses import Response

from imr_graph.analysis.dimensions.values import Value
from imr_graph.analysis.statistics.citation_agreement import CitationAgreement
from imr_graph.analysis.statistics.durations import Interval
from imr_graph.analysis.statistics.overturn_rates import OverturnRates

__all__ = ["FORMATS", "response"]


def response(counted: Any, name: str, format: str) -> Response:
    """Return what was counted in a format of `FORMATS`."""
    media_type, write = FORMATS[format]
    headers = {"cache-control": "no-cache", "content-disposition": f'attachment; filename="{name}.{format}"'}
    return Response(write(counted), 200, headers, media_type)


def _json(counted: Any) -> str:
    plain = [asdict(each) for each in counted] if isinstance(counted, tuple) else asdict(counted)
    return json.dumps(plain, ensure_ascii=False, indent=1) + "\n"


def _csv(counted: Any) -> str:
    stream = io.StringIO()
    rows = list(_rows(counted))
    if rows:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return stream.getvalue()


def _rows(counted: Any) -> Iterator[dict[str, object]]:
    if isinstance(counted, OverturnRates):
        for group in counted.groups:
            yield {**_named(dict(zip(counted.by, group.values, strict=True))), **_figures(group)}
        return
    for each in counted:
        if isinstance(each, Interval):
            plain = asdict(each)
            yield {**_named({"value": each.value}), **{name: v for name, v in plain.items() if name != "value"}}
        elif isinstance(each, CitationAgreement):
            for kind, group in each.kinds:
                yield {**_named({"value": each.value}), "kind": kind, **_figures(group)}


def _named(values: Mapping[str, Value | None]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in values.items():
        found |= {name: value.label if value else "", f"{name}_id": (value.iri or value.id) if value else ""}
    return found


def _figures(group: Any) -> dict[str, object]:
    return {name: getattr(group, name) for name in ("decisions", "overturned", "share", "low", "high", "small")}


FORMATS: Final[Mapping[str, tuple[str, Callable[[Any], str]]]] = {
    "csv": ("text/csv; charset=utf-8", _csv),
    "json": ("application/json", _json),
}
"""Formats by their names in addresses: the media type and the writer."""
