"""imr-graph: Independent Medical Review letters as a knowledge graph.

The verbs, each imported when it is first used:

- `find`, `read_letters`, `read_letter`: inputs to letters;
- `extract`, `extract_all`: letters to determinations; `to_record`, `from_record`: a determination as JSON;
- `build`: inputs to a validated store; `open_store`, `memory_store`, `add`, `remove`, `restore`;
- `ask`, `select`: a question, by name or as SPARQL, with any answer or with rows;
- `stats`: overturned shares and other figures; `project`: networks; `rdflib_graph`: the store under rdflib;
- `precedents`, `requirements`, `search`: decisions like a request, what they say has to be documented, words;
- `validate`, `export`; `verify`, `repair`: whether a store is whole, and what can be derived again.

Where a store is asked for, its folder will do; parameters and filters take Python values. Answers with rows are tables
that show themselves in notebooks and become frames of pandas, polars or Arrow (`data_table`).

>>> import imr_graph
>>> store = imr_graph.memory_store()
>>> imr_graph.ask(store, "ASK { ?case a imr:Case }")
False
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    __version__: str
    from imr_graph.analysis.networks.projections import project
    from imr_graph.analysis.precedents.precedents import precedents
    from imr_graph.analysis.precedents.requirements import requirements
    from imr_graph.analysis.queries.ask import ask, select
    from imr_graph.analysis.search.search import search
    from imr_graph.api import export, stats, validate
    from imr_graph.builder import build
    from imr_graph.extraction import extract, extract_all
    from imr_graph.letters import find, read_letter, read_letters
    from imr_graph.records import from_record, to_record
    from imr_graph.store.changes import add
    from imr_graph.store.graph_store import memory_store, open_store, rdflib_graph
    from imr_graph.store.repair import repair
    from imr_graph.store.verify import verify

__all__ = [
    "__version__",
    "add",
    "ask",
    "build",
    "export",
    "extract",
    "extract_all",
    "find",
    "from_record",
    "memory_store",
    "open_store",
    "precedents",
    "project",
    "rdflib_graph",
    "read_letter",
    "read_letters",
    "remove",
    "repair",
    "requirements",
    "restore",
    "search",
    "select",
    "stats",
    "to_record",
    "validate",
    "verify",
]

# Where each verb lives; imported on first use, so that reading a letter does not wait for SHACL and networkx.
_HOMES = {
    "add": "store.changes",
    "ask": "analysis.queries.ask",
    "build": "builder",
    "export": "api",
    "extract": "extraction",
    "extract_all": "extraction",
    "find": "letters",
    "from_record": "records",
    "memory_store": "store.graph_store",
    "open_store": "store.graph_store",
    "precedents": "analysis.precedents.precedents",
    "project": "analysis.networks.projections",
    "rdflib_graph": "store.graph_store",
    "read_letter": "letters",
    "read_letters": "letters",
    "remove": "store.changes",
    "repair": "store.repair",
    "requirements": "analysis.precedents.requirements",
    "restore": "store.changes",
    "search": "analysis.search.search",
    "select": "analysis.queries.ask",
    "stats": "api",
    "to_record": "records",
    "verify": "store.verify",
    "validate": "api",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("imr-graph")
    if name in _HOMES:
        return getattr(import_module(f"imr_graph.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'imr_graph' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
