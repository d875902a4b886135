"""Compare what is read of generated letters with what they say: `accuracy.py FOLDER GOLD`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from imr_graph.errors import LetterError
from imr_graph.evaluation import read_gold, score_records
from imr_graph.extraction import extract
from imr_graph.letters import read_letter
from imr_graph.records import to_record


def main(folder: Path, gold: Path) -> None:
    """Print the F1 of each field that is not perfect, the worst first."""
    expected = read_gold(gold)
    records = {}
    for stem in expected:
        try:
            records[stem] = to_record(extract(read_letter(folder / f"{stem}.txt")))
        except LetterError:
            continue  # a letter without a record misses all of its fields
    scores, _ = score_records(expected, records)
    fields = {score.field: score.f1 for score in scores if score.f1 is not None}
    worst = dict(sorted(((f, v) for f, v in fields.items() if v < 1), key=lambda pair: pair[1])[:8])
    print(json.dumps({"letters": len(expected), "worst": min(fields.values()), "fields": len(fields), "below": worst}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
