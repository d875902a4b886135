"""The fields of the record: one row a field, and everything that is done with a field follows from its row.

A row names the field in the record (`model`), its property in the ontology, the kind of its value and its column of
the table. Triples and their reading back (`graph`), the columns and the data dictionary (`table`), corrections,
evaluation and the lines of `show` and of case pages loop over these rows. What people read as a field's name is the
label of its property (`labels`). A new field is an attribute in `model`, a row here and a term in `ontology/imr.ttl`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final, Literal, NamedTuple

__all__ = [
    "ACTIONS",
    "BASES",
    "CASE",
    "CITATION",
    "DECISIONS",
    "ITEM",
    "LATERALITIES",
    "LETTER",
    "LEVELS",
    "OUTCOMES",
    "REASON",
    "REVIEWER",
    "SEXES",
    "SIDES",
    "STANCES",
    "Field",
    "Kind",
    "Level",
    "Side",
]

Kind = Literal["text", "word", "date", "number", "flag", "code", "concept", "guideline", "specialty", "section", "page"]
"""What a value is: a passage of the letter (`text`, compared without regard to white space); an exact text (`word`); an
individual of the ontology (`code`); an id of a vocabulary (`concept`); or a name or number that mints a node where the
vocabulary does not have one (`specialty`, `section`, `page`)."""

OUTCOMES: Final[Mapping[str, str]] = {
    "upheld": "Upheld",
    "overturned": "Overturned",
    "partially overturned": "PartiallyOverturned",
}
DECISIONS: Final[Mapping[str, str]] = {word: OUTCOMES[word] for word in ("upheld", "overturned")}
BASES: Final[Mapping[str, str]] = {"mtus": "MTUS", "non-mtus": "NonMTUS"}
STANCES: Final[Mapping[str, str]] = {"outside the MTUS": "OutsideMTUS", "no evidence cited": "NoEvidenceCited"}
ACTIONS: Final[Mapping[str, str]] = {"denied": "Denied", "modified": "Modified", "delayed": "Delayed"}
SEXES: Final[Mapping[str, str]] = {"female": "Female", "male": "Male"}
LATERALITIES: Final[Mapping[str, str]] = {"left": "Left", "right": "Right", "bilateral": "Bilateral"}


@dataclass(frozen=True, slots=True)
class Field:
    """One field.

    `path` is its JSON pointer below its level's, `term` the local name of its property. `column` is its column of the
    table; `note` says there what the property's comment does not say.
    `several` values are a list, `unordered` ones a set; a `required` field always has a value. `codes` gives the
    individual of the ontology for each word of a `code`, `words` are all that a `word` can be, `scheme` names the
    vocabulary of a `concept`, `bounds` are the least and the greatest `number`.
    `derived` says why nobody corrects the field. The column of a field that is `last` follows all others.
    """

    path: str
    term: str
    kind: Kind
    column: str | None = None
    note: str | None = None
    several: bool = False
    unordered: bool = False
    required: bool = False
    codes: Mapping[str, str] | None = None
    words: tuple[str, ...] = ()
    scheme: str | None = None
    bounds: tuple[int, int] = (0, 9999)
    derived: str | None = None
    last: bool = False

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps of the path: names."""
        return tuple(self.path.split("/"))

    def getter(self) -> Callable[[Any], Any]:
        """Return the function that gets the field's value of a record of its level."""
        return attrgetter(self.path.replace("/", "."))


class Level(NamedTuple):
    """A node of the graph that has fields: its name in messages, its JSON pointer and its class in the ontology."""

    name: str
    pointer: str
    type: str
    fields: tuple[Field, ...]

    def field(self, path: str) -> Field:
        """Return the field with a path; raise KeyError where there is none."""
        return next(field for field in self.fields if field.path == path)


class Side(NamedTuple):
    """A party of the dispute, its name in the record, in the ontology, and in the names of columns.

    `shortcut` begins the properties that lead from an item to what the party cites.
    """

    path: str
    party: str
    shortcut: str
    column: str


SIDES: Final = (
    Side("claims_administrator", "ClaimsAdministrator", "denialBasedOn", "administrator"),
    Side("reviewer", "ExpertReviewer", "basedOn", "reviewer"),
)

_READ: Final = "it describes how the letter was read, not what it says"
_BY_LABEL: Final = "By label, in the order of their ids."

LETTER: Final = Level(
    "letter",
    "",
    "Letter",
    (
        Field("sha256", "sha256", "word", "letter_sha256", required=True, derived=_READ),
        Field("file_name", "sourceName", "word", "source_name", derived=_READ),
        Field("layout", "layout", "word", "layout", required=True, derived=_READ),
        Field("recognized_by", "recognizedBy", "word", "recognized_by", derived=_READ),
    ),
)

CASE: Final = Level(
    "case",
    "",
    "Case",
    (
        Field("case_number", "caseNumber", "word", "case_number"),
        Field("priority", "priority", "word", "priority", words=("standard", "expedited")),
        Field("dates/injured", "dateOfInjury", "date", "date_of_injury"),
        Field("dates/ur_denied", "utilizationReviewDate", "date", "utilization_review_date"),
        Field("dates/received", "applicationReceivedDate", "date", "application_received_date"),
        Field("dates/assigned", "assignedDate", "date", "assigned_date"),
        Field("dates/decided", "decisionDate", "date", "decision_date"),
        Field(
            "outcome",
            "outcome",
            "code",
            "outcome",
            codes=OUTCOMES,
            derived="the outcome follows from the decisions: correct /items/#/decision",
        ),
        Field(
            "incomplete",
            "incomplete",
            "word",
            "incomplete",
            "None where the letter seems whole.",
            several=True,
            unordered=True,
            derived=_READ,
        ),
        Field("patient/age", "patientAge", "number", "patient_age", bounds=(0, 130)),
        Field("patient/sex", "patientSex", "code", "patient_sex", codes=SEXES),
        Field("summary", "clinicalSummary", "text", "summary", "Once for each case: in its first row.", last=True),
    ),
)

REVIEWER: Final = Level(
    "reviewer",
    "/reviewer",
    "Reviewer",
    (
        Field(
            "specialties",
            "hasSpecialty",
            "specialty",
            "reviewer_specialties",
            _BY_LABEL,
            several=True,
            unordered=True,
        ),
        Field(
            "states",
            "licensedIn",
            "concept",
            "reviewer_states",
            "ISO 3166-2 codes, sorted.",
            several=True,
            unordered=True,
            scheme="states",
        ),
    ),
)

ITEM: Final = Level(
    "item",
    "/items/#",
    "DisputedItem",
    (
        Field("heading", "heading", "text", "heading", required=True),
        Field("service", "service", "text", "service", required=True),
        Field("requested", "requestedService", "text", "requested_service"),
        Field("authorized", "authorizedService", "text", "authorized_service"),
        Field("retrospective", "retrospective", "flag", "retrospective", required=True),
        Field("surgical_adjunct", "surgicalAdjunct", "flag", "surgical_adjunct", required=True),
        Field(
            "decision",
            "decision",
            "code",
            "decision",
            "Written `upheld` or `overturned`.",
            required=True,
            codes=DECISIONS,
        ),
        Field(
            "treatments",
            "requestsTreatment",
            "concept",
            "treatments",
            "Ids of the vocabulary, sorted; none where no treatment was recognized.",
            several=True,
            unordered=True,
            scheme="treatments",
        ),
        Field(
            "body_regions",
            "bodyRegion",
            "concept",
            "body_regions",
            several=True,
            unordered=True,
            scheme="body_regions",
        ),
        Field("laterality", "laterality", "code", "laterality", codes=LATERALITIES),
        Field("administrator_action", "administratorAction", "code", "administrator_action", codes=ACTIONS),
        Field("claims_administrator/stance", "administratorStance", "code", "administrator_stance", codes=STANCES),
        Field("reviewer/stance", "reviewerStance", "code", "reviewer_stance", codes=STANCES),
        Field("rationale", "rationale", "text", "rationale"),
        Field("amounts/strength", "strength", "word", "strength", several=True),
        Field("amounts/quantity", "quantity", "number", "quantity"),
        Field("amounts/refills", "refills", "number", "refills", bounds=(0, 99)),
        Field("amounts/visits", "visits", "number", "visits"),
        Field("amounts/per_week", "visitsPerWeek", "number", "visits_per_week", bounds=(1, 99)),
        Field("amounts/weeks", "weeks", "number", "weeks", bounds=(1, 999)),
        Field("amounts/levels", "spinalLevel", "word", "spinal_levels", several=True),
        Field("amounts/codes", "procedureCode", "word", "procedure_codes", several=True),
        Field("amounts/authorized_quantity", "authorizedQuantity", "number", "authorized_quantity"),
        Field("amounts/authorized_visits", "authorizedVisits", "number", "authorized_visits"),
        Field("topical", "topical", "flag", "topical", required=True),
    ),
)

CITATION: Final = Level(
    "citation",
    "/items/#/{side}/citations/#",
    "Citation",
    (
        Field("basis", "basis", "code", required=True, codes=BASES),
        Field("guideline", "citesGuideline", "guideline", required=True, scheme="guidelines"),
        Field("text", "citationText", "text", required=True),
        Field("chapter", "chapter", "word"),
        Field("sections", "citesSection", "section", several=True),
        Field("pages", "citesPage", "page", several=True, bounds=(1, 9999)),
    ),
)

REASON: Final = Level(
    "reason",
    "/items/#/reasons/#",
    "Reason",
    (
        Field("reason", "reasonType", "concept", required=True, scheme="reasons"),
        Field("text", "reasonText", "text", required=True),
    ),
)

LEVELS: Final = (LETTER, CASE, REVIEWER, ITEM, CITATION, REASON)
