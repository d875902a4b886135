"""Files of fictional letters, by number, for tests that build stores; and what a store holds, to compare."""

from __future__ import annotations

import os
from pathlib import Path

from imr_graph.store.graph_store import open_store
from support.letters import item, letter

_HEADER = """\
Case Number: {case}
Date Assigned: 03/02/2017   Date of Injury: 05/11/2015
Decision Date: {decided}   UR Denial Date: 02/06/2017
Priority: Standard          Application Received: 02/20/2017

"""
_CREDENTIALS = """\
HOW THE IMR FINAL DETERMINATION WAS MADE

The Expert Reviewer has the following credentials:
State(s) of Licensure: California
Certification(s)/Specialty: {specialty}

"""


def letter_text(number: int, *, decided: str = "03/30/2017", note: str = "", section: str = "Functional goals") -> str:
    """Return a letter; its case number, and a little of everything else, follow from its number."""
    upheld, visits, age = number % 3 > 0, 4 + number % 9, 20 + number % 50
    specialty = ("Family Practice", "Pain Management", "Occupational Medicine")[number % 3]
    verdict = "not medically necessary" if upheld else "medically necessary"
    summary = f"The injured worker is a {age} year old female packer with pain of the neck since a fall. "
    return letter(
        item(
            f"Acupuncture {visits} visits for the neck",
            "Upheld" if upheld else "Overturned",
            "Decision based on MTUS Acupuncture Treatment 2007.",
            f"Decision based on MTUS Chronic Pain Medical Treatment 2016, Section(s): {section}.",
            f"{visits} visits were asked for after {age} weeks of other care. The request is {verdict}.",
            gap="\n\n",
        ),
        header=_HEADER.format(case=f"CM17-{number:07}", decided=decided),
        made=_CREDENTIALS.format(specialty=specialty),
        summary=summary + (note or f"She has had {number} hours of care."),
    )


def write_letters(folder: Path, numbers: range | list[int]) -> Path:
    """Write a letter for each number into a folder and return the folder; the files look an hour old."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        write(folder / f"letter-{number:04}.txt", letter_text(number))
    return folder


def write(path: Path, text: str | bytes, *, age: int = 3600) -> Path:
    """Write a file that was last changed so many seconds ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    then = path.stat().st_mtime - age
    os.utime(path, (then, then))
    return path


def triples(store: Path) -> list[str]:
    """Return every triple of a store as a sorted list of lines."""
    return sorted(str(quad.triple) for quad in open_store(store).graph)
