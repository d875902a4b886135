"""The table of layouts is checked as a whole: what nothing reads, what is missing and what has another form is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from imr_graph.errors import ToolError, UnknownNameError
from imr_graph.extraction.layouts import read_settings
from imr_graph.resources import ontology

WHOLE = (ontology() / "layouts.toml").read_text(encoding="utf-8")


def read_changed(folder: Path, old: str, new: str) -> None:
    assert old in WHOLE
    path = folder / "layouts.toml"
    path.write_text(WHOLE.replace(old, new, 1), encoding="utf-8")
    read_settings(path)


SLIPS = {
    "an unknown table": ("[summary]", "[summery]", r"the top level: There is no key 'summery'.*'summary'"),
    "an unknown key": ("disclaimers =", "disclamers =", r"\[summary\]: There is no key 'disclamers'.*'disclaimers'"),
    "an unknown date": ("ur_denied = [", "ur_denid = [", r"\[header.labels\]: There is no key 'ur_denid'.*'ur_denied'"),
    "an unknown stance": ('"no evidence cited" =', '"no evidence" =', r"\[stances\]: .*'no evidence cited'"),
    "an unknown part": ("[layout.labels]", "[layout.lables]", r"\[\[layout\]\] L1: .*'lables'.*'labels'"),
    "an unknown label": ('rationale = ["Dec', 'rationales = ["Dec', r"\[layout.labels\]: .*'rationales'.*'rationale'"),
    "an unknown style": ('items = "numbered"', 'items = "numberd"', r"L2: .*way of writing items.*'numbered'"),
    "an unknown model": ('like = "L3"', 'like = "L33"', r"L6: There is no layout 'L33'"),
    "a missing key": ('name = "IMR Decision(s) and Rationale(s)"\n', "", r"\[\[layout\]\] L2 lacks the key 'name'"),
    "a missing table": ("[header.priorities]", "[header.x]", r"\[header\]: There is no key 'x'"),
    "a word for a list": ("none = []", 'none = "x"', r"L2: 'none' must be a list of phrases"),
    "a list with a hole": ("none = []", 'none = [""]', r"L2: 'none' must be a list of phrases"),
    "a word for a date": ("decided_from = 2017-12-01", 'decided_from = "2017"', r"L6: 'decided_from' must be a date"),
    "a missing label": (
        'rationale = ["Dec',
        '# ["Dec',
        r":\d+: \[\[layout\]\] L3: \[layout.labels\] lacks the key 'rationale'",
    ),
    "no TOML": ("[summary]", "[summary", r"the table of layouts cannot be read"),
}


# A slip of a key or of its value is told with its line; what is missing with that of its table.
LINES = {name for name in SLIPS if not name.startswith(("a missing", "no "))}


@pytest.mark.parametrize("name", SLIPS)
def test_a_slip_in_the_table_names_file_line_and_near_names(tmp_path: Path, name: str) -> None:
    old, new, message = SLIPS[name]
    with pytest.raises(ToolError, match=message) as raised:
        read_changed(tmp_path, old, new)
    assert str(tmp_path / "layouts.toml") in str(raised.value)
    if name in LINES:
        place = WHOLE[: WHOLE.index(old)].count("\n") + 1
        assert str(raised.value).startswith(f"{tmp_path / 'layouts.toml'}:{place}: ")
    assert raised.value.exit_code == 3


def test_an_unknown_key_is_an_unknown_name_with_near_ones(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError) as raised:
        read_changed(tmp_path, "[layout.openings]", "[layout.opening]")
    assert raised.value.near[:1] == ("openings",)


def test_labels_and_stances_of_any_first_word_are_seen(tmp_path: Path) -> None:
    path = tmp_path / "layouts.toml"
    path.write_text(WHOLE.replace('"Decision rationale:"', '"Why so:"'), encoding="utf-8")
    assert "Why so:" in read_settings(path).fixed_words
