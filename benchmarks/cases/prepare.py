"""Prepare what several probes work on: texts, determinations, their triples, and the same facts as tables.

    prepare.py LETTERS OUT [tables]

writes to OUT `texts.jsonl`, `determinations.pickle`, `facts.nt`, one `shards/N.nt` for every 500 letters, and `tables`
where asked for.
"""

from __future__ import annotations

import json
import pickle
import sys
from pathlib import Path

from facts import write_tables

from imr_graph.errors import NotALetterError
from imr_graph.extraction import extract
from imr_graph.graph import mapping
from imr_graph.letters import read_letters
from imr_graph.store.packing import pack

_SHARD = 500


def main(letters: str, out: Path, tables: bool) -> None:
    """Write all of it."""
    (out / "shards").mkdir(parents=True, exist_ok=True)
    texts, determinations = [], []
    for letter in read_letters(letters, failed=lambda _: None):
        texts.append(letter)
        try:
            determinations.append(extract(letter))
        except NotALetterError:
            continue
    with (out / "texts.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps({"source": one.source, "text": one.text}) + "\n" for one in texts)
    (out / "determinations.pickle").write_bytes(pickle.dumps(determinations))
    mapped = [mapping.ntriples(one) for one in determinations]
    (out / "facts.nt").write_text("".join(mapped), encoding="utf-8")
    packed = sum(len(pack(text.encode())) for text in mapped)
    for start in range(0, len(mapped), _SHARD):
        part = "".join(mapped[start : start + _SHARD]).encode()
        (out / "shards" / f"{start:07}.nt").write_bytes(part)
    figures = {"letters": len(determinations), "lines": sum(text.count("\n") for text in mapped)}
    figures |= {"bytes": (out / "facts.nt").stat().st_size, "packed": packed}
    if tables:
        figures["triples"] = write_tables(out / "facts.nt", out / "tables")
    print(json.dumps(figures))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), "tables" in sys.argv[3:])
