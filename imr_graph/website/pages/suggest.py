"""Suggestions while somebody types into a search box, in the form that browsers ask for as well (OpenSearch)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse

from imr_graph.analysis.search.suggestions import KnownName, suggest, suggest_cases
from imr_graph.endpoint.http import origin
from imr_graph.live_store import StoreSnapshot
from imr_graph.website import urls
from imr_graph.website.search_meaning import known_names
from imr_graph.website.site import Site

__all__ = ["MEDIA_TYPE", "send_suggestions"]

MEDIA_TYPE = "application/x-suggestions+json"
"""The media type of the OpenSearch extension for suggestions: an array of what was typed, texts, remarks, addresses."""


async def send_suggestions(site: Site, request: Request) -> JSONResponse:
    """Send the searches that the text typed so far (`q`) may become; with a `dimension`, its values alone."""
    text = " ".join(request.query_params.get("q", "").split())
    dimension = request.query_params.get("dimension")
    found = await site.run_in_thread(lambda snapshot: _suggest(snapshot, text, dimension))
    here = origin(request.scope, site.settings)
    body = [text, *([row[n] for row in found] for n in (0, 1)), [here + urls.search(row[0]) for row in found]]
    return JSONResponse(body, headers={"cache-control": "max-age=60"}, media_type=MEDIA_TYPE)


def _suggest(snapshot: StoreSnapshot, text: str, dimension: str | None) -> list[tuple[str, str]]:
    """Return the texts with a remark on each; runs in a thread."""
    if not dimension and (cases := suggest_cases(snapshot.store, text)):
        return [(key, "Case") for key in cases]
    found = suggest(known_names(snapshot), text, dimension=dimension)
    return [(each.text, _describe(each.name)) for each in found]


def _describe(name: KnownName) -> str:
    """Return what a name is, and how many disputed items have it."""
    kind = f"{name.kind}: {name.label}" if name.label else name.kind
    return f"{kind}, {name.items:,} item{'' if name.items == 1 else 's'}"
