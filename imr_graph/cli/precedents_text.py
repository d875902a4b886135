"""Precedents as lines for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from imr_graph import iris
from imr_graph.analysis.dimensions.values import make_value
from imr_graph.analysis.precedents.associations import Association
from imr_graph.analysis.precedents.evidence import Quotation
from imr_graph.analysis.precedents.precedents import Contrast, Precedent, Precedents
from imr_graph.analysis.precedents.request import Request
from imr_graph.analysis.precedents.tiers import Tier
from imr_graph.table.dimensions import DIMENSIONS

__all__ = ["format_precedents"]

_INDENT = "    "
_DEEPER = "     "


def format_precedents(found: Precedents, *, width: int = 96) -> list[str]:
    """Return an answer as lines for a terminal of so many columns."""
    lines = [*_head(found, width), *_associations(found.grounds, found.compared, width)]
    if found.found:
        lines += ["", f"Precedents ({len(found.found)} shown):"]
    for number, one in enumerate(found.found, 1):
        lines += [*_title(one, f"{number:3}. ", width), *_wrap(one.reason, width), *_words(one, width)]
    if found.contrasts:
        lines += ["", "Decided differently on the same treatment and the same page or section:"]
    for pair in found.contrasts:
        lines += _contrast(pair, width)
    return lines


def _head(found: Precedents, width: int) -> Iterator[str]:
    """Yield what was understood, the figures, and the similarity tiers."""
    understood = "; ".join(_understood(found.request, found.steps))
    yield from textwrap.wrap(f"{found.request.text}: {understood}", width, subsequent_indent="  ")
    figures = found.figures
    if figures:
        yield ""
        yield from textwrap.wrap(
            f"{_decisions(figures)} on the {figures.name}, {figures.overturned:,} overturned: {figures.share:.1%} "
            f"(95 % interval {figures.low:.1%} to {figures.high:.1%})",
            width,
        )
    for remark in found.remarks:
        yield from textwrap.wrap(remark, width)
    if figures and len(found.steps) > 1:
        yield ""
        for tier in found.steps:
            interval = f"{tier.share:6.1%} ({tier.low:.1%} to {tier.high:.1%})" if tier.decisions else ""
            yield f"{tier.name:17}{_decisions(tier):>19}  {interval:26}{'; '.join(tier.shared)}"[:width]


def _understood(request: Request, tiers: Sequence[Tier]) -> Iterator[str]:
    if tiers:
        yield " or ".join(tiers[0].shared)
    for kind, ids in (("region", request.regions), ("guideline", request.guidelines), ("page", request.pages)):
        if ids:
            yield ", ".join(make_value(DIMENSIONS[kind], id, iris.BASE).label for id in ids)
    if request.laterality:
        yield request.laterality
    if request.words:
        yield f"words {', '.join(request.words)}"


def _associations(found: Sequence[Association], compared: int, width: int) -> Iterator[str]:
    """Yield what overturned and upheld decisions rest on."""
    for direction in ("overturned", "upheld"):
        chosen = [one for one in found if one.towards == direction]
        if chosen:
            weak = " (nothing clear; weak signs)" if all(one.weak for one in chosen) else ""
            yield from ("", f"What {direction} decisions rest on more often{weak}:")
        for a in chosen:
            counts = f"{a.overturned:,} of {a.all_overturned:,} overturned, {a.upheld:,} of {a.all_upheld:,} upheld"
            line = f"{a.log_odds:+.2f} ({a.low:+.2f} to {a.high:+.2f}) {a.kind} {a.value.label}: {counts}"
            yield from textwrap.wrap(line, width, initial_indent="  ", subsequent_indent=_INDENT)
    if found:
        note = f"Log odds ratios with 95 % intervals; of {compared:,} compared, one in twenty looks clear by chance."
        yield from textwrap.wrap(note, width)


def _contrast(pair: Contrast, width: int) -> Iterator[str]:
    places = "; ".join(value.label for value in pair.places)
    yield from textwrap.wrap(places, width, initial_indent="  on ", subsequent_indent=_INDENT)
    for one in (pair.overturned, pair.upheld):
        yield from (*_title(one, _INDENT, width), *_words(one, width))


def _title(one: Precedent, indent: str, width: int) -> list[str]:
    line = f"{one.case} item {one.position}, {one.decided or 'no date'}: {one.decision.upper()}: {one.service}"
    return textwrap.wrap(line, width, initial_indent=indent, subsequent_indent=_DEEPER)


def _words(one: Precedent, width: int) -> list[str]:
    quoted = " ".join(quotation.text for quotation in one.quotations)
    return _wrap(f'"{quoted}"{_places(one.quotations)}', width) if quoted else []


def _places(quotations: Sequence[Quotation]) -> str:
    places = dict.fromkeys(f"{q.start}-{q.end}" for q in quotations if q.start is not None)
    return f" [{', '.join(places)}]" if places else ""


def _wrap(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, initial_indent=_DEEPER, subsequent_indent=_DEEPER)


def _decisions(tier: Tier) -> str:
    return f"{tier.decisions:,} decision{'' if tier.decisions == 1 else 's'}"
