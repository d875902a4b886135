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
    """Time the pass that finds all matches, and the one that stops at each pattern's first."""
    texts = read_texts(prepared)
    for source, text in texts[-_WARM:]:
        try:
            extract(Letter(text, source))
        except NotALetterError:
            continue
    patterns = sorted(_patterns(), key=lambda pattern: pattern.pattern)
    started = time.perf_counter()
    for _, text in texts:
        for pattern in patterns:
            for _match in pattern.finditer(text):
                pass
    seconds = time.perf_counter() - started
    started = time.perf_counter()
    for _, text in texts:
        for pattern in patterns:
            pattern.search(text)
    first = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "first": first, "letters": len(texts), "patterns": len(patterns)}))


def _patterns() -> set[re.Pattern[str]]:
    found: set[re.Pattern[str]] = set()
    for name, module in list(sys.modules.items()):
        if name.startswith("imr_graph.extraction"):
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
