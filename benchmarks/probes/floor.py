"""The floor of extraction: every compiled pattern of the extraction once over each whole letter: `floor.py PREPARED`.

Patterns are those of the modules' names and of what functions without arguments remember. One that can match nothing
at all is left out: it is only ever asked at a known place.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
import re
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from letters import read_texts

from imr_graph.errors import NotALetterError
from imr_graph.extraction import extract
from imr_graph.model import Letter

_WARM = 50


def main(prepared: Path) -> None:
    """Time the pass of all patterns, and that of the layouts' alone, which extraction does use on whole letters."""
    texts = read_texts(prepared)
    for source, text in texts[-_WARM:]:
        try:
            extract(Letter(text, source))
        except NotALetterError:
            continue
    patterns, layouts = _patterns("imr_graph.extraction"), _patterns("imr_graph.extraction.layouts")
    figures = {
        "seconds": _pass(patterns, [text for _, text in texts]),
        "layouts": _pass(layouts, [text for _, text in texts]),
        "letters": len(texts),
        "patterns": len(patterns),
        "layout_patterns": len(layouts),
    }
    print(json.dumps(figures))


def _pass(patterns: set[re.Pattern[str]], texts: list[str]) -> float:
    started = time.perf_counter()
    for text in texts:
        for pattern in patterns:
            for _match in pattern.finditer(text):
                pass
    return time.perf_counter() - started


def _patterns(room: str) -> set[re.Pattern[str]]:
    found: set[re.Pattern[str]] = set()
    for name, module in list(sys.modules.items()):
        if name.startswith(room):
            for value in list(vars(module).values()):
                found.update(_within(value))
    return {pattern for pattern in found if not pattern.match("")}


def _within(value: Any, depth: int = 4) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        if isinstance(value.pattern, str):
            yield value
    elif not depth:
        return
    elif hasattr(value, "cache_info") and not inspect.signature(value).parameters:
        yield from _within(value(), depth - 1)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from _within(getattr(value, field.name), depth - 1)
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _within(inner, depth - 1)
    elif isinstance(value, tuple | list | frozenset | set):
        for inner in value:
            yield from _within(inner, depth - 1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
