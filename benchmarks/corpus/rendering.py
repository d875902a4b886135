"""Blocks as the text that one or another PDF extractor prints: wrapped lines, pages, header orders, hyphens."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from .cases import Case
from .chance import Chance, cumulative
from .layouts import Block

__all__ = ["STYLES", "Style", "header_lines", "render", "style_of"]


class Style(NamedTuple):
    """How an extractor prints a page.

    `header` names the order of the header table; `gap` puts a blank line between paragraphs; `spaced` puts one
    between all lines; `tail` is printed at line ends; `soft` prints U+FFFE for a hyphen at a line end and joins the
    lines there; `page_end` separates pages; `line_end` ends the lines of the file.
    """

    name: str
    header: str
    gap: bool = False
    spaced: bool = False
    tail: str = ""
    soft: bool = False
    page_end: str = "\f"
    line_end: str = "\n"


STYLES = {
    style.name: style
    for style in (
        Style("pdfium", "received-apart", soft=True),
        Style("pypdf", "received-apart", gap=True, tail=" ", page_end="\n\f"),
        Style("plumber", "received-before", page_end="\n\f"),
        Style("layout", "table", gap=True, page_end="\n\f"),
        Style("miner", "columns", gap=True, tail=" ", page_end="\n\n\f"),
        Style("box", "box", gap=True, page_end="\n", line_end="\r\n"),
        Style("spaced", "received-before", gap=True, spaced=True, tail=" ", page_end="\n\n\n\n"),
        Style("spaced-pages", "received-before", gap=True, spaced=True, tail=" ", page_end="\n\n\f"),
    )
}
_FOR_LETTERS = cumulative(
    (
        (50, "pdfium"),
        (14, "pypdf"),
        (10, "plumber"),
        (8, "layout"),
        (8, "miner"),
        (6, "box"),
        (2, "spaced"),
        (2, "spaced-pages"),
    )
)
_FOR_FRAGMENTS = cumulative(((45, "spaced"), (25, "spaced-pages"), (10, "pdfium"), (10, "pypdf"), (10, "plumber")))
_LINES_PER_PAGE = 45


def style_of(chance: Chance, with_header: bool) -> Style:
    """Choose how a letter was extracted; fragments are mostly of the kind with blank lines between all lines."""
    return STYLES[chance.weighted(_FOR_LETTERS if with_header else _FOR_FRAGMENTS)]


def _us(day: date) -> str:
    return f"{day.month:02}/{day.day:02}/{day.year}"


def header_lines(case: Case, order: str) -> list[str]:
    """Return the header table in the order in which an extractor prints it."""
    day = {name: _us(value) for name, value in case.dates.items()}
    priority = case.priority.capitalize()
    if order == "columns":
        left = ["Case Number:", "Date Assigned:", "Decision Date:", "Priority:", ""]
        values = [case.number, day["assigned"], day["decided"], priority, ""]
        right = ["Date of Injury:", "UR Denial Date:", "Application", "Received:", ""]
        return [*left, *values, *right, day["injured"], day["ur_denied"], day["received"]]
    space = "   " if order == "table" else " "
    lines = [
        f"Case Number: {case.number}",
        f"Date Assigned: {day['assigned']}{space}Date of Injury: {day['injured']}",
        f"Decision Date: {day['decided']}{space}UR Denial Date: {day['ur_denied']}",
    ]
    if order == "table":
        return [*lines, f"Priority: {priority}          Application  {day['received']}", " " * 28 + "Received:"]
    if order == "received-before":
        return [*lines, f"Priority: {priority} Application {day['received']}", "Received:"]
    if order == "box":
        lines = [f" {line}" for line in lines]
        lines[2] = lines[2].replace("UR Denial Date: ", "UR Denial Date:  ")
        return [*lines, f" Priority: {priority} Application Received: {day['received']}"]
    return [*lines, f"Priority: {priority} Application ", "Received: ", day["received"]]


def _wrap(text: str, width: int, soft: bool, lines: list[str]) -> None:
    """Append the lines of one paragraph; words with hyphens between letters may break there."""
    for part in text.split("\n"):
        start, end, held = 0, len(part), ""
        while end - start > width:
            cut = part.rfind(" ", start, start + width + 1)
            hyphen = part.rfind("-", start + 1, start + width)
            if hyphen > cut and part[hyphen - 1].isalpha() and part[hyphen + 1].isalpha():
                if soft:
                    held += part[start:hyphen] + "\ufffe"
                else:
                    lines.append(part[start : hyphen + 1])
                start = hyphen + 1
                continue
            if cut <= start:
                cut = part.find(" ", start + width)
                if cut < 0:
                    break
            lines.append(held + part[start:cut])
            held, start = "", cut + 1
            while start < end and part[start] == " ":
                start += 1
        lines.append(held + part[start:])


def render(chance: Chance, case: Case, blocks: list[Block], style: Style) -> str:
    """Return the letter's text."""
    width = chance.between(91, 98)
    lines: list[str] = []
    for block in blocks:
        if style.gap and lines and lines[-1] and block.kind != "line":
            lines.append("")
        if block.kind == "header":
            lines.extend(header_lines(case, style.header))
        else:
            _wrap(block.bold + block.text, width, style.soft, lines)
    if style.gap and chance.happens(0.5):  # some print a blank line after capital headings, some do not
        lines = [line for at, line in enumerate(lines) if line or at == 0 or not lines[at - 1].isupper()]
    end = "\n" if style.page_end != "\f" else ""
    return _paged(chance, lines, style).replace("\u0001", " ") + end


def _paged(chance: Chance, lines: list[str], style: Style) -> str:
    join = f"{style.tail}\n\n" if style.spaced else f"{style.tail}\n"
    pages, start = [], 0
    while start < len(lines):
        size = _LINES_PER_PAGE - chance.between(0, 5)
        if len(lines) - start - size < 4:
            size += 4
        page = lines[start : start + size]
        start += size
        while page and not page[-1]:
            page.pop()
        pages.append(join.join(page))
    return style.page_end.join(pages)
