"""The page at /sparql for people: an editor, or a plain form where scripts are off or the editor was not built in.

What the editor completes with and its examples come from /sparql/words.json; the endpoint itself stays in the room
`web`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Final

from starlette.requests import Request

from imr_graph import iris as terms
from imr_graph.analysis.queries.library import Question, find_question, list_questions
from imr_graph.website.ontology_terms import read_ontology
from imr_graph.website.page_cache import RenderedPage
from imr_graph.website.site import Page, Site

__all__ = ["group_queries", "missing", "send_words", "show_editor", "show_example", "write_example"]

_FIRST: Final = "overturn-rate-by-category"
# What a plain form can ask for: the endpoint's names of formats.
_FORMATS: Final = (
    ("csv", "CSV (exact; in a spreadsheet import it as text)"),
    ("tsv", "TSV"),
    ("json", "JSON"),
    ("xml", "XML"),
    ("turtle", "Turtle (of a graph)"),
    ("ntriples", "N-Triples (of a graph)"),
    ("jsonld", "JSON-LD (of a graph)"),
)


def write_example(question: Question) -> str:
    """Return a question of the library as a query to begin with: what it is, in two remarks, and the SPARQL.

    >>> write_example(find_question("overturn-rate-by-year")).splitlines()[0]
    '# Overturn rate by year of decision'
    """
    lines = question.sparql.splitlines(keepends=True)
    header = next(number for number, line in enumerate(lines) if not line.startswith("#"))
    return f"# {question.title}\n# {question.description}\n{''.join(lines[header:]).strip()}\n"


@cache
def group_queries() -> Mapping[str, tuple[Question, ...]]:
    """Return the questions of the library by the first of their tags, the largest group first."""
    found: dict[str, list[Question]] = {}
    for question in list_questions():
        found.setdefault(question.tags[0], []).append(question)
    order = sorted(found, key=lambda tag: (-len(found[tag]), tag))
    return {tag: tuple(sorted(found[tag], key=lambda one: one.title)) for tag in order}


def missing() -> bool:
    """Return whether the editor was left out when the product was built."""
    return not (files("imr_graph.website") / "static" / "editor" / "editor.js").is_file()


@dataclass(frozen=True, slots=True)
class EditorView:
    """The editor with a query; `chosen` is the name of the example that it is, `missing` says that it was not built."""

    query: str
    chosen: str
    missing: bool
    groups: Mapping[str, tuple[Question, ...]] = field(default_factory=lambda: group_queries())
    formats: tuple[tuple[str, str], ...] = _FORMATS
    title: str = "Ask in SPARQL"


async def send_words(site: Site, _request: Request) -> RenderedPage:
    """Send what the editor completes with, and its examples, as JSON."""
    body = json.dumps(_words(site.pool.manifest.base), ensure_ascii=False, separators=(",", ":")).encode()
    headers = {"content-type": "application/json", "cache-control": "no-cache", "vary": "accept-encoding"}
    return RenderedPage(body, 200, headers)


async def show_editor(_site: Site, request: Request) -> Page:
    """Show the editor with the first example."""
    return _page(find_question(_FIRST), request)


async def show_example(_site: Site, request: Request) -> Page:
    """Show the editor with the example of the path."""
    return _page(find_question(request.path_params["name"]), request)


def _page(query: Question, request: Request) -> Page:
    return Page("editor.html", EditorView(write_example(query), query.name if request.path_params else "", missing()))


def _words(base: str) -> dict[str, Any]:
    """Return what the editor's script knows of this server's data; short forms of IRIs are the endpoint's own."""
    return {
        "prefixes": {**terms.PREFIXES, "id": base},
        "bases": list(dict.fromkeys((base, terms.BASE))),
        "ontology": terms.IMR,
        "terms": [
            {"name": f"imr:{t.name}", "iri": t.iri, "kind": _KINDS[t.kind], "label": t.label, "comment": t.comment}
            for t in read_ontology().terms
            if not t.inverse
        ],
        "examples": {one.name: {"title": one.title, "sparql": write_example(one)} for one in list_questions()},
    }


# What CodeMirror calls the kinds of words that it completes with.
_KINDS: Final = {
    "class": "class",
    "relation": "property",
    "attribute": "property",
    "label": "property",
    "datatype": "type",
    "individual": "constant",
}
