"""The query library as pages: each question a form, its answer a table, a chart where one makes sense, and files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from imr_graph.analysis.queries import library
from imr_graph.analysis.queries.library import Question
from imr_graph.errors import UnknownNameError, UsageError
from imr_graph.live_store import StoreSnapshot
from imr_graph.website.query_forms import Form, examples, form
from imr_graph.website.query_results import Graph, Rows, graph_of, rows_of
from imr_graph.website.site import Page, PageNotFoundError, QueryFailedError, Site
from imr_graph.website.svg.query_chart import drawn

__all__ = ["list_queries", "show_query"]

# Headings of the list, and the tags of the questions below each; a question stands below the first that fits it.
_GROUPS: Final = (
    ("How often are denials overturned?", ("rates",)),
    ("Decisions like mine", ("precedents", "contrasts")),
    ("What do the two sides cite?", ("citations",)),
    ("What goes together?", ("networks",)),
    ("How long does it take, who decides?", ("time", "reviewer", "specialty")),
    ("The words and the kinds of requests", ("rationale", "partial certification", "retrospective")),
    ("One case", ("case",)),
    ("The data themselves", ("data quality",)),
)
_REST: Final = "More"
_TABLES: Final = ("csv", "tsv", "json", "xml")
_GRAPHS: Final = ("turtle", "ntriples", "rdfxml", "jsonld")
_OWN: Final = ("sort", "offset")  # parameters of the page, not of the question
_MOST_OFFSET: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question as the address asks it: values by parameter, the order of the rows, and where they begin."""

    question: Question
    values: Mapping[str, str]
    sort: str
    offset: int

    def address(self, **changes: object) -> str:
        """Return the address with other values of the page's own parameters."""
        own = {"sort": self.sort, "offset": self.offset, **changes}
        pairs = [*self.values.items(), *((name, str(value)) for name, value in own.items() if value)]
        path = f"/questions/{self.question.name}"
        return f"{path}?{urlencode(pairs)}" if pairs else path

    def with_value(self, name: str, value: str) -> str:
        """Return the address with another value of a parameter."""
        return replace(self, values={**self.values, name: value}, offset=0).address()


async def list_queries(_site: Site, request: Request) -> Page | Response:
    """Show the query library, all of it or what has a tag."""
    tag = request.query_params.get("tag", "")
    questions = [question for question in library.list_questions() if not tag or tag in question.tags]
    tags = sorted({tag for question in library.list_questions() for tag in question.tags})
    if not questions:
        raise PageNotFoundError(f"No question has the tag {tag[:100]!r}; the tags are {', '.join(tags)}.")
    values = {"title": "Questions", "groups": _grouped(questions), "tags": tags, "tag": tag, "count": len(questions)}
    return Page("questions.html", values)


def _grouped(questions: list[Question]) -> list[tuple[str, list[Question]]]:
    grouped: dict[str, list[Question]] = {title: [] for title, _ in (*_GROUPS, (_REST, ()))}
    for question in questions:
        fitting = (title for title, tags in _GROUPS if set(tags) & set(question.tags))
        grouped[next(fitting, _REST)].append(question)
    return [(title, found) for title, found in grouped.items() if found]


async def show_query(site: Site, request: Request) -> Page | Response:
    """Show a query as a form, and its answer where its parameters are there."""
    asked = _asked(request)
    question = asked.question
    filled = await site.run_in_thread(lambda snapshot: _filled(snapshot, asked, bool(request.query_params)))
    form, tries = filled
    values: dict[str, Any] = {
        "title": question.title,
        "question": question,
        "asked": asked,
        "form": form,
        "tries": urlencode(tries) if tries and form.sparql is None else "",
        "rows": None,
        "graph": None,
        "chart": None,
        "sentence": None,
        **_elsewhere(question, form.sparql),
    }
    if form.sparql is None:
        return Page("question.html", values, 400 if form.wrong else 200)
    try:
        found = await _found(site, asked, form.sparql, request)
    except QueryFailedError as error:
        return Page("question.html", {**values, "sentence": str(error)}, 503)
    if isinstance(found, Graph):
        return Page("question.html", {**values, "graph": found})
    return Page("question.html", {**values, "rows": found, "chart": drawn(found)})


def _asked(request: Request) -> _Asked:
    """Return what an address asks; raises PageNotFoundError for another question, UsageError for another parameter."""
    try:
        question = library.find_question(request.path_params["name"])
    except UnknownNameError as error:
        raise PageNotFoundError(f"{error} All are listed below “Questions”.") from None
    given = dict(request.query_params)
    for name in given:
        if name not in _OWN:
            question.parameter(name)
    offset = given.get("offset", "") or "0"
    if not (offset.isascii() and offset.isdigit()) or int(offset[:9]) > _MOST_OFFSET:
        raise UsageError("The row at which the page begins is not a number: begin with the first page.")
    values = {name: value for name, value in given.items() if name not in _OWN and value.strip()}
    return _Asked(question, values, given.get("sort", ""), int(offset[:9]))


def _filled(snapshot: StoreSnapshot, asked: _Asked, began: bool) -> tuple[Form, dict[str, str]]:
    """Return the form with its values, and values to try; runs in a thread."""
    return form(snapshot, asked.question, asked.values, asked=began), examples(snapshot, asked.question)


async def _found(site: Site, asked: _Asked, sparql: str, request: Request) -> Rows | Graph:
    if not asked.question.columns:
        return await graph_of(site, sparql, request)
    return await rows_of(site, asked.question, sparql, asked.sort, asked.offset, request)


def _elsewhere(question: Question, sparql: str | None) -> dict[str, Any]:
    """Return the addresses of the answer's files and of the editor with the query."""
    if sparql is None:
        return {"files": (), "editor": None}
    encoded = quote(sparql, safe="")
    formats = _TABLES if question.columns else _GRAPHS
    return {
        "files": [(name, f"/sparql?query={encoded}&format={name}") for name in formats],
        "editor": f"/sparql#query={encoded}",
    }
