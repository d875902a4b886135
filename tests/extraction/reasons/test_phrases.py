"""The language of phrases: what it finds, what it refuses, and that it is linear."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from imr_graph import resources
from imr_graph.cli.app import cli
from imr_graph.extraction.reasons.knowledge import check_reason_phrases, read_table
from imr_graph.extraction.reasons.phrases import PhraseTable, read_phrase, read_words

WORDS = st.lists(st.sampled_from(["no", "red", "flags", "flag", "deficit", ",", ";", "of", "nerve"]), max_size=30)


def found(phrase: str, text: str) -> list[str]:
    words = read_words(text)
    table = PhraseTable([(phrase, 0)])
    return [" ".join(words[m.start : m.end]) for m in table.find(table.fit(words))]


def test_a_word_with_any_ending_is_found() -> None:
    assert found("deficit*/finding*", "Deficits, a finding, defects") == ["deficits", "finding"]


def test_a_gap_passes_over_four_words_within_a_clause() -> None:
    assert found("no .. flags", "no very very very red flags") == ["no very very very red flags"]
    assert found("no .. flags", "no very very very very red flags") == []
    assert found("no .. flags", "no pain, red flags") == []


def test_a_long_gap_passes_over_commas_but_no_end_of_a_sentence() -> None:
    assert found("no ... flags", "no pain, red flags") == ["no pain , red flags"]
    assert found("no ... flags", "no pain; red flags") == ["no pain ; red flags"]
    assert found("no .. flags", "no pain; red flags") == []
    assert found("no ... flags", "no pain. Red flags") == []


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
    table = PhraseTable([("no .. flag*", 0)])
    for match in table.find(table.fit(read)):
        assert read[match.start] == "no"
        assert read[match.end - 1].startswith("flag")
        assert ";" not in read[match.start : match.end]


def test_the_phrases_of_the_ontology_are_read() -> None:
    table = read_table()
    assert table.find(table.fit(read_words("there is no evidence")), "cue")
    assert table.find(table.fit(read_words("red flags")), "against")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("[cues]\nabsense = ['no']\n[reasons]", 2, "absence"),
        ("[cues]\n[reasons.lacks-red-flags]\nabsend = ['red']", 3, "absent"),
        ("[cues]\n[reasons.lack-red-flags]\nabsent = ['red']", 2, "lacks-red-flags"),
        ("[cues]\nabsence = [\n'none',\n'?no']\n[reasons]", 4, "phrase"),
        ("[reasons]", 1, "no table [cues]"),
        ("[cues]", 1, "no table [reasons.ID]"),
        ("[cues]\nabsence = no\n", 2, "not TOML"),
    ],
)
def test_a_mistake_in_the_file_is_named_with_its_line(text: str, line: int, message: str, tmp_path: Path) -> None:
    (tmp_path / "reason-phrases.toml").write_text(text, encoding="utf-8")
    [problem] = check_reason_phrases(tmp_path, {"lacks-red-flags"})
    assert problem.file == "reason-phrases.toml"
    assert problem.line == line
    assert message in problem.message


def test_the_check_of_vocabularies_names_a_reason_that_does_not_exist(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(resources.ontology(), tmp_path / "ontology"))
    path = folder / "reason-phrases.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("[reasons.lacks-rationale]", "[reasons.lacks-rational]"), encoding="utf-8")
    shown = CliRunner().invoke(cli, ["vocabulary", "check", "--folder", str(folder)])
    line = text[: text.index("[reasons.lacks-rationale]")].count("\n") + 1
    assert f"reason-phrases.toml:{line}: There is no reason 'lacks-rational'" in shown.output
    assert "'lacks-rationale'?" in shown.output
