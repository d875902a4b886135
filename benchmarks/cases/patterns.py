"""The compiled patterns of a room of the package, found in its modules."""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["compiled"]


def compiled(room: str) -> set[re.Pattern[str]]:
    """Return the patterns of all modules whose name begins so.

    They are those at module level, and those that functions without arguments remember, which are called for it. One
    that can match nothing at all is left out: it is only ever asked at a known place.
    """
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
