"""What the process does that worker processes are forked from: what each of them would do first is done once.

Importing this module reads a fictional letter, as all rules, vocabularies and shapes are prepared when they are first
needed: a second of each worker's time.
"""

from __future__ import annotations

import gc
from contextlib import suppress

from imr_graph.extraction import extract
from imr_graph.graph.mapping import ntriples
from imr_graph.letters import read_letter
from imr_graph.resources import examples
from imr_graph.validation import AUTO, choose_validator, validate_letters

__all__: list[str] = []

with suppress(Exception):  # workers say what is wrong, and to whom it is of interest
    _letter = read_letter(sorted(examples().glob("*.txt"))[0])
    validate_letters([ntriples(extract(_letter)).encode()], choose_validator(AUTO))
    gc.freeze()  # so that a worker's garbage collector does not copy what it shares with the others
