"""What the process does that worker processes are forked from: what each of them would do first is done once.

Importing this module reads a fictional letter, as all rules and vocabularies are prepared when they are first needed: a
third of a second of each worker's time.
"""

from __future__ import annotations

import gc
from contextlib import suppress
from typing import Final

from imr_graph.extraction import extract
from imr_graph.graph.mapping import ntriples
from imr_graph.letters import read_letter
from imr_graph.resources import examples

__all__ = ["TRIPLES"]


def _read_example() -> list[bytes]:
    with suppress(Exception):  # workers say what is wrong, and to whom it is of interest
        return [ntriples(extract(read_letter(sorted(examples().glob("*.txt"))[0]))).encode()]
    return []


TRIPLES: Final = _read_example()
"""The N-Triples of the letter that was read."""
gc.freeze()  # so that a worker's garbage collector does not copy what it shares with the others
