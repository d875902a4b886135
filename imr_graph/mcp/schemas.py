"""What the answers of the tools look like, as JSON Schemas: assistants' programs check answers against them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

__all__ = ["ANSWERS"]

Schema: TypeAlias = dict[str, Any]

_TEXT: Final[Schema] = {"type": "string"}
_NUMBER: Final[Schema] = {"type": "number"}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_FLAG: Final[Schema] = {"type": "boolean"}
_MAYBE_TEXT: Final[Schema] = {"type": ["string", "null"]}
_MAYBE_COUNT: Final[Schema] = {"type": ["integer", "null"], "minimum": 0}
_PAIR: Final[Schema] = {"type": "array", "items": _NUMBER, "minItems": 2, "maxItems": 2}


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def _object(more: Mapping[str, Schema] | None = None, /, **required: Schema) -> Schema:
    """Return the schema of an object; `more` are keys that it may have, `required` those that it has."""
    return {"type": "object", "properties": {**required, **(more or {})}, "required": list(required)}


def _page(name: str, row: Schema, more: Mapping[str, Schema] | None = None, /, **required: Schema) -> Schema:
    """Return the schema of an answer with a list `name` and where the next one begins."""
    note = {"left_out": {"type": "string", "description": "What did not fit, and how to get it."}}
    return _object(note | dict(more or {}), **{name: _list(row), "next_offset": _MAYBE_COUNT}, **required)


_ANY: Final[Schema] = {"type": "object"}
_QUOTATION: Final = _object(
    {"role": _TEXT, "place": {"anyOf": [_PAIR, {"type": "null"}]}}, **{"from": _TEXT, "text": _TEXT}
)
_EVIDENCE: Final = _object(case=_TEXT, item=_COUNT, decision=_MAYBE_TEXT, quotations=_list(_QUOTATION))
_SHARE: Final = _object({"small": _TEXT}, share=_NUMBER, interval_95=_PAIR)
_FIGURES: Final = _object(
    {"small": _TEXT, "step": _TEXT, "shared": _list(_TEXT)},
    decisions=_COUNT, overturned=_COUNT, cases=_COUNT, share=_NUMBER, interval_95=_PAIR,
)  # fmt: skip
_PRECEDENT: Final = _object(
    case=_TEXT, item=_COUNT, service=_MAYBE_TEXT, decision=_MAYBE_TEXT, decided=_MAYBE_TEXT, why=_TEXT, score=_NUMBER,
    quotations=_list(_QUOTATION),
)  # fmt: skip
_PART: Final = _object(count=_COUNT, of=_COUNT, share=_NUMBER)
_ASSOCIATION: Final = _object(
    towards=_TEXT, kind=_TEXT, name=_TEXT, overturned=_PART, upheld=_PART, cases=_COUNT, odds_ratio=_NUMBER,
    interval_95=_PAIR, weak=_FLAG,
)  # fmt: skip
_SIDE: Final = _object({"small": _TEXT}, reason=_TEXT, given=_COUNT, decisions=_COUNT, cases=_COUNT, share=_NUMBER)
_CRITERION: Final = _object(absent=_SIDE, present={"anyOf": [_SIDE, {"type": "null"}]})
_HIT: Final = _object(
    case=_TEXT, item=_MAYBE_COUNT, heading=_MAYBE_TEXT, decision=_MAYBE_TEXT, decided=_MAYBE_TEXT,
    quotations=_list(_QUOTATION),
)  # fmt: skip

ANSWERS: Final[Mapping[str, Schema]] = {
    "precedents": _page(
        "precedents", _PRECEDENT, understood=_ANY, read_as=_TEXT, figures_are_of=_MAYBE_TEXT, steps=_list(_FIGURES),
        remarks=_list(_TEXT), rest_on=_list(_ASSOCIATION), compared=_COUNT,
        decided_differently=_list(_object(on=_list(_TEXT), overturned=_PRECEDENT, upheld=_PRECEDENT)),
    ),
    "requirements": _page(
        "criteria", _CRITERION, understood=_ANY, figures_are_of={"anyOf": [_FIGURES, {"type": "null"}]}, total=_COUNT,
        remarks=_list(_TEXT),
    ),
    "search": _page(
        "hits", _HIT, total=_COUNT, requests=_COUNT, understood=_ANY, words_left_out=_list(_TEXT), cases=_list(_TEXT),
        figures={"anyOf": [_FIGURES, {"type": "null"}]}, offset=_COUNT,
    ),
    "statistics": _page(
        "groups", _ANY, {"decisions": _COUNT, "overturned": _COUNT, "cases": _COUNT}, figure=_TEXT, by=_list(_TEXT),
        level=_TEXT, remark=_TEXT, total=_COUNT,
    ),
    "list_questions": _page("questions", _object(name=_TEXT, title=_TEXT, parameters=_list({})), total=_COUNT),
    "named_query": _page("rows", _ANY, {"columns": _ANY}, question=_TEXT),
    "show_case": _object(
        {"case_number": _TEXT, "outcome": _TEXT, "places": _ANY, "left_out": _TEXT},
        items_in_letter=_COUNT, next_item=_MAYBE_COUNT,
        items=_list(_object({"decision": _TEXT}, item=_COUNT, heading=_TEXT)),
    ),
}  # fmt: skip
"""The schema of each tool's answer, by its name."""
