"""Precedents for a request in free text: what was understood, how such requests ended, and the nearest decisions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from imr_graph import vocabulary
from imr_graph.analysis.dimensions.values import qualified_label
from imr_graph.analysis.precedents.precedents import Precedents, precedents
from imr_graph.errors import ImrGraphError, UnknownNameError, UsageError
from imr_graph.live_store import StoreSnapshot
from imr_graph.website.concept.figures import portraits_of
from imr_graph.website.site import Page, Site

__all__ = ["Choice", "show_precedents"]

_FILTERS: Final = {
    "region": "Body region",
    "guideline": "Guideline of the reviewer",
    "specialty": "Reviewer’s specialty",
    "state": "Reviewer’s state",
}
_SHOWN: Final = 20
_MOST: Final = 100
_LONGEST: Final = 2_000  # characters of a request


@dataclass(frozen=True, slots=True)
class Choice:
    """One value that a field of the form can have."""

    id: str
    label: str
    chosen: bool


async def show_precedents(site: Site, request: Request) -> Page | Response:
    """Show the form for a request, and the precedents of the request that it has."""
    asked = request.query_params
    text = " ".join(asked.get("q", "").split())
    found: Precedents | None = None
    problem, near, status = "", tuple[str, ...](), 200
    if text:
        try:
            found = await site.run_in_thread(lambda snapshot: _found(snapshot, text, asked))
        except (UsageError, UnknownNameError) as error:
            # The form stays, with what is to be changed in it.
            problem, near, status = str(error), _near(error), 400
    values = await site.run_in_thread(lambda snapshot: _form(snapshot, asked))
    values |= {"title": "Precedents", "text": text, "found": found, "problem": problem, "near": near}
    values["full_label"] = qualified_label
    return Page("precedents.html", values, status)


def _found(snapshot: StoreSnapshot, text: str, asked: QueryParams) -> Precedents:
    if len(text) > _LONGEST:
        raise UsageError(f"The request has more than {_LONGEST:,} characters: shorten it.")
    filters: dict[str, Any] = {name: [v for v in asked.getlist(name) if v] or None for name in _FILTERS}
    dates = {name: asked.get(name, "").strip() or None for name in ("since", "until")}
    decision = asked.get("decision", "") or None
    return precedents(snapshot.table, text, **filters, **dates, decision=decision, limit=_limit(asked))


def _limit(asked: QueryParams) -> int:
    written = asked.get("limit", "") or str(_SHOWN)
    if not (written.isascii() and written.isdigit() and 1 <= int(written[:4]) <= _MOST):
        raise UsageError(f"The number of precedents is 1 to {_MOST}: change {written!r}.")
    return int(written)


def _form(snapshot: StoreSnapshot, asked: QueryParams) -> dict[str, Any]:
    """Return the fields of the form: what letters have, with what was chosen."""
    fields = []
    for name, title in _FILTERS.items():
        values = sorted((g.values[0] for g in portraits_of(snapshot, name).all()), key=lambda v: v.label.lower())
        chosen = asked.getlist(name)
        choices = [Choice(v.id or "", v.label, v.id in chosen) for v in values]
        known = {choice.id for choice in choices}
        choices += [Choice(written, written, True) for written in chosen if written and written not in known]
        fields.append((name, title, tuple(choices)))
    narrowed = any(choice.chosen for _, _, choices in fields for choice in choices)
    return {
        "fields": tuple(fields),
        "narrowed": narrowed or any(asked.get(name) for name in ("decision", "since", "until")),
        "decision": asked.get("decision", ""),
        "since": asked.get("since", ""),
        "until": asked.get("until", ""),
        "limit": asked.get("limit", "") or str(_SHOWN),
    }


def _near(error: ImrGraphError) -> tuple[str, ...]:
    """Return the names that a reader may have meant, those that a request can be made of."""
    known = vocabulary.load()
    near = getattr(error, "near", ()) or ()
    return tuple(name for name in near if known.treatments.by_label(name) or known.categories.by_label(name))
