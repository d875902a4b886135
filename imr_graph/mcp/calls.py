"""Calls of tools in a process of their own (`limited_process`), which a damaged store or a long question may end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from inspect import signature
from pathlib import Path
from typing import Any, Final, NamedTuple

from imr_graph.errors import ImrGraphError
from imr_graph.live_store import LiveStore
from imr_graph.mcp import lookups, tools
from imr_graph.mcp.answers import Answer

__all__ = ["CALL_TOOL", "TOOLS", "ToolReply", "call_tool"]

TOOLS: Final[Mapping[str, Callable[..., Answer]]] = {
    each.__name__: each
    for each in (
        tools.precedents,
        tools.requirements,
        tools.search,
        tools.statistics,
        lookups.list_questions,
        lookups.named_query,
        lookups.show_case,
    )
}
"""The tools by their names."""

_CALLED: Final[Mapping[str, Callable[..., Answer]]] = {**TOOLS, "show_concept": lookups.show_concept}

CALL_TOOL: Final = f"{__name__}:call_tool"
"""The name of `call_tool` as `LimitedProcess` takes it."""


class ToolReply(NamedTuple):
    """What a tool answers, or the sentence on why it does not."""

    answer: Answer | None
    sentence: str = ""


def call_tool(store: str, name: str, arguments: dict[str, Any]) -> ToolReply:
    """Call a tool on the current generation of a store, which stays open for the calls that follow."""
    tool = _CALLED[name]
    try:
        if "store" not in signature(tool).parameters:
            return ToolReply(tool(**arguments))
        return ToolReply(_live_store(store).use(lambda snapshot: tool(snapshot.store, **arguments)))
    except ImrGraphError as error:
        return ToolReply(None, str(error))


@cache
def _live_store(store: str) -> LiveStore:
    return LiveStore(Path(store), follow=True)
