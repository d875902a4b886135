"""Asking: a question of the library, a file or SPARQL text against a store, read-only.

>>> from imr_graph.store.graph_store import memory_store
>>> ask(memory_store(), "SELECT (1 + 1 AS ?sum) WHERE {}").rows
((2,),)
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from imr_graph import iris as terms
from imr_graph.analysis.queries import library
from imr_graph.analysis.queries.parameters import ParameterValue, bind_parameters
from imr_graph.analysis.queries.results import Answer, Raw, ResultTable, read_answer
from imr_graph.analysis.queries.safety import describe_syntax_error, reject_unsafe
from imr_graph.analysis.queries.table_evaluation import find_table_answer
from imr_graph.errors import StoreError, UsageError
from imr_graph.store.graph_store import GraphStore, StoreSource, as_store

__all__ = ["ask", "resolve_sparql", "run", "select"]

# A question's name: lower-case words joined by hyphens. SPARQL text always has a brace or a space.
_NAME = re.compile(r"[A-Za-z0-9_\-]+")


def ask(
    store: StoreSource,
    request: str | Path,
    values: Mapping[str, ParameterValue] | None = None,
    /,
    **parameters: ParameterValue,
) -> Answer:
    """Return the answer to a question: a `ResultTable`, the triples of a graph, or a truth value.

    `store` is an open store or the folder of one. `request` is the name of a question, the path of a file with SPARQL
    (it has a slash or ends in `.rq`), or SPARQL text; `values` and keywords are the parameters' values: words as a
    user writes them, numbers, dates. Raises UsageError (a wrong query, an update, `SERVICE`, `FROM`, a wrong value) and
    UnknownNameError, each with one sentence that says what to do.
    """
    return read_answer(run(as_store(store), str(request), {**(values or {}), **parameters}))


def select(
    store: StoreSource,
    request: str | Path,
    values: Mapping[str, ParameterValue] | None = None,
    /,
    **parameters: ParameterValue,
) -> ResultTable:
    """Return the rows that answer a question; as `ask`, for questions whose answer is a table.

    Raises UsageError as well where the answer is a graph or a truth value.
    """
    answer = ask(store, request, values, **parameters)
    if not isinstance(answer, ResultTable):
        raise UsageError("This question has no rows (it is a CONSTRUCT, DESCRIBE or ASK query): use `ask`.")
    return answer


def run(store: GraphStore, request: str, values: Mapping[str, ParameterValue] | None = None) -> Raw:
    """Return the answer as Oxigraph streams it, for `write_answer`; the arguments and errors are those of `ask`.

    Questions of the library that have SQL beside their SPARQL are answered from the table of a large store.
    """
    question = _question(request)
    found = find_table_answer(question, values or {}, store) if question else None
    if found is not None:
        return found
    query = resolve_sparql(store, request, values)
    reject_unsafe(query)
    try:
        return store.graph.query(query, prefixes={**terms.PREFIXES, "id": store.base})
    except SyntaxError as error:
        raise UsageError(describe_syntax_error(query, str(error))) from None
    except OSError as error:
        raise StoreError(f"The store cannot be read ({error}): check the disk, or build it anew.") from error


def resolve_sparql(store: GraphStore, request: str, values: Mapping[str, ParameterValue] | None = None) -> str:
    """Return the SPARQL that `ask` would evaluate, with parameters set; the arguments and errors are those of `ask`."""
    question = _question(request)
    if question:
        return bind_parameters(question, values or {}, store)
    if values:
        raise UsageError("Only questions with a header take parameters: write the values into the SPARQL text.")
    return _text(request)


def _question(request: str) -> library.Question | None:
    """Return the question that a name or a text with a header stands for, None for bare SPARQL."""
    if _NAME.fullmatch(request.strip()):
        return library.find_question(request.strip())
    text = _text(request)
    name = Path(request).stem if _is_path(request) else "query"
    return library.parse(name, text) if text.startswith("# title:") else None


def _is_path(request: str) -> bool:
    """Say whether a request names a file: by a slash or `.rq`, without what only SPARQL has (braces, IRIs, lines)."""
    looks_like_path = os.sep in request or "/" in request or request.endswith(".rq")
    return looks_like_path and not any(sign in request for sign in "{}<>\n")


def _text(request: str) -> str:
    if not _is_path(request):
        return request
    try:
        return Path(request).read_text("utf-8-sig")
    except FileNotFoundError:
        raise UsageError(
            f"There is no file {request}: check the path, or name a question (imr-graph queries lists them)."
        ) from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{request}: the query cannot be read as UTF-8 text ({error}).") from None
