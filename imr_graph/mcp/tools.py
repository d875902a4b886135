"""What an assistant can ask: each tool is a function of a store that returns a bounded JSON object.

Every decision that is named comes with its case, its date and the words that carry it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import islice
from typing import Any, Final

import pyoxigraph as ox

from imr_graph.analysis.dimensions.filters import Filters, resolve_filters, to_sql
from imr_graph.analysis.precedents.evidence import Evidence, read_evidence
from imr_graph.analysis.precedents.precedents import Contrast, Precedent
from imr_graph.analysis.precedents.precedents import precedents as find_precedents
from imr_graph.analysis.queries import ask, library
from imr_graph.analysis.search.search import search as find_words
from imr_graph.analysis.statistics.overturn_rates import Level, RateGroup, overturn_rates
from imr_graph.errors import UsageError
from imr_graph.graph.reading import determination_of
from imr_graph.mcp.bounds import ROWS, TEXT, Answer, checked_limit, fitted, shortened
from imr_graph.model import to_record
from imr_graph.store.graph_store import GraphStore
from imr_graph.store.table import Table, open_table

__all__ = ["list_questions", "named_query", "precedents", "search", "show_case", "statistics"]

_CONTRASTS: Final = 3
_REMARK: Final = "Disputes that reached review, not all requests; no legal or medical advice."


def search(
    store: GraphStore,
    text: str,
    filters: Mapping[str, str | Sequence[str]] | None = None,
    *,
    since: str | None = None,
    until: str | None = None,
    limit: int = 10,
    offset: int = 0,
) -> Answer:
    """Return the disputed items whose letter says something, with the words found; the arguments are `search`'s."""
    page = find_words(store, text, filters, since=since, until=until, limit=checked_limit(limit), offset=offset)
    hits = [
        {
            "case": hit.case,
            "item": hit.position,
            "heading": hit.heading,
            "decision": hit.decision,
            "decided": hit.decided,
            "quotations": [{"from": snippet.field, "text": snippet.marked()} for snippet in hit.snippets]
            or _quoted(read_evidence(store, hit.case, hit.position) if hit.position else None),
        }
        for hit in page.hits
    ]
    answer = {"total": page.total, "offset": offset, "next_offset": page.next_offset, "hits": hits}
    return fitted(answer, "hits", "ask for fewer with limit, and for the next with offset.")


def precedents(store: GraphStore, text: str, *, limit: int = 10, **filters: Any) -> Answer:
    """Return decisions like a request, how they went and what they rest on; `filters` are those of `precedents`."""
    found = find_precedents(store, text, limit=checked_limit(limit), **filters)
    steps = [
        {"step": s.name, "shared": s.shared, "decisions": s.decisions, "overturned": s.overturned,
         **_share(s.share, s.low, s.high, s.small)}
        for s in found.steps
    ]  # fmt: skip
    rests = [
        {"towards": g.towards, "kind": g.kind, "name": g.value.label, "overturned": f"{g.overturned} of "
         f"{g.all_overturned}", "upheld": f"{g.upheld} of {g.all_upheld}", "log_odds_ratio": round(g.log_odds, 3),
         "interval_95": [round(g.low, 3), round(g.high, 3)], "weak": g.weak}
        for g in found.grounds
    ]  # fmt: skip
    answer = {
        "understood": {k: v for k, v in asdict(found.request).items() if v},
        "figures_are_of": found.step,
        "steps": steps,
        "remarks": list(found.remarks),
        "precedents": [_precedent(one) for one in found.found],
        "rest_on": rests,
        "compared": found.compared,
        "decided_differently": [_contrast(pair) for pair in found.contrasts[:_CONTRASTS]],
    }
    return fitted(
        answer, "precedents", "ask for fewer with limit, or narrow them with filters.", ["decided_differently"]
    )


def statistics(
    store: GraphStore,
    by: Sequence[str] = (),
    filters: Mapping[str, str | Sequence[str]] | None = None,
    *,
    since: str | None = None,
    until: str | None = None,
    level: Level = "item",
    minimum: int = 1,
    limit: int = 20,
) -> Answer:
    """Return overturned shares by none, one or two dimensions, with one decision of each group as an example."""
    chosen = resolve_filters(store, filters, since=since, until=until)
    with open_table(store) as table:
        found = overturn_rates(table, by, level=level, filters=chosen, minimum=minimum)
        shown = found.groups[: checked_limit(limit)]
        groups = [_group(store, table, found.by, chosen, group) for group in shown]
    answer = {
        "by": found.by,
        "level": level,
        "decisions": found.decisions,
        "overturned": found.overturned,
        "groups": groups,
        "groups_not_shown": len(found.groups) - len(shown),
        "remark": _REMARK,
    }
    return fitted(answer, "groups", "ask for fewer with limit, or leave small groups out with minimum.")


def list_questions(tag: str | None = None) -> Answer:
    """Return the ready-made questions with the parameters that they take."""
    found = [question for question in library.questions() if tag is None or tag in question.tags]
    if not found:
        tags = sorted({tag for question in library.questions() for tag in question.tags})
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
    return fitted({"questions": questions}, "questions", "ask for one tag.")


def named_query(store: GraphStore, name: str, values: Mapping[str, str] | None = None, *, limit: int = 20) -> Answer:
    """Return the answer to a ready-made question; rows that name a disputed item or a case quote it."""
    question = library.find_question(name)  # a name of the library only: neither a file nor SPARQL
    raw = ask.run(store, question.name, values)
    limit = checked_limit(limit)
    answer: Answer = {"question": question.title, "columns": {c.name: c.description for c in question.columns}}
    if isinstance(raw, ox.QueryBoolean):
        return {**answer, "rows": [bool(raw)]}
    if isinstance(raw, ox.QueryTriples):
        triples = list(islice(raw, ROWS + 1))
        rows: list[Any] = [{"triple": shortened(str(triple))} for triple in triples[:ROWS]]
        return fitted({**answer, "rows": rows, "more": len(triples) > ROWS}, "rows", "ask for one case.")
    names = [variable.value for variable in raw.variables]
    solutions = list(islice(raw, limit + 1))
    rows = [_row(store, {name: solution[name] for name in names}) for solution in solutions[:limit]]
    return fitted({**answer, "rows": rows, "more": len(solutions) > limit}, "rows", "ask for fewer with limit.")


def show_case(store: GraphStore, case: str, *, first_item: int = 1) -> Answer:
    """Return one determination: facts, both sides' citations, the words of the rationales, places in the letter's text.

    `first_item` is the disputed item to begin with, for letters with many.
    """
    determination = determination_of(store, case.strip())
    if not 1 <= first_item <= max(1, len(determination.items)):
        raise UsageError(f"{case} has {len(determination.items)} items: begin with one of them, not with {first_item}.")
    record = to_record(determination)
    spans = record.pop("spans")
    items = [
        {"item": n, **_compact(item), "places": _places(spans, f"/items/{n - 1}/")}
        for n, item in enumerate(record.pop("items"), 1)
    ]
    facts = _compact(record)
    places = _places({k: v for k, v in spans.items() if not k.startswith("/items/")}, "/")
    answer = {**facts, "places": places, "items_in_letter": len(items), "items": items[first_item - 1 :][:ROWS]}
    return fitted(answer, "items", "ask again with first_item.")


def _precedent(one: Precedent) -> Answer:
    return {
        "case": one.case,
        "item": one.position,
        "service": one.service,
        "decision": one.decision,
        "decided": one.decided,
        "why": one.reason,
        "score": one.score,
        "quotations": _quoted(one),
    }


def _contrast(pair: Contrast) -> Answer:
    places = [place.label for place in pair.places]
    return {"on": places, "overturned": _precedent(pair.overturned), "upheld": _precedent(pair.upheld)}


def _quoted(evidence: Evidence | None) -> list[Answer]:
    if evidence is None:
        return []
    return [
        {"from": "rationale", "role": q.role, "text": q.text, "place": None if q.start is None else [q.start, q.end]}
        for q in evidence.quotations
    ]


def _group(store: GraphStore, table: Table, by: Sequence[str], filters: Filters, group: RateGroup) -> Answer:
    own = Filters(
        (*filters.values, *((name, (value.id,)) for name, value in zip(by, group.values, strict=True))),
        filters.since,
        filters.until,
    )
    return {
        **{name: value.label for name, value in zip(by, group.values, strict=True)},
        "decisions": group.decisions,
        "overturned": group.overturned,
        **_share(group.share, group.low, group.high, group.small),
        "example": _example(store, table, own),
    }


def _example(store: GraphStore, table: Table, filters: Filters) -> Answer | None:
    """Return one decision that fits, with its words."""
    said, values = to_sql(filters)
    for case, position in table.rows(f"select case_key, position from items where {said} limit 1", values):
        found = read_evidence(store, case, position)
        if found:
            return {"case": case, "item": position, "decision": found.decision, "quotations": _quoted(found)}
    return None


def _share(share: float, low: float, high: float, small: bool) -> Answer:
    found: Answer = {"share": round(share, 4), "interval_95": [round(low, 4), round(high, 4)]}
    return {**found, "small": "fewer than 30 decisions: the share says little"} if small else found


def _row(store: GraphStore, cells: Mapping[str, ox.NamedNode | ox.Literal | ox.BlankNode | ox.Triple | None]) -> Answer:
    row: Answer = {
        name: shortened(cell.value if isinstance(cell, ox.NamedNode | ox.Literal) else str(cell))
        for name, cell in cells.items()
        if cell is not None
    }
    quoted = next(
        filter(None, (_of_node(store, cell.value) for cell in cells.values() if isinstance(cell, ox.NamedNode))), None
    )
    return {**row, "evidence": quoted} if quoted else row


def _of_node(store: GraphStore, iri: str) -> Answer | None:
    """Return the words of the disputed item that a node is or belongs to; for a case those of its first item."""
    name = iri.removeprefix(f"{store.base}case-")
    if name == iri:
        return None
    case, mark, rest = name.partition("-item-")
    position = int(rest.partition("-")[0]) if mark and rest.partition("-")[0].isdigit() else 1
    found = read_evidence(store, case, position)
    if found is None:
        return None
    return {"case": case, "item": position, "decision": found.decision, "quotations": _quoted(found)}


def _compact(value: Any) -> Any:
    """Return a record without what is not stated, its long texts cut."""
    if isinstance(value, dict):
        found = {name: _compact(inner) for name, inner in value.items()}
        return {name: inner for name, inner in found.items() if inner not in (None, [], {}, ())}
    if isinstance(value, list | tuple):
        return [_compact(inner) for inner in value]
    return shortened(value, 2 * TEXT) if isinstance(value, str) else value


def _places(spans: Mapping[str, Sequence[int]], prefix: str) -> dict[str, Sequence[int]]:
    return {pointer.removeprefix(prefix): place for pointer, place in spans.items() if pointer.startswith(prefix)}
