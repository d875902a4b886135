"""The requests of the SPARQL 1.1 Protocol that ask for a query (section 2.1): from HTTP to what a worker is told.

https://www.w3.org/TR/sparql11-protocol/#query-operation
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

import pyoxigraph as ox

from imr_graph.endpoint.formats import FORMATS
from imr_graph.endpoint.http import Receive, Scope, header_of
from imr_graph.endpoint.negotiation import Choice, accepts_gzip, choices
from imr_graph.endpoint.settings import Settings

__all__ = ["METHODS", "Asked", "Wrong", "asked"]

METHODS: Final = "GET, HEAD, POST, OPTIONS"
_FORM, _DIRECT = "application/x-www-form-urlencoded", "application/sparql-query"
_UPDATES = ("update", "using-graph-uri", "using-named-graph-uri")
_DATASET = ("default-graph-uri", "named-graph-uri")
_MOST_FIELDS = 1000


class Wrong(Exception):  # noqa: N818
    """A request that is not one of the protocol's, or that this server does not serve: status and sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as the protocol carries it.

    `formats` says how each kind of answer would be written. `default_graphs` and `named_graphs` are the dataset of the
    request, both None where it names none.
    """

    query: str
    formats: Mapping[str, Choice | None]
    gzip: bool
    default_graphs: tuple[str, ...] | None
    named_graphs: tuple[str, ...] | None

    def job(self, base: str, *, head: bool) -> dict[str, Any]:
        """Return what a worker is told; `base` resolves relative IRIs, `head` asks for no body."""
        return {
            "query": self.query,
            "formats": self.formats,
            "gzip": self.gzip,
            "default_graphs": self.default_graphs,
            "named_graphs": self.named_graphs,
            "base": base,
            "head": head,
        }


async def asked(scope: Scope, receive: Receive, settings: Settings) -> Asked | None:
    """Return the query that a request carries, None for a plain GET. Raises Wrong."""
    parameters = _parameters(scope["query_string"])
    if scope["method"] == "POST":
        parameters = parameters + await _posted(scope, receive, settings)
    elif scope["method"] not in ("GET", "HEAD"):
        raise Wrong(405, f"This method is not served here; there are {METHODS}.")
    if any(name in _UPDATES for name, _ in parameters):
        raise Wrong(400, "Updates are not served here: the graph can only be read.")
    queries = [value for name, value in parameters if name == "query"]
    if not queries and scope["method"] != "POST" and not any(name in _DATASET for name, _ in parameters):
        return None
    if len(queries) != 1:
        raise Wrong(400, f"A request has exactly one query; this one has {len(queries)}.")
    default, named = (tuple(value for name, value in parameters if name == key) for key in _DATASET)
    for iri in default + named:
        _check_iri(iri)
    formats = choices(header_of(scope, b"accept"))
    for name, value in parameters:
        if name == "format":
            formats = _preferred(value, formats)
    return Asked(
        query=queries[0],
        formats=formats,
        gzip=accepts_gzip(header_of(scope, b"accept-encoding")),
        default_graphs=default if default or named else None,
        named_graphs=named if default or named else None,
    )


async def _posted(scope: Scope, receive: Receive, settings: Settings) -> list[tuple[str, str]]:
    media_type, _, parameters = header_of(scope, b"content-type").lower().partition(";")
    media_type = media_type.strip()
    if media_type == "application/sparql-update":
        raise Wrong(415, "Updates are not served here: the graph can only be read.")
    if media_type not in (_FORM, _DIRECT):
        raise Wrong(415, f"The body of a request is {_DIRECT} or {_FORM}.")
    charset = parameters.partition("charset=")[2].partition(";")[0].strip(' "')
    if charset not in ("", "utf-8", "utf8"):
        raise Wrong(415, "The body of a request is in UTF-8.")
    if header_of(scope, b"content-encoding").lower() not in ("", "identity"):
        raise Wrong(415, "The body of a request is not compressed.")
    body = await _body(scope, receive, settings)
    if media_type == _FORM:
        return _parameters(body)
    try:
        return [("query", body.decode())]
    except UnicodeDecodeError:
        raise Wrong(400, "The query is not in UTF-8.") from None


async def _body(scope: Scope, receive: Receive, settings: Settings) -> bytes:
    too_long = Wrong(413, f"The body of a request may have {settings.body_bytes} bytes.")
    announced = header_of(scope, b"content-length")
    if announced.isdigit() and int(announced) > settings.body_bytes:
        raise too_long
    body = bytearray()
    try:
        async with asyncio.timeout(settings.body_seconds):
            while True:
                event = await receive()
                if event["type"] == "http.disconnect":
                    raise Wrong(400, "The request ended before its body did.")
                body += event.get("body", b"")
                if len(body) > settings.body_bytes:
                    raise too_long
                if not event.get("more_body"):
                    return bytes(body)
    except TimeoutError:
        raise Wrong(408, f"The body of a request must come within {settings.body_seconds:g} seconds.") from None


def _parameters(encoded: bytes) -> list[tuple[str, str]]:
    """Return the pairs of a query string or form, decoded once."""
    try:
        return parse_qsl(encoded.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except UnicodeDecodeError:
        raise Wrong(400, "The parameters are not percent-encoded UTF-8.") from None
    except ValueError:
        raise Wrong(400, f"A request may have {_MOST_FIELDS} parameters.") from None


def _check_iri(iri: str) -> None:
    try:
        ox.NamedNode(iri)
    except ValueError:
        raise Wrong(400, f"The graph {iri[:200]!r} is not named by an absolute IRI.") from None


def _preferred(name: str, accepted: Mapping[str, Choice | None]) -> Mapping[str, Choice | None]:
    """Return the formats that the parameter `format` asks for: a name or a media type.

    The parameter is for links, which cannot set a header. Clients that have both send names of their own in it, so
    what it does not know, or what cannot hold an answer, is left to the Accept header.
    """
    found: dict[str, Choice | None] = {}
    for one in reversed(FORMATS):
        if name == one.name or name in one.media_types:
            media_type = one.media_types[0] if name == one.name else name
            found |= dict.fromkeys(one.kinds, (one.name, media_type))
    return {**accepted, **found}
