"""Which letters stay, decided on rows: one text once, the letter decided last of each case, and what has vanished.

A few whole builds show the same from end to end (`test_build.py`, `test_keeping_up.py`); here each rule has its rows,
and any few rows are compared with the rule in plain Python.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imr_graph.builder.conflicts import settle_fates, settle_vanished
from imr_graph.builder.shards import Versions
from imr_graph.builder.worklist import open_list
from imr_graph.store.policy import rank

NOW, BEFORE = Versions("2", "v"), Versions("1", "v")
FOLDER = (("/in/", "/in0"),)


class Row(NamedTuple):
    """A letter: its text, its case number and the day of its decision; its content is of its text's name."""

    text: str
    number: str | None = "C1"
    decided: str = "2017-01-01"
    content: str = ""

    @property
    def key(self) -> str:
        """The key of its case."""
        return self.number or self.text


@pytest.fixture
def plan(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Return an empty work list beside an empty catalog."""
    with open_list(None, tmp_path / "store", 1) as connection:
        yield connection


def put(plan: sqlite3.Connection, read: Sequence[Row], stored: Sequence[Row] = (), versions: Versions = NOW) -> None:
    """Write down letters that were read, and letters that the store has."""
    for row in read:
        values = (row.content or row.text, row.text, row.key, row.number, row.decided)
        plan.execute("insert into letter values (?, ?, ?, ?, ?, '', 0, 1, 0, '', 's', 'load', null, 0)", values)
    for row in stored:
        values = (row.key, row.text, versions.software, versions.vocabulary, row.number, row.decided)
        plan.execute("insert into catalog.letter values (?, ?, '', '', ?, ?, ?, ?, 1, null)", values)


def fates(plan: sqlite3.Connection, *, keep_both: bool = False) -> dict[str, str]:
    """Settle the fates; return them by content."""
    settle_fates(plan, NOW, keep_both)
    return dict(plan.execute("select digest, fate from letter"))


def gone(plan: sqlite3.Connection) -> dict[str, str]:
    """Return the texts that leave the store, and why."""
    return dict(plan.execute("select sha256, why from gone"))


def test_two_contents_with_one_text_are_one_letter(plan: sqlite3.Connection) -> None:
    put(plan, [Row("a", content="x"), Row("a", content="y")])
    assert fates(plan) == {"x": "load", "y": "twin"}


def test_a_text_that_is_stored_is_not_loaded_again(plan: sqlite3.Connection) -> None:
    put(plan, [Row("a")], [Row("a")])
    assert (fates(plan), gone(plan)) == ({"a": "same"}, {})


def test_a_text_that_another_version_read_is_read_again(plan: sqlite3.Connection) -> None:
    put(plan, [Row("a")], [Row("a")], BEFORE)
    assert (fates(plan), gone(plan)) == ({"a": "load"}, {"a": "read again"})


def test_a_text_whose_corrections_have_changed_is_read_again(plan: sqlite3.Connection) -> None:
    put(plan, [Row("a"), Row("b", "C2")], [Row("a"), Row("b", "C2")])
    plan.execute("insert into main.corrected values ('a', 'C1', 'new', 1, '')")
    plan.execute("insert into catalog.corrected values ('a', 'C1', 'old', 1, '')")
    assert (fates(plan), gone(plan)) == ({"a": "load", "b": "same"}, {"a": "read again"})


def test_of_a_case_the_letter_decided_last_stays_whichever_is_stored(plan: sqlite3.Connection) -> None:
    put(
        plan,
        [Row("a", "C1", "2017-02-01"), Row("b", "C2", "2017-01-01")],
        [Row("c", "C1"), Row("d", "C2", "2017-02-01")],
    )
    assert (fates(plan), gone(plan)) == ({"a": "load", "b": "lost"}, {"c": "replaced"})


def test_letters_without_a_case_number_never_give_way(plan: sqlite3.Connection) -> None:
    put(plan, [Row("a", None), Row("b", None)], [Row("c", None)])
    assert (fates(plan), gone(plan)) == ({"a": "load", "b": "load"}, {})


def test_a_letter_that_was_removed_stays_away_by_its_text_and_by_its_case(plan: sqlite3.Connection) -> None:
    put(plan, [Row("a", None), Row("b", "C2"), Row("c", "C3")])
    for text, number in (("a", None), ("z", "C2")):
        plan.execute("insert into catalog.removed values (?, '', ?, '', 1, 0)", (text, number))
    assert fates(plan) == {"a": "removed", "b": "removed", "c": "load"}


def test_a_stored_letter_whose_file_is_gone_stands_back_though_it_was_decided_later(plan: sqlite3.Connection) -> None:
    put(plan, [Row("a", "C1", "2016-01-01")], [Row("b", "C1", "2017-01-01")])
    plan.execute("insert into deserted values ('C1')")
    assert (fates(plan), gone(plan)) == ({"a": "load"}, {"b": "replaced"})


def test_both_letters_of_a_case_have_keys_of_their_own_where_both_stay(plan: sqlite3.Connection) -> None:
    put(plan, [Row("aaaaaaaa", "C1", "2017-02-01"), Row("bbbbbbbb", "C1"), Row("cccccccc", "C2")], [Row("d", "C2")])
    assert set(fates(plan, keep_both=True).values()) == {"load"}
    assert gone(plan) == {}
    keys = dict(plan.execute("select sha256, own_key from letter"))
    assert keys == {"aaaaaaaa": "C1-aaaaaaaa", "bbbbbbbb": None, "cccccccc": "C2-cccccccc"}


def test_a_stored_letter_stays_where_another_copy_of_it_is_read_beside_an_earlier_one(plan: sqlite3.Connection) -> None:
    later = Row("b", "C1", "2017-02-01")
    put(plan, [Row("a"), later._replace(content="copy")], [later])
    assert (fates(plan), gone(plan)) == ({"a": "lost", "copy": "same"}, {})


_ROWS = st.tuples(
    st.sampled_from("abcdef"),
    st.sampled_from(("C1", "C2", None)),
    st.sampled_from(("", "2017-01-01", "2017-02-01")),
).map(lambda values: Row(*values))


@given(
    st.lists(_ROWS, max_size=6, unique_by=lambda row: row.text), st.lists(_ROWS, max_size=3, unique_by=lambda r: r.key)
)
def test_any_letters_and_any_store_end_as_the_rule_says(read: list[Row], stored: list[Row]) -> None:
    """Of all that is there the best of each case is left, in whatever order the rows stand."""
    stored = [row for row in stored if all((row.text != one.text) or row[:3] == one[:3] for one in read)]
    stored = list({row.text: row for row in stored}.values())
    best: dict[str, Row] = {}
    for row in (*stored, *read):
        if row.key not in best or rank(row.decided, row.text) > rank(best[row.key].decided, best[row.key].text):
            best[row.key] = row
    for rows in (read, read[::-1]):
        with open_list(None, Path("no-such-store"), 1) as plan:
            put(plan, rows, stored)
            found = fates(plan)
            left = {row.text for row in stored} - gone(plan).keys() | {text for text, f in found.items() if f == "load"}
        assert left == {row.text for row in best.values()}
        assert {text for text, fate in found.items() if fate == "same"} == {r.text for r in read} & {
            s.text for s in stored
        }


def listed(plan: sqlite3.Connection, now: dict[str, str | None], before: dict[str, str]) -> None:
    """Write down what places hold now (None: they cannot be read), and what they held before."""
    for place, digest in now.items():
        plan.execute(
            "insert into input (place, name, file, stamp, source, digest) values (?, '', '', '', '', ?)",
            (place, digest),
        )
    for place, digest in before.items():
        plan.execute("insert into catalog.place values (?, ?, '')", (place, digest))
        plan.execute("insert or ignore into catalog.content values (?, ?, '', '', '2', 'v')", (digest, digest))


@pytest.mark.parametrize(
    ("now", "before", "vanished"),
    [
        ({}, {"/in/a": "a"}, {"a"}),
        ({"/in/a": "a"}, {"/in/a": "a"}, set()),
        ({"/in/b": "a"}, {"/in/a": "a", "/in/b": "a"}, set()),  # it is still at another place
        ({}, {"/in/a": "a", "/out/a": "a"}, set()),  # and one that was not listed counts as still there
        ({"/in/a": None}, {"/in/a": "a"}, set()),  # what cannot be read says nothing
        ({"/in/sub": None}, {"/in/sub/a": "a", "/in/b": "b"}, {"b"}),  # nor does a folder that cannot be listed,
        ({"/in/z.zip": None}, {"/in/z.zip!a": "a"}, set()),  # or an archive that cannot be opened
    ],
)
def test_what_vanished_is_what_is_at_none_of_its_places(
    plan: sqlite3.Connection, now: dict[str, str | None], before: dict[str, str], vanished: set[str]
) -> None:
    stored = [Row(digest, f"C-{digest}") for digest in sorted(set(before.values()))]
    put(plan, [], stored)
    listed(plan, now, before)
    assert settle_vanished(plan, FOLDER, prune=True) == len(vanished)
    assert gone(plan) == dict.fromkeys(vanished, "vanished")


def test_a_file_that_holds_another_letter_now_deserts_the_old_one_without_pruning_it(plan: sqlite3.Connection) -> None:
    put(plan, [Row("b", "C1", "2016-01-01")], [Row("a", "C1", "2017-01-01"), Row("c", "C3")])
    listed(plan, {"/in/a": "b"}, {"/in/a": "a", "/in/c": "c"})
    assert settle_vanished(plan, (), prune=False) == 0, "no folder was listed, so nothing has vanished"
    assert gone(plan) == {}
    assert (fates(plan), gone(plan)) == ({"b": "load"}, {"a": "replaced"})
