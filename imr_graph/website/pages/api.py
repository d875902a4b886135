"""The addresses for programs, as a page to read and as an OpenAPI 3.1 document."""

from __future__ import annotations

import json
import re
from itertools import groupby
from typing import Any, Final

from imr_graph.resources import software_version
from imr_graph.website import urls
from imr_graph.website.page_cache import RenderedPage
from imr_graph.website.pages.machine_addresses import AddressParameter, MachineAddress, machine_addresses
from imr_graph.website.rendering import GENERAL, PageHead
from imr_graph.website.site import Page, PageRequest

__all__ = ["describe_addresses", "send_openapi", "show_api"]

_SUMMARY: Final = "Addresses for programs: searches, precedents, figures, questions, and the graph."


async def show_api(_asked: PageRequest) -> Page:
    """Show the addresses for programs, with their parameters and examples."""
    groups = [(group, tuple(found)) for group, found in groupby(machine_addresses(), key=lambda each: each.group)]
    parts = [(group, group.lower(), len(found)) for group, found in groups]
    return Page("api.html", title="Addresses for programs", groups=groups, parts=parts, head=PageHead(_SUMMARY))


async def send_openapi(asked: PageRequest) -> RenderedPage:
    """Send the description of the addresses for programs."""
    body = json.dumps(describe_addresses(asked.public), ensure_ascii=False, indent=1).encode() + b"\n"
    return RenderedPage(body, 200, {"content-type": "application/json", "vary": "accept-encoding"})


def describe_addresses(public: str) -> dict[str, Any]:
    """Return the addresses for programs as an OpenAPI 3.1 document; `public` is where the server is reached."""
    paths = {each.path: {"get": _operation(each)} for each in machine_addresses()}
    paths[urls.SPARQL]["post"] = {
        "summary": "A query in the body",
        "operationId": "post-sparql",
        "tags": ["Graph"],
        "requestBody": {
            "required": True,
            "content": {
                "application/sparql-query": {"schema": {"type": "string"}},
                "application/x-www-form-urlencoded": {
                    "schema": {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}
                },
            },
        },
        "responses": paths[urls.SPARQL]["get"]["responses"],
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "imr-graph", "version": software_version(), "summary": _SUMMARY, "description": GENERAL},
        "servers": [{"url": public}],
        "paths": paths,
    }


def _operation(of: MachineAddress) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": of.summary,
        "operationId": re.sub(r"[^a-zA-Z0-9]+", "-", of.path).strip("-") or "home",
        "tags": [of.group],
        "parameters": [_parameter(each, of) for each in of.parameters],
        "responses": {
            "200": {"description": of.summary, "content": {name: {} for name in of.media_types}},
            "304": {"description": "What the client has is current."},
            "400": _failure("A parameter is wrong: a sentence says what to do."),
            "404": _failure("There is no such thing: a sentence says what to try."),
            "503": _failure("The server is busy, or a limit ended the work: come back later."),
        },
    }
    return operation | ({"externalDocs": {"url": of.example, "description": "Example"}} if of.example else {})


def _failure(sentence: str) -> dict[str, Any]:
    return {"description": sentence, "content": {"text/plain": {"schema": {"type": "string"}}}}


def _parameter(of: AddressParameter, address: MachineAddress) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string", "format": "date"} if of.type == "date" else {"type": of.type}
    if of.choices:
        schema["enum"] = list(of.choices)
    if of.default is not None:
        schema["default"] = int(of.default) if of.type == "integer" else of.default
    in_path = f"{{{of.name}}}" in address.path
    found = {
        "name": of.name,
        "in": "path" if in_path else "query",
        "description": of.description,
        "required": in_path or of.required,
        "schema": {"type": "array", "items": schema} if of.several else schema,
    }
    return found | ({"style": "form", "explode": True} if of.several else {})
