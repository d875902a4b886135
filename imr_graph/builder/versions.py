"""Which rules read a letter: the versions that decide whether what is stored still stands."""

from __future__ import annotations

from dataclasses import dataclass

from imr_graph.letters.recognition import recognizer
from imr_graph.resources import software_version
from imr_graph.vocabulary import load

__all__ = ["Versions", "current_versions"]


@dataclass(frozen=True, slots=True)
class Versions:
    """The version of the software, whose rules read letters, and the digest of the vocabularies and the layouts.

    Where pages without text are recognized, what does it belongs to the software: "1.0 with Tesseract 5.3.0".
    Rules that change under one version of the software, in a checkout, mark no letter as stale.
    """

    software: str
    vocabulary: str


def current_versions(*, ocr: bool = False) -> Versions:
    """Return the versions that this process reads letters with; raises ToolError where `ocr` is asked and missing."""
    software = software_version()
    return Versions(f"{software} with {recognizer()}" if ocr else software, load().version)
