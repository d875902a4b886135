"""The requests of the SPARQL 1.1 Protocol that ask for a query (section 2.1): from HTTP to what a worker is told.

https://www.w3.org/TR/sparql11-protocol/#query-operation
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

import pyoxigraph as ox

from imr_graph.endpoint.formats import FORMATS, Choice, accepts_gzip, choose_formats
from imr_graph.endpoint.http import QueryError, Receive, Scope, address, header_of
from imr_graph.endpoint.settings import ServerSettings
from imr_graph.endpoint.workers.messages import Job

__all__ = ["METHODS", "parse_request"]

METHODS: Final = "GET, HEAD, POST, OPTIONS"
_FORM, _DIRECT = "application/x-www-form-urlencoded", "application/sparql-query"
_UPDATES = ("update", "using-graph-uri", "using-named-graph-uri")
_DATASET = ("default-graph-uri", "named-graph-uri")
_MOST_FIELDS = 1000


async def parse_request(scope: Scope, receive: Receive, settings: ServerSettings) -> Job | None:
    """Return what a worker is told of the query that a request carries, None for a plain GET. Raises QueryError."""
    parameters = _parse_parameters(scope["query_string"])
    if scope["method"] == "POST":
        parameters = parameters + await _read_post(scope, receive, settings)
    elif scope["method"] not in ("GET", "HEAD"):
        raise _bad_request(405, f"This method is not served here; there are {METHODS}.")
    if any(name in _UPDATES for name, _ in parameters):
        raise _bad_request(400, "Updates are not served here: the graph can only be read.")
    queries = [value for name, value in parameters if name == "query"]
    if not queries and scope["method"] != "POST" and not any(name in _DATASET for name, _ in parameters):
        return None
    if len(queries) != 1:
        raise _bad_request(400, f"A request has exactly one query; this one has {len(queries)}.")
    default, named = (tuple(value for name, value in parameters if name == key) for key in _DATASET)
    for iri in default + named:
        _check_iri(iri)
    formats = choose_formats(header_of(scope, b"accept"))
    for name, value in parameters:
        if name == "format":
            formats = _prefer_format(value, formats)
    return Job(
        query=queries[0].removeprefix("\ufeff"),  # the byte-order mark of a file that was sent as it is
        formats=formats,
        base=address(scope, settings),
        head=scope["method"] == "HEAD",
        gzip=accepts_gzip(header_of(scope, b"accept-encoding")),
        default_graphs=default if default or named else None,
        named_graphs=named if default or named else None,
    )


def _bad_request(status: int, message: str) -> QueryError:
    return QueryError(status, "request", message)


async def _read_post(scope: Scope, receive: Receive, settings: ServerSettings) -> list[tuple[str, str]]:
    media_type, _, parameters = header_of(scope, b"content-type").lower().partition(";")
    media_type = media_type.strip()
    if media_type == "application/sparql-update":
        raise _bad_request(415, "Updates are not served here: the graph can only be read.")
    if media_type not in (_FORM, _DIRECT):
        raise _bad_request(415, f"The body of a request is {_DIRECT} or {_FORM}.")
    charset = parameters.partition("charset=")[2].partition(";")[0].strip(' "')
    if charset not in ("", "utf-8", "utf8"):
        raise _bad_request(415, "The body of a request is in UTF-8.")
    if header_of(scope, b"content-encoding").lower() not in ("", "identity"):
        raise _bad_request(415, "The body of a request is not compressed.")
    body = await _read_body(scope, receive, settings)
    if media_type == _FORM:
        return _parse_parameters(body)
    try:
        return [("query", body.decode())]
    except UnicodeDecodeError:
        raise _bad_request(400, "The query is not in UTF-8.") from None


async def _read_body(scope: Scope, receive: Receive, settings: ServerSettings) -> bytes:
    too_long = _bad_request(413, f"The body of a request may have {settings.body_bytes} bytes.")
    announced = header_of(scope, b"content-length")
    if announced.isdigit() and int(announced) > settings.body_bytes:
        raise too_long
    body = bytearray()
    try:
        async with asyncio.timeout(settings.body_seconds):
            while True:
                event = await receive()
                if event["type"] == "http.disconnect":
                    raise _bad_request(400, "The request ended before its body did.")
                body += event.get("body", b"")
                if len(body) > settings.body_bytes:
                    raise too_long
                if not event.get("more_body"):
                    return bytes(body)
    except TimeoutError:
        raise _bad_request(408, f"The body of a request must come within {settings.body_seconds:g} seconds.") from None


def _parse_parameters(encoded: bytes) -> list[tuple[str, str]]:
    """Return the pairs of a query string or form, decoded once."""
    try:
        return parse_qsl(encoded.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except UnicodeDecodeError:
        raise _bad_request(400, "The parameters are not percent-encoded UTF-8.") from None
    except ValueError:
        raise _bad_request(400, f"A request may have {_MOST_FIELDS} parameters.") from None


def _check_iri(iri: str) -> None:
    try:
        ox.NamedNode(iri)
    except ValueError:
        raise _bad_request(400, f"The graph {iri[:200]!r} is not named by an absolute IRI.") from None


def _prefer_format(name: str, accepted: Mapping[str, Choice | None]) -> Mapping[str, Choice | None]:
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
