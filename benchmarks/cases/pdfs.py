"""Read PDFs one way: `pdfs.py WAY FOLDER COUNT`; each way has its imports in its function, as environments differ."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path

from stopwatch import Stopwatch


def ours() -> Callable[[Path], str]:
    """Return our reader."""
    from imr_graph.letters import read_letter

    return lambda path: read_letter(path).text


def bare() -> Callable[[Path], str]:
    """Return pypdfium2's text of each page and nothing else."""
    import pypdfium2

    def read(path: Path) -> str:
        document = pypdfium2.PdfDocument(path)
        return "\f".join(page.get_textpage().get_text_range() for page in document)

    return read


def pdfminer() -> Callable[[Path], str]:
    """Return pdfminer.six's reader."""
    from pdfminer.high_level import extract_text

    return lambda path: str(extract_text(path))


def pypdf() -> Callable[[Path], str]:
    """Return pypdf's reader."""
    from pypdf import PdfReader

    return lambda path: "\f".join(page.extract_text() for page in PdfReader(path).pages)


WAYS = {"ours": ours, "bare": bare, "pdfminer": pdfminer, "pypdf": pypdf}


def main(way: str, folder: Path, count: int) -> None:
    """Time reading; a file that the way cannot read counts as read."""
    logging.disable(logging.ERROR)
    read = WAYS[way]()
    paths = sorted(folder.glob("*.pdf"))[:count]
    characters = failed = 0
    watch = Stopwatch()
    for path in paths:
        try:
            characters += len(read(path))
        except Exception:  # each library has errors of its own
            failed += 1
    seconds = watch.read()["seconds"]  # of the processor, those of all processes count: ours reads in one of its own
    print(json.dumps({"seconds": seconds, "letters": len(paths), "failed": failed, "characters": characters}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
