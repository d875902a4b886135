"""Cases and concepts as resources that an assistant can attach, and prompts for the questions that most people have."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ToolError

from imr_graph.mcp.answers import Answer

__all__ = ["add_prompts", "add_resources"]

Call = Callable[[str, dict[str, Any]], Answer]


def add_resources(server: MCPServer[Any], call: Call) -> None:
    """Add the resources of cases and concepts to a server; `call` answers as the tools do."""

    @server.resource("imr://case/{number}", title="A determination", mime_type="application/json")
    def case(number: str) -> str:
        """Return one determination: dates, reviewer, and decision, citations, reasons, rationale of each item."""
        return _read(call, "show_case", {"case": number, "detail": "full"})

    @server.resource("imr://concept/{concept}", title="A concept of the vocabulary", mime_type="application/json")
    def concept(concept: str) -> str:
        """Return names, meaning and figures of a concept by the last part of its IRI, such as treatment-mri."""
        return _read(call, "show_concept", {"concept": concept})


def _read(call: Call, name: str, arguments: dict[str, Any]) -> str:
    try:
        return json.dumps(call(name, arguments), ensure_ascii=False, indent=1)
    except ToolError as error:
        raise ResourceError(str(error)) from None


def add_prompts(server: MCPServer[Any]) -> None:
    """Add the prompts for the common questions to a server."""

    @server.prompt(title="How were requests like this decided?")
    def earlier_decisions(request: str) -> str:
        """Earlier decisions like a request, with what they rest on."""
        return (
            f"How did Independent Medical Review decide requests like this one: {request}\n\nAsk `precedents` with the "
            "request as it stands. Say how it was understood, the figures with counts of decisions and cases and the "
            "interval, and the nearest precedents on both sides, each with case number, date and quotation. Say what "
            "the figures cannot bear."
        )

    @server.prompt(title="What has to be documented?")
    def documentation(request: str) -> str:
        """List what decisions say has to be in the records for a request."""
        return (
            f"What do decisions say has to be documented for: {request}\n\nAsk `requirements`, and `precedents` for "
            "overturned decisions. List the criteria, the most frequent first, each with a sentence of a letter and "
            "its case number."
        )

    @server.prompt(title="How often are denials overturned?")
    def overturned_share(subject: str) -> str:
        """Give the overturned share for a treatment, guideline, specialty or year."""
        return (
            f"How often are denials overturned for: {subject}\n\nAsk `statistics` with a filter for the subject, and "
            "once by year. Give each share with its counts of decisions and cases and its interval, and say where "
            "there are few cases. The letters are disputes that reached review, not all requests."
        )

    @server.prompt(title="What does this determination say?")
    def explain_case(case: str) -> str:
        """One determination explained, with the words it rests on."""
        return (
            f"What does the determination {case} say?\n\nAsk `show_case` in full. For each disputed item give the "
            "decision, what both sides cite, and the sentences that carry the decision, quoted. Add nothing that the "
            "letter does not say."
        )
