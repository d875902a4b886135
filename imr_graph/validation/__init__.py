"""Checking a graph against the SHACL shapes: what can be said before rdflib is imported, which takes a while."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final

from imr_graph.errors import UnknownNameError
from imr_graph.validation.report import ValidationReport, merge_reports

__all__ = ["AUTO", "VALIDATORS", "choose_validator", "validate_letters"]

VALIDATORS: Final = ("pyshacl", "pyshifty")
"""The names of `engines.ENGINES`; a test compares them."""
AUTO: Final = "auto"
"""The name of the fastest engine that is installed; see docs/decisions/validators.md."""

# Letters validated in one graph: more cost memory, fewer the time to set up; see docs/performance.md.
_CHUNK = 100


def choose_validator(name: str) -> str:
    """Return the name of the engine that a name means; raises UnknownNameError, with near names, where there is none.

    >>> choose_validator("pyshacl")
    'pyshacl'
    """
    if name == AUTO:
        return "pyshifty" if find_spec("shifty") else "pyshacl"
    if name not in VALIDATORS:
        raise UnknownNameError("validator", name, (AUTO, *VALIDATORS))
    return name


def validate_letters(texts: list[bytes], validator: str) -> ValidationReport:
    """Return what a validator (by name; empty: none) finds in letters, each given as its N-Triples."""
    if not validator:
        return ValidationReport()
    from imr_graph.validation.validate import validate_ntriples

    chunks = (texts[start : start + _CHUNK] for start in range(0, len(texts), _CHUNK))
    return merge_reports(validate_ntriples(b"".join(some), engine=validator) for some in chunks)
