"""Extract letters of text on one core: `extraction.py PREPARED`."""

from __future__ import annotations

import gc
import json
import sys
import time
from pathlib import Path

from letters import read_texts
from patterns import compiled
from stopwatch import Stopwatch

from imr_graph.errors import NotALetterError
from imr_graph.extraction import extract
from imr_graph.model import Letter

_WARM = 50


def main(prepared: Path) -> None:
    """Time each letter; those that are no determination are read as well."""
    letters = [Letter(text, source) for source, text in read_texts(prepared)]
    compiled("imr_graph.extraction")  # a pattern that few letters need would count against the first of them
    for letter in letters[-_WARM:]:
        _extracted(Letter("Warm-up\n" + letter.text, letter.source))
    gc.collect()
    gc.freeze()  # else a search for garbage through all that was read before would count against some letter
    times = []
    watch = Stopwatch()
    for letter in letters:
        worked = time.process_time()  # one letter is so short that being interrupted would show
        _extracted(letter)
        times.append(time.process_time() - worked)
    took = watch.read()
    characters = sum(len(letter.text) for letter in letters)
    slowest = dict(sorted(zip((letter.source for letter in letters), times, strict=True), key=lambda p: -p[1])[:20])
    print(json.dumps({**took, "letters": len(letters), "characters": characters, "slowest": slowest}))


def _extracted(letter: Letter) -> None:
    try:
        extract(letter)
    except NotALetterError:
        return


if __name__ == "__main__":
    main(Path(sys.argv[1]))
