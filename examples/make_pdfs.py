"""Set the example letters that are PDFs from their manuscripts.

    python examples/make_pdfs.py [FOLDER]

reads `examples/manuscripts/*.txt` and writes one PDF for each into FOLDER (default: `examples/letters`). The page looks
like that of a determination: a table of dates, Times 12, centred section headings, bold labels and item headings. The
same manuscripts give the same bytes, so a changed PDF is a changed letter.

A manuscript has paragraphs, parted by blank lines; the first is the header table, line by line.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import letter
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import inch
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

HERE = Path(__file__).resolve().parent

BODY = ParagraphStyle("body", fontName="Times-Roman", fontSize=12, leading=13.8, spaceAfter=13.8, embeddedHyphenation=1)
SECTION = ParagraphStyle("section", parent=BODY, fontName="Times-Bold", alignment=TA_CENTER, spaceBefore=6)
CELL = ParagraphStyle("cell", fontName="Helvetica", fontSize=11, leading=12.5)
LABEL = ParagraphStyle("label", parent=CELL, fontName="Helvetica-Bold")

# What is bold at the start of a paragraph: the labels of an item, and a heading up to its decision.
LABELS = r"Claims Administrator guideline:|MAXIMUS guideline:|Decision rationale:"
LEAD = re.compile(rf"{LABELS}|.*:(?=[ ]+(?:Upheld|Overturned)$)", re.DOTALL)
FIELD = re.compile(r"([A-Z][A-Za-z ]+:)[ ]+(\S+)")


def paragraphs(manuscript: str) -> list[str]:
    """Return the paragraphs of a manuscript; a list of lines with labels stays one, line by line."""
    return [block for block in manuscript.strip().split("\n\n") if block]


def header(block: str) -> Table:
    """Return the table of case number, dates and priority: two pairs of label and value a row."""
    rows = []
    for line in block.splitlines():
        cells: list[Paragraph | str] = []
        for label, value in FIELD.findall(line):
            cells += [Paragraph(label, LABEL), Paragraph(value, CELL)]
        rows.append(cells + [""] * (4 - len(cells)))
    table = Table(rows, colWidths=[1.65 * inch, 2.3 * inch, 1.5 * inch, 1.45 * inch])
    table.setStyle(
        TableStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.75, colors.black),
                ("BACKGROUND", (0, 0), (0, -1), colors.HexColor("#d9d9d9")),
                ("BACKGROUND", (2, 0), (2, -1), colors.HexColor("#d9d9d9")),
                ("SPAN", (2, 0), (3, 0)),
                ("BACKGROUND", (2, 0), (3, 0), colors.HexColor("#d9d9d9")),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("TOPPADDING", (0, 0), (-1, -1), 1),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
            ]
        )
    )
    return table


def flowable(block: str) -> Flowable:
    """Return a paragraph of the body, with its label or heading in bold, or a centred section heading."""
    if block.isupper():
        return Paragraph(escape(block), SECTION)
    if block.startswith("The Expert Reviewer has the following credentials:"):
        return Paragraph("<br/>".join(map(escape, block.splitlines())), BODY)
    lead = LEAD.match(block)
    if not lead:
        return Paragraph(escape(block), BODY)
    return Paragraph(f"<b>{escape(lead[0])}</b>{escape(block[lead.end() :])}", BODY)


def make_pdf(manuscript: Path, folder: Path) -> Path:
    """Set one manuscript and return the path of its PDF."""
    first, *rest = paragraphs(manuscript.read_text(encoding="utf-8"))
    target = folder / f"{manuscript.stem}.pdf"
    document = SimpleDocTemplate(
        str(target),
        pagesize=letter,
        leftMargin=0.9 * inch,
        rightMargin=1.0 * inch,
        topMargin=1.0 * inch,
        bottomMargin=1.1 * inch,
        title=f"{manuscript.stem}: a fictional example letter",
        author="imr-graph",
        invariant=1,
    )
    document.build([header(first), Spacer(1, 14), *map(flowable, rest)])
    return target


def main() -> None:
    """Set every manuscript and name each PDF that was written."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "letters"
    for manuscript in sorted((HERE / "manuscripts").glob("*.txt")):
        print(make_pdf(manuscript, folder))


if __name__ == "__main__":
    main()
