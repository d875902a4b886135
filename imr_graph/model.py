"""The records that travel through the product: a letter, and the determination read from it.

Values are plain; where each came from stands beside them in `Determination.spans`, keyed by the JSON pointer of
the value in the record (`/items/0/decision`), so that the record, the graph and the pages use one address.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from html import escape
from typing import Literal, NamedTuple

__all__ = [
    "AdministratorAction",
    "Amounts",
    "Basis",
    "Citation",
    "Dates",
    "Decision",
    "Determination",
    "DisputedItem",
    "Laterality",
    "Letter",
    "Outcome",
    "Party",
    "Patient",
    "Priority",
    "Reason",
    "Reviewer",
    "Sex",
    "Span",
    "Stance",
    "Unparsed",
    "outcome_of",
]

Priority = Literal["standard", "expedited"]
Decision = Literal["upheld", "overturned"]
Outcome = Literal["upheld", "overturned", "partially overturned"]
Sex = Literal["female", "male"]
AdministratorAction = Literal["denied", "modified", "delayed"]
Laterality = Literal["left", "right", "bilateral"]
Basis = Literal["mtus", "non-mtus"]
Stance = Literal["outside the MTUS", "no evidence cited"]

# A case number, which the state publishes, and the kind of the file.
_PUBLIC_FILE_NAME = re.compile(r"(?:CM[0-9]{2}-[0-9]{7}|IMR[0-9]{2}-[0-9]{6})\.(?:pdf|txt|text)", re.IGNORECASE)


class Span(NamedTuple):
    """A place in a letter's text: code points `start` (included) to `end` (excluded)."""

    start: int
    end: int


@dataclass(frozen=True)
class Letter:
    r"""One letter as text.

    `text` has `\n` line ends and `\f` between pages; spans count its code points.
    `source` is the input as the user named it (for an archive member: `archive.zip!member.txt`).
    `format` is the reader that produced the text: "text" or "pdf". `lost` says, a sentence a page, which pages it could
    not read ("Page 2 of 4 holds no text."), `recognized_by` which program read the characters of pages that are
    pictures, and of which ("Tesseract 5.3.0 (page 2)").
    """

    text: str
    source: str
    format: str = "text"
    lost: tuple[str, ...] = ()
    recognized_by: str | None = None

    @cached_property
    def sha256(self) -> str:
        """The digest of the text (UTF-8), 64 hex digits: what identifies a letter's content."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Dates:
    """The five dates of the header table (8 CCR 9792.10.4 to 9792.10.6 name the events)."""

    injured: date | None = None
    ur_denied: date | None = None
    received: date | None = None
    assigned: date | None = None
    decided: date | None = None


@dataclass(frozen=True, slots=True)
class Patient:
    """What the clinical summary says of the injured worker; never more than age in years and sex."""

    age: int | None = None
    sex: Sex | None = None


@dataclass(frozen=True, slots=True)
class Reviewer:
    """The anonymous expert reviewer's profile: specialty labels and license states (ISO 3166-2), sorted."""

    specialties: tuple[str, ...] = ()
    states: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """One guideline that one side cited for one disputed item.

    `guideline` is an id of the guideline scheme; `chapter` is used for ODG only; `sections` are as printed, in order;
    `pages` have their ranges expanded; `text` is verbatim but for white space.
    """

    basis: Basis
    guideline: str
    text: str
    chapter: str | None = None
    sections: tuple[str, ...] = ()
    pages: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Party:
    """What one side (claims administrator or expert reviewer) based its decision on."""

    stance: Stance | None = None
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the expert reviewer decided so: an id of the scheme of reasons, and the sentence that states it."""

    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much a heading asks for: `strength`, `levels` of the spine and `codes` as printed, the rest whole numbers.

    `quantity` is what is dispensed or supplied, `visits` the total of visits, sessions or units of therapy. What the
    claims administrator authorized of a partial certification is in `authorized_quantity` and `authorized_visits`.
    """

    strength: tuple[str, ...] = ()
    quantity: int | None = None
    refills: int | None = None
    visits: int | None = None
    per_week: int | None = None
    weeks: int | None = None
    levels: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    authorized_quantity: int | None = None
    authorized_visits: int | None = None


@dataclass(frozen=True, slots=True)
class DisputedItem:
    """One treatment in dispute with its decision, both sides' citations and the rationale."""

    heading: str
    decision: Decision
    service: str
    requested: str | None = None
    authorized: str | None = None
    retrospective: bool = False
    surgical_adjunct: bool = False
    treatments: tuple[str, ...] = ()
    body_regions: tuple[str, ...] = ()
    laterality: Laterality | None = None
    claims_administrator: Party = Party()
    reviewer: Party = Party()
    rationale: str | None = None
    reasons: tuple[Reason, ...] = ()
    amounts: Amounts = Amounts()
    topical: bool = False
    administrator_action: AdministratorAction | None = None


@dataclass(frozen=True, slots=True)
class Unparsed:
    """A passage inside a known section that no rule understood; `where` is the JSON pointer it would belong to."""

    start: int
    end: int
    text: str
    where: str


@dataclass(frozen=True, slots=True)
class Determination:
    """All that a letter states; `layout` is the id of the layout that read it ("L5"), `sha256` the letter's digest.

    `incomplete` says, a sentence a reason, why an item may be missing; the outcome is then not stated.
    `recognized_by` is that of the letter: what stands on those pages may have wrong characters.
    """

    source: str
    sha256: str
    layout: str
    case_number: str | None
    priority: Priority | None
    dates: Dates
    outcome: Outcome | None
    patient: Patient
    reviewer: Reviewer
    summary: str | None
    items: tuple[DisputedItem, ...]
    spans: Mapping[str, Span] = field(default_factory=dict)
    unparsed: tuple[Unparsed, ...] = ()
    incomplete: tuple[str, ...] = ()
    recognized_by: str | None = None

    @property
    def key(self) -> str:
        """What names the case: its number, or the first 16 hex digits of the text's digest where it has none."""
        return self.case_number or self.sha256[:16]

    @property
    def file_name(self) -> str | None:
        """The name of the letter's file, if it is a case number: other names may tell of people, and are not published.

        It is without the folders and the archive that the file lies in.
        """
        name = self.source.replace("\\", "/").rsplit("/", 1)[-1].rsplit("!", 1)[-1]
        return name if _PUBLIC_FILE_NAME.fullmatch(name) else None

    @property
    def title(self) -> str:
        """The case with its outcome and the day of the decision, in a line."""
        decided = f", decided {self.dates.decided}" if self.dates.decided else ""
        return f"{self.case_number or 'No case number'}: {self.outcome or 'no outcome stated'}{decided}"

    def __str__(self) -> str:
        return "\n".join([self.title, *(f"  {item.decision or '':10}  {item.service}" for item in self.items)])

    def _repr_html_(self) -> str:
        rows = (f"<tr><td>{item.decision or ''}</td><td>{escape(item.service)}</td></tr>" for item in self.items)
        return f"<p>{escape(self.title)}</p><table>{''.join(rows)}</table>"


def outcome_of(decisions: tuple[Decision, ...]) -> Outcome | None:
    """Return the outcome of a case from the decisions on its items.

    Source of the rule: the state's decision search has "Uphold", "Overturn" and, for mixed cases only,
    "Partially Overturn".

    >>> outcome_of(("upheld", "overturned"))
    'partially overturned'
    """
    kinds = set(decisions)
    if not kinds:
        return None
    return kinds.pop() if len(kinds) == 1 else "partially overturned"
