"""Extract letters of text on one core: `extraction.py PREPARED`."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from letters import read_texts

from imr_graph.errors import NotALetterError
from imr_graph.extraction import extract
from imr_graph.model import Letter

_WARM = 50


def main(prepared: Path) -> None:
    """Time each letter; those that are no determination are read as well."""
    letters = [Letter(text, source) for source, text in read_texts(prepared)]
    for letter in letters[-_WARM:]:  # compiles the patterns and reads the vocabularies
        _extracted(Letter("Warm-up\n" + letter.text, letter.source))
    times = []
    for letter in letters:
        started = time.perf_counter()
        _extracted(letter)
        times.append(time.perf_counter() - started)
    characters = sum(len(letter.text) for letter in letters)
    slowest = dict(sorted(zip((letter.source for letter in letters), times, strict=True), key=lambda p: -p[1])[:20])
    print(json.dumps({"seconds": sum(times), "letters": len(letters), "characters": characters, "slowest": slowest}))


def _extracted(letter: Letter) -> None:
    try:
        extract(letter)
    except NotALetterError:
        return


if __name__ == "__main__":
    main(Path(sys.argv[1]))
