"""Damage each file of a store in turn and see that `imr-graph verify` says so: missing, cut, zeroed, flipped bits.

    python benchmarks/damage.py STORE --work DIR [--flips 50] [--seed 1] [--seconds 600]

STORE is copied to DIR for each damage and stays as it is. Printed are, for each file, how many damages were named, how
many changed no answer, and how many changed an answer without a word: the last has to be 0.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from imr_graph.errors import ImrGraphError
from imr_graph.store import catalog
from imr_graph.store.graph_store import open_store
from imr_graph.store.table import open_table
from imr_graph.store.verify import verify

_NO_DATA = ("LOG", "LOCK", "lock", "build-report.json")
_TABLES = ("letter", "superseded", "place", "content", "corrected", "removed", "text")


def answers(store: Path) -> object:
    """Return what a store answers: its triples, its rows, its catalog."""
    opened = open_store(store)
    with open_table(opened) as table, closing(sqlite3.connect(store / catalog.FILE)) as known:
        rows = table.rows("select * from living order by case_key, position")
        tables = [known.execute(f"select * from {name} order by 1, 2").fetchall() for name in _TABLES]
    return sorted(str(quad) for quad in opened.database), rows, tables


def damages(data: bytes, flips: int, chance: random.Random) -> Iterator[tuple[str, bytes | None]]:
    """Yield kinds of damage to a file's content, and what is left of it."""
    yield "missing", None
    yield "cut", data[: len(data) // 2]
    yield "zeroed", bytes(len(data))
    for _ in range(flips):
        flipped = bytearray(data)
        flipped[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        yield "flipped", bytes(flipped)


def examine(store: Path, name: Path, before: object) -> str:
    """Return what became of a damage: named, no answer changed, or `SILENT`."""
    try:
        found = verify(store)
    except ImrGraphError as error:
        return "named" if str(name.name) in str(error) else "UNNAMED"
    if not found.intact:
        sentences = [str(damage) for damage in found.damages]
        ways_out = all("--repair" in said or "copy" in said for said in sentences)
        return "named" if ways_out and any(name.name in said for said in sentences) else "UNNAMED"
    if found.remarks:
        return "remarked"
    try:
        return "same answers" if answers(store) == before else "SILENT"
    except Exception:  # an error is a word as well
        return "REFUSED LATER"


def main() -> int:
    """Damage and count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--flips", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=600.0)
    options = parser.parse_args()
    chance, before, started = random.Random(options.seed), answers(options.store), time.monotonic()
    work, total = options.work / "damaged", Counter[str]()
    for file in sorted(options.store.rglob("*")):
        if not file.is_file() or file.name.startswith(_NO_DATA) or not file.stat().st_size:
            continue
        name, counts = file.relative_to(options.store), Counter[str]()
        for _, data in damages(file.read_bytes(), options.flips, chance):
            if time.monotonic() - started > options.seconds:
                print("out of time: what follows is not measured")
                break
            shutil.rmtree(work, ignore_errors=True)
            shutil.copytree(options.store, work)
            (work / name).unlink()
            if data is not None:
                (work / name).write_bytes(data)
            counts[examine(work, name, before)] += 1
        total += counts
        print(f"{name}: {dict(sorted(counts.items()))}", flush=True)
    print(f"all: {dict(sorted(total.items()))}")
    return 1 if {"SILENT", "UNNAMED"} & total.keys() else 0


if __name__ == "__main__":
    sys.exit(main())
