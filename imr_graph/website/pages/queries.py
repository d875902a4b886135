"""The query library as pages: each query a form, its answer a table, a chart where one makes sense, and files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from imr_graph.analysis.dimensions.values import Value
from imr_graph.analysis.queries import library
from imr_graph.analysis.queries.library import ChartColumns, Question
from imr_graph.analysis.statistics.overturn_rates import RateGroup, rate_group
from imr_graph.errors import UnknownNameError, UsageError
from imr_graph.live_store import StoreSnapshot
from imr_graph.record_files import FORMATS, stream_records
from imr_graph.website import urls
from imr_graph.website.citations import shorten
from imr_graph.website.files import file_headers, wants_bom
from imr_graph.website.forms import QueryForm, fill_form, find_examples, read_whole_number, title_of
from imr_graph.website.page_cache import RenderedPage
from imr_graph.website.query_results import (
    PAGE,
    AnswerCell,
    AnswerRows,
    fetch_graph,
    fetch_records,
    fetch_rows,
)
from imr_graph.website.rendering import PageHead
from imr_graph.website.site import Page, PageNotFoundError, PageRequest, QueryFailedError
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


class QueryChart(NamedTuple):
    """A chart of bars, or of shares over years; `title` says what it shows."""

    title: str
    bars: BarChart | None = None
    years: PeriodChart | None = None


async def list_queries(asked: PageRequest) -> Page:
    """Show the query library, all of it or what has a tag."""
    tag = asked.parameters.get("tag", "")
    found = [query for query in library.list_questions() if not tag or tag in query.tags]
    tags = library.list_tags()
    if not found:
        raise PageNotFoundError(f"No question has the tag {tag[:100]!r}; the tags are {', '.join(tags)}.")
    return Page("questions.html", title="Questions", groups=_group(found), tags=tags, tag=tag, count=len(found))


def _group(queries: list[Question]) -> list[tuple[str, list[Question]]]:
    grouped: dict[str, list[Question]] = {title: [] for title, _ in (*_GROUPS, (_REST, ()))}
    for query in queries:
        fitting = (title for title, tags in _GROUPS if set(tags) & set(query.tags))
        grouped[next(fitting, _REST)].append(query)
    return [(title, found) for title, found in grouped.items() if found]


async def show_query(asked: PageRequest) -> Page:
    """Show a query as a form, and its answer where its parameters are there."""
    wanted = _read_address(asked)
    query, plain = wanted.query, wanted.address(sort="", offset=0)
    form, examples = await asked.site.run_in_thread(lambda snapshot: _fill(snapshot, wanted, bool(asked.parameters)))
    answer = await _answer(asked, wanted, form.sparql) if form.sparql is not None else {}
    return Page(
        "question.html",
        status=400 if form.wrong else 503 if "sentence" in answer else 200,
        title=query.title,
        query=query,
        asked=wanted,
        form=form,
        columns=[(title_of(column.name), column.description) for column in query.columns],
        example=urls.query(query.name, examples.items()) if examples and form.sparql is None else "",
        address=plain,
        formats=(_SPARQL_TABLES if query.columns else _GRAPHS).items(),
        **{"rows": None, "graph": None, "chart": None, "sentence": None, **answer},
        head=PageHead(shorten(query.description), plain),
    )


async def _answer(asked: PageRequest, wanted: QueryAddress, sparql: str) -> dict[str, Any]:
    """Return the answer to a query as rows or as a graph, by the names of the template, or why there is none."""
    query = wanted.query
    try:
        if not query.columns:
            return {"graph": await fetch_graph(asked, sparql)}
        rows = await fetch_rows(asked, query, sparql, wanted.values, wanted.sort, wanted.offset)
    except QueryFailedError as error:
        return {"sentence": str(error)}
    return {
        "rows": rows,
        "before": wanted.address(offset=max(rows.offset - PAGE, 0)) if rows.offset else None,
        "after": wanted.address(offset=rows.after) if rows.after is not None else None,
        "chart": _draw(rows, query.chart),
    }


async def send_answer(format: str, asked: PageRequest) -> RenderedPage:
    """Send the whole answer to a query as a file, in a format of `record_files.FORMATS`."""
    wanted = _read_address(asked)
    name = wanted.query.name
    if not wanted.query.columns:
        raise UsageError("This question is answered by a graph: ask for it on the page of the question.")
    form, examples = await asked.site.run_in_thread(lambda snapshot: _fill(snapshot, wanted, True))
    if form.sparql is None:
        wrong = "; ".join(f"{field.name}: {field.error}" for field in form.wrong)
        example = urls.as_file(urls.query(name, examples.items()), format)
        raise UsageError(f"{wrong} For example: {example}")
    records = await fetch_records(asked, wanted.query, form.sparql, wanted.values)
    body = "".join(stream_records(records, format, bom=wants_bom(asked.parameters))).encode(errors="replace")
    headers = {**file_headers(f"{name}.{format}"), "content-type": FORMATS[format], "vary": "accept-encoding"}
    cut = records.head.get("limit")
    return RenderedPage(body, 200, headers | ({"imr-cut": str(cut)} if cut else {}))


def _read_address(asked: PageRequest) -> QueryAddress:
    """Return what an address asks; raises PageNotFoundError for another query, UsageError for another parameter."""
    try:
        query = library.find_question(asked.name)
    except UnknownNameError as error:
        raise PageNotFoundError(f"{error} All are listed below “Questions”.") from None
    given = dict(asked.parameters)
    for name in given:
        if name not in _OWN:
            query.parameter(name)
    title = "The row at which the page begins"
    offset = read_whole_number(asked.parameters, "offset", 0, 0, _MOST_OFFSET, title)
    values = {name: value for name, value in given.items() if name not in _OWN and value.strip()}
    return QueryAddress(query, values, given.get("sort", ""), offset)


def _fill(snapshot: StoreSnapshot, asked: QueryAddress, began: bool) -> tuple[QueryForm, dict[str, str]]:
    """Return the form with its values, and values to try; runs in a thread."""
    form = fill_form(snapshot, asked.query, asked.values, asked.with_value, began)
    return form, find_examples(snapshot, asked.query)


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
