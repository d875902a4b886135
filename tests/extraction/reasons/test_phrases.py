"""The language of phrases: what it finds, what it refuses, and that it is linear."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imr_graph.errors import ToolError
from imr_graph.extraction.reasons import knowledge
from imr_graph.extraction.reasons.phrases import PhraseTable, read_phrase, read_words

WORDS = st.lists(st.sampled_from(["no", "red", "flags", "flag", "deficit", ",", ";", "of", "nerve"]), max_size=30)


def found(phrase: str, text: str) -> list[str]:
    words = read_words(text)
    return [" ".join(words[m.start : m.end]) for m in PhraseTable([(phrase, 0)]).find(words)]


def test_a_word_with_any_ending_is_found() -> None:
    assert found("deficit*/finding*", "Deficits, a finding, defects") == ["deficits", "finding"]


def test_a_gap_passes_over_four_words_within_a_clause() -> None:
    assert found("no .. flags", "no very very very red flags") == ["no very very very red flags"]
    assert found("no .. flags", "no very very very very red flags") == []
    assert found("no .. flags", "no pain, red flags") == []


def test_a_long_gap_passes_over_commas_but_no_end_of_a_clause() -> None:
    assert found("no ... flags", "no pain, red flags") == ["no pain , red flags"]
    assert found("no ... flags", "no pain; red flags") == []


def test_a_word_may_be_missing() -> None:
    assert found("not ?been documented", "not documented, not been documented") == [
        "not documented",
        "not been documented",
    ]


def test_possessives_and_line_ends_do_not_matter() -> None:
    assert read_words("The patient's long-\nterm use") == [
        "the",
        "patient",
        "long",
        "term",
        "use",
    ]


@pytest.mark.parametrize("phrase", ["", "?the flag", ".. flag", "flag ..", "re* flag"])
def test_what_is_no_phrase_is_refused_with_its_words(phrase: str) -> None:
    with pytest.raises(ValueError, match=r"phrase|word"):
        read_phrase(phrase)


@given(WORDS)
def test_a_match_holds_the_words_that_must_be_there(words: list[str]) -> None:
    read = read_words(" ".join(words))
    for match in PhraseTable([("no .. flag*", 0)]).find(read):
        assert read[match.start] == "no"
        assert read[match.end - 1].startswith("flag")
        assert ";" not in read[match.start : match.end]


def test_the_phrases_of_the_ontology_are_read() -> None:
    assert knowledge.read_table().find(read_words("there is no evidence"))
    assert knowledge.read_table().find(read_words("red flags"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[cues]\nabsense = ['no']\n[reasons]", "absence"),
        ("[cues]\n[reasons.lacks-red-flags]\nabsend = ['red']", "absent"),
        ("[cues]\nabsence = ['?no']\n[reasons]", "phrase"),
        ("[cues", "not TOML"),
    ],
)
def test_a_mistake_in_the_file_is_named(
    text: str, message: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path))
    (folder / "reason-phrases.toml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(knowledge.resources, "ontology", lambda: folder)
    for read in (knowledge._read, knowledge.read_table):
        read.cache_clear()
    try:
        with pytest.raises(ToolError, match=message):
            knowledge.read_table()
    finally:
        for read in (knowledge._read, knowledge.read_table):
            read.cache_clear()
