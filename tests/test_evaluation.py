"""Reasons and amounts are scored by the rules of the contract; the records here are ours."""

from __future__ import annotations

from typing import Any

from imr_graph.evaluation import score_records

QUOTED = "There is no documentation of red flags."


def record(reasons: list[tuple[str, str]], doubted: tuple[str, ...] = (), **amounts: Any) -> dict[str, Any]:
    """Return a record of one item; `doubted` are ids that two readers could decide differently."""
    stated = [{"reason": reason, "text": text} for reason, text in reasons]
    item = {"heading": "MRI", "rationale": QUOTED, "reasons": stated, "amounts": amounts}
    return {"items": [item | ({"ambiguous_reasons": list(doubted)} if doubted else {})]}


def scores(gold: dict[str, Any], found: dict[str, Any]) -> dict[str, tuple[int, int, int]]:
    rows, _ = score_records({"a": gold}, {"a": found})
    return {row.field: (row.true_positives, row.false_positives, row.false_negatives) for row in rows}


def test_reasons_count_by_id_and_their_words_where_both_have_them() -> None:
    gold = record([("lacks-red-flags", QUOTED), ("lacks-rationale", "No rationale was given.")])
    found = record([("lacks-red-flags", f"{QUOTED} So it is."), ("premature", "It is too early.")])
    counted = scores(gold, found)
    assert counted["item.reasons"] == (1, 1, 1)
    assert counted["item.reasons.words (of those found)"] == (1, 0, 0)


def test_a_reason_that_is_quoted_by_another_sentence_misses_its_words() -> None:
    counted = scores(
        record([("lacks-red-flags", QUOTED)]), record([("lacks-red-flags", "Nothing dangerous was seen.")])
    )
    assert counted["item.reasons"] == (1, 0, 0)
    assert counted["item.reasons.words (of those found)"] == (0, 0, 1)


def test_reasons_that_two_readers_could_decide_differently_are_left_out_on_both_sides() -> None:
    gold = record([("lacks-rationale", "No.")], ("lacks-rationale", "premature"))
    assert scores(gold, record([("premature", "Yes.")]))["item.reasons"] == (0, 0, 0)


def test_a_gold_record_without_reasons_says_nothing_of_them() -> None:
    gold = record([])
    del gold["items"][0]["reasons"]
    assert "item.reasons" not in scores(gold, record([("premature", "Yes.")]))


def test_amounts_count_one_by_one() -> None:
    counted = scores(record([], visits=12, weeks=None, levels=["L4-5"]), record([], visits=6, weeks=4, levels=["L4-5"]))
    assert counted["item.amounts.visits"] == (0, 1, 1)
    assert counted["item.amounts.weeks"] == (0, 1, 0)
    assert counted["item.amounts.levels"] == (1, 0, 0)
