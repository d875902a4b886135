"""Validate letters on one core as a build does, in chunks: `validation.py PREPARED ENGINE CHUNK LETTERS`."""

from __future__ import annotations

import json
import pickle
import sys
from functools import partial
from pathlib import Path

from stopwatch import Stopwatch

from imr_graph.graph.mapping import ntriples
from imr_graph.validation.report import merge_reports
from imr_graph.validation.validate import validate_ntriples


def main(prepared: Path, engine: str, chunk: int, letters: int) -> None:
    """Time validation, the parsing of the N-Triples included, after one chunk that reads the shapes."""
    determinations = pickle.loads((prepared / "determinations.pickle").read_bytes())[:letters]
    texts = [ntriples(one).encode() for one in determinations]
    validate = partial(validate_ntriples, engine=engine)
    validate(b"".join(texts[:5]))
    watch = Stopwatch()
    report = merge_reports(validate(b"".join(texts[i : i + chunk])) for i in range(0, len(texts), chunk))
    took = watch.read()
    looked_at = sum(tally.own for tally in report.looked_at.values())
    print(json.dumps({**took, "letters": len(texts), "looked_at": looked_at}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
