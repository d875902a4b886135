"""One address in several forms, as a page and as RDF: the suffix chooses, or else the Accept header."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from imr_graph.endpoint.formats import best
from imr_graph.website.page_cache import RenderedPage
from imr_graph.website.site import Handler, Site

__all__ = ["MEDIA_TYPES", "RDF_TYPES", "negotiated_endpoint", "rdf_page"]

RDF_TYPES: Final[Mapping[str, str]] = {
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
}
"""Media types of RDF by suffix, in the order that is preferred where the client does not care."""

MEDIA_TYPES: Final[Mapping[str, str]] = {"html": "text/html", **RDF_TYPES}
"""Media types of every form by its suffix."""


def negotiated_endpoint(
    site: Site, handlers: Mapping[str, Handler], read_form: Callable[[Request], str | None], default: str | None = None
) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint of a route that answers in each form of `handlers`, which has the forms of `MEDIA_TYPES`.

    `read_form` returns the form that the path of a request names, None where it names none. `default` is the form for
    clients that accept none of them; without it they are told so (406).
    """
    endpoints = {form: site.endpoint(handler, f"-{form}") for form, handler in handlers.items()}

    async def answer(request: Request) -> Response:
        form = read_form(request)
        if form is None:
            choice = best(request.headers.get("accept", ""), MEDIA_TYPES.items())
            form = choice[0] if choice else default
        if form not in endpoints:
            names = ", ".join(MEDIA_TYPES.values() if form is None else RDF_TYPES)
            return site.failure(request, 406 if form is None else 404, f"This comes as {names}, and in no other form.")
        request.state.data = form != "html"
        return await endpoints[form](request)

    return answer


def rdf_page(body: bytes, form: str, headers: Mapping[str, str] | None = None) -> RenderedPage:
    """Return RDF in a form of `RDF_TYPES` as it goes out."""
    usual = {"content-type": RDF_TYPES[form], "cache-control": "no-cache", "vary": "accept, accept-encoding"}
    return RenderedPage(body, 200, {**usual, **(headers or {})})
