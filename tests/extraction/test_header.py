"""Reading the header: whichever way an extractor prints the table, and nothing that the letter does not give."""

from __future__ import annotations

from datetime import date

import pytest

from imr_graph.extraction.dates import find_dates, parse_date
from imr_graph.model import Dates
from support.letters import HEADER, SUMMARY, letter, read

NUMBER = "CM16-9990301"
DATES = Dates(
    injured=date(2016, 10, 25),
    ur_denied=date(2016, 11, 29),
    received=date(2016, 12, 2),
    assigned=date(2016, 12, 8),
    decided=date(2017, 1, 12),
)

TABLES = {
    "row by row, the last label torn by its value": HEADER,
    "row by row, the last value behind its label": HEADER.replace(
        "Application 12/02/2016\nReceived:\n", "Application \nReceived: \n12/02/2016\n"
    ),
    "as it looks on the page": """\
Case Number:   CM16-9990301
Date Assigned: 12/08/2016             Date of Injury:   10/25/2016
Decision Date: 01/12/2017             UR Denial Date:   11/29/2016
Priority:      Standard               Application       12/02/2016
                                      Received:
""",
    "blanks before labels, two before a value": """\
 Case Number: CM16-9990301
 Date Assigned: 12/08/2016 Date of Injury: 10/25/2016
 Decision Date: 01/12/2017 UR Denial Date:  11/29/2016
 Priority: Standard Application Received: 12/02/2016
""",
    "column by column": """\
Case Number: \nDate Assigned: \nDecision Date: \nPriority:  \n
CM16-9990301 \n12/08/2016 \n01/12/2017 \nStandard \n
Date of Injury: \nUR Denial Date: \nApplication \nReceived: \n
10/25/2016 \n11/29/2016 \n12/02/2016 \n
""",
    "all labels, then all values": """\
Case Number:\nDate Assigned:\nDecision Date:\nPriority:\nDate of Injury:\nUR Denial Date:\nApplication\nReceived:
CM16-9990301\n12/08/2016\n01/12/2017\nStandard\n10/25/2016\n11/29/2016\n12/02/2016
""",
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES.keys())
def test_the_table_is_read_whichever_way_it_is_printed(table: str) -> None:
    determination = read(letter(header=table))
    assert (determination.case_number, determination.priority, determination.dates) == (NUMBER, "standard", DATES)
    assert determination.unparsed == ()


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("injured", "10/25/2016"),
        ("ur_denied", "11/29/2016"),
        ("received", "12/02/2016"),
        ("assigned", "12/08/2016"),
        ("decided", "01/12/2017"),
    ],
)
def test_a_missing_date_is_not_filled_with_another(field: str, words: str) -> None:
    dates = read(letter(header=HEADER.replace(words, ""))).dates
    assert getattr(dates, field) is None
    assert [name for name in ("injured", "ur_denied", "received", "assigned", "decided") if getattr(dates, name)] == [
        name for name in ("injured", "ur_denied", "received", "assigned", "decided") if name != field
    ]


def test_a_column_that_lacks_a_value_is_left_alone() -> None:
    header = TABLES["column by column"].replace("10/25/2016 \n", "")
    dates = read(letter(header=header)).dates
    assert (dates.injured, dates.ur_denied, dates.received) == (None, None, None)
    assert (dates.assigned, dates.decided) == (DATES.assigned, DATES.decided)


@pytest.mark.parametrize("words", ["[redacted]", "XX/XX/XXXX", "13/45/2016"])
def test_what_is_no_date_is_reported(words: str) -> None:
    determination = read(letter(header=HEADER.replace("10/25/2016", words)))
    assert determination.dates.injured is None
    assert [(u.text, u.where) for u in determination.unparsed] == [(words, "/dates/injured")]


def test_a_missing_case_number_and_priority_are_none() -> None:
    header = HEADER.replace("CM16-9990301", "").replace("Standard ", "")
    determination = read(letter(header=header))
    assert (determination.case_number, determination.priority) == (None, None)


def test_a_case_number_is_known_without_its_label_and_by_any_hyphen() -> None:
    header = HEADER.replace("Case Number: CM16-9990301", "CM16 – 9990301")
    assert read(letter(header=header)).case_number == NUMBER


def test_expedited_and_unknown_priorities() -> None:
    assert read(letter(header=HEADER.replace("Standard", "Expedited"))).priority == "expedited"
    rushed = read(letter(header=HEADER.replace("Standard", "Rushed")))
    assert rushed.priority is None
    assert "/priority" in [u.where for u in rushed.unparsed]


def test_a_letter_without_header_takes_the_injury_from_its_summary_and_nothing_else() -> None:
    determination = read(letter(header="", summary="The patient hurt her wrist in an accident of 3/4/2012."))
    assert determination.dates == Dates(injured=date(2012, 3, 4))
    assert (determination.case_number, determination.priority) == (None, None)


def test_the_header_is_the_authority_over_a_summary_that_disagrees() -> None:
    assert read(letter(summary=SUMMARY + " The injury of 11/05/2016 is accepted.")).dates.injured == DATES.injured


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("11/09/2016", date(2016, 11, 9)),
        ("9/6/2013", date(2013, 9, 6)),
        ("11-14-16", date(2016, 11, 14)),
        ("1/2/99", date(1999, 1, 2)),
        ("October 30, 1999", date(1999, 10, 30)),
        ("Sept. 3rd, 2014", date(2014, 9, 3)),
        ("2/30/2016", None),
        ("13/1/2016", None),
    ],
)
def test_dates_in_all_spellings(words: str, value: date | None) -> None:
    assert parse_date(words) == value
    assert [found for found, _ in find_dates(f"on {words}, ", 0, len(words) + 5)] == ([value] if value else [])


@pytest.mark.parametrize("words", ["1/2-2016", "12/08/20161", "3/14", "5-5-5-5"])
def test_what_only_looks_like_a_date_is_none(words: str) -> None:
    assert list(find_dates(words, 0, len(words))) == []


SLIPS = {
    "a letter wrong in a label": ("Date of Injury:", "Date of lnjury:"),
    "a letter missing in a label": ("UR Denial Date:", "UR Denal Date:"),
    "letters for digits": ("11/29/2016", "ll/29/2Ol6"),
    "a letter in the case number": ("CM16-9990301", "CM16-999O3Ol"),
    "a digit apart from its year": ("11/29/2016", "11/29/201 6"),
    "a digit apart from its month": ("11/29/2016", "1 1/29/2016"),
    "two letters wrong in a label": ("UR Denial Date:", "UR Deinal Dtae:"),
    "capitals": ("Priority: Standard", "Priority:  STANDARD "),
}


@pytest.mark.parametrize(("right", "wrong"), SLIPS.values(), ids=SLIPS.keys())
def test_a_header_with_a_slip_is_read(right: str, wrong: str) -> None:
    whole, slipped = read(letter()), read(letter().replace(right, wrong, 1))
    assert (slipped.case_number, slipped.priority, slipped.dates) == (
        whole.case_number,
        whole.priority,
        whole.dates,
    )


@pytest.mark.parametrize(
    "words", ["11/2/2016", "1/29/2016", "11/29/216", "11/29/201", "11/29/16", "11/29/20", "11/2 /2016", "/29/2016"]
)
def test_a_date_that_lost_a_digit_is_none_and_reported(words: str) -> None:
    """The other dates of the header have two digits for each month and day, and four for the year."""
    determination = read(letter().replace("11/29/2016", words, 1).replace("10/25/2016", "10/05/2016"))
    assert determination.dates.ur_denied is None
    assert any(u.where == "/dates/ur_denied" for u in determination.unparsed)


def test_dates_without_zeros_are_whole_where_no_date_has_any() -> None:
    header = letter().replace("11/29/2016", "11/9/2016").replace("12/08/2016", "12/8/2016")
    header = header.replace("01/12/2017", "1/12/2017").replace("12/02/2016", "12/2/2016")
    assert read(header).dates.ur_denied == date(2016, 11, 9)


def test_a_date_whose_label_is_beyond_reading_goes_to_no_other_label() -> None:
    dates = read(letter().replace("12/08/2016 Date of Injury: 10/25/2016", "?? Dxxx xx Ixxxxx: 10/25/2016")).dates
    assert dates.assigned is dates.injured is None
    assert dates.decided == read(letter()).dates.decided
