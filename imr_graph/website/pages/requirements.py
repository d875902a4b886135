"""What has to be documented for a request in free text, as earlier decisions say: a page made to be printed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from starlette.datastructures import QueryParams
from starlette.requests import Request

from imr_graph.analysis.dimensions.filters import describe_derivative, resolve_filters
from imr_graph.analysis.precedents.requirements import Requirements, requirements
from imr_graph.endpoint.http import origin
from imr_graph.errors import UsageError
from imr_graph.live_store import StoreSnapshot
from imr_graph.website import urls
from imr_graph.website.figure_files import FigureSource, describe_source
from imr_graph.website.forms import FormField, read_words
from imr_graph.website.site import Page, Site

__all__ = ["show_requirements"]

_LONGEST = 2_000  # characters of a request
_DERIVATIVE = (("", "all"), ("no", "not those that depend on a denied service"))


@dataclass(frozen=True, slots=True)
class RequirementsView:
    """The form, and what was found or what is wrong with the request; `source` says where a printed page is from."""

    text: str
    fields: tuple[FormField, ...]
    problem: str = ""
    found: Requirements | None = None
    derivative: str = ""
    source: FigureSource | None = None
    title: str = "What has to be documented"


async def show_requirements(site: Site, request: Request) -> Page:
    """Show the form for a request, and what decisions on such requests say has to be documented."""
    asked = request.query_params
    text = " ".join(read_words(asked, "q", _LONGEST, "shorten it").split())
    view = RequirementsView(text, _fields(asked))
    if text:
        given = [(name, value) for name, value in asked.multi_items() if value]
        here = f"{origin(request.scope, site.settings)}{urls.with_query(urls.REQUIREMENTS, given)}"
        try:
            view = await site.run_in_thread(lambda snapshot: _view(snapshot, view, asked, here))
        except UsageError as error:  # the form stays, with what is to be changed in it
            view = replace(view, problem=str(error))
    return Page("requirements.html", view, 400 if view.problem else 200)


def _fields(asked: QueryParams) -> tuple[FormField, ...]:
    return (
        FormField("derivative", "Decisions", "select", asked.get("derivative", ""), choices=_DERIVATIVE),
        FormField("since", "Decided since", "date", asked.get("since", "")),
        FormField("until", "Decided until", "date", asked.get("until", "")),
    )


def _view(snapshot: StoreSnapshot, view: RequirementsView, asked: QueryParams, here: str) -> RequirementsView:
    derivative = asked.get("derivative", "")
    dates = {name: asked.get(name, "").strip() or None for name in ("since", "until")}
    filters = resolve_filters(snapshot.store, {"derivative": derivative} if derivative else {}, **dates)
    found = requirements(snapshot.table, view.text, filters=filters)
    return replace(
        view,
        found=found,
        derivative=describe_derivative(filters),
        source=describe_source(snapshot, filters, here),
        title=f"What has to be documented: {view.text}",
    )
