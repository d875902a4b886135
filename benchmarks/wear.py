"""How true records stay as letters wear out: `wear.py [LETTERS]` prints a table by kind and strength.

For each cell: the F1 of all fields together, the share of decisions found, of read facts that are false (once with the
texts, in which every wrong letter counts, once without), how many outcomes are false (stated, but not the letter's),
and how many are not stated.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from corpus.letters import letter

from imr_graph.errors import LetterError
from imr_graph.evaluation import score_records
from imr_graph.extraction import extract
from imr_graph.letters import read_letter
from imr_graph.records import to_record

_SEED = 31
_TEXTS = (
    "summary", "item.heading", "item.service", "item.requested", "item.authorized", "item.rationale",
    "item.citations.text", "item.citations.sections", "item.citations.chapter",
)  # fmt: skip
# How strong each kind is in scans of old letters, and less and more than that.
STRENGTHS: Mapping[str, tuple[float, ...]] = {
    "none": (0,),
    "furniture": (0.5, 1),
    "labels": (0.1, 0.3, 1),
    "decisions": (0.1, 0.5, 1),
    "broken": (0.1, 0.5),
    "relatives": (1,),
    "journals": (1,),
    "editions": (1,),
    "codes": (1,),
    "characters": (0.05, 0.5),
    "private": (1,),
    "missing": (1,),
    "noise": (0.001, 0.003, 0.01, 0.03),
}


class Cell(NamedTuple):
    """What one kind of wear at one strength does."""

    f1: float
    decisions: float
    false_facts: float
    false_facts_without_texts: float
    false_outcomes: int
    no_outcome: int
    letters: int


def measure(count: int, wear: Mapping[str, float]) -> Cell:
    """Return how letters fare that are worn so."""
    gold: dict[str, Any] = {}
    records: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="imr-graph-") as folder:
        for index in range(count):
            one = letter(_SEED, index, None, 0, wear)
            gold[one.name] = one.record
            path = Path(folder) / f"{one.name}.txt"
            path.write_bytes(one.content)
            try:
                records[one.name] = to_record(extract(read_letter(path)))
            except LetterError:
                continue
    scores, _ = score_records(gold, records)
    right = sum(score.true_positives for score in scores)
    wrong = sum(score.false_positives for score in scores)
    missed = sum(score.false_negatives for score in scores)
    plain = [score for score in scores if not score.field.startswith(_TEXTS)]
    plain_wrong = sum(score.false_positives for score in plain)
    decision = next(score for score in scores if score.field == "item.decision")
    stated = [(gold[name]["outcome"], record["outcome"]) for name, record in records.items()]
    return Cell(
        2 * right / (2 * right + wrong + missed),
        decision.true_positives / (decision.true_positives + decision.false_negatives),
        wrong / (right + wrong),
        plain_wrong / (plain_wrong + sum(score.true_positives for score in plain)),
        sum(found is not None and found != true for true, found in stated),
        count - sum(found is not None for _, found in stated),
        count,
    )


def lines(count: int) -> Iterator[str]:
    """Yield the lines of the table, one cell a line."""
    head = "wear; strength; F1; decisions found; false facts; ... texts aside; false outcomes; no outcome stated"
    yield f"| {head.replace('; ', ' | ')} |"
    yield "|---|---|---|---|---|---|---|---|"
    for kind, strengths in STRENGTHS.items():
        for strength in strengths:
            cell = measure(count, {kind: strength} if strength else {})
            rates = (cell.decisions, cell.false_facts, cell.false_facts_without_texts)
            shares = " | ".join(f"{rate:.2%}" for rate in rates)
            counts = f"{cell.false_outcomes} | {cell.no_outcome} of {cell.letters}"
            yield f"| {kind} | {strength:.1%} | {cell.f1:.4f} | {shares} | {counts} |"


if __name__ == "__main__":
    for line in lines(int(sys.argv[1]) if len(sys.argv) > 1 else 300):
        print(line, flush=True)
