"""Each named question twice on a store: `questions.py STORE`; values that it needs are its examples."""

from __future__ import annotations

import json
import sys
import time

from imr_graph.analysis.queries import library
from imr_graph.analysis.queries.ask import run
from imr_graph.graph.cases import cases
from imr_graph.store.graph_store import open_store


def main(path: str) -> None:
    """Print the seconds of both calls, the processor time of the second, and how many rows there are."""
    store = open_store(path)
    case, found = next(cases(store)), {}
    for question in library.list_questions():
        needed = {p.name: case if p.type == "case" else p.example or "" for p in question.parameters if p.required}
        seconds, busy, rows = [], 0.0, 0
        for _ in range(2):
            started, worked = time.perf_counter(), time.process_time()
            rows = sum(1 for _ in run(store, question.name, needed))  # type: ignore[misc]
            seconds.append(time.perf_counter() - started)
            busy = time.process_time() - worked
        found[question.name] = {"first": seconds[0], "second": seconds[1], "processor": busy, "rows": rows}
    total = sum(one["first"] + one["second"] for one in found.values())
    print(json.dumps({"seconds": total, "questions": found}))


if __name__ == "__main__":
    main(sys.argv[1])
