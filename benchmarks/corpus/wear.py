"""What scanners, extractors and typists do to a letter whose record stays what it is.

A kind of wear has a strength between 0 and 1, the share of the places that it touches. Its choices come from a stream
of numbers of their own, so that a worn letter is the letter of the same seed and index, worn. `WEARS` lists the kinds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from .cases import Case, Item
from .chance import Chance
from .cited import cited

__all__ = ["WEARS", "wear_case", "wear_text"]

_ALIKE = {
    "O": "0", "0": "O", "l": "1", "1": "l", "I": "l", "S": "5", "5": "S", "B": "8", "8": "B", "e": "c", "c": "e",
    "Z": "2", "n": "ri", "m": "rn", "h": "b", "g": "q", "t": "f", "a": "o", "u": "ii",
}  # fmt: skip
_LABEL = re.compile(
    r"\b(?:Claims Administrator guidelines?|MAXIMUS guidelines?|Decision rationale|Case Number|Date Assigned|"
    r"Date of Injury|Decision Date|UR Denial Date|Priority|Expert Reviewer|CLINICAL CASE SUMMARY|"
    r"IMR ISSUES, DECISIONS AND RATIONALES)\b"
)
_DECISION = re.compile(r":\s{1,2}(Upheld|Overturned)(?=[ \t]*$)", re.MULTILINE)
_DECISIONS = {
    "Upheld": (": upheld", ": UPHELD", ": Uphled", ": Upheld.", " - Upheld", "; Upheld", ": Uphold"),
    "Overturned": (
        ": overturned",
        ": OVERTURNED",
        ": Overtuned",
        ": Overturned.",
        " - Overturned",
        "; Overturned",
        ": Overturn",
    ),
}
_FURNITURE = (
    "Page {n} of {m}",
    "- {n} -",
    "{n}",
    "Final Determination Letter for IMR Case Number {case}   {n}",
    "{case}",
)
_LINE_END = re.compile(r"\b(?!Overturned)([A-Za-z]{8,})(?=[ \t]*\n[A-Za-z])")
_LIGATURES = {"ffi": "\ufb03", "ffl": "\ufb04", "ff": "\ufb00", "fi": "\ufb01", "fl": "\ufb02"}
_PRIVATE = {"ffi": "\ue003", "ffl": "\ue004", "ff": "\ue000", "fi": "\ue001", "fl": "\ue002"}
# Editions that the vocabulary does not have: the name's id with their year.
_EDITIONS = ("Knee Disorders", "Low Back Disorders", "Shoulder Disorders", "Opioids", "Chronic Pain")
_FIRST_YEAR, _LAST_YEAR = 2031, 2036
_RELATIVES = (
    "The patient, whose 16-year-old son helps at home, is seen again. ",
    "A 12-year-old boy ran in front of the truck. ",
    "He lives with a 71 year old mother. ",
)
_JOURNALS = (
    ("Pain Physician 2012; 15:S67-S116", "other"),
    ("Foot and Ankle Clinics of North America 2011; 16: 285-304", "other"),
    ("Shoulder & Elbow 2014; 6: 12-19", "other"),
    ("Knee Surgery, Sports Traumatology, Arthroscopy 2013; 21: 1523-1528", "other"),
)


def wear_case(kinds: Mapping[str, float], seed: int, index: int, case: Case) -> Case:
    """Return a case with what is worn before it is printed: a relative's age in the summary, a journal cited."""
    chance = Chance(seed + 7_919, index)
    if chance.happens(kinds.get("relatives", 0)):
        case = replace(case, summary=chance.pick(_RELATIVES) + case.summary)
    for kind, apply in (("journals", _with_journal), ("editions", _with_edition), ("codes", _with_codes)):
        if kind in kinds:
            case = replace(
                case, items=[apply(chance, item) if chance.happens(kinds[kind]) else item for item in case.items]
            )
    return case


def _with_journal(chance: Chance, item: Item) -> Item:
    words, guideline = chance.pick(_JOURNALS)
    line = f"Decision based on Non-MTUS Citation {words}."
    return replace(item, reviewer=(line, {"stance": None, "citations": [cited("non-mtus", guideline, words)]}))


def _with_edition(chance: Chance, item: Item) -> Item:
    """Cite a year's edition that is not in the vocabulary."""
    name, year = chance.pick(_EDITIONS), chance.between(_FIRST_YEAR, _LAST_YEAR)
    section = chance.pick(("Exercise", "Treatment Recommendations"))
    words = f"{name} {year}, Section(s): {section}"
    guideline = f"acoem-{name.lower().replace(' ', '-')}-{year}"
    facts = {"stance": None, "citations": [cited("mtus", guideline, words, (section,))]}
    return replace(item, reviewer=(f"Decision based on MTUS {words}.", facts))


def _with_codes(chance: Chance, item: Item) -> Item:
    """Print a code before each section of the reviewer's first citation of the MTUS: "3.3.1.1. Opioids"."""
    line, facts = item.reviewer
    first, *others = facts["citations"] or [None]
    listed = ", ".join(first["sections"]) if first else ""
    if not listed or first["basis"] != "mtus" or f"Section(s): {listed}" not in first["text"]:
        return item
    if any(section[0].isdigit() for section in first["sections"]):
        return item
    codes = (".".join(str(chance.between(1, 9)) for _ in range(chance.between(2, 4))) for _ in first["sections"])
    sections = [f"{code}. {section}" for code, section in zip(codes, first["sections"], strict=True)]
    text = first["text"].replace(listed, ", ".join(sections))
    coded = cited("mtus", first["guideline"], text, sections, first["pages"])
    return replace(item, reviewer=(line.replace(first["text"], text, 1), {**facts, "citations": [coded, *others]}))


def wear_text(kinds: Mapping[str, float], seed: int, index: int, text: str, record: dict[str, Any]) -> str:
    """Return a printed letter with what is worn after it was printed, in the order of `WEARS`."""
    chance = Chance(seed + 104_729, index)
    for kind, apply in WEARS.items():
        if apply is not None and kinds.get(kind):
            text = apply(chance, text, kinds[kind], record)
    return text


def _furniture(chance: Chance, text: str, strength: float, record: dict[str, Any]) -> str:
    form = chance.pick(_FURNITURE)
    pages = text.split("\f")
    case = record["case_number"] or "CM14-0000001"
    for n, page in enumerate(pages[:-1]):
        if chance.happens(strength):
            line = form.format(n=n + 1, m=len(pages), case=case)
            pages[n] = f"{page.rstrip()}\n{line}\n" if page.endswith("\n") else f"{page}\n{line}"
    return "\f".join(pages)


def _labels(chance: Chance, text: str, strength: float, _record: dict[str, Any]) -> str:
    return _LABEL.sub(lambda found: _mistyped(chance, found[0]) if chance.happens(strength) else found[0], text)


def _mistyped(chance: Chance, words: str) -> str:
    """Return words with one letter left out, doubled or exchanged with the next."""
    places = [
        k for k in range(1, len(words) - 1) if words[k].isalpha() and words[k - 1].isalpha() and words[k + 1].isalpha()
    ]
    at, slip = chance.pick(places), chance.pick("-+x")
    if slip == "-":
        return words[:at] + words[at + 1 :]
    if slip == "+":
        return words[:at] + words[at] + words[at:]
    return words[:at] + words[at + 1] + words[at] + words[at + 2 :]


def _decisions(chance: Chance, text: str, strength: float, _record: dict[str, Any]) -> str:
    return _DECISION.sub(lambda f: chance.pick(_DECISIONS[f[1]]) if chance.happens(strength) else f[0], text)


def _broken(chance: Chance, text: str, strength: float, _record: dict[str, Any]) -> str:
    def broken(found: re.Match[str]) -> str:
        word = found[1]
        at = chance.between(3, len(word) - 3)
        return f"{word[:at]}-\n{word[at:]}" if chance.happens(strength) else word

    return _LINE_END.sub(broken, text)


def _characters(chance: Chance, text: str, strength: float, _record: dict[str, Any]) -> str:
    """Ligatures, other hyphens, hard spaces and characters without width."""

    def odd(found: re.Match[str]) -> str:
        plain = found[0]
        if not chance.happens(strength):
            return plain
        if plain == " ":
            return chance.pick(("\u00a0", "\u00a0", " \u200b"))
        return "\u2011" if plain == "-" else _LIGATURES[plain]

    return re.sub(r"ffi|ffl|ff|fi|fl|(?<=\w)-(?=\w)|(?<=\w) (?=\w)", odd, text)


def _private(chance: Chance, text: str, strength: float, _record: dict[str, Any]) -> str:
    """Ligatures as characters of private use, the same ones throughout the letter."""
    ligature = re.compile("ffi|ffl|ff|fi|fl")
    return ligature.sub(lambda found: _PRIVATE[found[0]], text) if chance.happens(strength) else text


def _noise(chance: Chance, text: str, strength: float, _record: dict[str, Any]) -> str:
    usable = sum(letter in _ALIKE for letter in text)
    share = min(1.0, strength * len(text) / max(usable, 1))
    return "".join(_ALIKE[c] if c in _ALIKE and chance.happens(share) else c for c in text)


def _missing(chance: Chance, text: str, strength: float, record: dict[str, Any]) -> str:
    """Leave a page in the middle without text: no outcome may be stated."""
    pages = text.split("\f")
    if len(pages) > 2 and chance.happens(strength):
        at = chance.between(1, len(pages) - 2)
        pages[at] = ""
        record["outcome"] = None
    return "\f".join(pages)


Wear = Callable[[Chance, str, float, dict[str, Any]], str]
# The kinds in the order in which they happen; those without a function happen before a letter is printed.
WEARS: dict[str, Wear | None] = {
    "relatives": None,
    "journals": None,
    "editions": None,
    "codes": None,
    "labels": _labels,
    "decisions": _decisions,
    "broken": _broken,
    "missing": _missing,
    "furniture": _furniture,
    "characters": _characters,
    "private": _private,
    "noise": _noise,
}
