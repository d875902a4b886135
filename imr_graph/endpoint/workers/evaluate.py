"""What a worker does with a query: refuse it, or evaluate it and write the answer within the limits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pyoxigraph as ox

from imr_graph.analysis.queries.safety import UPDATES, calls_service, describe_syntax_error, keywords
from imr_graph.endpoint.formats import BOOLEAN, BY_NAME, GRAPH, SOLUTIONS, AnswerFormat
from imr_graph.endpoint.http import QueryError
from imr_graph.endpoint.settings import ServerSettings
from imr_graph.endpoint.workers.messages import Job
from imr_graph.endpoint.workers.output import (
    LimitReachedError,
    ResponseWriter,
    RowLimitedWriter,
    TripleLimitedWriter,
)
from imr_graph.endpoint.workers.row_boundaries import BOUNDARIES
from imr_graph.errors import StoreError
from imr_graph.graph.readable import ReadableGraph

__all__ = ["evaluate", "syntax_error"]

_LONGEST_REASON = 300
# RDF/XML writes a property as the name of an element: the end of its IRI must be one.
_ELEMENT_NAME = re.compile(r"[^\W\d][\w.\-]*$")


def evaluate(
    store: ReadableGraph, job: Job, limits: ServerSettings, prefixes: dict[str, str], response: ResponseWriter
) -> None:
    """Evaluate a query and write its answer within the limits; raises QueryError where there is none."""
    if calls_service(job.query):
        raise _refusal(400, "SERVICE is not served here, because it calls another server: leave the clause out.")
    result = _query(store, job, prefixes)
    kind = _kind_of(result)
    choice = job.formats[kind]
    if choice is None:
        offered = ", ".join(one.media_types[0] for one in BY_NAME.values() if kind in one.kinds)
        raise _refusal(406, f"None of the formats that the request accepts can hold this answer: ask for {offered}.")
    format, media_type = BY_NAME[choice[0]], choice[1]
    response.head |= {"status": 200, "type": media_type + ("; charset=utf-8" if media_type.startswith("text/") else "")}
    response.hold = response.hold if format.comment else limits.hold_bytes
    if job.head:
        response.finish_head()
    elif isinstance(result, ox.QueryBoolean):
        response.write(result.serialize(format=format.writer) or b"")  # type: ignore[arg-type]
        response.finish(None, 1)
    else:
        _write(result, format, limits, prefixes, response)


def syntax_error(query: str, message: str) -> str:
    """Return the sentence for a query that cannot be parsed, with its line and column where they are known."""
    first = next((word for word in keywords(query) if word not in ("PREFIX", "BASE")), "")
    if first in UPDATES:
        return "Updates are not served here: the graph can only be read, with SELECT, ASK, CONSTRUCT and DESCRIBE."
    return describe_syntax_error(query, message)


def _refusal(status: int, message: str) -> QueryError:
    return QueryError(status, "refused", message)


def _query(
    store: ReadableGraph, job: Job, prefixes: dict[str, str]
) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
    dataset: dict[str, Any] = {}
    if job.default_graphs is not None:  # a dataset of the request takes the place of FROM (protocol, 2.1.4)
        dataset = {
            "default_graph": [ox.NamedNode(iri) for iri in job.default_graphs],
            "named_graphs": [ox.NamedNode(iri) for iri in job.named_graphs or ()],
        }
    try:
        return store.query(job.query, base_iri=job.base, prefixes=prefixes, **dataset)
    except SyntaxError as error:
        raise _refusal(400, syntax_error(job.query, str(error))) from None
    except (RuntimeError, ValueError) as error:
        raise _refusal(400, f"The query cannot be evaluated: {_shorten(str(error))}.") from None


def _kind_of(result: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples) -> str:
    if isinstance(result, ox.QueryBoolean):
        return BOOLEAN
    return GRAPH if isinstance(result, ox.QueryTriples) else SOLUTIONS


def _write(
    result: ox.QuerySolutions | ox.QueryTriples,
    format: AnswerFormat,
    limits: ServerSettings,
    prefixes: dict[str, str],
    response: ResponseWriter,
) -> None:
    writer: RowLimitedWriter | TripleLimitedWriter
    cut: str | None = None
    try:
        if isinstance(result, ox.QuerySolutions):
            writer = RowLimitedWriter(response, format, limits, BOUNDARIES[format.name])
            result.serialize(writer, format=format.writer)  # type: ignore[arg-type]
            writer.finish()
        else:
            writer = TripleLimitedWriter(response, format, limits)
            triples = writer.limit(_reject_unwritable(result) if format.name == "rdfxml" else result)
            ox.serialize(triples, writer, format=format.writer, prefixes=prefixes)  # type: ignore[arg-type]
            writer.finish()
            cut = writer.cut
    except LimitReachedError as met:
        cut = str(met)
    except SyntaxError:  # what an external store sent is cut: it says nothing more once it has begun
        raise StoreError("The store behind this server broke its answer off: the query may take too long.") from None
    except (RuntimeError, ValueError) as error:
        raise _refusal(400, f"The query cannot be evaluated: {_shorten(str(error))}.") from None
    if cut and format.comment:
        before, after = format.comment
        response.write(before + f"Cut off after {writer.rows} rows: the limit of {cut} is met.".encode() + after)
    response.finish(cut, writer.rows)


def _reject_unwritable(triples: Iterator[ox.Triple]) -> Iterator[ox.Triple]:
    for triple in triples:
        if not _ELEMENT_NAME.search(triple.predicate.value):
            raise _refusal(
                406, f"RDF/XML has no way to write the property <{triple.predicate.value}>: ask for text/turtle."
            )
        yield triple


def _shorten(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_REASON else text[:_LONGEST_REASON].rsplit(" ", 1)[0] + " ..."
