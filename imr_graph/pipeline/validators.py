"""The SHACL engines that a build can use: by name, a function from N-Triples of whole letters to what it found.

Only engines that find what pyshacl finds, on every graph of the suite and on random mutations of letters, are listed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from imr_graph.graph.findings import ValidationReport

__all__ = ["VALIDATORS"]


def _validate(text: bytes, *, engine: str) -> ValidationReport:
    from imr_graph.graph.validation import validate_ntriples  # importing pyshacl takes half a second

    return validate_ntriples(text, engine=engine)


# The names are those of `graph.engines`, which imports pyshacl; a test compares them.
VALIDATORS: dict[str, Callable[[bytes], ValidationReport]] = {
    name: partial(_validate, engine=name) for name in ("pyshacl", "pyshifty")
}
"""By the name of the engine."""
