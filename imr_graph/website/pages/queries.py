"""The query library as pages: each query a form, its answer a table, a chart where one makes sense, and files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from starlette.requests import Request

from imr_graph.analysis.dimensions.values import Value
from imr_graph.analysis.queries import library
from imr_graph.analysis.queries.library import ChartColumns, Question
from imr_graph.analysis.statistics.overturn_rates import RateGroup, rate_group
from imr_graph.errors import UnknownNameError, UsageError
from imr_graph.live_store import StoreSnapshot
from imr_graph.record_files import FORMATS, stream_records
from imr_graph.website import urls
from imr_graph.website.citations import PageHead, shorten
from imr_graph.website.components import Pager, Words, read_whole_number
from imr_graph.website.files import file_headers, wants_bom
from imr_graph.website.page_cache import RenderedPage
from imr_graph.website.query_form import QueryForm, fill_form, find_examples, title_of
from imr_graph.website.query_results import (
    PAGE,
    AnswerCell,
    AnswerGraph,
    AnswerRows,
    fetch_graph,
    fetch_records,
    fetch_rows,
)
from imr_graph.website.site import Page, PageNotFoundError, QueryFailedError, Site
from imr_graph.website.svg.charts import Bar, BarChart, draw_bars
from imr_graph.website.svg.periods import PeriodChart, draw_periods

__all__ = ["list_queries", "send_answer", "show_query"]

# Headings of the list, and the tags of the queries below each; a query stands below the first that fits it.
_GROUPS: Final = (
    ("How often are denials overturned?", ("rates",)),
    ("Decisions like mine", ("precedents", "contrasts")),
    ("Why is it decided so?", ("reason",)),
    ("What do the two sides cite?", ("citations",)),
    ("What goes together?", ("networks",)),
    ("How long does it take, who decides?", ("time", "reviewer", "specialty")),
    ("The words and the kinds of requests", ("rationale", "partial certification", "retrospective")),
    ("One case", ("case",)),
    ("The data themselves", ("data quality",)),
)
_REST: Final = "More"
_SPARQL_TABLES: Final = {"csv": "CSV", "tsv": "TSV", "json": "JSON", "xml": "XML"}
_GRAPHS: Final = {"turtle": "Turtle", "ntriples": "N-Triples", "rdfxml": "RDF/XML", "jsonld": "JSON-LD"}
_OWN: Final = ("sort", "offset", "bom")  # parameters of the page and its files, not of the query
_MOST_OFFSET: Final = 1_000_000
_BARS: Final = 12
_LABEL: Final = 90  # characters


@dataclass(frozen=True, slots=True)
class QueryListView:
    """The queries in groups, of all or of those with a tag."""

    groups: Sequence[tuple[str, Sequence[Question]]]
    tags: Sequence[str]
    tag: str
    count: int
    title: str = "Questions"


@dataclass(frozen=True, slots=True)
class QueryAddress:
    """A query as its address asks it: values by parameter, the order of the rows, and where they begin."""

    query: Question
    values: Mapping[str, str]
    sort: str
    offset: int

    def address(self, **changes: object) -> str:
        """Return the address with other values of the page's own parameters."""
        own = {"sort": self.sort, "offset": self.offset, **changes}
        pairs = [*self.values.items(), *((name, str(value)) for name, value in own.items() if value)]
        return urls.query(self.query.name, pairs)

    def with_value(self, name: str, value: str) -> str:
        """Return the address with another value of a parameter."""
        return replace(self, values={**self.values, name: value}, offset=0).address()


@dataclass(frozen=True, slots=True)
class QueryChart:
    """A chart of bars, or of shares over years; `title` says what it shows."""

    title: str
    bars: BarChart | None = None
    years: PeriodChart | None = None


@dataclass(frozen=True, slots=True)
class QueryView:
    """The page of a query: its form, and its answer as rows or as a graph, or why there is none.

    `files` hold the whole answer, `exact` are the same as SPARQL has it. `example` is the address with values to
    try, `editor` that of the editor with the query.
    """

    title: str
    query: Question
    asked: QueryAddress
    form: QueryForm
    columns: tuple[tuple[str, str], ...]
    example: str = ""
    files: tuple[Words, ...] = ()
    exact: tuple[Words, ...] = ()
    editor: str = ""
    rows: AnswerRows | None = None
    pager: Pager | None = None
    chart: QueryChart | None = None
    graph: AnswerGraph | None = None
    sentence: str | None = None


async def list_queries(_site: Site, request: Request) -> Page:
    """Show the query library, all of it or what has a tag."""
    tag = request.query_params.get("tag", "")
    found = [query for query in library.list_questions() if not tag or tag in query.tags]
    tags = library.list_tags()
    if not found:
        raise PageNotFoundError(f"No question has the tag {tag[:100]!r}; the tags are {', '.join(tags)}.")
    return Page("questions.html", QueryListView(_group(found), tags, tag, len(found)))


def _group(queries: list[Question]) -> list[tuple[str, list[Question]]]:
    grouped: dict[str, list[Question]] = {title: [] for title, _ in (*_GROUPS, (_REST, ()))}
    for query in queries:
        fitting = (title for title, tags in _GROUPS if set(tags) & set(query.tags))
        grouped[next(fitting, _REST)].append(query)
    return [(title, found) for title, found in grouped.items() if found]


async def show_query(site: Site, request: Request) -> Page:
    """Show a query as a form, and its answer where its parameters are there."""
    asked = _read_address(request)
    query = asked.query
    head = PageHead(shorten(query.description), asked.address(sort="", offset=0))
    form, examples = await site.run_in_thread(lambda snapshot: _fill(snapshot, asked, bool(request.query_params)))
    columns = tuple((title_of(column.name), column.description) for column in query.columns)
    view = QueryView(query.title, query, asked, form, columns)
    if form.sparql is None:
        example = urls.query(query.name, examples.items()) if examples else ""
        return Page("question.html", replace(view, example=example), 400 if form.wrong else 200, head=head)
    formats = _SPARQL_TABLES if query.columns else _GRAPHS
    exact = tuple((title, urls.answer(form.sparql, name)) for name, title in formats.items())
    files = tuple((name.upper(), urls.as_file(asked.address(sort="", offset=0), name)) for name in FORMATS)
    view = replace(view, files=files if query.columns else (), exact=exact, editor=urls.editor(form.sparql))
    try:
        if not query.columns:
            return Page("question.html", replace(view, graph=await fetch_graph(site, form.sparql, request)), head=head)
        rows = await fetch_rows(site, query, form.sparql, asked.values, asked.sort, asked.offset, request)
    except QueryFailedError as error:
        return Page("question.html", replace(view, sentence=str(error)), 503, head=head)
    view = replace(view, rows=rows, pager=_pager(asked, rows), chart=_draw(rows, query.chart))
    return Page("question.html", view, head=head)


async def send_answer(format: str, site: Site, request: Request) -> RenderedPage:
    """Send the whole answer to a query as a file, in a format of `record_files.FORMATS`."""
    request.state.data = True
    asked = _read_address(request)
    if not asked.query.columns:
        raise UsageError("This question is answered by a graph: ask for it on the page of the question.")
    form, examples = await site.run_in_thread(lambda snapshot: _fill(snapshot, asked, True))
    if form.sparql is None:
        wrong = "; ".join(f"{field.name}: {field.error}" for field in form.wrong)
        example = urls.as_file(urls.query(asked.query.name, examples.items()), format)
        raise UsageError(f"{wrong} For example: {example}")
    records = await fetch_records(site, asked.query, form.sparql, asked.values, request)
    body = "".join(stream_records(records, format, bom=wants_bom(request.query_params))).encode(errors="replace")
    headers = {**file_headers(f"{asked.query.name}.{format}"), "content-type": FORMATS[format]}
    cut = records.head.get("limit")
    return RenderedPage(body, 200, headers | {"vary": "accept-encoding"} | ({"imr-cut": str(cut)} if cut else {}))


def _read_address(request: Request) -> QueryAddress:
    """Return what an address asks; raises PageNotFoundError for another query, UsageError for another parameter."""
    try:
        query = library.find_question(request.path_params["name"])
    except UnknownNameError as error:
        raise PageNotFoundError(f"{error} All are listed below “Questions”.") from None
    given = dict(request.query_params)
    for name in given:
        if name not in _OWN:
            query.parameter(name)
    title = "The row at which the page begins"
    offset = read_whole_number(request.query_params, "offset", 0, 0, _MOST_OFFSET, title)
    values = {name: value for name, value in given.items() if name not in _OWN and value.strip()}
    return QueryAddress(query, values, given.get("sort", ""), offset)


def _fill(snapshot: StoreSnapshot, asked: QueryAddress, began: bool) -> tuple[QueryForm, dict[str, str]]:
    """Return the form with its values, and values to try; runs in a thread."""
    form = fill_form(snapshot, asked.query, asked.values, asked.with_value, began)
    return form, find_examples(snapshot, asked.query)


def _pager(asked: QueryAddress, rows: AnswerRows) -> Pager:
    before = asked.address(offset=max(rows.offset - PAGE, 0)) if rows.offset else None
    after = asked.address(offset=rows.after) if rows.after is not None else None
    return Pager("rows", rows.offset + 1, rows.offset + len(rows.rows), rows.total, before, after)


def _draw(found: AnswerRows, chart: ChartColumns | None) -> QueryChart | None:
    """Return the chart of the rows that are shown, as the question's header describes it; None where it has none.

    Shares have Wilson intervals, as those of the statistics; of many rows the first are drawn.
    """
    if chart is None or len(found.rows) < 2:
        return None
    places = {column.name: n for n, column in enumerate(found.columns)}
    labels = [places[name] for name in chart.by]
    name = ", ".join(found.columns[n].title for n in labels)
    if chart.whole is None:
        bars, title = _amounts(found, labels, places[chart.value]), found.columns[places[chart.value]].title
        return QueryChart(title, BarChart(bars, name, f"{title}: the first {len(bars)} rows", title)) if bars else None
    groups = _rate_groups(found, labels, places[chart.value], places[chart.whole])
    if groups and chart.by[0] == "year":
        years = draw_periods(groups)
        return QueryChart("Share by year", years=years) if years else None
    shown = groups[:_BARS]
    caption = f"The shares of the first {len(shown)} rows, with 95% intervals"
    return QueryChart("Share of each", draw_bars(shown, name, caption, "Of")) if shown else None


def _rate_groups(found: AnswerRows, labels: Sequence[int], value: int, whole: int) -> list[RateGroup]:
    groups = []
    for row in found.rows:
        part, of = int(row[value].number or 0), int(row[whole].number or 0)
        if part <= of and of:
            groups.append(rate_group(tuple(_value(row[n]) for n in labels), of, part))
    return groups


def _value(cell: AnswerCell) -> Value:
    return Value(cell.text or None, _shorten(cell.text), cell.iri)


def _amounts(found: AnswerRows, labels: Sequence[int], n: int) -> tuple[Bar, ...]:
    rows = [row for row in found.rows if row[n].number is not None][:_BARS]
    most = max((row[n].number or 0.0 for row in rows), default=0.0)
    if most <= 0:
        return ()
    return tuple(
        Bar(tuple(_value(row[label]) for label in labels), row[n].text, max(0.0, 100 * (row[n].number or 0.0) / most))
        for row in rows
    )


def _shorten(text: str) -> str:
    return text if len(text) <= _LABEL else f"{text[:_LABEL].rsplit(' ', 1)[0]} …"
