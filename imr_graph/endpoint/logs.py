"""Structured logs: one JSON object a line on standard error."""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TextIO

__all__ = ["Log", "LogHandler"]


@dataclass(frozen=True)
class Log:
    """Where events are written; JSON escapes whatever a client put into them."""

    stream: TextIO = field(default_factory=lambda: sys.stderr)

    def event(self, name: str, **fields: Any) -> None:
        """Write one event; fields that are None are left out."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = {"time": now, "event": name} | {key: value for key, value in fields.items() if value is not None}
        try:
            self.stream.write(json.dumps(line) + "\n")
            self.stream.flush()
        except (OSError, ValueError):  # nobody reads the log any more: serving goes on
            return


class LogHandler(logging.Handler):
    """Brings what the HTTP server logs into the same form."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.INFO)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        error = repr(record.exc_info[1]) if record.exc_info else None
        self._log.event("server", level=record.levelname.lower(), message=record.getMessage().strip(), error=error)
