"""Finding an item's heading and taking it apart: wrapped lines, colons, prefixes, partial certifications."""

from __future__ import annotations

import re
import textwrap

import pytest

from imr_graph.extraction.item_heading import read_heading
from imr_graph.model import DisputedItem
from support.letters import RATIONALE, WIDTH, item, letter, read

HEADINGS = (
    "Labs to include: EKG, CBC",
    "Ibuprofen 800mg, day supply: 30",
    "Urine drug screen (DOS: 11/11/2016)",
    "Home exercise kit etc.",
    "MRI cervical spine without contrast; CPT 72141.",
    "Ibuprofen 600mg #60. Qty. 2.00",
    "Is aquatic therapy included?",
    "Consultation with Dr. / pain management",
    'Crutches ("pair")',
    "X-ray",
    "EMG (electromyography)/NCV (nerve conduction velocity) of the bilateral upper extremities and of the paraspinal "
    "muscles",
    "Physical therapy 3 times a week for 4 weeks for the lumbar spine, as an outpatient, including evaluation, "
    "manual techniques, exercise instruction and re-evaluation by the treating therapist at the end of the course",
    "ONE LUMBAR DISCOGRAM AT L1-L4",
)
PLACES = ("first", "middle", "last")


@pytest.mark.parametrize("gap", ["\n", "\n\n"], ids=["lines", "blank lines"])
@pytest.mark.parametrize("heading", HEADINGS)
@pytest.mark.parametrize("place", PLACES)
def test_a_heading_is_found_whole(heading: str, place: str, gap: str) -> None:
    items = [item("A cane", gap=gap), item("A brace", gap=gap)]
    index = PLACES.index(place)
    items.insert(index, item(heading, gap=gap))
    determination = read(letter(*items))
    assert determination.items[index].heading == heading
    assert [i.rationale for i in determination.items] == [RATIONALE] * 3
    assert determination.unparsed == ()


@pytest.mark.parametrize(
    "decision",
    [": Upheld", ":  Upheld", " : Upheld", ":\nUpheld", ": UPHELD", ": Upheld.", ": Upheld  ", ":\n\nUpheld"],
)
def test_the_decision_word_in_all_its_places(decision: str) -> None:
    text = letter(item("A cane"), item("A brace", "@")).replace(": @", decision)
    second = read(text).items[1]
    assert (second.heading, second.decision) == ("A brace", "upheld")


def test_a_heading_goes_on_over_a_page() -> None:
    heading = "Chiropractic treatment twice a week for three weeks with infrared, traction, and manual work at the neck"
    first, second = textwrap.wrap(heading, WIDTH)
    for page_end in ("\n\f", "\f", "\n\n\f"):
        text = letter(item("A cane"), item("@")).replace("@", f"{first}{page_end}{second}")
        assert read(text).items[1].heading == heading


def test_a_heading_at_the_top_of_a_page_takes_nothing_from_the_page_before() -> None:
    for page_end in ("\n\f", "\f", "\n\n\f"):
        text = letter(item("A cane"), item("A brace")).replace("\nA brace", f"{page_end}A brace")
        assert [i.heading for i in read(text).items] == ["A cane", "A brace"]


def test_a_rationale_without_its_last_full_stop_is_not_part_of_the_next_heading() -> None:
    first = item("A cane", rationale=RATIONALE.rstrip("."))
    determination = read(letter(first, item("A brace")))
    assert [i.heading for i in determination.items] == ["A cane", "A brace"]
    assert determination.items[0].rationale == RATIONALE.rstrip(".")


def test_an_abbreviation_at_a_line_end_does_not_end_the_paragraph_above() -> None:
    heading = "Follow-up of the ankle after casting, splinting and a brace, all by the same office, approx.\ntwice"
    assert read(letter(item("A cane"), item(heading))).items[1].heading == " ".join(heading.split())


FORM_A = (
    "Aquatic therapy x 12 was the original request. Aquatic therapy x 4 was authorized by the Claims Administrator. "
    "The remaining IMR eligible portion of the original request, Aquatic therapy x 8"
)
FORM_B = (
    "Inpatient rehabilitation was the original request. The Claims Administrator authorized an evaluation only for "
    "rehabilitation, leaving the original request IMR eligible. The original request, Inpatient rehabilitation"
)


@pytest.mark.parametrize("gap", ["\n", "\n\n"], ids=["lines", "blank lines"])
@pytest.mark.parametrize("verb", [" is", ""], ids=["is", "without is"])
def test_partial_certifications_of_form_a(verb: str, gap: str) -> None:
    found = read(letter(item("A cane", gap=gap), item(FORM_A + verb, gap=gap))).items[1]
    assert found.heading == FORM_A + verb
    assert (found.requested, found.authorized) == ("Aquatic therapy x 12", "Aquatic therapy x 4")
    assert found.service == "Aquatic therapy x 8"


@pytest.mark.parametrize("verb", [" is", ""], ids=["is", "without is"])
def test_partial_certifications_of_form_b(verb: str) -> None:
    found = read(letter(item("A cane"), item(FORM_B + verb, "Overturned"))).items[1]
    assert found.heading == FORM_B + verb
    assert found.requested == found.service == "Inpatient rehabilitation"
    assert found.authorized == "an evaluation only for rehabilitation"


def test_a_rationale_that_repeats_a_partial_certification_starts_no_heading() -> None:
    rationale = f"{FORM_A}. That is more than the guideline allows. The request is not medically necessary."
    determination = read(letter(item(FORM_A + " is", rationale=rationale), item("A brace")))
    assert [i.service for i in determination.items] == ["Aquatic therapy x 8", "A brace"]
    assert determination.items[0].rationale == rationale


def test_an_original_request_that_is_not_followed_up_stays_one_service() -> None:
    heading = read_heading("A cane was the original request. A brace is new").value
    assert (heading.requested, heading.authorized, heading.service) == (None, None, heading.heading)


PREFIXES = {
    "Associated surgical service: Cold compression, 30 day rental": ("Cold compression, 30 day rental", False, True),
    "Associated Surgical Services: Clearance: Labs": ("Clearance: Labs", False, True),
    "Associated service - sling": ("sling", False, True),
    "Retrospective CT scan (DOS 11/18/16)": ("CT scan (DOS 11/18/16)", True, False),
    "Retrospective: CT scan": ("CT scan", True, False),
    "Retro - Naproxen": ("Naproxen", True, False),
    "Associated surgical service: Retrospective crutches": ("crutches", True, True),
    "Retrospective Associated surgical service: crutches": ("crutches", True, True),
    "Norco 10/325mg #60 (retrospective)": ("Norco 10/325mg #60 (retrospective)", True, False),
    "Retrospective": ("Retrospective", True, False),
    "Retrograde nail": ("Retrograde nail", False, False),
}


@pytest.mark.parametrize(("words", "expected"), PREFIXES.items())
def test_prefixes_are_taken_off_the_service_and_kept_in_the_heading(words: str, expected: tuple[object, ...]) -> None:
    found: DisputedItem = read(letter(item(words))).items[0]
    assert found.heading == words
    assert (found.service, found.retrospective, found.surgical_adjunct) == expected


def test_lines_of_an_indented_page_are_read_alike() -> None:
    text = re.sub(r"(?m)^", "      ", letter(item("A cane"), item(HEADINGS[-2])))
    assert [i.heading for i in read(text).items] == ["A cane", HEADINGS[-2]]
