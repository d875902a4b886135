"""Amounts and forms of what headings ask for; the headings are ours."""

from __future__ import annotations

from typing import Any

import pytest

from imr_graph.extraction.amounts import read_amounts, read_topical

DRUG, VISITS, TEST = ["pharmaceuticals/opioids"], ["rehabilitation/acupuncture"], ["diagnostic-testing/imaging"]
DEVICE, INJECTION, CONSULT = ["dmepos/dme"], ["injection/other"], ["evaluation-and-management"]

AMOUNTS: list[tuple[str, list[str], dict[str, Any]]] = [
    (
        "Hydrocodone/APAP 10-325 mg, QTY: 90, refills 2",
        DRUG,
        {"strength": ("10-325 mg",), "quantity": 90, "refills": 2},
    ),
    ("Norco 10/325 mg #120 x 3 refills", DRUG, {"strength": ("10/325 mg",), "quantity": 120, "refills": 3}),
    ("Fentanyl patch 25 mcg/hr #10", DRUG, {"strength": ("25 mcg/hr",), "quantity": 10}),
    ("Terocin 120 ml", DRUG, {"quantity": 120}),
    ("Ultram 50mg, 60 tablets with no refills", DRUG, {"strength": ("50mg",), "quantity": 60, "refills": 0}),
    ("Tylenol #3 #60", DRUG, {"quantity": 60}),
    ("Ketoprofen 20% in 120 gm", DRUG, {"strength": ("20%",), "quantity": 120}),
    ("Gabapentin 6%-lidocaine 2% 60 grams #1", DRUG, {"strength": ("6%", "2%"), "quantity": 60}),
    ("Prilosec 20mg capsules twice daily", DRUG, {"strength": ("20mg",)}),
    ("Physical therapy 2-3 times a week for 4-6 weeks", VISITS, {}),
    ("Physical therapy 2-3x/week for 6 weeks", VISITS, {"weeks": 6}),
    ("Acupuncture 1x6", VISITS, {"visits": 6, "per_week": 1, "weeks": 6}),
    ("Therapy 2xWk x 6Wks lumbar", VISITS, {"visits": 12, "per_week": 2, "weeks": 6}),
    ("Therapy two times four for the shoulder", VISITS, {"visits": 8, "per_week": 2, "weeks": 4}),
    ("Twelve (12) sessions of aquatic therapy", VISITS, {"visits": 12}),
    ("Therapy 12-18 sessions", VISITS, {}),
    (
        "Chiropractic; twelve (12) visits, 2 times per week for 6 weeks",
        VISITS,
        {"visits": 12, "per_week": 2, "weeks": 6},
    ),
    ("Work conditioning 10 sessions over 5 weeks", VISITS, {"visits": 10, "weeks": 5}),
    ("Daily chiropractic for 2 weeks", VISITS, {"visits": 14, "per_week": 7, "weeks": 2}),
    ("Psychotherapy once weekly for 20 weeks", VISITS, {"visits": 20, "per_week": 1, "weeks": 20}),
    ("Acupuncture #6", VISITS, {"visits": 6}),
    ("Follow-up with pain management x 2", CONSULT, {"visits": 2}),
    (
        "Bilateral L4-L5 and L5-S1 transforaminal epidural steroid injections x2",
        INJECTION,
        {"visits": 2, "levels": ("L4-5", "L5-S1")},
    ),
    ("Facet blocks L3, L4, L5", INJECTION, {"levels": ("L3", "L4", "L5")}),
    ("CPT 97110, 97140 therapy", VISITS, {"codes": ("97110", "97140")}),
    ("Unit HCPCS E0730, 30 day rental", DEVICE, {"codes": ("E0730",)}),
    ("2 arm sleeves", DEVICE, {"quantity": 2}),
    ("One MRI 3.0 Tesla of the lumbar spine, 3 views", TEST, {}),
    ("Electrocardiogram times 3", TEST, {"quantity": 3}),
]


@pytest.mark.parametrize(("heading", "categories", "expected"), AMOUNTS)
def test_amounts_of_a_heading(heading: str, categories: list[str], expected: dict[str, Any]) -> None:
    read = read_amounts(heading, categories)
    found = {name: getattr(read.value, name) for name in read.value.__slots__}
    assert {name: value for name, value in found.items() if value not in (None, ())} == expected


@pytest.mark.parametrize(("heading", "categories", "expected"), AMOUNTS)
def test_every_amount_has_its_place(heading: str, categories: list[str], expected: dict[str, Any]) -> None:
    spans = read_amounts(heading, categories).spans
    assert {pointer.split("/")[1] for pointer in spans} == set(expected)
    for index, strength in enumerate(expected.get("strength", ())):
        place = spans[f"/strength/{index}"]
        assert heading[place.start : place.end] == strength


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("Voltaren gel 1%", "gel"),
        ("Butrans 10mcg/hr patch #4", "patch"),
        ("Flurbiprofen 20%", "20%"),
        ("Lidocaine 1% injection", None),
        ("Omeprazole 20mg", None),
        ("Diclofenac ophthalmic solution 0.1%", None),
        ("Gabapentin 250mg/5ml oral solution", None),
    ],
)
def test_what_is_applied_to_the_skin(heading: str, words: str | None) -> None:
    place = read_topical(heading, DRUG)
    assert (heading[place.start : place.end] if place else None) == words


def test_a_pad_is_no_drug() -> None:
    assert read_topical("Heating pad", DEVICE) is None
