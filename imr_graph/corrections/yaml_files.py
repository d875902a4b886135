"""YAML as corrections need it: values as they are written, and the line that each entry stands on.

PyYAML reads YAML 1.1, where `no` is false, `08:30` a number and `2016-07-28` a date. Here a plain word is a text unless
it is null, true, false or a whole number (the core schema of YAML 1.2, section 10.3, without floating point).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from imr_graph.errors import UsageError

__all__ = ["Node", "load"]

_NULL: Final = frozenset(("", "~", "null", "Null", "NULL"))
_TRUTH: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_WHOLE: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_DEEPEST: Final = 20


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a file; `line` counts from 1."""

    value: Any
    line: int


def load(path: Path) -> list[Node]:
    """Return the entries of a YAML file that holds a list; none where the file is empty or all comments.

    Raises UsageError, with file and line, where the file cannot be read, is not YAML or is not a list; where a key
    stands twice (the first would be lost); where aliases are used (a small file could stand for a huge one).
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        root = yaml.compose(text, Loader=_Loader)
    except OSError as error:
        raise UsageError(f"{path}: the file of corrections cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: the file of corrections is not UTF-8: save it as UTF-8.") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f", line {mark.line + 1}" if mark else ""
        raise UsageError(f"{path}{where}: this is not valid YAML ({error.problem or error.context}).") from None
    except yaml.YAMLError as error:
        raise UsageError(f"{path}: this is not valid YAML ({' '.join(str(error).split())}).") from None
    except RecursionError:
        raise UsageError(f"{path}: brackets are nested too deeply for a file of corrections.") from None
    if root is None or (isinstance(root, yaml.ScalarNode) and _plain_null(root)):
        return []
    if not isinstance(root, yaml.SequenceNode):
        raise UsageError(f"{path}: a file of corrections is a list: begin each entry with '- case:' or '- text:'.")
    return [Node(_value(path, node, 0), node.start_mark.line + 1) for node in root.value]


class _Loader(yaml.SafeLoader):
    """A composer that refuses aliases."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="write the value out instead of an alias (*)", problem_mark=mark)
        return super().compose_node(parent, index)


def _value(path: Path, node: yaml.Node, depth: int) -> Any:
    if depth > _DEEPEST:
        raise UsageError(f"{path}, line {node.start_mark.line + 1}: brackets are nested too deeply for a correction.")
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return [_value(path, inner, depth + 1) for inner in node.value]
    found: dict[str, Any] = {}
    for key, inner in node.value:
        name = str(key.value)
        if name in found:
            raise UsageError(
                f"{path}, line {key.start_mark.line + 1}: the key {name!r} stands twice: keep one of them."
            )
        found[name] = _value(path, inner, depth + 1)
    return found


def _plain_null(node: yaml.ScalarNode) -> bool:
    return node.style is None and node.value in _NULL


def _scalar(node: yaml.ScalarNode) -> Any:
    """Return a scalar's value; what is quoted or in a block is always text."""
    if _plain_null(node):
        return None
    if node.style is not None:
        return node.value
    if node.value in _TRUTH:
        return _TRUTH[node.value]
    return int(node.value) if _WHOLE.fullmatch(node.value) else node.value
