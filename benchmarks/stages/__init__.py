"""The stages that are measured: by name, a function from what a run is given to the rows of its table."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bench import Bench
from rows import Row

from stages.alone import accuracy, extraction, pdf_reading, validation
from stages.answering import exports, questions
from stages.growing import adding, growth
from stages.starting import starting
from stages.whole import engines, from_pdf, plain_way
from stages.writing import loading, mapping

__all__ = ["STAGES"]

STAGES: dict[str, tuple[str, Callable[[Bench], Iterator[Row]]]] = {
    "starting": ("Starting short commands", starting),
    "extraction": ("Extraction of text letters, one core", extraction),
    "mapping": ("Mapping and writing N-Triples, one core", mapping),
    "loading": ("Loading N-Triples into a store on disk", loading),
    "pdf": ("Reading PDF, one core", pdf_reading),
    "validation": ("Validation, one core", validation),
    "accuracy": ("Accuracy on the generated letters", accuracy),
    "whole": ("The whole build", growth),
    "workers": ("Workers and engines", engines),
    "pdf-build": ("The whole build from PDF", from_pdf),
    "exports": ("The graph as files", exports),
    "questions": ("Named questions", questions),
    "adding": ("Adding to a store", adding),
    "plain": ("The whole against the plain way", plain_way),
}
"""By the name that `--only` takes: a heading, and what measures it."""
