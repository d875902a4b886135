"""PDFs: known by their first bytes, read in a process of their own within the limits of a letter.

A few kilobytes can keep the reader of PDFs for hours or fill a machine: forms that call forms, streams packed twice.
"""

from __future__ import annotations

from typing import Final

from imr_graph.errors import OverLimitError
from imr_graph.letters.limits import Limits
from imr_graph.limited_process import CallEndedError, LimitedProcess

__all__ = ["is_pdf", "read_pdf"]

# Readers accept a header that stands within the first 1,024 bytes (PDF 1.7, Annex H.3, note 13).
_MARK_WITHIN: Final = 1024

_READER: Final = LimitedProcess("imr_graph.letters.pdf_text:extract_text")


def is_pdf(data: bytes) -> bool:
    """Tell whether the bytes are a PDF, by its header and not by a file name."""
    return b"%PDF-" in data[:_MARK_WITHIN]


def read_pdf(data: bytes, source: str, limits: Limits | None = None) -> tuple[str, tuple[str, ...], str | None]:
    """Return the text of a PDF's pages, what is lost, and what recognized pages without text (`extract_text`).

    Raises `OverLimitError` where that takes more time or memory than `limits` allow, or makes the reader crash.
    """
    limits = limits or Limits()
    try:
        found: tuple[str, tuple[str, ...], str | None] = _READER.call(
            data, source, limits.ocr, seconds=limits.seconds, memory=limits.memory
        )
    except CallEndedError as ended:
        if ended.reason == "crash":
            reason = "made the reader of PDFs crash, so it was passed over: please report it."
            raise OverLimitError(source, reason) from None
        raise limits.error(source, ended.reason) from None
    return found
