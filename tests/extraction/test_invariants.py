"""What holds for every letter, real, invented or mutilated: spans say the values, nothing is dropped or breaks."""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imr_graph.errors import NotALetterError
from imr_graph.extraction import extract
from imr_graph.extraction.dates import parse_date
from imr_graph.extraction.layouts import detect, marks
from imr_graph.extraction.text import phrase
from imr_graph.letters import read_letters
from imr_graph.model import Determination, Letter, Span
from imr_graph.records import to_record
from imr_graph.resources import examples
from support.letters import letter, squeezed

# Values that are concepts or flags: their spans hold the words that name them, not the value.
_NAMED = re.compile(
    r"/items/\d+/(?:decision|retrospective|surgical_adjunct|topical|administrator_action|laterality|reasons/\d+/reason|amounts/.*|(?:treatments|body_regions)/\d+)\Z"
    r"|/items/\d+/\w+/(?:stance|citations/\d+/(?:guideline|pages/\d+))\Z|/patient/sex\Z|/reviewer/\w+/\d+\Z|/priority\Z"
)


# The words that introduce what a side says, the longer ones first.
_INTRODUCTIONS = (
    "Decision based on MTUS",
    "Decision based on Non-MTUS Citation",
    "Decision based on Non-MTUS",
    "and Other Medical Treatment Guidelines",
    "The Claims Administrator",
    "The Expert Reviewer",
)


def assert_spans_say_the_values(text: str, determination: Determination) -> None:
    record = to_record(determination)
    for pointer, span in determination.spans.items():
        words, value = text[span.start : span.end], _at(record, pointer)
        assert 0 <= span.start < span.end <= len(text), pointer
        assert value is not None, pointer
        if pointer.startswith("/dates/"):
            day = parse_date(words)
            assert day is not None
            assert day.isoformat() == value
        elif not _NAMED.match(pointer):
            assert squeezed(words) == squeezed(str(value)), pointer
    for unparsed in determination.unparsed:
        assert squeezed(text[unparsed.start : unparsed.end]) == squeezed(unparsed.text)


def assert_spans_lie_in_the_text(text: str, determination: Determination) -> None:
    """Check what holds of damaged letters, too, whose words are read in another form than they are printed in."""
    record = to_record(determination)
    for pointer, span in determination.spans.items():
        assert 0 <= span.start < span.end <= len(text), pointer
        assert _at(record, pointer) is not None, pointer
    assert all(0 <= unparsed.start < unparsed.end <= len(text) for unparsed in determination.unparsed)


def assert_values_have_spans(determination: Determination) -> None:
    missing = [pointer for pointer in _values(to_record(determination)) if pointer not in determination.spans]
    assert missing == []


def assert_nothing_is_dropped(text: str, determination: Determination) -> None:
    """All words of the items' part belong to a value, a label or a passage that was reported."""
    layout = detect(marks(text), determination.dates.decided)
    assert layout is not None
    if layout.style != "labelled":
        return
    part = layout.cut(text).get("items")
    if part is None:
        return
    covered = [*determination.spans.values(), *(Span(u.start, u.end) for u in determination.unparsed)]
    rest = list(text)
    for span in covered:
        rest[span.start : span.end] = " " * (span.end - span.start)
    words = "".join(rest[part.start : part.end])
    labels = [word for group in layout.labels.values() for word in group]
    for label in (*labels, *_INTRODUCTIONS):
        words = re.sub(phrase(label), " ", words)
    words = re.sub(r"\band(?=\s)", " ", words)  # what joins citations
    assert re.findall(r"\w+", words) == []


def _at(record: Any, pointer: str) -> Any:
    for key in pointer.strip("/").split("/"):
        record = record[int(key)] if isinstance(record, list | tuple) else record[key]
    return record


def _values(record: dict[str, Any]) -> Iterator[str]:
    """Yield the pointers of all values that are read from words: not what is derived, not what is nothing."""
    derived = ("source", "sha256", "layout", "outcome", "spans", "unparsed", "incomplete", "basis", "title")

    def walk(value: Any, pointer: str) -> Iterator[str]:
        if isinstance(value, dict):
            for key, inner in value.items():
                if key not in derived:
                    yield from walk(inner, f"{pointer}/{key}")
        elif isinstance(value, list | tuple):
            for index, inner in enumerate(value):
                yield from walk(inner, f"{pointer}/{index}")
        elif value not in (None, False):
            yield pointer

    yield from (p for p in walk(record, "") if not p.endswith("/guideline"))  # works outside the list have no name


def read_all(folder: Path) -> list[Letter]:
    letters = list(read_letters([folder]))
    assert letters
    return letters


@pytest.fixture(scope="module")
def invented(project: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Letter]:
    """Letters of all layouts from the generator of the benchmarks."""
    sys.path.insert(0, str(project / "benchmarks"))
    try:
        from corpus.cli import main
    finally:
        sys.path.pop(0)
    folder = tmp_path_factory.mktemp("invented")
    arguments = ["--letters", "150", "--seed", "5", "--damaged", "0", "--output", str(folder / "letters")]
    main(arguments, standalone_mode=False)
    return read_all(folder / "letters")


def test_invariants_on_the_real_letters(shared: Path) -> None:
    letters = [*read_all(shared / "letters" / "pdf"), *read_all(shared / "letters" / "text")]
    assert len(letters) == 99
    for real in letters:
        determination = extract(real)
        assert_spans_say_the_values(real.text, determination)
        assert_values_have_spans(determination)
        assert_nothing_is_dropped(real.text, determination)
        assert determination.unparsed == determination.incomplete == ()


def test_invariants_on_invented_letters(invented: list[Letter]) -> None:
    assert {extract(one).layout for one in invented} >= {"L1", "L2", "L3", "L4", "L5", "L6"}
    for one in invented:
        determination = extract(one)
        assert determination.incomplete == ()
        assert_spans_say_the_values(one.text, determination)
        assert_values_have_spans(determination)
        assert_nothing_is_dropped(one.text, determination)


def test_invariants_on_the_examples() -> None:
    for one in read_all(examples()):
        determination = extract(one)
        assert_spans_say_the_values(one.text, determination)
        assert_values_have_spans(determination)


def test_reading_twice_gives_the_same(invented: list[Letter]) -> None:
    assert [extract(one) for one in invented[:20]] == [extract(one) for one in invented[:20]]


def mutilated(text: str, chance: random.Random) -> str:
    """Return a letter with lines lost, doubled, swapped or shortened, or with its beginning or end missing."""
    lines = text.split("\n")
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        here, there = chance.randrange(len(lines)), chance.randrange(len(lines))
        match chance.randrange(6):
            case 0:
                lines[here : here + 1] = [] if len(lines) > 1 else [""]
            case 1:
                lines.insert(there, lines[here])
            case 2:
                lines[here], lines[there] = lines[there], lines[here]
            case 3:
                lines[here] = lines[here][: len(lines[here]) // 2]
            case 4:
                lines = lines[: here + 1]
            case _:
                lines = lines[here:]
    return "\n".join(lines)


def test_mutilated_letters_break_nothing(invented: list[Letter]) -> None:
    chance = random.Random(7)
    read = 0
    for one in [*invented, *read_all(examples())] * 3:
        text = mutilated(one.text, chance)
        try:
            determination = extract(Letter(text, "mutilated.txt"))
        except NotALetterError:
            continue
        read += 1
        assert_spans_lie_in_the_text(text, determination)
    assert read > 100


_PIECES = st.sampled_from(
    [
        *letter().split("\n"),
        *re.findall(r"\S+\s", letter()),
        "ISSUE AT DISPUTE:",
        "1) MAXIMUS Federal Services, Inc. has determined the request for ",
        "IMR DECISION(S) AND RATIONALE(S)\n",
        "is not medically necessary. ",
        " was the original request. ",
        "\f",
        "Section(s): ",
        "(" * 9,
        ", and ",
    ]
)


@given(st.lists(st.one_of(_PIECES, st.text(max_size=9)), max_size=80))
@settings(max_examples=150, deadline=None)
def test_arbitrary_text_is_read_or_is_no_letter(pieces: list[str]) -> None:
    text = "".join(pieces)
    try:
        determination = extract(Letter(text, "any.txt"))
    except NotALetterError:
        return
    assert_spans_lie_in_the_text(text, determination)
