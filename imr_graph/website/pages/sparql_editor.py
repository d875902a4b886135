"""The page at /sparql for people: an editor, or a plain form where scripts are off or the editor was not built in.

What the editor completes with and its examples come from /sparql/words.json; the endpoint itself stays in the room
`endpoint`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from imr_graph import iris as terms
from imr_graph.analysis.queries.library import Question, find_question, list_questions
from imr_graph.website.page_cache import RenderedPage
from imr_graph.website.pages.ontology import read_ontology
from imr_graph.website.site import Page, PageRequest

__all__ = ["group_queries", "missing", "send_words", "show_editor", "write_example"]

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


async def send_words(asked: PageRequest) -> RenderedPage:
    """Send what the editor completes with, and its examples, as JSON."""
    body = json.dumps(_words(asked.site.pool.manifest.base), ensure_ascii=False, separators=(",", ":")).encode()
    headers = {"content-type": "application/json", "cache-control": "no-cache", "vary": "accept-encoding"}
    return RenderedPage(body, 200, headers)


async def show_editor(asked: PageRequest) -> Page:
    """Show the editor with the example of the path, else with the first."""
    chosen = asked.request.path_params.get("name", "")
    return Page(
        "editor.html",
        title="Ask in SPARQL",
        query=write_example(find_question(chosen or _FIRST)),
        chosen=chosen,
        missing=missing(),
        groups=group_queries(),
        formats=_FORMATS,
    )


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
