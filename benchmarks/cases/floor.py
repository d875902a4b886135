"""The floor of extraction: each of its compiled patterns once over whole letters: `floor.py PREPARED`."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from letters import read_texts
from patterns import compiled
from stopwatch import Stopwatch

from imr_graph.errors import NotALetterError
from imr_graph.extraction import extract
from imr_graph.model import Letter

_WARM = 50
_FEW = 20  # letters that all patterns pass over: some of them take long where they are not meant to look


def main(prepared: Path) -> None:
    """Time the pass of all patterns, and that of the layouts' alone, which extraction does use on whole letters."""
    texts = read_texts(prepared)
    for source, text in texts[-_WARM:]:
        try:
            extract(Letter(text, source))
        except NotALetterError:
            continue
    patterns, layouts = compiled("imr_graph.extraction"), compiled("imr_graph.extraction.layouts")
    few = [text for _, text in texts[:_FEW]]
    figures = {
        **{name: took * len(texts) / len(few) for name, took in _pass(patterns, few).items()},
        "layouts": _pass(layouts, [text for _, text in texts])["seconds"],
        "letters": len(texts),
        "patterns": len(patterns),
        "layout_patterns": len(layouts),
    }
    print(json.dumps(figures))


def _pass(patterns: set[re.Pattern[str]], texts: list[str]) -> dict[str, float]:
    watch = Stopwatch()
    for text in texts:
        for pattern in patterns:
            for _match in pattern.finditer(text):
                pass
    return watch.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
