"""What an assistant can ask: the functions of `TOOLS` are the tools; `server` offers each as it stands.

A tool takes a store (where it reads one) and returns a bounded JSON object. Its docstring is what assistants read of
it, the text beside a parameter's type what they read of the parameter. Every decision that is named comes with its
case, its date and the words that carry it. Calls run in a process of their own (`limited_process`), which a damaged
store or a long question may end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import cache
from inspect import signature
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple, TypeAlias

from imr_graph.analysis.dimensions.filters import resolve_filters
from imr_graph.analysis.precedents.precedents import Precedents
from imr_graph.analysis.precedents.precedents import precedents as find_precedents
from imr_graph.analysis.precedents.requirements import requirements as find_requirements
from imr_graph.analysis.search.case_numbers import find_cases
from imr_graph.analysis.search.meaning import filters_of
from imr_graph.analysis.search.search import search as find_words
from imr_graph.analysis.statistics.figures import FIGURES, FigureRequest, choose_figure
from imr_graph.analysis.statistics.overturn_rates import overturn_rates
from imr_graph.errors import ImrGraphError
from imr_graph.live_store import LiveStore
from imr_graph.mcp import lookups
from imr_graph.mcp.answers import (
    Answer,
    Detail,
    Limit,
    Offset,
    association_entry,
    check_page,
    compact_record,
    contrast_entry,
    criterion_entry,
    figures_entry,
    group_entry,
    hit_entry,
    next_offset,
    precedent_entry,
    tier_entry,
    truncate_rows,
)
from imr_graph.store.graph_store import GraphStore
from imr_graph.store.table import open_table

__all__ = ["CALL_TOOL", "TOOLS", "ToolReply", "call_tool", "precedents", "requirements", "search", "statistics"]

_CONTRASTS: Final = 3

FilterValues: TypeAlias = Annotated[
    dict[str, str | int | list[str]] | None,
    'Dimension to value or values, for example {"treatment": "MRI", "decision": "overturned"}.',
]
Day: TypeAlias = Annotated[str | None, "A date of decision, such as 2016-07-28."]
Name: TypeAlias = Annotated[str | None, "An id or name of the vocabulary."]

_REMARK: Final = (
    "Disputes that reached review, not all requests; no legal or medical advice. Decisions that depend on a denied "
    "service count unless filtered by derivative=no."
)


def search(
    store: GraphStore,
    text: Annotated[
        str,
        'Words that all have to be there; OR, NOT, brackets, "a phrase", begin*, rationale:word, decision:overturned. '
        "Names in any spelling (PT, Norco, low back) count as what they name. May be empty when there are filters.",
    ] = "",
    filters: FilterValues = None,
    since: Day = None,
    until: Day = None,
    limit: Limit = 10,
    offset: Offset = 0,
    detail: Detail = "short",
) -> Answer:
    """Search what letters say: requests for what the words name first; hits have the words with **what was found**."""
    check_page(limit, offset)
    page = find_words(store, text, filters, since=since, until=until, limit=limit, offset=offset)
    wanted = filters_of(page.terms)
    with open_table(store) as table:
        figures = overturn_rates(table, filters=wanted).groups if wanted.values else ()
        cases = find_cases(table, text)
    answer = {
        "total": page.total,
        "requests": page.requests,
        "understood": {term.written: term.label for term in page.terms},
        "words_left_out": page.left_out,
        "cases": cases,
        "figures": figures_entry(figures[0]) if figures else None,
        "offset": offset,
        "next_offset": page.next_offset,
        "hits": [hit_entry(store, hit, None if detail == "full" else 1) for hit in page.hits],
    }
    return truncate_rows(answer, "hits", "ask for fewer with limit, and for the next with offset.")


def precedents(
    store: GraphStore,
    text: Annotated[
        str,
        "The request in free text, as a letter's heading names it, with what matters of it: "
        "'Norco 10/325 #60, no functional improvement', 'MRI of the left knee, Knee Complaints page 341'.",
    ],
    region: Name = None,
    laterality: Literal["left", "right", "bilateral"] | None = None,
    guideline: Name = None,
    specialty: Name = None,
    state: Name = None,
    decision: Literal["upheld", "overturned"] | None = None,
    first: Annotated[Literal["upheld", "overturned"] | None, "List these before the others."] = None,
    visits: Annotated[int | None, "Requests for up to so many visits are nearest."] = None,
    quantity: Annotated[int | None, "Requests for up to so many tablets or units are nearest."] = None,
    since: Day = None,
    until: Day = None,
    limit: Limit = 5,
    offset: Offset = 0,
    detail: Detail = "short",
) -> Answer:
    """Find earlier decisions like a request: how they went, what they rest on, and the words that carry them.

    Figures are given for the same treatment in the same region (and up to the same amount), then for the treatment,
    its drug class, its category; each precedent says why it ranks where it does. `decision` only chooses
    what is listed; the other filters decide what counts. In short, a precedent has the words that carry it most, and
    what was decided differently is left out.
    """
    check_page(limit, offset)
    found = find_precedents(
        store,
        text,
        region=region,
        laterality=laterality,
        guideline=guideline,
        specialty=specialty,
        state=state,
        decision=decision,
        first=first,
        visits=visits,
        quantity=quantity,
        since=since,
        until=until,
        limit=offset + limit + 1,
    )
    return _describe_precedents(found, limit, offset, detail)


def _describe_precedents(found: Precedents, limit: int, offset: int, detail: Detail) -> Answer:
    """Return the answer with precedents from `offset` on, in short or in full."""
    full = detail == "full"
    most = None if full else 1
    answer = {
        "understood": {k: v for k, v in asdict(found.request).items() if v},
        "read_as": found.read_as,
        "figures_are_of": found.step,
        "steps": [tier_entry(each) for each in found.steps],
        "remarks": list(found.remarks),
        "precedents": [precedent_entry(one, most) for one in found.found[offset : offset + limit]],
        "next_offset": next_offset(offset, limit, len(found.found)),
        "rest_on": [association_entry(each) for each in found.grounds],
        "compared": found.compared,
        "decided_differently": [contrast_entry(pair) for pair in found.contrasts[: _CONTRASTS if full else 0]],
    }
    return truncate_rows(
        answer, "precedents", "ask for fewer with limit, or narrow them with filters.", ["decided_differently"]
    )


def requirements(
    store: GraphStore,
    text: Annotated[str, "The request in free text, as a letter's heading names it: 'MRI of the lumbar spine'."],
    filters: FilterValues = None,
    since: Day = None,
    until: Day = None,
    limit: Limit = 10,
    offset: Offset = 0,
) -> Answer:
    """List what decisions on requests like it say has to be documented, with a sentence of each criterion.

    Each criterion says how often its absence upheld a denial and its presence overturned one, and which section of a
    guideline these decisions cite most. `{"derivative": "no"}` leaves out decisions that depend on a denied service.
    """
    check_page(limit, offset)
    chosen = resolve_filters(store, filters, since=since, until=until)
    found = find_requirements(store, text, filters=chosen)
    answer = {
        "understood": {k: v for k, v in asdict(found.request).items() if v},
        "figures_are_of": found.step and tier_entry(found.step),
        "criteria": [criterion_entry(each) for each in found.criteria[offset : offset + limit]],
        "total": len(found.criteria),
        "next_offset": next_offset(offset, limit, len(found.criteria)),
        "remarks": list(found.remarks),
    }
    return truncate_rows(answer, "criteria", "ask for fewer with limit.")


def statistics(
    store: GraphStore,
    by: Annotated[list[str] | None, "None, one or two dimensions, for example ['treatment']."] = None,
    figure: Annotated[str | None, f"What to count: {', '.join(FIGURES)}."] = None,
    filters: FilterValues = None,
    since: Day = None,
    until: Day = None,
    values: Annotated[list[str] | None, "For the figure comparison: which values of the first dimension."] = None,
    level: Annotated[Literal["item", "case"], "Count disputed items, or cases with an overturned item."] = "item",
    minimum: Annotated[int, "Leave out groups of fewer decisions."] = 1,
    limit: Limit = 20,
    offset: Offset = 0,
    detail: Detail = "short",
) -> Answer:
    """Count decisions: overturned shares with 95% intervals by case (in full with an example), or another figure.

    The figure `reasons` says how often each reason is given, of the upheld or of the overturned decisions to which it
    belongs, beside all other decisions; it is the one that is meant where decisions are counted by reason.
    """
    chosen = resolve_filters(store, filters, since=since, until=until)
    of, dimensions = choose_figure(figure, tuple(by or ()))
    check_page(limit, offset)
    answer: Answer = {"figure": of.name, "by": dimensions, "level": level, "remark": _REMARK}
    with open_table(store) as table:
        request = FigureRequest(dimensions, level, filters=chosen, minimum=minimum, values=tuple(values or ()))
        found = of.compute(table, request)
        if of.name == "shares":
            shown, full = found.groups[offset : offset + limit], detail == "full"
            groups = [group_entry(store, table, found.by, chosen, group, full) for group in shown]
            answer |= {"decisions": found.decisions, "overturned": found.overturned, "cases": found.cases}
            count = len(found.groups)
        else:
            rows = list(of.rows(found))
            groups, count = [compact_record(row) for row in rows[offset : offset + limit]], len(rows)
    answer |= {"groups": groups, "total": count, "next_offset": next_offset(offset, limit, count)}
    return truncate_rows(answer, "groups", "ask for fewer with limit, and for the next with offset.")


TOOLS: Final[Mapping[str, Callable[..., Answer]]] = {
    each.__name__: each
    for each in (
        precedents,
        requirements,
        search,
        statistics,
        lookups.list_questions,
        lookups.named_query,
        lookups.show_case,
    )
}
"""The tools by their names."""

_CALLED: Final[Mapping[str, Callable[..., Answer]]] = {**TOOLS, "show_concept": lookups.show_concept}

CALL_TOOL: Final = f"{__name__}:call_tool"
"""The name of `call_tool` as `LimitedProcess` takes it."""


class ToolReply(NamedTuple):
    """What a tool answers, or the sentence on why it does not."""

    answer: Answer | None
    sentence: str = ""


def call_tool(store: str, name: str, arguments: dict[str, Any]) -> ToolReply:
    """Call a tool on the current generation of a store, which stays open for the calls that follow."""
    tool = _CALLED[name]
    try:
        if "store" not in signature(tool).parameters:
            return ToolReply(tool(**arguments))
        return ToolReply(_live_store(store).use(lambda snapshot: tool(snapshot.store, **arguments)))
    except ImrGraphError as error:
        return ToolReply(None, str(error))


@cache
def _live_store(store: str) -> LiveStore:
    return LiveStore(Path(store), follow=True)
