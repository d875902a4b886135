"""The SHACL engines that a build can use: by name, a function from N-Triples of whole letters to what it found.

Only engines that find what pyshacl finds, on every graph of the suite and on random mutations of letters, are listed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import Final

from imr_graph.errors import UnknownNameError
from imr_graph.validation.report import ValidationReport

__all__ = ["AUTO", "VALIDATORS", "chosen"]

AUTO: Final = "auto"
"""The name of the fastest engine that is installed; see docs/decisions/validators.md."""


def _validate(text: bytes, *, engine: str) -> ValidationReport:
    from imr_graph.validation.validate import validate_ntriples  # imports rdflib, which takes a while

    return validate_ntriples(text, engine=engine)


# The names are those of `graph.engines`, which imports rdflib; a test compares them.
VALIDATORS: dict[str, Callable[[bytes], ValidationReport]] = {
    name: partial(_validate, engine=name) for name in ("pyshacl", "pyshifty")
}
"""By the name of the engine."""


def chosen(name: str) -> str:
    """Return the name of the engine that a name means; raises UnknownNameError, with near names, where there is none.

    >>> chosen("pyshacl")
    'pyshacl'
    """
    if name == AUTO:
        return "pyshifty" if find_spec("shifty") else "pyshacl"
    if name not in VALIDATORS:
        raise UnknownNameError("validator", name, (AUTO, *VALIDATORS))
    return name
