"""Corrections: what people found to be read wrongly, in files that every build applies again.

>>> from imr_graph.corrections import Corrections, apply
>>> from imr_graph.model import Dates, Determination, Patient, Reviewer
>>> letter = Determination("a.txt", "0" * 64, "L5", "EX16-1", None, Dates(), None, Patient(), Reviewer(), None, ())
>>> apply(letter, Corrections()).determination is letter
True
"""

from imr_graph.corrections.applying import (
    AppliedCorrection,
    CorrectedDetermination,
    StaleCorrection,
    apply,
    find_unmatched,
)
from imr_graph.corrections.entries import Correction, Corrections, read
from imr_graph.corrections.provenance import StoredCorrection, ntriples, read_corrections

__all__ = [
    "AppliedCorrection",
    "CorrectedDetermination",
    "Correction",
    "Corrections",
    "StaleCorrection",
    "StoredCorrection",
    "apply",
    "find_unmatched",
    "ntriples",
    "read",
    "read_corrections",
]
