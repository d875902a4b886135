"""YAML as corrections need it: values as they are written, and the line that each entry stands on.

The file is composed by ruamel.yaml as YAML 1.2. A plain word is a text unless it is null, true, false or a whole number
(the core schema, section 10.3, without floating point): a date, a time and `0.5` stay as they are written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent
from ruamel.yaml.nodes import Node as YamlNode
from ruamel.yaml.nodes import ScalarNode, SequenceNode

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
        reader = YAML(typ="safe", pure=True)
        reader.Composer = _Composer
        root = reader.compose(text)
    except OSError as error:
        raise UsageError(f"{path}: the file of corrections cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: the file of corrections is not UTF-8: save it as UTF-8.") from error
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f", line {mark.line + 1}" if mark else ""
        raise UsageError(f"{path}{where}: this is not valid YAML ({error.problem or error.context}).") from None
    except YAMLError as error:
        raise UsageError(f"{path}: this is not valid YAML ({' '.join(str(error).split())}).") from None
    except RecursionError:
        raise UsageError(f"{path}: brackets are nested too deeply for a file of corrections.") from None
    if root is None or (isinstance(root, ScalarNode) and _plain_null(root)):
        return []
    if not isinstance(root, SequenceNode):
        raise UsageError(f"{path}: a file of corrections is a list: begin each entry with '- case:' or '- text:'.")
    return [Node(_value(path, node, 0), node.start_mark.line + 1) for node in root.value]


class _Composer(Composer):
    """A composer that refuses aliases."""

    def compose_node(self, parent: YamlNode | None, index: Any) -> YamlNode | None:
        if self.parser.check_event(AliasEvent):
            mark = self.parser.peek_event().start_mark
            raise MarkedYAMLError(problem="write the value out instead of an alias (*)", problem_mark=mark)
        composed: YamlNode | None = super().compose_node(parent, index)
        return composed


def _value(path: Path, node: YamlNode, depth: int) -> Any:
    if depth > _DEEPEST:
        raise UsageError(f"{path}, line {node.start_mark.line + 1}: brackets are nested too deeply for a correction.")
    if isinstance(node, ScalarNode):
        return _scalar(node)
    if isinstance(node, SequenceNode):
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


def _plain_null(node: ScalarNode) -> bool:
    return not node.style and node.value in _NULL


def _scalar(node: ScalarNode) -> Any:
    """Return a scalar's value; what is quoted or in a block is always text."""
    if _plain_null(node):
        return None
    if node.style:
        return node.value
    if node.value in _TRUTH:
        return _TRUTH[node.value]
    return int(node.value) if _WHOLE.fullmatch(node.value) else node.value
