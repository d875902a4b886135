"""What an assistant can ask: each function of `__all__` is a tool; `server` offers it as it stands here.

A tool takes a store (where it reads one) and returns a bounded JSON object. Its docstring is what assistants read of
it, the text beside a parameter's type what they read of the parameter. Every decision that is named comes with its
case, its date and the words that carry it.
"""

from __future__ import annotations

from dataclasses import asdict
from itertools import islice
from typing import Annotated, Any, Final, Literal, TypeAlias

import pyoxigraph as ox

from imr_graph.analysis.dimensions.filters import resolve_filters
from imr_graph.analysis.precedents.evidence import read_evidence
from imr_graph.analysis.precedents.precedents import precedents as find_precedents
from imr_graph.analysis.precedents.requirements import requirements as find_requirements
from imr_graph.analysis.queries import ask, library
from imr_graph.analysis.search.search import search as find_words
from imr_graph.analysis.statistics.figures import FIGURES, FigureRequest, choose_figure
from imr_graph.errors import UsageError
from imr_graph.graph.reading import determination_of
from imr_graph.mcp.answers import (
    ROWS,
    Answer,
    association_entry,
    check_limit,
    compact_record,
    contrast_entry,
    criterion_entry,
    group_entry,
    places_below,
    precedent_entry,
    quotation_entries,
    row_entry,
    tier_entry,
    truncate_rows,
    truncate_text,
)
from imr_graph.records import to_record
from imr_graph.store.graph_store import GraphStore
from imr_graph.store.table import open_table

__all__ = [
    "list_questions",
    "named_query",
    "precedents",
    "requirements",
    "search",
    "show_case",
    "statistics",
]

_CONTRASTS: Final = 3

FilterValues: TypeAlias = Annotated[
    dict[str, str | list[str]] | None,
    'Dimension to value or values, for example {"treatment": "MRI", "decision": "overturned"}.',
]
Day: TypeAlias = Annotated[str | None, "A date of decision, such as 2016-07-28."]
Name: TypeAlias = Annotated[str | None, "An id or name of the vocabulary."]
Limit: TypeAlias = Annotated[int, f"How many rows, 1 to {ROWS}."]

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
    offset: Annotated[int, "Where to begin: next_offset of the page before."] = 0,
) -> Answer:
    """Search what letters say: requests for what the words name first; hits have the words with **what was found**."""
    page = find_words(store, text, filters, since=since, until=until, limit=check_limit(limit), offset=offset)
    hits = [
        {
            "case": hit.case,
            "item": hit.position,
            "heading": hit.heading,
            "decision": hit.decision,
            "decided": hit.decided,
            "quotations": [{"from": snippet.field, "text": snippet.mark_matches()} for snippet in hit.snippets]
            or quotation_entries(read_evidence(store, hit.case, hit.position) if hit.position else None),
        }
        for hit in page.hits
    ]
    understood = {term.written: term.label for term in page.terms}
    counts = {"total": page.total, "requests": page.requests, "understood": understood}
    answer = {**counts, "offset": offset, "next_offset": page.next_offset, "hits": hits}
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
    limit: Limit = 10,
) -> Answer:
    """Find earlier decisions like a request: how they went, what they rest on, and the words that carry them.

    Figures are given for the same treatment in the same region (and up to the same amount), then for the treatment,
    its drug class, its category; each precedent says why it ranks where it does. `decision` only chooses
    what is listed; the other filters decide what counts.
    """
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
        limit=check_limit(limit),
    )
    answer = {
        "understood": {k: v for k, v in asdict(found.request).items() if v},
        "read_as": found.read_as,
        "figures_are_of": found.step,
        "steps": [tier_entry(each) for each in found.steps],
        "remarks": list(found.remarks),
        "precedents": [precedent_entry(one) for one in found.found],
        "rest_on": [association_entry(each) for each in found.grounds],
        "compared": found.compared,
        "decided_differently": [contrast_entry(pair) for pair in found.contrasts[:_CONTRASTS]],
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
) -> Answer:
    """List what decisions on requests like it say has to be documented, with a sentence of each criterion.

    Each criterion says how often its absence upheld a denial and its presence overturned one, and which section of a
    guideline these decisions cite most. `{"derivative": "no"}` leaves out decisions that depend on a denied service.
    """
    chosen = resolve_filters(store, filters, since=since, until=until)
    found = find_requirements(store, text, filters=chosen)
    answer = {
        "understood": {k: v for k, v in asdict(found.request).items() if v},
        "figures_are_of": found.step and tier_entry(found.step),
        "criteria": [criterion_entry(each) for each in found.criteria[: check_limit(limit)]],
        "criteria_not_shown": max(0, len(found.criteria) - limit),
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
) -> Answer:
    """Count decisions: overturned shares with 95% intervals by case and an example, or another figure.

    The figure `reasons` says how often each reason is given, of the upheld or of the overturned decisions to which it
    belongs, beside all other decisions; it is the one that is meant where decisions are counted by reason.
    """
    chosen = resolve_filters(store, filters, since=since, until=until)
    of, dimensions = choose_figure(figure, tuple(by or ()))
    check_limit(limit)
    answer: Answer = {"figure": of.name, "by": dimensions, "level": level, "remark": _REMARK}
    with open_table(store) as table:
        request = FigureRequest(
            dimensions, level, filters=chosen, minimum=minimum, limit=limit, values=tuple(values or ())
        )
        found = of.compute(table, request)
        if of.name == "shares":
            groups = [group_entry(store, table, found.by, chosen, group) for group in found.groups[:limit]]
            answer |= {"decisions": found.decisions, "overturned": found.overturned, "cases": found.cases}
            count = len(found.groups)
        else:
            rows = list(of.rows(found))
            groups, count = [compact_record(row) for row in rows[:limit]], len(rows)
    answer |= {"groups": groups, "groups_not_shown": count - len(groups)}
    return truncate_rows(answer, "groups", "ask for fewer with limit, or leave small groups out with minimum.")


def list_questions(tag: Annotated[str | None, "Only with this tag."] = None) -> Answer:
    """List the ready-made questions, with the parameters that each takes."""
    found = [question for question in library.list_questions() if tag is None or tag in question.tags]
    if not found:
        tags = sorted({tag for question in library.list_questions() for tag in question.tags})
        raise UsageError(f"No question has the tag {tag!r}: the tags are {', '.join(tags)}.")
    questions = [
        {
            "name": question.name,
            "title": question.title,
            "description": question.description,
            "parameters": [{k: v for k, v in asdict(p).items() if v not in (None, False)} for p in question.parameters],
            "columns": [column.name for column in question.columns],
            "tags": question.tags,
        }
        for question in found
    ]
    return truncate_rows({"questions": questions}, "questions", "ask for one tag.")


def named_query(
    store: GraphStore,
    name: Annotated[str, "The name of a question, as list_questions gives it."],
    parameters: Annotated[dict[str, str] | None, "Values by parameter."] = None,
    limit: Limit = 20,
) -> Answer:
    """Ask a ready-made question; rows about a disputed item come with its words."""
    question = library.find_question(name)  # a name of the library only: neither a file nor SPARQL
    raw = ask.run(store, question.name, parameters)
    limit = check_limit(limit)
    answer: Answer = {"question": question.title, "columns": {c.name: c.description for c in question.columns}}
    if isinstance(raw, ox.QueryBoolean):
        return {**answer, "rows": [bool(raw)]}
    if isinstance(raw, ox.QueryTriples):
        triples = list(islice(raw, ROWS + 1))
        rows: list[Any] = [{"triple": truncate_text(str(triple))} for triple in triples[:ROWS]]
        return truncate_rows({**answer, "rows": rows, "more": len(triples) > ROWS}, "rows", "ask for one case.")
    names = [variable.value for variable in raw.variables]
    solutions = list(islice(raw, limit + 1))
    rows = [row_entry(store, {name: solution[name] for name in names}) for solution in solutions[:limit]]
    return truncate_rows({**answer, "rows": rows, "more": len(solutions) > limit}, "rows", "ask for fewer with limit.")


def show_case(
    store: GraphStore,
    case: Annotated[str, "A case number, such as CM16-0000000."],
    first_item: Annotated[int, "The disputed item to begin with, in letters with many."] = 1,
) -> Answer:
    """Show one determination: dates, reviewer; of each item decision, both sides' citations, rationale, places."""
    determination = determination_of(store, case.strip())
    if not 1 <= first_item <= max(1, len(determination.items)):
        raise UsageError(f"{case} has {len(determination.items)} items: begin with one of them, not with {first_item}.")
    record = to_record(determination)
    spans = record.pop("spans")
    items = [
        {"item": n, **compact_record(item), "places": places_below(spans, f"/items/{n - 1}/")}
        for n, item in enumerate(record.pop("items"), 1)
    ]
    facts = compact_record(record)
    places = places_below({k: v for k, v in spans.items() if not k.startswith("/items/")}, "/")
    answer = {**facts, "places": places, "items_in_letter": len(items), "items": items[first_item - 1 :][:ROWS]}
    return truncate_rows(answer, "items", "ask again with first_item.")
