"""Corrections: files are read or refused in a sentence, values change, and the graph says who changed what."""

from __future__ import annotations

import contextlib
import json
import pickle
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imr_graph import iris as terms
from imr_graph import resources
from imr_graph.corrections import Correction, Corrections, apply, find_unmatched, ntriples, read
from imr_graph.corrections.fields import FIELDS
from imr_graph.errors import UsageError
from imr_graph.graph import mapping
from imr_graph.model import Amounts, Determination, Reason, Span, Unparsed
from imr_graph.records import to_record
from support.paths import PROJECT
from support.records import citation, determination, gold, item, party, spanned

ENTRY = """
- case: CM20-0000001
  field: /items/0/decision
  was: upheld
  should_be: overturned
  who: A. Reader, records room
  why: The heading says OVERTURNED on the second page.
  date: 2026-11-20
"""


def correction(field: str, was: Any, should_be: Any, case: str | None = "CM20-0000001", **more: Any) -> Correction:
    more.setdefault("text", None)
    more.setdefault("place", f"some.yaml, {field}")
    return Correction(case, more.pop("text"), field, was, should_be, "A. Reader", "The letter says so.",
                      date(2026, 11, 20), **more)  # fmt: skip


def corrected(d: Determination, *entries: Correction) -> Determination:
    """Return a determination with corrections that must all be applied."""
    result = apply(d, Corrections(entries))
    assert not result.stale, [str(each) for each in result.stale]
    assert len(result.applied) == len(entries)
    return result.determination


def refused(tmp_path: Path, text: str) -> str:
    """Return the sentence that refuses a file."""
    file = tmp_path / "c.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as raised:
        read([file])
    message = str(raised.value)
    assert message.startswith(str(file))
    assert message.endswith((".", "?"))
    return message.removeprefix(str(file))


# Files


def test_a_file_is_read_entry_by_entry(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("# why not\n" + ENTRY, encoding="utf-8")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b.yml").write_text(
        ENTRY.replace("decision", "rationale").replace("upheld", "null"), encoding="utf-8"
    )
    (tmp_path / "notes.txt").write_text("not a correction", encoding="utf-8")
    found = read([tmp_path]).entries
    assert [each.field for each in found] == ["/items/0/decision", "/items/0/rationale"]
    assert found[0] == Correction(
        "CM20-0000001", None, "/items/0/decision", "upheld", "overturned", "A. Reader, records room",
        "The heading says OVERTURNED on the second page.", date(2026, 11, 20), f"{tmp_path}/a.yaml, entry 1 (line 3)",
    )  # fmt: skip
    assert found[1].was is None


def test_an_empty_file_has_no_corrections(tmp_path: Path) -> None:
    for text in ("", "# nothing yet\n", "---\n", "[]\n"):
        (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
        assert read([tmp_path]) == Corrections()


def test_words_are_texts_and_not_what_yaml_1_1_makes_of_them(tmp_path: Path) -> None:
    """`no` is a word, a date stays as written, `08` keeps its zero; null, true and whole numbers are what they say."""
    as_written = {word: word for word in ("no", "2016-07-28", "08", "1_000", "12:30")}
    for written, value in {**as_written, "'null'": "null", "~": None, "": None, "'5'": "5"}.items():
        (tmp_path / "a.yaml").write_text(
            ENTRY.replace("decision", "rationale").replace("was: upheld", f"was: {written}"), encoding="utf-8"
        )
        assert read([tmp_path]).entries[0].was == value
    (tmp_path / "a.yaml").write_text(
        ENTRY.replace("/items/0/decision", "/patient/age").replace("upheld", "41").replace("overturned", "14"),
        encoding="utf-8",
    )
    assert (read([tmp_path]).entries[0].was, read([tmp_path]).entries[0].should_be) == (41, 14)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("case: CM20-0000001", "txt: abc", "(line 2): There is no key of a correction 'txt'. Did you mean 'text'?"),
        ("case: CM20-0000001", "case:", "say which letter by 'case' (its number) or 'text'"),
        ("case: CM20-0000001", "text: xyz", "the value of 'text' is the SHA-256"),
        ("  who: A. Reader, records room\n", "", "the key 'who' is missing: who says so."),
        ("  was: upheld\n", "", "the key 'was' is missing: the value as it was read, null for none."),
        ("  was: upheld\n", "  was: upheld\n  was: x\n", ", line 5: the key 'was' stands twice"),
        ("2026-11-20", "yesterday", "the value of 'date' is a date such as 2026-11-20."),
        ("why: The", "why: ''\n# The", "the value of 'why' is a text that is not empty."),
        ("0/decision", "0/desicion", "Did you mean '/items/#/decision'"),
        ("/items/0/decision", "decision", "a field is a JSON pointer such as /items/0/decision"),
        ("/items/0/decision", "/items/00/decision", "There is no correctable field"),
        ("/items/0/decision", "/items/-/decision", "'-' names a new element, so it can only come last"),
        ("/items/0/decision", "/outcome", "the outcome follows from the decisions: correct /items/#/decision"),
        ("/items/0/decision", "/sha256", "it describes how the letter was read"),
        ("/items/0/decision", "/spans/x", "places in the text are not corrected"),
        ("should_be: overturned", "should_be: modified", "it is 'upheld' or 'overturned'."),
        ("should_be: overturned", "should_be: null", "it cannot be null, as every record has it."),
        ("should_be: overturned", "should_be: upheld", "'was' and 'should_be' are the same"),
        ("should_be: overturned", "should_be: &a overturned\n  why: *a", "instead of an alias"),
        ("should_be: overturned", "should_be: [", "this is not valid YAML"),
        ("should_be: overturned", "should_be: " + "[" * 50 + "]" * 50, "nested too deeply"),
        ("should_be: overturned", "should_be: " + "[" * 50_000, "nested too deeply"),
        ("- case", "case", "a file of corrections is a list"),
        ("- case", "- 7\n- case", ", entry 1 (line 2): an entry has the keys case, text,"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in ENTRY
    changed = ENTRY.replace(old, new, 1)
    if old == "- case" and new == "case":
        changed = changed.replace("\n  ", "\n")
    assert said in refused(tmp_path, changed)


@pytest.mark.parametrize(
    ("field", "was", "should_be", "said"),
    [
        ("/patient/age", "44", "many", "it is a whole number from 0 to 130."),
        ("/patient/age", "44", "true", "it is a whole number from 0 to 130."),
        ("/dates/decided", "null", "28.7.2016", "it is a date such as 2016-07-28."),
        ("/items/0/retrospective", "false", "maybe", "it is true or false."),
        ("/items/0/treatments", "[]", "[acupunctur]", "near it are acupuncture."),
        ("/items/0/treatments", "[]", "acupuncture", "it is a list; write [] for none."),
        ("/items/0/treatments", "[]", "[mri, mri]", "one value stands twice."),
        ("/items/0/treatments/0", "null", "mri", "only a new element, named by '-', was null"),
        ("/items/0/treatments/-", "acupuncture", "mri", "a new element (-) was null"),
        ("/items/0/heading", "A", "''", "it cannot be empty: write null where the letter gives none."),
        ("/items/0/reviewer/citations/-", "null", "{basis: mtus}", "it lacks 'guideline'."),
        ("/items/0/reviewer/citations/-", "null", "{basis: mtus, guideline: x, text: x}", "of 'guideline', it is"),
        ("/items/0/reviewer/citations/-", "null", "{base: mtus}", "There is no field 'base'. Did you mean 'basis'?"),
        ("/items/0/reviewer/citations/-", "null", "mtus", "it has the fields basis, guideline, text"),
    ],
)  # fmt: skip
def test_values_that_a_field_cannot_have_are_refused(
    tmp_path: Path, field: str, was: str, should_be: str, said: str
) -> None:
    text = (
        ENTRY.replace("/items/0/decision", field).replace("was: upheld", f"was: {was}").replace("overturned", should_be)
    )
    assert said in refused(tmp_path, text)


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file or folder of corrections"):
        read([tmp_path / "none.yaml"])
    (tmp_path / "a.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="save it as UTF-8"):
        read([tmp_path])
    (tmp_path / "a.yaml").write_bytes(b"- \x01\n")
    with pytest.raises(UsageError, match="not valid YAML"):
        read([tmp_path])


def test_a_field_is_corrected_once(tmp_path: Path) -> None:
    assert "(line 10): " in refused(tmp_path, ENTRY + ENTRY)
    assert "entry 1 (line 2) corrects the same field already" in refused(tmp_path, ENTRY + ENTRY)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_in_a_sentence(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    file = tmp_path_factory.mktemp("any") / "a.yaml"
    file.write_bytes(data)
    try:
        assert read([file]).entries == ()
    except UsageError as error:
        assert str(file) in str(error)  # noqa: PT017


# Applying


def test_nothing_changes_where_nothing_is_corrected() -> None:
    d = spanned(determination())
    assert apply(d, Corrections((correction("/summary", "x", "y", case="CM20-0000009"),))) == (d, (), ())
    assert apply(d, Corrections()).determination is d


def test_the_outcome_follows_the_decisions() -> None:
    d = determination("CM20-0000001", item("A"), item("B"))
    one = corrected(d, correction("/items/1/decision", "upheld", "overturned"))
    assert (d.outcome, one.outcome) == ("upheld", "partially overturned")
    both = corrected(d, *(correction(f"/items/{n}/decision", "upheld", "overturned") for n in (0, 1)))
    assert both.outcome == "overturned"


VALUES: dict[str, Any] = {
    "/case_number": "CM20-0000002",
    "/priority": "expedited",
    "/dates/injured": "2019-01-01",
    "/dates/ur_denied": "2019-01-02",
    "/dates/received": "2019-01-03",
    "/dates/assigned": None,
    "/dates/decided": "2019-01-05",
    "/patient/age": 45,
    "/patient/sex": "male",
    "/reviewer/specialties": ["Chiropractor"],
    "/reviewer/specialties/0": "Chiropractor",
    "/reviewer/states": ["US-TX"],
    "/reviewer/states/1": "US-TX",
    "/summary": "Another summary.",
    "/items/0/heading": "Another heading",
    "/items/0/decision": "overturned",
    "/items/0/service": "Another service",
    "/items/0/requested": "More",
    "/items/0/authorized": "Less",
    "/items/0/retrospective": True,
    "/items/0/surgical_adjunct": True,
    "/items/0/treatments": ["mri"],
    "/items/0/treatments/0": "mri",
    "/items/0/body_regions": ["knee"],
    "/items/0/body_regions/0": "knee",
    "/items/0/laterality": None,
    "/items/0/rationale": None,
    "/items/0/claims_administrator/stance": "outside the MTUS",
    "/items/0/claims_administrator/citations": [
        {
            "basis": "mtus",
            "guideline": "acoem",
            "text": "ACOEM",
            "chapter": None,
            "sections": ["Foreword"],
            "pages": [1],
        }
    ],
    "/items/0/reviewer/stance": "no evidence cited",
    "/items/0/reviewer/citations": [],
    "/items/0/reviewer/citations/0/basis": "non-mtus",
    "/items/0/reviewer/citations/0/guideline": "odg",
    "/items/0/reviewer/citations/0/text": "ODG, page 3",
    "/items/0/reviewer/citations/0/chapter": "Pain",
    "/items/0/reviewer/citations/0/sections": ["Opioids"],
    "/items/0/reviewer/citations/0/sections/0": "Opioids",
    "/items/0/reviewer/citations/0/pages": [1, 2],
    "/items/0/reviewer/citations/0/pages/0": 2,
    "/items/0/reasons": [{"reason": "not-recommended", "text": "It is not recommended."}],
    "/items/0/reasons/0/reason": "not-recommended",
    "/items/0/reasons/0/text": "Another sentence.",
    "/items/0/amounts/strength": ["10mg"],
    "/items/0/amounts/strength/0": "10mg",
    "/items/0/amounts/levels": ["L4-5"],
    "/items/0/amounts/levels/0": "L4-5",
    "/items/0/amounts/codes": ["97110"],
    "/items/0/amounts/codes/0": "97110",
    "/items/0/amounts/quantity": 30,
    "/items/0/amounts/refills": 1,
    "/items/0/amounts/visits": None,
    "/items/0/amounts/per_week": 3,
    "/items/0/amounts/weeks": 4,
    "/items/0/amounts/authorized_quantity": 3,
    "/items/0/amounts/authorized_visits": 3,
    "/items/0/topical": True,
    "/items/0/administrator_action": "delayed",
}

AMOUNTS = Amounts(("5%",), 60, 2, 12, 2, 6, ("L5-S1",), ("E0730",), 5, 6)
REASONS = (Reason("lacks-red-flags", "There are no red flags."),)


def at(record: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        record = record[int(step) if step.isdigit() else step]
    return record


def without(record: Any, pointer: str) -> Any:
    """Return a record as lists and dictionaries, with a mark in place of one value and without what follows from it."""

    def copy(value: Any, here: str) -> Any:
        if here == pointer:
            return "*"
        if isinstance(value, dict):
            return {
                name: copy(inner, f"{here}/{name}") for name, inner in value.items() if name not in ("spans", "outcome")
            }
        return (
            [copy(inner, f"{here}/{n}") for n, inner in enumerate(value)] if isinstance(value, list | tuple) else value
        )

    return copy(record, "")


@pytest.mark.parametrize("pointer", VALUES)
def test_exactly_one_value_changes_and_only_its_places_go(pointer: str) -> None:
    full = item(body_regions=("lumbar-spine",), laterality="left", amounts=AMOUNTS, reasons=REASONS)
    d = spanned(determination("CM20-0000001", full))
    before = to_record(d)
    new = corrected(d, correction(pointer, at(before, pointer), VALUES[pointer]))
    after = to_record(new)
    assert without(after, pointer) == without(before, pointer)
    found = at(after, pointer)
    assert json.loads(json.dumps(found)) == VALUES[pointer]
    gone = {p for p in d.spans if p == pointer or p.startswith(f"{pointer}/")}
    assert new.spans == {
        p: span for p, span in d.spans.items() if p not in gone | ({"/outcome"} if "decision" in pointer else set())
    }


def test_every_correctable_field_is_tried_above() -> None:
    tried = {tuple("#" if step.isdigit() else step for step in pointer.split("/")[1:]) for pointer in VALUES}
    elements = {("items", "#"), ("items", "#", "reasons", "#")} | {
        ("items", "#", s, "citations", "#") for s in ("claims_administrator", "reviewer")
    }
    other_side = {("items", "#", "claims_administrator", "citations", "#", *rest)
                  for rest in (("basis",), ("guideline",), ("text",), ("chapter",), ("sections",), ("pages",),
                               ("sections", "#"), ("pages", "#"))}  # fmt: skip
    assert tried | elements | other_side == set(FIELDS)


def test_elements_come_and_go_and_places_move_with_them() -> None:
    """All pointers mean the record as read: the second item goes, the third is corrected, a fourth comes."""
    d = spanned(determination("CM20-0000001", item("A"), item("B"), item("C", treatments=("mri", "acupuncture"))))
    d = replace(d, unparsed=(Unparsed(1, 2, "?", "/items/1/heading"), Unparsed(3, 4, "?", "/items/2/heading")))
    new = corrected(
        d,
        correction("/items/1", {"heading": "B"}, None),
        correction("/items/2/treatments/0", "mri", None),
        correction("/items/2/treatments/-", None, "diazepam"),
        correction("/items/2/service", "C", "D"),
        correction("/items/-", None, ITEM),
        correction("/reviewer/states/-", None, "US-TX"),
    )
    assert [(i.heading, i.service, i.treatments) for i in new.items] == [
        ("A", "A", ("acupuncture",)),
        ("C", "D", ("acupuncture", "diazepam")),
        ("E", "E", ()),
    ]
    assert new.outcome == "partially overturned"
    assert new.reviewer.states == ("US-CA", "US-NV", "US-TX")
    assert new.spans["/items/1/heading"] == d.spans["/items/2/heading"]
    assert new.spans["/items/1/treatments/0"] == d.spans["/items/2/treatments/1"]
    assert not {"/items/1/service", "/items/1/treatments/1", "/items/2/heading"} & set(new.spans)
    assert [u.where for u in new.unparsed] == ["/items", "/items/1/heading"]
    assert to_record(new)["items"][2]["claims_administrator"] == {"stance": None, "citations": ()}


def to_json(made: Determination) -> Any:
    """Return the record as JSON has it, lists for tuples."""
    return json.loads(json.dumps(to_record(made)))


ITEM = {
    **to_json(determination("CM20-0000001", item("E", "overturned", treatments=(), rationale=None)))["items"][0],
    "claims_administrator": {"stance": None, "citations": []},
    "reviewer": {"stance": None, "citations": []},
}


def test_an_item_needs_no_more_than_heading_decision_and_service(tmp_path: Path) -> None:
    text = ENTRY.replace("/0/decision", "/-").replace("upheld", "null")
    (tmp_path / "a.yaml").write_text(
        text.replace("overturned", "\n    heading: E\n    decision: overturned\n    service: E"), encoding="utf-8"
    )
    assert read([tmp_path]).entries[0].should_be == ITEM


def test_what_it_saw_is_compared_as_people_copy_it() -> None:
    """White space in texts, the order of sets and what an object leaves out do not matter."""
    d = determination("CM20-0000001", item("Acupuncture,\n6  visits", treatments=("mri", "acupuncture")))
    corrected(d, correction("/items/0/heading", "Acupuncture, 6 visits", "X"))
    corrected(d, correction("/items/0/treatments", ["acupuncture", "mri"], []))
    corrected(d, correction("/items/0/reviewer/citations/0", {"pages": [12]}, None))


def stale(d: Determination, *entries: Correction) -> list[str]:
    return [each.reason for each in apply(d, Corrections(entries)).stale]


def test_a_correction_is_stale_where_the_letter_is_read_otherwise_now() -> None:
    d = determination()
    (reason,) = stale(d, correction("/patient/age", 54, 45))
    assert reason == "the letter is read as 44 now, not as 54: compare it, and write it anew."
    (reason,) = stale(d, correction("/patient/age", 54, 44))
    assert reason == "the letter is read this way now: delete the entry."
    (reason,) = stale(d, correction("/items/3/decision", "upheld", "overturned"))
    assert reason.startswith("the letter has no such place as it is read now")
    (reason,) = stale(d, correction("/items/0/treatments/-", None, "acupuncture"))
    assert reason == "the list has this element already: delete the entry."
    (reason,) = stale(d, correction("/items/0/reviewer/citations/0", {"pages": [13]}, None))
    assert reason.startswith("the letter is read as {")
    assert len(reason) < 300
    assert stale(d, correction("/items/0/retrospective", 0, True)) != []


def test_a_correction_is_stale_where_the_text_is_another() -> None:
    d = determination()
    same, other = d.sha256[:20], "0" * 20
    assert stale(d, correction("/patient/age", 44, 45, text=same)) == []
    (reason,) = stale(d, correction("/patient/age", 44, 45, text=other))
    assert reason.startswith("the letter's text is another")
    assert apply(d, Corrections((correction("/patient/age", 44, 45, text=other),))).determination is d


def test_a_letter_without_number_is_named_by_its_text() -> None:
    d = determination(None)
    new = corrected(d, correction("/patient/age", 44, 45, case=None, text=d.sha256[:16]))
    assert new.patient.age == 45


def test_of_two_corrections_of_one_value_the_first_counts_and_the_second_is_told() -> None:
    d = determination()
    by_case = correction("/patient/age", 44, 45, place="a.yaml, entry 1")
    by_text = correction("/patient/age", 44, 46, case=None, text=d.sha256, place="b.yaml, entry 1")
    result = apply(d, Corrections((by_text, by_case)))
    assert result.determination.patient.age == 45
    assert [s.reason for s in result.stale] == ["a.yaml, entry 1 corrects the same value: keep one of them."]
    whole = correction("/items/0/treatments", ["acupuncture"], [])
    part = correction("/items/0/treatments/0", "acupuncture", "mri")
    assert len(stale(d, whole, part)) == 1


def test_the_order_of_files_does_not_matter() -> None:
    d = determination("CM20-0000001", item("A"), item("B"))
    entries = (
        correction("/items/0", {"heading": "A"}, None),
        correction("/items/1/treatments/-", None, "mri"),
        correction("/items/1/treatments/-", None, "diazepam"),
        correction("/summary", d.summary, None),
    )
    one, other = apply(d, Corrections(entries)), apply(d, Corrections(entries[::-1]))
    assert one == other
    assert ntriples(one.applied, one.determination) == ntriples(other.applied, other.determination)


def test_fingerprints_tell_which_letters_to_read_again() -> None:
    d, other = determination(), determination("CM20-0000002")
    one = Corrections((correction("/patient/age", 44, 45),))
    two = Corrections((*one.entries, correction("/patient/age", 44, 45, case="CM20-0000002")))
    assert one.fingerprint(d.case_number, d.sha256) == two.fingerprint(d.case_number, d.sha256) != ""
    assert one.fingerprint(other.case_number, other.sha256) == ""
    assert two.fingerprint(other.case_number, other.sha256) != ""
    assert one.digest != two.digest == Corrections(two.entries[::-1]).digest
    assert pickle.loads(pickle.dumps(two)) == two


def test_corrections_of_no_letter_are_told() -> None:
    d = determination()
    met, lost = correction("/patient/age", 44, 45), correction("/patient/age", 1, 2, case="CM20-0000009")
    by_text = correction("/patient/age", 1, 2, case=None, text="f" * 16)
    assert find_unmatched(Corrections((met, lost, by_text)), [(d.case_number, d.sha256)]) == (lost, by_text)


# The graph


def test_a_correction_is_an_activity_of_the_graph() -> None:
    d = determination("CM20-0000001", item("A"), item("B", claims_administrator=party(citation(), citation())))
    result = apply(d, Corrections((
        correction("/items/1/decision", "upheld", "overturned"),
        correction("/items/1/reviewer/citations/0/pages", [12], [12, 13]),
        correction("/items/0", {"heading": "A"}, None),
        correction("/reviewer/states/0", "US-CA", None),
        correction("/patient/age", 44, None),
    )))  # fmt: skip
    text = ntriples(result.applied, result.determination)
    graph = ox.Store()
    graph.load(text, format=ox.RdfFormat.N_TRIPLES)
    case = terms.case_iri("CM20-0000001")
    rows = graph.query(
        """SELECT ?node ?field ?was ?is WHERE {
          ?case imr:hasCorrection ?c . ?c a imr:Correction ; imr:corrects ?node ; imr:correctedField ?field ;
            prov:used ?letter ; dcterms:creator "A. Reader" ; rdfs:comment "The letter says so." ;
            dcterms:date "2026-11-20"^^xsd:date .
          OPTIONAL { ?c imr:valueWas ?was } OPTIONAL { ?c imr:valueIs ?is } } ORDER BY ?field""",
        prefixes=terms.PREFIXES,
    )
    assert isinstance(rows, ox.QuerySolutions)
    found = [tuple(None if cell is None else cell.value for cell in row) for row in rows]
    assert found == [
        (case, "/items/0", '{"heading": "A"}', None),
        (f"{case}-item-1", "/items/1/decision", "upheld", "overturned"),
        (f"{case}-item-1-citation-3", "/items/1/reviewer/citations/0/pages", "[12]", "[12, 13]"),
        (case, "/patient/age", "44", None),
        (f"{case}-reviewer", "/reviewer/states/0", "US-CA", None),
    ]
    nodes = {
        quad.subject.value for quad in ox.parse(mapping.ntriples(result.determination), format=ox.RdfFormat.N_TRIPLES)
    }
    assert {row[0] for row in found} <= nodes
    assert text == "".join(sorted(text.splitlines(keepends=True)))
    assert ntriples((), d) == ""


def test_the_case_is_named_by_the_key_it_got() -> None:
    result = apply(determination(), Corrections((correction("/patient/age", 44, 45),)))
    text = ntriples(result.applied, result.determination, key="CM20-0000001-abcdef01", base="urn:x:")
    assert "<urn:x:case-CM20-0000001-abcdef01> " in text
    assert "<urn:x:case-CM20-0000001-abcdef01-correction-1> " in text


def test_every_decision_of_the_real_letters_can_be_turned(shared: Path) -> None:
    """Correcting each decision of each letter gives the outcome that plain counting gives, and nothing else changes."""
    turned = {"upheld": "overturned", "overturned": "upheld"}
    for d in gold(shared):
        name = {"case": d.case_number} if d.case_number else {"case": None, "text": d.sha256}
        entries = [
            correction(f"/items/{n}/decision", i.decision, turned[i.decision], **name) for n, i in enumerate(d.items)
        ]
        new = corrected(d, *entries)
        assert [i.decision for i in new.items] == [turned[i.decision] for i in d.items]
        kinds = {i.decision for i in new.items}
        assert new.outcome == (kinds.pop() if len(kinds) == 1 else "partially overturned")
        undone = replace(new, items=d.items, outcome=d.outcome)
        assert undone == d


def test_places_of_other_values_stay_true() -> None:
    """A place that stays still shows the value it stands for."""
    text = "Acupuncture and MRI"
    d = determination("CM20-0000001", item(text, treatments=("acupuncture", "mri")))
    d = replace(d, spans={"/items/0/treatments/0": Span(0, 11), "/items/0/treatments/1": Span(16, 19)})
    new = corrected(d, correction("/items/0/treatments/0", "acupuncture", None))
    assert new.items[0].treatments == ("mri",)
    (span,) = new.spans.values()
    assert text[span.start : span.end] == "MRI"


def test_the_examples_of_the_page_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The first entry of docs/corrections.md is applied to an example letter by the Python below it."""
    page = (PROJECT / "docs" / "corrections.md").read_text(encoding="utf-8")
    (python,) = re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    entries = re.findall(r"^```yaml\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    (tmp_path / "letters").symlink_to(resources.examples())
    (tmp_path / "corrections").mkdir()
    (tmp_path / "corrections" / "found.yaml").write_text("".join(entries), encoding="utf-8")
    found = read([tmp_path]).entries
    assert [entry.field for entry in found] == ["/items/1/decision", "/items/0/treatments/-", "/items/2"]
    (tmp_path / "corrections" / "found.yaml").write_text(entries[0], encoding="utf-8")
    with contextlib.chdir(tmp_path):
        exec(compile(python, "corrections.md", "exec"), {})
    assert "1 applied\n" in capsys.readouterr().out
