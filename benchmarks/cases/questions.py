"""Each named question twice on a store: `questions.py STORE`; values that it needs are its examples."""

from __future__ import annotations

import json
import sys
from typing import Any

from stopwatch import Stopwatch

from imr_graph.analysis.queries import library
from imr_graph.analysis.queries.ask import run
from imr_graph.errors import ImrGraphError
from imr_graph.graph.cases import cases
from imr_graph.store.graph_store import open_store


def main(path: str) -> None:
    """Print the times of both calls and how many rows there are; one that fails has what was said instead."""
    store, watch = open_store(path), Stopwatch()
    case, found = next(cases(store)), dict[str, Any]()
    for question in library.list_questions():
        needed = {p.name: case if p.type == "case" else p.example or "" for p in question.parameters if p.required}
        calls: list[dict[str, Any]] = []
        try:
            for _ in range(2):
                call = Stopwatch()
                rows = sum(1 for _ in run(store, question.name, needed))  # type: ignore[misc]
                calls.append({**call.read(), "rows": rows})
        except ImrGraphError as error:
            found[question.name] = str(error)
        else:
            found[question.name] = calls
    print(json.dumps({**watch.read(), "questions": found}))


if __name__ == "__main__":
    main(sys.argv[1])
