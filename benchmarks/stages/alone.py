"""Stages measured alone, on one core: extraction, reading PDF, validation, and what is read of generated letters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench import Bench
from process_timer import ProbeError, alternating, probe, repeated, run
from rows import NO_BASELINES, Row, missing, ratio, row

from imr_graph.validation import VALIDATORS

__all__ = ["accuracy", "extraction", "pdf_reading", "validation"]

_PDFS = 200
_CHUNK = 100  # letters that a build's worker validates in one graph
_VALIDATED = 400


def extraction(bench: Bench) -> Iterator[Row]:
    """Yield the rate, the slowest letter, and how it compares with a bare pass of patterns and with eyecite."""
    prepared = bench.prepared(bench.sample).folder
    commands = {"ours": probe("extraction", prepared), "floor": probe("floor", prepared)}
    if bench.baselines:
        commands["eyecite"] = probe("eyecite_citations", prepared, python=bench.baselines)
    runs = alternating(commands, bench.rounds)
    ours, floor, letters = runs["ours"], runs["floor"], runs["ours"].figures["letters"]
    size = ours.figures["characters"] / letters
    yield row("extraction.rate", "extraction", letters / ours.seconds, "letters/s", processor=ours.processor)
    yield row("extraction.size", "length of a letter", size, "characters", note="on average")
    yield row("extraction.worst", "the slowest letter", _slowest(bench, prepared), "ms", note="processor time")
    what = f"time against a bare pass of its {floor.figures['patterns']} patterns"
    note = "extraction looks for most patterns only in the passage they belong to"
    yield ratio("extraction.floor", what, ours, floor, note)
    if patterns := floor.figures["layout_patterns"]:
        what, bare = f"time against a bare pass of the {patterns} patterns of the layouts", floor.figures["layouts"]
        note = f"a stricter floor, {letters / bare:,.0f} letters/s"
        yield row("extraction.layouts", what, ours.seconds / bare, "times", note=note)
    what = "rate against eyecite's get_citations"
    if "eyecite" in runs:
        note = f"eyecite {letters / runs['eyecite'].seconds:,.0f} letters/s"
        yield ratio("extraction.eyecite", what, runs["eyecite"], ours, note)
    else:
        yield missing("extraction.eyecite", what, NO_BASELINES)
    yield from profile("extraction", prepared)


def _slowest(bench: Bench, prepared: Path) -> float:
    """Return in ms the slowest letter; a letter's time is its best of several passes, as others use the machine."""
    passes = [run(probe("extraction", prepared)).figures["slowest"] for _ in range(max(bench.rounds, 2))]
    always = set.intersection(*(set(one) for one in passes)) or set(passes[0])
    return 1000 * max(min(one[source] for one in passes if source in one) for source in always)


def pdf_reading(bench: Bench) -> Iterator[Row]:
    """Yield how fast PDFs are read, by us, by pypdfium2 with nothing around it, and by other libraries."""
    folder, count = bench.letters(bench.pdfs, format_="pdf").folder, min(_PDFS, bench.pdfs)
    commands = {way: probe("pdfs", way, folder, count) for way in ("ours", "bare")}
    if bench.baselines:
        commands |= {way: probe("pdfs", way, folder, count, python=bench.baselines) for way in ("pdfminer", "pypdf")}
    runs = alternating(commands, bench.rounds)
    ours = runs["ours"]
    yield row("pdf.rate", "reading PDF", count / ours.seconds, "letters/s", processor=ours.processor)
    yield ratio("pdf.bare", "time against pypdfium2 with nothing around it", ours, runs["bare"])
    for way, name in (("pdfminer", "pdfminer.six"), ("pypdf", "pypdf")):
        what = f"rate against {name}"
        if way in runs:
            note = f"{name} {count / runs[way].seconds:,.0f} letters/s"
            yield ratio(f"pdf.{way}", what, runs[way], ours, note)
        else:
            yield missing(f"pdf.{way}", what, NO_BASELINES)


def validation(bench: Bench) -> Iterator[Row]:
    """Yield the rate of each engine that a build offers."""
    prepared = bench.prepared(bench.sample).folder
    for name in VALIDATORS:
        try:
            done = repeated(probe("validation", prepared, name, _CHUNK, _VALIDATED), bench.rounds)
        except ProbeError as error:
            yield missing(f"validation.{name}", f"validation with {name}", str(error))
            continue
        letters, nodes = done.figures["letters"], done.figures["looked_at"]
        note = f"{nodes / letters:,.0f} nodes a letter looked at, {_CHUNK} letters in a graph"
        what, rate = f"validation with {name}", letters / done.seconds
        yield row(f"validation.{name}", what, rate, "letters/s", processor=done.processor, note=note)
    yield from profile("validation", prepared)


def accuracy(bench: Bench) -> Iterator[Row]:
    """Yield the F1 of the field that is read worst."""
    letters = bench.letters(bench.sample)
    figures = run(probe("accuracy", letters.folder, letters.gold)).figures
    below = ", ".join(f"{field} {value:.2%}" for field, value in figures["below"].items())
    what = f"worst F1 of {figures['fields']} fields on {figures['letters']:,} letters"
    note = f"fields below 1: {below}" if below else "all fields are read without a fault"
    yield row("accuracy.worst", what, 100 * figures["worst"], "%", note=note)


def profile(stage: str, prepared: Path) -> Iterator[Row]:
    """Yield where the time of a stage goes."""
    shares = run(probe("profile_of", stage, prepared)).figures["shares"]
    note = "; ".join(f"{name} {share:.0%}" for name, share in shares.items())
    what = f"the {len(shares)} functions with most of the time"
    yield row(f"{stage}.profile", what, 100 * sum(shares.values()), "%", note=note)
