"""Determinations to a file of N-Triples: `mapping.py PREPARED OUT`."""

from __future__ import annotations

import gc
import json
import pickle
import sys
from pathlib import Path

from stopwatch import Stopwatch

from imr_graph.graph.mapping import ntriples
from imr_graph.graph.resolver import default_resolver


def main(prepared: Path, out: Path) -> None:
    """Time mapping and writing; the input was read before."""
    determinations = pickle.loads((prepared / "determinations.pickle").read_bytes())
    names = default_resolver()
    for determination in determinations[:20]:
        ntriples(determination, names=names)
    gc.freeze()
    watch = Stopwatch()
    with out.open("wb") as file:
        for determination in determinations:
            file.write(ntriples(determination, names=names).encode())
    took = watch.read()
    with out.open("rb") as file:
        triples = sum(1 for _ in file)
    print(json.dumps({**took, "triples": triples, "letters": len(determinations)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
