"""What earlier decisions say of a request in free text: precedents, nearest first, and what has to be documented."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final

from starlette.datastructures import QueryParams
from starlette.responses import Response

from imr_graph import vocabulary
from imr_graph.analysis.dimensions.filters import NO_FILTERS, describe_derivative, resolve_filters
from imr_graph.analysis.precedents.precedents import Precedents, open_precedent_records, precedents
from imr_graph.analysis.precedents.requirements import requirements
from imr_graph.errors import UsageError
from imr_graph.live_store import StoreSnapshot
from imr_graph.record_files import RecordFile
from imr_graph.website import urls
from imr_graph.website.citations import shorten
from imr_graph.website.concepts import profiles_of
from imr_graph.website.files import send_records
from imr_graph.website.forms import (
    DECISIONS,
    Choice,
    FormField,
    Words,
    read_dates,
    read_values,
    read_whole_number,
    read_words,
)
from imr_graph.website.pages.figures import describe_source
from imr_graph.website.rendering import GENERAL, PageHead
from imr_graph.website.site import Page, PageRequest, StoreRequest

__all__ = ["send_precedents", "show_precedents", "show_requirements"]

_FILTERS: Final = {
    "region": "Body region",
    "guideline": "Guideline of the reviewer",
    "specialty": "Reviewer’s specialty",
    "state": "Reviewer’s state",
}
_AMOUNTS: Final = {"visits": "Visits", "quantity": "Quantity"}
_SHOWN: Final = 20
_MOST: Final = 100
_MOST_AMOUNT: Final = 99_999
_LONGEST: Final = 2_000  # characters of a request


def show_precedents(asked: StoreRequest) -> Page:
    """Show the form for a request, and the precedents of the request that it has."""
    parameters = asked.parameters
    text = " ".join(parameters.get("q", "").split())
    found: Precedents | None = None
    problem, near = "", list[Words]()
    if text:
        try:
            _read_text(parameters)
            limit = read_whole_number(parameters, "limit", _SHOWN, 1, _MOST, "The number of precedents")
            found = precedents(asked.snapshot.table, text, **_options(parameters), limit=limit)
        except UsageError as error:  # the form stays, with what is to be changed in it
            problem, near = str(error), list(_near(error))
    fields = list(_fields(asked.snapshot, parameters))
    return Page(
        "precedents.html",
        status=400 if problem else 200,
        title=f"Precedents: {text if len(text) <= 60 else f'{text[:60]}…'}" if text else "Precedents",
        text=text,
        decision=parameters.get("decision", ""),
        fields=fields,
        narrowed=any(field.value for field in fields if field.name != "limit"),
        found=found,
        problem=problem,
        near=near,
        address=_address(parameters, "limit"),
        derivative=describe_derivative(NO_FILTERS),
        head=PageHead(_describe(found) if found else GENERAL, _address(parameters) if found else "", indexed=not found),
    )


async def send_precedents(format: str, asked: PageRequest) -> Response:
    """Send all decisions like a request as a file, the nearest first."""
    text, options = _read_text(asked.parameters), _options(asked.parameters)
    if not text:
        raise UsageError("Say what is requested: q=Norco 10/325 for the low back.")

    def open_records(snapshot: StoreSnapshot) -> AbstractContextManager[RecordFile]:
        return open_precedent_records(snapshot.table, text, **options)

    return await send_records(asked, open_records, "precedents", format)


def _read_text(asked: QueryParams) -> str:
    return read_words(asked, "q", _LONGEST, "shorten it")


def _options(asked: QueryParams) -> dict[str, Any]:
    """Return what an address says besides the request, as arguments of `precedents`."""
    filters = {name: list(read_values(asked, name)) or None for name in _FILTERS}
    amounts = {
        name: read_whole_number(asked, name, 0, 0, _MOST_AMOUNT, title) or None for name, title in _AMOUNTS.items()
    }
    ends = {name: asked.get(name, "") or None for name in ("decision", "first")}
    return {**filters, **read_dates(asked), **amounts, **ends}


def _fields(snapshot: StoreSnapshot, asked: QueryParams) -> Iterator[FormField]:
    """Yield the fields of the form: what letters have, with what was chosen."""
    for name, title in _FILTERS.items():
        values = (group.values[0] for group in profiles_of(snapshot, name).all())
        choices = [(v.id or "", v.label) for v in sorted(values, key=lambda v: v.label.lower())]
        chosen = next(iter(read_values(asked, name)), "")
        if chosen and chosen not in dict(choices):
            choices.append((chosen, chosen))
        yield _select(name, title, "any", choices, chosen)
    for name, title in _AMOUNTS.items():
        yield FormField(name, title, "number", asked.get(name, ""), "Up to as much is nearest.", least=1)
    yield FormField("since", "Decided since", "date", asked.get("since", ""))
    yield FormField("until", "Decided until", "date", asked.get("until", ""))
    yield _select("decision", "List only", "both decisions", DECISIONS, asked.get("decision", ""))
    yield _select("first", "List first", "the nearest", DECISIONS, asked.get("first", ""))
    yield FormField("limit", "How many", "number", asked.get("limit", "") or str(_SHOWN), least=1, most=_MOST)


def _select(name: str, title: str, none: str, choices: Sequence[Choice], chosen: str) -> FormField:
    return FormField(name, title, "select", chosen, choices=(("", none), *choices))


def _address(asked: QueryParams, *without: str, path: str = urls.PRECEDENTS) -> str:
    return urls.with_query(path, [(n, v) for n, v in asked.multi_items() if v and n not in without])


def _describe(found: Precedents) -> str:
    """Return what was found in a sentence."""
    figures = found.figures
    ended = (
        f"{figures.overturned:,} of {figures.decisions:,} overturned ({figures.name})" if figures else "none decided"
    )
    return shorten(f"Decisions on {found.read_as}: {ended}, with the words that carry them.")


def _near(error: UsageError) -> Iterator[Words]:
    """Yield the names that a reader may have meant, those that a request can be made of."""
    known = vocabulary.load()
    for name in getattr(error, "near", ()) or ():
        if known.treatments.by_label(name) or known.categories.by_label(name):
            yield name, urls.precedents(name)


_DERIVATIVE: Final = (("", "all"), ("no", "not those that depend on a denied service"))


def show_requirements(asked: StoreRequest) -> Page:
    """Show the form for a request, and what decisions on such requests say has to be documented: to be printed."""
    parameters, snapshot = asked.parameters, asked.snapshot
    text, derivative = _read_text(parameters), parameters.get("derivative", "")
    values: dict[str, Any] = {"title": "What has to be documented", "found": None, "problem": ""}
    if text:
        try:
            chosen = {"derivative": derivative} if derivative else {}
            filters = resolve_filters(snapshot.store, chosen, **read_dates(parameters))
            values |= {
                "found": requirements(snapshot.table, text, filters=filters),
                "title": f"What has to be documented: {text}",
                "derivative": describe_derivative(filters),
                "source": describe_source(asked, filters, _address(parameters, path=urls.REQUIREMENTS)),
            }
        except UsageError as error:  # the form stays, with what is to be changed in it
            values["problem"] = str(error)
    fields = (
        FormField("derivative", "Decisions", "select", derivative, choices=_DERIVATIVE),
        FormField("since", "Decided since", "date", parameters.get("since", "")),
        FormField("until", "Decided until", "date", parameters.get("until", "")),
    )
    status = 400 if values["problem"] else 200
    return Page("requirements.html", status=status, text=text, fields=fields, **values)
