"""The library's headers: what the grammar accepts, and what it says of what it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from imr_graph.analysis.queries.library import (
    ChartColumns,
    Parameter,
    ResultColumn,
    find_question,
    list_questions,
    parse,
)
from imr_graph.errors import ToolError, UnknownNameError

HEAD = """# title: Ends of items
# description: How items ended.
# param: minimum (integer, default 2): fewest decisions
# param: page (page, required, example mtus-chronic-pain-2009-24): the page (any page)
# param: since (date, optional): from this day on
# column: decisions: how many, of all
# tags: rates, page

SELECT ?decisions WHERE {}
"""


def test_a_header_becomes_a_question() -> None:
    question = parse("ends", HEAD)
    assert (question.name, question.title, question.description) == ("ends", "Ends of items", "How items ended.")
    assert question.parameters == (
        Parameter("minimum", "integer", "fewest decisions", default="2"),
        Parameter("page", "page", "the page (any page)", required=True, example="mtus-chronic-pain-2009-24"),
        Parameter("since", "date", "from this day on"),
    )
    assert question.columns == (ResultColumn("decisions", "how many, of all"),)
    assert question.tags == ("rates", "page")
    assert question.sparql == HEAD


def test_a_header_says_what_a_chart_shows_and_what_texts_name() -> None:
    head = HEAD.replace("# tags", "# column: share: of all\n# column: last (case): the last\n# chart: CHART\n# tags")
    question = parse("ends", head.replace("CHART", "share share of decisions by last, share"))
    assert question.chart == ChartColumns(("last", "share"), "share", "decisions")
    assert [column.type for column in question.columns] == [None, None, "case"]
    assert parse("ends", head.replace("CHART", "amount decisions by last")).chart == ChartColumns(
        ("last",), "decisions"
    )
    assert parse("ends", HEAD).chart is None
    with pytest.raises(ToolError, match=r"'amount COLUMN by COLUMN, \.\.\.'"):
        parse("ends", head.replace("CHART", "bars of decisions"))
    with pytest.raises(UnknownNameError, match="Did you mean 'decisions'"):
        parse("ends", head.replace("CHART", "amount decision by last"))


def test_every_rate_of_the_library_has_a_chart() -> None:
    for question in list_questions():
        names = {column.name for column in question.columns}
        assert question.chart or not {"overturned", "decisions"} <= names, question.name


def test_comments_below_the_header_are_not_read_as_header() -> None:
    question = parse("ends", HEAD + "# title: another\n# no field at all\n")
    assert question.title == "Ends of items"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("# title: Ends of items\n", "", "no line '# title: ...'"),
        ("# tags: rates, page\n", "", "no line '# tags: ...'"),
        ("# tags", "# labels", "line 7"),
        ("(integer, default 2)", "(integer)", "is not of the form"),
        ("(integer, default 2)", "(integer, required)", "is not of the form"),
        ("# column: decisions: how many, of all", "# column: decisions", "is not of the form"),
    ],
)
def test_a_broken_header_is_told_in_one_sentence(old: str, new: str, told: str) -> None:
    with pytest.raises(ToolError, match=r"^ends\.rq") as error:
        parse("ends", HEAD.replace(old, new))
    assert told in str(error.value)


def test_an_unknown_type_names_the_near_ones() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'treatment'"):
        parse("ends", HEAD.replace("(integer,", "(treatments,"))


def test_questions_are_found_by_name_and_near_names_are_offered() -> None:
    assert find_question("overturn-rate-by-year").name == "overturn-rate-by-year"
    with pytest.raises(UnknownNameError, match="overturn-rate-by-year") as error:
        find_question("overturn-rates-by-year")
    assert error.value.exit_code == 2


def test_a_folder_of_ones_own_is_read_in_the_order_of_names(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / f"{name}.rq").write_text(HEAD, encoding="utf-8")
    assert [question.name for question in list_questions(tmp_path)] == ["a", "b"]
