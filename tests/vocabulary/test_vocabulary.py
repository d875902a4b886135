"""The vocabulary: lookup by id and name, and finding names in text."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imr_graph import resources, vocabulary
from imr_graph.errors import ToolError, UnknownNameError
from imr_graph.vocabulary import Match, Matcher, Scheme, Vocabulary, normalise, split
from support.growth import grows_with_its_length


@pytest.fixture(scope="module")
def known() -> Vocabulary:
    return vocabulary.load()


def found(scheme: Scheme, text: str) -> list[tuple[str, str]]:
    return [(m.value.id, text[m.start : m.end]) for m in scheme.matcher.find(text)]


# --- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Forearm, Wrist, & Hand", "forearm wrist hand"),
        ("X-rays", "x rays"),
        ("ESI's", "esis"),
        ("Bupropion (Wellbutrin®)", "bupropion wellbutrin"),
        ("L4-5", "l 4 5"),
        ("Ménière", "meniere"),
        ("  ", ""),
        ("'quoted'", "quoted"),
    ],
)
def test_normalise_folds_case_accents_and_punctuation(name: str, expected: str) -> None:
    assert normalise(name) == expected


@given(st.text())
def test_split_words_stand_where_they_say(text: str) -> None:
    words = split(text)
    assert words.squeezed == "".join(words.words)
    for index in range(len(words)):
        assert normalise(text[words.starts[index] : words.ends[index]]) == words.words[index]
        assert words.squeezed[words.offsets[index] : words.offsets[index + 1]] == words.words[index]


# --- loading ---------------------------------------------------------------------------------------------------------


def test_load_returns_one_object(known: Vocabulary) -> None:
    assert vocabulary.load() is known


@pytest.mark.parametrize("changed", ["states.ttl", "layouts.toml"])
def test_version_changes_with_the_files_and_only_with_them(tmp_path: Path, known: Vocabulary, changed: str) -> None:
    copy = tmp_path / "ontology"
    shutil.copytree(resources.ontology(), copy)
    assert vocabulary.read(copy).version == known.version
    with (copy / changed).open("a", encoding="utf-8") as file:
        file.write("# one more comment\n")
    assert vocabulary.read(copy).version != known.version


def test_read_works_without_the_drugs(tmp_path: Path, known: Vocabulary) -> None:
    copy = tmp_path / "ontology"
    shutil.copytree(resources.ontology(), copy, ignore=shutil.ignore_patterns("drugs.ttl"))
    without = vocabulary.read(copy)
    assert "mri" in without.treatments
    assert len(without.treatments) < len(known.treatments)


def test_broken_file_is_named(tmp_path: Path) -> None:
    copy = tmp_path / "ontology"
    shutil.copytree(resources.ontology(), copy)
    (copy / "states.ttl").write_text("id:state-US-CA a imr:State .", encoding="utf-8")
    with pytest.raises(ToolError, match=r"states\.ttl"):
        vocabulary.read(copy)


# --- lookup ----------------------------------------------------------------------------------------------------------


def test_find_knows_every_label_and_nothing_else(known: Vocabulary) -> None:
    assert known.specialties.unique_by_label("pm&r").id == "physical-medicine-and-rehabilitation"
    assert known.specialties.unique_by_label("Sports Medicinea").label == "Sports Medicine"
    assert known.specialties.unique_by_label("Astrology") is None
    assert known.states.unique_by_label("north  carolina").id == "US-NC"
    assert known.states.unique_by_label("") is None


def test_find_abstains_where_a_name_has_several_owners(known: Vocabulary) -> None:
    assert known.guidelines.unique_by_label("Low Back Disorders") is None
    assert {g.year for g in known.guidelines.by_label("Low Back Disorders")} == {2016, 2019, 2020}
    assert known.guidelines.unique_by_label("Low Back Disorders 2019").id == "acoem-low-back-disorders-2019"


def test_unknown_id_suggests_near_ones(known: Vocabulary) -> None:
    with pytest.raises(UnknownNameError, match="'acupuncture'") as caught:
        known.treatments["accupuncture"]
    assert caught.value.exit_code == 2
    assert "Orthopedic Surgery" in known.specialties.near("Orthopedic Surgry")


def test_guidelines_know_their_regulation(known: Vocabulary) -> None:
    low_back = known.guidelines.unique_by_label("Low Back Complaints 2004")
    assert (low_back.year, low_back.regulation, low_back.chapters) == (2004, "8 CCR 9792.23.5", (12,))
    assert low_back.in_mtus
    assert not known.guidelines["odg"].in_mtus


def test_sections_belong_to_their_guideline(known: Vocabulary) -> None:
    chronic = known.sections("mtus-chronic-pain-2016")
    text = "NSAIDs, GI symptoms & cardiovascular risk, Weaning, opioids (specific guidelines), Benzodiazepines"
    assert [m.value.label for m in chronic.matcher.find(text)] == [
        "NSAIDs, GI symptoms & cardiovascular risk",
        "Weaning, opioids (specific guidelines)",
        "Benzodiazepines",
    ]
    assert {section.guideline for section in chronic} == {"mtus-chronic-pain-2016"}
    assert known.sections("acoem-shoulder-complaints-2004").unique_by_label("Inital Care").label == "Initial Care"
    assert len(known.sections("other")) == 0
    assert len(known.sections("voice-strain-2031")) == 0  # a guideline that is not listed


def test_odg_chapters_are_found_in_all_spellings(known: Vocabulary) -> None:
    for printed in ("Low Back", "low back - Lumbar & Thoracic", "Low Back, Lumbar and Thoracic (Acute & Chronic)"):
        match = known.odg_chapters.matcher.find(printed)[0]
        assert (match.value.label, match.start) == ("Low Back", 0), printed
    assert known.odg_chapters.unique_by_label("Hips and Pelvis").label == "Hip & Pelvis"
    assert known.odg_chapters.unique_by_label("Physical therapy") is None


def test_categories_are_walked_upwards(known: Vocabulary) -> None:
    assert [c.id for c in known.categories_of("acupuncture")] == ["rehabilitation/acupuncture", "rehabilitation"]
    assert known.categories_of("no-such-treatment") == ()
    assert "pharmaceuticals" in {c.id for c in known.categories_of("oxycodone")}


def test_a_product_stands_for_its_ingredients(known: Vocabulary) -> None:
    percocet = known.products.unique_by_label("Percocet")
    assert sorted(known.ingredients(percocet)) == ["acetaminophen", "oxycodone"]
    assert known.ingredients(known.treatments["mri"]) == ("mri",)
    assert all(i in known.treatments for product in known.products for i in product.ingredients)
    assert all(len(product.ingredients) >= 2 for product in known.products)


# --- matching --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MRI of the right knees", [("knee", "knees")]),
        ("C-spine and L spine", [("neck", "C-spine"), ("lumbar-spine", "L spine")]),
        ("spine", []),
        ("kneeling", []),
    ],
)
def test_find_takes_whole_words(known: Vocabulary, text: str, expected: list[tuple[str, str]]) -> None:
    assert found(known.body_regions, text) == expected


def test_longest_name_wins_and_matches_do_not_overlap() -> None:
    matcher = Matcher([("cold", 1), ("cold therapy", 2), ("cold therapy unit", 3), ("therapy", 4)])
    assert [m.value for m in matcher.find("cold therapy units, cold, cold  therapy therapy")] == [3, 1, 2, 4]


def test_words_may_be_joined_or_parted_but_not_over_a_slash() -> None:
    matcher = Matcher([("X-ray", "x"), ("CT", "ct"), ("EMG", "emg")])
    assert [m.value for m in matcher.find("xray, X ray, x-\nrays; E.M.G.")] == ["x", "x", "x", "emg"]
    assert matcher.find("C/T spine") == []


def test_a_comma_ends_a_name_unless_the_name_has_one() -> None:
    matcher = Matcher([("unit electrode", 1), ("unit", 2), ("forearm, wrist", 3)])
    assert [m.value for m in matcher.find("unit electrodes; unit, electrodes")] == [1, 2]
    assert [m.value for m in matcher.find("Forearm, Wrist and forearm wrist")] == [3, 3]


def test_plurals_are_found() -> None:
    matcher = Matcher([("crutch", 1), ("therapy", 2), ("splint", 3), ("TENS", 4), ("brush", 5)])
    assert [m.value for m in matcher.find("crutches therapies splints TENS brushes")] == [1, 2, 3, 4, 5]
    assert matcher.find("ten") == []


def test_admit_leaves_values_out() -> None:
    matcher = Matcher([("hand surgery", "field"), ("surgery", "name"), ("hand surgery", "other")])
    assert [m.values for m in matcher.find("hand surgery")] == [("field", "other")]
    assert [m.values for m in matcher.find("hand surgery", lambda v: v == "name")] == [("name",)]


LABELS = st.lists(st.sampled_from(["mri", "x-ray", "mr arthrogram", "low back", "l spine", "nsaids, gi"]), min_size=1)
FILLING = st.text(alphabet="ab mrix-ray,/.()1 \n", max_size=12)


@given(st.lists(st.tuples(LABELS.map(lambda names: names[0]), FILLING), max_size=8))
def test_every_match_stands_where_it_says(parts: list[tuple[str, str]]) -> None:
    names = ["mri", "x-ray", "mr arthrogram", "low back", "l spine", "nsaids, gi"]
    matcher = Matcher((name, name) for name in names)
    text = " ".join(name + " " + filling for name, filling in parts)
    matches: list[Match[str]] = matcher.find(text)
    for match in matches:
        assert match.value in matcher.values_of(text[match.start : match.end])
    assert all(a.end <= b.start for a, b in itertools.pairwise(matches))


@settings(deadline=None)  # the first call reads the vocabulary
@given(st.text(max_size=200))
def test_any_text_is_read_without_error(text: str) -> None:
    known = vocabulary.load()
    for match in known.treatments.matcher.find(text):
        assert match.value in known.treatments.by_label(text[match.start : match.end])


@pytest.mark.timing
@pytest.mark.parametrize(
    "unit", ["therapeutic ", "physical therapy evaluation, ", "l", "a ", "nsaids gi symptoms cardiovascular "]
)
def test_matching_takes_linear_time(known: Vocabulary, unit: str) -> None:
    assert grows_with_its_length(lambda length: known.treatments.matcher.find(unit * length), 20_000 // len(unit))
