"""A chart as one page that opens offline, in light and dark, with the table that it shows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from string import Template
from typing import Final

from imr_graph.analysis.charts.style import BLUE, GRID, INK, ORANGE, PALE, PAPER, SOFT

__all__ = ["page"]

# The drawing's own colours become the page's, so that it turns dark with it.
_VARIABLES: Final = {
    INK: "var(--ink)",
    SOFT: "var(--soft)",
    GRID: "var(--line)",
    PAPER: "var(--paper)",
    BLUE: "var(--blue)",
    PALE: "var(--pale)",
    ORANGE: "var(--orange)",
}
_COLOUR: Final = re.compile("|".join(_VARIABLES))
_STYLE: Final = re.compile(r'style="[^"]*"')
_BEFORE_SVG: Final = re.compile(r"\A.*?(?=<svg )", re.DOTALL)
_METADATA: Final = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)
_SIZE: Final = re.compile(r' (?:width|height)="[0-9.]+pt"')

_PAGE: Final = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>$title</title>
<style>
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --paper: #ffffff;
  --blue: #0072b2; --pale: #8fc1de; --orange: #d55e00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ebee; --soft: #a3adb8; --line: #3a424b; --paper: #14171a;
  --blue: #3f9bd6; --pale: #2c5876; --orange: #f0883e; } }
body { margin: 0 auto; max-width: 1120px; padding: 16px; background: var(--paper); color: var(--ink);
  font: 15px/1.45 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
figure { margin: 0; overflow-x: auto; }
svg { width: 100%; min-width: 720px; height: auto; }
summary { cursor: pointer; color: var(--soft); margin: 8px 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 4px 20px 4px 0; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-size: 13px; }
</style>
</head>
<body>
<figure role="img" aria-label="$title. $caption">
$drawing
</figure>
<details><summary>The numbers as a table</summary>
<table>
<thead><tr>$columns</tr></thead>
<tbody>
$rows
</tbody>
</table>
</details>
</body>
</html>
""")


def page(title: str, caption: str, drawing: str, columns: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    """Return an HTML page with a drawing (a whole SVG file) and the table that it shows."""
    svg = _METADATA.sub("", _BEFORE_SVG.sub("", drawing))
    head, closing, rest = svg.partition(">")
    svg = _SIZE.sub("", head) + closing + _STYLE.sub(_with_variables, rest)
    return _PAGE.substitute(
        title=escape(title),
        caption=escape(" ".join(caption.split())),
        drawing=svg.strip(),
        columns="".join(f"<th>{escape(name)}</th>" for name in columns),
        rows="\n".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in cells),
    )


def _with_variables(style: re.Match[str]) -> str:
    return _COLOUR.sub(lambda colour: _VARIABLES[colour[0]], style[0])
