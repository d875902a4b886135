"""What an assistant can look up: the ready-made questions and their answers, a whole case, a concept.

The docstring of a tool is what assistants read of it, the text beside a parameter's type what they read of the
parameter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from itertools import islice
from typing import Annotated, Final

import pyoxigraph as ox

from imr_graph import iris, vocabulary
from imr_graph.analysis.dimensions.filters import Filters
from imr_graph.analysis.dimensions.lookup import literals_of
from imr_graph.analysis.precedents.evidence import read_evidence
from imr_graph.analysis.queries import ask, library
from imr_graph.analysis.queries.parameters import ParameterValue
from imr_graph.analysis.queries.results import Term, to_python
from imr_graph.analysis.statistics.overturn_rates import overturn_rates
from imr_graph.errors import UnknownNameError, UsageError
from imr_graph.graph.reading import determination_of
from imr_graph.mcp.answers import (
    ROWS,
    Answer,
    Detail,
    Limit,
    Offset,
    check_page,
    compact_record,
    figures_entry,
    next_offset,
    quotation_entries,
    truncate_rows,
    truncate_text,
)
from imr_graph.records import to_record
from imr_graph.store.graph_store import GraphStore
from imr_graph.store.table import open_table
from imr_graph.table.dimensions import DIMENSIONS

__all__ = ["list_questions", "named_query", "show_case", "show_concept"]

_BRIEF: Final = 500  # characters of a text of a case that is shown in short


def list_questions(
    tag: Annotated[str | None, "Only with this tag."] = None,
    name: Annotated[str | None, "Only this question, with all that it takes."] = None,
    limit: Limit = 20,
    offset: Offset = 0,
    detail: Detail = "short",
) -> Answer:
    """List the ready-made questions: names, titles and parameters; in full with what each means."""
    check_page(limit, offset)
    tagged = [q for q in library.list_questions() if tag is None or tag in q.tags]
    found = [library.find_question(name)] if name else tagged
    if not found:
        raise UsageError(f"No question has the tag {tag!r}: the tags are {', '.join(library.list_tags())}.")
    whole = detail == "full" or name is not None
    questions = [_question_entry(question, whole) for question in found[offset : offset + limit]]
    answer = {"total": len(found), "next_offset": next_offset(offset, limit, len(found)), "questions": questions}
    return truncate_rows(answer, "questions", "ask for one by its name, or for fewer with limit.")


def _question_entry(question: library.Question, whole: bool) -> Answer:
    if not whole:
        names = [f"{p.name}{'' if p.required else '?'}" for p in question.parameters]
        return {"name": question.name, "title": question.title, "parameters": names}
    return {
        "name": question.name,
        "title": question.title,
        "description": question.description,
        "parameters": [{k: v for k, v in asdict(p).items() if v not in (None, False)} for p in question.parameters],
        "columns": {column.name: column.description for column in question.columns},
        "tags": list(question.tags),
    }


def named_query(
    store: GraphStore,
    name: Annotated[str, "The name of a question, as list_questions gives it."],
    parameters: Annotated[dict[str, str | int] | None, "Values by parameter."] = None,
    limit: Limit = 20,
    offset: Offset = 0,
    detail: Detail = "short",
) -> Answer:
    """Ask a ready-made question; in full, rows about a disputed item come with its words."""
    check_page(limit, offset)
    question = library.find_question(name)  # a name of the library only: neither a file nor SPARQL
    values: dict[str, ParameterValue] = {**(parameters or {})}
    raw = ask.run(store, question.name, values)
    answer: Answer = {"question": question.title}
    if isinstance(raw, ox.QueryBoolean):
        return {**answer, "rows": [{"answer": bool(raw)}], "next_offset": None}
    if isinstance(raw, ox.QueryTriples):
        triples = [str(triple) for triple in islice(raw, offset, offset + limit + 1)]
        rows: list[Answer] = [{"triple": truncate_text(triple)} for triple in triples[:limit]]
        more = len(triples) > limit
    else:
        names = [variable.value for variable in raw.variables]
        solutions = list(islice(raw, offset, offset + limit + 1))
        rows = [_row_entry(store, {n: each[n] for n in names}, detail == "full") for each in solutions[:limit]]
        more = len(solutions) > limit
        if detail == "full":
            answer["columns"] = {column.name: column.description for column in question.columns}
    answer |= {"rows": rows, "next_offset": offset + limit if more else None}
    return truncate_rows(answer, "rows", "ask for fewer with limit, and for the next with offset.")


def _row_entry(store: GraphStore, cells: Mapping[str, Term | None], full: bool = True) -> Answer:
    """Return a row of an answer, its numbers as numbers.

    In full, the first cell that names a disputed item or a case brings its words along.
    """
    row: Answer = {name: _plain(cell) for name, cell in cells.items() if cell is not None}
    if not full:
        return row
    quoted = next(
        filter(None, (_node_evidence(store, cell.value) for cell in cells.values() if isinstance(cell, ox.NamedNode))),
        None,
    )
    return {**row, "evidence": quoted} if quoted else row


def _plain(cell: Term) -> str | int | float | bool | None:
    value = to_python(cell)
    if isinstance(value, Decimal):
        return float(value)
    return value if isinstance(value, bool | int | float) else truncate_text(str(value))


def _node_evidence(store: GraphStore, iri: str) -> Answer | None:
    """Return the words of the disputed item that a node is or belongs to; for a case those of its first item."""
    name = iri.removeprefix(f"{store.base}case-")
    if name == iri:
        return None
    case, mark, rest = name.partition("-item-")
    position = int(rest.partition("-")[0]) if mark and rest.partition("-")[0].isdigit() else 1
    found = read_evidence(store, case, position)
    if found is None:
        return None
    return {"case": case, "item": position, "decision": found.decision, "quotations": quotation_entries(found)}


def show_case(
    store: GraphStore,
    case: Annotated[str, "A case number, such as CM16-0000000."],
    first_item: Annotated[int, "The disputed item to begin with: next_item of the answer before."] = 1,
    limit: Limit = 10,
    detail: Detail = "short",
) -> Answer:
    """Show one determination: dates, reviewer; of each item decision, both sides' citations, reasons, rationale.

    In short, long texts are cut and places are left out.
    """
    check_page(limit, 0)
    determination = determination_of(store, case.strip())
    if not 1 <= first_item <= max(1, len(determination.items)):
        raise UsageError(f"{case} has {len(determination.items)} items: begin with one of them, not with {first_item}.")
    record = to_record(determination)
    spans, items = record.pop("spans"), record.pop("items")
    full = detail == "full"
    most = None if full else _BRIEF
    entries: list[Answer] = [{"item": n, **compact_record(item, most)} for n, item in enumerate(items, 1)]
    answer = compact_record(record, most)
    if full:
        for index, entry in enumerate(entries):
            entry["places"] = _places_below(spans, f"/items/{index}/")
        answer["places"] = _places_below({k: v for k, v in spans.items() if not k.startswith("/items/")}, "/")
    after = next_offset(first_item, limit, len(entries) + 1)
    answer |= {"items_in_letter": len(entries), "next_item": after, "items": entries[first_item - 1 :][:limit]}
    return truncate_rows(answer, "items", "ask again with first_item.")


def _places_below(spans: Mapping[str, Sequence[int]], prefix: str) -> dict[str, Sequence[int]]:
    """Return the places of all fields below a JSON pointer, named from there on."""
    return {pointer.removeprefix(prefix): place for pointer, place in spans.items() if pointer.startswith(prefix)}


def show_concept(store: GraphStore, concept: str) -> Answer:
    """Return a concept of the vocabulary by the last part of its IRI ("treatment-mri"): names, meaning, figures."""
    iri = f"{iris.BASE}{concept}"
    labels = literals_of(store.graph, iri, f"{iris.SKOS}prefLabel")
    if not labels:
        known = (c.iri.removeprefix(iris.BASE) for c in vocabulary.load().treatments)
        raise UnknownNameError("concept", concept, known)
    answer: Answer = {"concept": concept, "iri": iri, "name": labels[0]}
    answer["also_called"] = literals_of(store.graph, iri, f"{iris.SKOS}altLabel")[:ROWS]
    answer["meaning"] = " ".join(literals_of(store.graph, iri, f"{iris.SKOS}definition", f"{iris.SKOS}scopeNote"))
    kind, _, id = concept.partition("-")
    if kind in DIMENSIONS:
        with open_table(store) as table:
            for group in overturn_rates(table, filters=Filters(((kind, (id,)),))).groups:
                answer["figures"] = figures_entry(group)
    return {name: value for name, value in answer.items() if value}
