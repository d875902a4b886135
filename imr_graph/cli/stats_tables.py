"""Statistics as people, programs and spreadsheets read them on the command line."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import click

from imr_graph.analysis.statistics.citation_agreement import KINDS, CitationAgreement
from imr_graph.analysis.statistics.comparison import Comparison
from imr_graph.analysis.statistics.data_quality import Quality
from imr_graph.analysis.statistics.durations import Interval
from imr_graph.analysis.statistics.figures import Figure
from imr_graph.analysis.statistics.intervals import SMALL_SAMPLE
from imr_graph.analysis.statistics.overturn_rates import OverturnRates, RateGroup
from imr_graph.analysis.statistics.reason_rates import ReasonRate
from imr_graph.analysis.statistics.recurring_rationales import RecurringRationale
from imr_graph.cli.output import print_json, write_records
from imr_graph.record_files import RecordFile

__all__ = ["FORMATS", "write_figure"]

_NOTHING = "The store holds no decision that fits."
_SMALL = f"* fewer than {SMALL_SAMPLE} cases: the figures say little."


def _format_shares(found: OverturnRates, limit: int) -> Iterator[str]:
    """Yield the groups of decisions, then what was left out."""
    if not found.groups:
        yield _NOTHING
        return
    unit = "cases" if found.level == "case" else "decisions"
    cases = "" if found.level == "case" else f" in {found.cases:,} cases"
    yield f"{found.decisions:,} {unit}{cases}, {found.overturned:,} overturned"
    yield from _format_groups(found.groups, limit)
    if found.left_out:
        yield f"({found.left_out} groups were smaller than the minimum)"


def _format_counts(found: OverturnRates, limit: int) -> Iterator[str]:
    """Yield how many decisions the groups have, and which part of all that is."""
    if not found.groups:
        yield _NOTHING
        return
    yield f"{'decisions':>9} {'cases':>7} {'of all':>7}"
    for group in found.groups[:limit]:
        yield f"{group.decisions:9,} {group.cases:7,} {group.decisions / found.decisions:7.1%}  {group.label}"
    if len(found.groups) > limit:
        yield f"({len(found.groups) - limit} more rows: --limit)"


def _format_groups(found: Sequence[RateGroup], limit: int) -> Iterator[str]:
    """Yield groups with their shares and intervals."""
    if not found:
        yield _NOTHING
        return
    yield f"{'decisions':>9} {'cases':>7} {'overturned':>10} {'share':>7}  {'95% interval':16}"
    for group in found[:limit]:
        mark = "*" if group.small else " "
        share = f"{group.share:7.1%}{mark} {group.low:6.1%} - {group.high:6.1%}"
        share = share if group.decisions else "   none decided".ljust(len(share))
        yield f"{group.decisions:9,} {group.cases:7,} {group.overturned:10,} {share} {group.label}"
    if len(found) > limit:
        yield f"({len(found) - limit} more rows: --limit)"
    if any(group.small for group in found[:limit]):
        yield _SMALL


def _format_comparison(found: Comparison, limit: int) -> Iterator[str]:
    """Yield the values as a whole, then by the second dimension, then how they differ from the first."""
    yield from _format_groups([each.figures for each in found.values], limit)
    for each in found.values if found.by else ():
        yield f"\n{each.value.label}"
        yield from _format_groups(each.groups, limit)
    first, *others = found.values or (None,)
    if first and others:
        yield f"\nDifference from {first.value.label}, in percentage points"
    for each in others:
        apart = each.difference
        if apart is None:
            yield f"{'none decided':>29}  {each.value.label}"
            continue
        words = "" if apart.sure else " (may be chance)"
        low, high = (f"{100 * bound:+.1f}" for bound in (apart.low, apart.high))
        yield f"{100 * apart.difference:+9.1f}  {low:>7} to {high:>7}  {each.value.label}{words}"


def _format_reasons(found: Sequence[ReasonRate], limit: int) -> Iterator[str]:
    """Yield how often each reason is given, group by group, upheld decisions before overturned ones."""
    if not found:
        yield _NOTHING
        return
    head = ""
    for each in found[:limit]:
        name = f"{each.value.label}: " if each.value else ""
        if head != (
            head := f"{name}{each.decisions:,} {each.decision} in {each.all_cases:,} cases{'*' if each.small else ''}"
        ):
            yield head
            yield f"{'given':>8} {'cases':>7} {'share':>7}  {'95% interval':16} {'all others':>10}"
        other = "-" if each.share_elsewhere is None else f"{each.share_elsewhere:.1%}"
        yield (
            f"{each.given:8,} {each.cases:7,} {each.share:7.1%}  {each.low:6.1%} - {each.high:6.1%} {other:>10}  "
            f"{each.reason.label}"
        )
    if len(found) > limit:
        yield f"({len(found) - limit} more rows: --limit)"
    yield "Shares of the decisions that ended so; what reviewers wrote, not what was true."
    if any(each.small for each in found[:limit]):
        yield _SMALL


def _format_times(found: Sequence[Interval], limit: int) -> Iterator[str]:
    """Yield the days between two dates: quartiles and extremes."""
    yield f"{'cases':>7} {'shortest':>8} {'lower':>7} {'median':>7} {'upper':>7} {'longest':>8}"
    for each in found[:limit]:
        days = (each.shortest, each.lower, each.median, each.upper, each.longest)
        shown = [f"{'-' if day is None else f'{day:g}':>7}" for day in days]
        name = f"{each.name}: {each.value.label}" if each.value else each.name
        notes = [f"{each.missing} without a date"] * bool(each.missing) + [f"{each.reversed} reversed"] * bool(
            each.reversed
        )
        mark = "*" if each.small else " "
        remark = f" ({', '.join(notes)})" if notes else ""
        yield f"{each.cases:7,}{mark}{' '.join(shown)}  {name}{remark}"
    yield "Days; quartiles interpolated."
    if any(each.small for each in found[:limit]):
        yield _SMALL


def _format_agreement(found: Sequence[CitationAgreement], limit: int) -> Iterator[str]:
    """Yield how the two sides' citations agree, with the overturned share of each kind."""
    if not found:
        yield _NOTHING
    for each in found[:limit]:
        yield f"{each.value.label if each.value else 'all'}: {each.items:,} items"
        for kind, group in each.kinds:
            share = f"{group.share:6.1%} overturned" if group.decisions else ""
            yield f"  {group.decisions:7,}  {KINDS[kind]:42} {share}{'*' if group.small and group.decisions else ''}"


def _format_recurring(found: Sequence[RecurringRationale], _limit: int) -> Iterator[str]:
    """Yield rationales that recur, the most frequent first."""
    if not found:
        yield "No rationale recurs."
    for each in found:
        alike = "word for word" if each.variants == 1 else f"{each.variants} wordings"
        yield f"{each.items:,} items in {each.letters:,} letters by {each.profiles:,} reviewer profiles, {alike}"
        yield from textwrap.wrap(
            each.text, 96, initial_indent="  ", subsequent_indent="  ", max_lines=3, placeholder=" ..."
        )


def _format_quality(found: Quality, _limit: int) -> Iterator[str]:
    """Yield the tables of data quality."""
    yield f"{found.letters:,} letters, {found.items:,} disputed items"
    yield f"{found.incomplete:,} letters are incomplete (damaged or cut): an item may be missing, they have no outcome"
    yield ""
    yield f"{'layout':8}{'letters':>9}{'items':>9}{'not understood':>16}"
    for layout in found.layouts:
        yield f"{layout.layout:8}{layout.letters:9,}{layout.items:9,}{layout.unparsed:16,}"
    for title, rows in (
        (
            "Values that letters do not give",
            [f"{m.missing:9,} of {m.of:,}  {m.column}" for m in found.missing if m.missing],
        ),
        ("Names that no vocabulary has", [f"{u.items:9,}  {u.kind}: {u.name}" for u in found.unmatched]),
        (
            "Findings of the last build",
            [f"{f.nodes:9,} of {f.of:,}  {f.severity} {f.shape}" for f in found.findings or ()],
        ),
    ):
        if rows:
            yield ""
            yield title
            yield from rows


FORMATS: Final[Mapping[str, Callable[[Any, int], Iterator[str]]]] = {
    "shares": _format_shares,
    "counts": _format_counts,
    "comparison": _format_comparison,
    "reasons": _format_reasons,
    "times": _format_times,
    "agreement": _format_agreement,
    "recurring": _format_recurring,
    "uneven": _format_groups,
    "quality": _format_quality,
}
"""How each figure of `figures.FIGURES` reads in a terminal, so many rows at most."""


def write_figure(
    figure: Figure, found: Any, about: str, limit: int, output: Path | None, *, as_csv: bool, as_json: bool, bom: bool
) -> None:
    """Write what a figure gives as CSV or JSON, or print up to `limit` rows of it; `about` says what was counted."""
    if as_csv:
        rows = list(figure.rows(found))
        records = RecordFile(list(rows[0]) if rows else [], [list(row.values()) for row in rows], figure.name)
        write_records(records, "csv", output, bom=bom)
    elif as_json:
        print_json([asdict(each) for each in found] if isinstance(found, tuple) else asdict(found))
    else:
        click.echo("\n".join([*FORMATS[figure.name](found, limit), about]))
