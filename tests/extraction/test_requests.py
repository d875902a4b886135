"""Treatments, body regions and laterality of headings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imr_graph.extraction.requests import TreatmentReading, read_treatments
from imr_graph.model import Span
from imr_graph.vocabulary import load, normalise
from support.growth import grows_with_its_length

HEADINGS = Path(__file__).parent / "headings.txt"


def cases() -> list[tuple[str, list[str], list[str], str]]:
    """Fictional headings with what a careful reader takes from them."""
    found = []
    for line in HEADINGS.read_text(encoding="utf-8").splitlines():
        if " => " in line and not line.startswith("#"):
            heading, expected = line.split(" => ")
            treatments, regions, side = (part.strip() for part in expected.split("|"))
            found.append((heading, sorted(treatments.split()), sorted(regions.split()), side))
    return found


def ids(reading: TreatmentReading) -> tuple[list[str], list[str], str]:
    return (
        sorted(found.id for found in reading.treatments),
        sorted(found.id for found in reading.body_regions),
        reading.laterality.id if reading.laterality else "",
    )


def treatments(heading: str) -> list[str]:
    return [found.id for found in read_treatments(heading).treatments]


@pytest.mark.parametrize(
    ("heading", "expected", "regions", "side"), cases(), ids=lambda v: v if isinstance(v, str) else ""
)
def test_heading_is_read_as_a_careful_reader_would(
    heading: str, expected: list[str], regions: list[str], side: str
) -> None:
    assert ids(read_treatments(heading)) == (expected, regions, side)


def test_the_headings_name_every_procedure() -> None:
    """The fictional headings leave out no treatment of the vocabulary that is not a drug."""
    named = {treatment for _, expected, _, _ in cases() for treatment in expected}
    procedures = {
        t.id
        for t in load().treatments
        if not {"pharmaceuticals"} & {c.id for c in load().categories_of(t.id)} or t.id == "viscosupplementation"
    }
    assert procedures - named == set()


# --- the rules, one by one -------------------------------------------------------------------------------------------


def test_the_more_exact_name_wins() -> None:
    assert treatments("MR arthrogram") == ["mr-arthrogram"]
    assert treatments("Steroid injection, epidural steroid injection") == [
        "joint-injection",
        "epidural-steroid-injection",
    ]
    assert treatments("PT") == ["physical-therapy"]
    assert treatments("PT/PTT") == ["laboratory-test"]


def test_guidance_is_no_treatment() -> None:
    assert treatments("Facet block under fluoroscopic guidance") == ["facet-joint-injection"]
    assert treatments("Ultrasound-guided injection of the left hip") == ["joint-injection"]
    assert treatments("Fluoroscopy") == ["fluoroscopy"]


def test_a_drug_counts_beside_its_injection_only_where_it_is_named() -> None:
    assert treatments("Steroid injection to the left knee") == ["joint-injection"]
    assert treatments("Kenalog injection to the left knee") == ["triamcinolone", "joint-injection"]


def test_purpose_and_time_are_not_requested() -> None:
    assert treatments("Clearance for right knee arthroscopy with meniscal repair") == ["preoperative-clearance"]
    assert treatments("Physical therapy after lumbar fusion and laminectomy") == ["physical-therapy"]
    assert treatments("Physical therapy for the knee, acupuncture for the neck") == ["physical-therapy", "acupuncture"]
    assert treatments("Referral for acupuncture") == ["acupuncture"]
    assert sorted(treatments("Prescription for Norco")) == ["acetaminophen", "hydrocodone"]


def test_fields_of_practice_count_beside_a_word_for_consultation() -> None:
    assert treatments("Consult: orthopedics") == ["surgical-consultation"]
    assert treatments("Orthopedic shoes") == ["foot-orthotics"]
    assert treatments("Left hand surgery") == ["other-surgery"]
    assert treatments("Evaluation, hand surgery") == ["surgical-consultation"]


def test_a_shared_name_is_settled_by_company_and_region() -> None:
    assert treatments("Fusion at L5-S1") == ["spine-fusion"]
    assert treatments("Fusion of the left ankle") == ["other-surgery"]
    assert treatments("Ultrasound, right wrist") == ["ultrasound-imaging"]
    assert treatments("Exercises, massage and ultrasound, right wrist")[-1] == "therapeutic-ultrasound"


def test_an_operation_takes_in_its_parts() -> None:
    assert treatments("Left shoulder rotator cuff repair") == ["fracture-or-tendon-surgery"]
    assert treatments("Left shoulder arthroscopy, rotator cuff repair, decompression") == ["arthroscopic-surgery"]


def test_nothing_is_guessed() -> None:
    for heading in ("", "Unspecified request", "Compound cream 240 grams", "12 sessions", "Please see attached"):
        assert ids(read_treatments(heading)) == ([], [], ""), heading


@pytest.mark.parametrize(
    ("heading", "side"),
    [
        ("MRI of the left knee", "left"),
        ("MRI of the knee", ""),
        ("MRI of the neck and (L) shoulder", "left"),
        ("MRI of the L spine at L4", ""),
        ("MRI left knee and right hip", ""),
        ("X-ray of left and right wrists", "bilateral"),
        ("X-ray of the wrists, left and right", "bilateral"),
        ("X-ray right wrist, left wrist", "bilateral"),
        ("EMG RUE", "right"),
        ("EMG B/L lower extremities", "bilateral"),
        ("Both EMG and NCV", ""),
        ("Braces for both knees", "bilateral"),
        ("Left knee brace and bilateral insoles", ""),
        ("R knee", "right"),
    ],
)
def test_laterality(heading: str, side: str) -> None:
    assert ids(read_treatments(heading))[2] == side


@pytest.mark.parametrize(
    ("heading", "regions"),
    [
        ("ESI C7-T1", ["neck"]),
        ("ESI T12-L1", ["thoracic-spine"]),
        ("Fusion L4-S1", ["lumbar-spine"]),
        ("Lateral branch block S2-S3", ["pelvis"]),
        ("Fusion L5-S1", ["lumbar-spine"]),
        ("Block at C5-6 and L4/5", ["lumbar-spine", "neck"]),
        ("T3, T4 and TSH", []),
        ("Brace L0650", []),
        ("MRI 1.5T, T2 weighted", ["thoracic-spine"]),
        ("Spine and back", []),
        ("Low back and mid back", ["lumbar-spine", "thoracic-spine"]),
        ("TLSO, thoracolumbar", ["lumbar-spine", "thoracic-spine"]),
        ("Great toe and ring finger", ["foot", "hand"]),
        ("Hand held shower, C-arm", []),
    ],
)
def test_body_regions(heading: str, regions: list[str]) -> None:
    assert ids(read_treatments(heading))[1] == regions


def test_partial_certification_reads_treatments_from_the_disputed_part() -> None:
    heading = (
        "EMG and NCS of the left leg was the original request. NCS of the left leg was authorized by the Claims "
        "Administrator. The remaining IMR eligible portion of the original request, EMG is"
    )
    start = heading.rindex("EMG")
    reading = read_treatments(heading, Span(start, start + 3))
    assert ids(reading) == (["emg"], ["lower-extremity"], "left")
    assert reading.treatments[0].span == Span(start, start + 3)


def test_partial_certification_without_a_name_in_the_disputed_part_reads_the_heading() -> None:
    heading = "Zanaflex 4mg #60 was the original request. The remaining portion, #20 is"
    reading = read_treatments(heading, Span(heading.index("#20"), heading.index("#20") + 3))
    assert ids(reading)[0] == ["tizanidine"]


# --- invariants ------------------------------------------------------------------------------------------------------


@settings(deadline=None)  # the first call reads the vocabulary
@given(st.text(max_size=120) | st.lists(st.sampled_from([c[0] for c in cases()]), max_size=3).map("; ".join))
def test_spans_hold_the_words_that_were_read(heading: str) -> None:
    known = load()
    reading = read_treatments(heading)
    for found in reading.treatments:
        words = heading[found.span.start : found.span.end]
        assert normalise(words)
        assert found.id in known.treatments
    for found in reading.body_regions:
        assert 0 <= found.span.start < found.span.end <= len(heading)
        assert found.id in known.body_regions
    assert len({f.id for f in reading.treatments}) == len(reading.treatments)


def test_case_does_not_matter() -> None:
    for heading, *_ in cases():
        assert ids(read_treatments(heading.upper())) == ids(read_treatments(heading.lower())), heading


@pytest.mark.timing
@pytest.mark.parametrize(
    "unit", ["left knee right hip ", "MRI for X-ray ", "L4-5 C7 ", "injection, ", "for the left ", "1 CT, "]
)
def test_reading_takes_linear_time(unit: str) -> None:
    assert grows_with_its_length(lambda length: read_treatments(unit * length), 4_000 // len(unit))


def test_expected_records_are_met(shared: Path) -> None:
    """On the real letters' headings the micro-averaged F1 of each field is 0.99 or more."""
    counts = {field: [0, 0, 0] for field in ("treatments", "body_regions", "laterality")}
    for path in sorted((shared / "gold").glob("*.json")):
        for item in json.loads(path.read_text(encoding="utf-8"))["items"]:
            place = item["heading"].rfind(item["service"])
            disputed = Span(place, place + len(item["service"])) if item["requested"] and place >= 0 else None
            got = dict(zip(counts, ids(read_treatments(item["heading"], disputed)), strict=True))
            for field, count in counts.items():
                if field not in (item.get("ambiguous") or []):
                    expected = set(item[field] if field != "laterality" else filter(None, [item[field]]))
                    read = set(got[field] if field != "laterality" else filter(None, [got[field]]))
                    count[0] += len(expected & read)
                    count[1] += len(read - expected)
                    count[2] += len(expected - read)
    scores = {field: 2 * tp / (2 * tp + fp + fn) for field, (tp, fp, fn) in counts.items()}
    assert min(scores.values()) >= 0.99, scores
