"""Determinations as JSON, and the JSON Schema of these objects, which follows from `model` and `fields`.

As JSON (`to_record`) a determination is what `imr-graph extract --format jsonl` prints, one object for each letter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, asdict, fields, is_dataclass
from datetime import date
from functools import cache
from types import NoneType
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

from imr_graph import iris
from imr_graph.fields import LEVELS, SIDES, Field
from imr_graph.labels import comment, label
from imr_graph.model import Determination, Span

__all__ = ["SCHEMA", "from_record", "record_schema", "to_record"]

SCHEMA: Final = f"{iris.IMR.removesuffix('#')}/record.schema.json"
"""The name of the schema."""


def to_record(determination: Determination) -> dict[str, Any]:
    """Return the JSON object of a determination: dates as ISO strings, spans as `[start, end]`."""
    record = asdict(determination)
    record["dates"] = {name: value and value.isoformat() for name, value in record["dates"].items()}
    record["spans"] = {pointer: [s.start, s.end] for pointer, s in determination.spans.items()}
    return record


def from_record(record: Mapping[str, Any]) -> Determination:
    """Return the determination of a JSON object, as `to_record` makes it; what the object lacks has its default.

    Raises KeyError or ValueError where the object is not such a record.
    """
    spans = {pointer: Span(*span) for pointer, span in record.get("spans", {}).items()}
    of_the_letter = {"source": "", "sha256": "", "layout": ""}
    found: Determination = _reader(Determination)({**of_the_letter, **record, "spans": spans})
    return found


@cache
def _reader(type: Any) -> Callable[[Any], Any]:
    """Return what makes a value of a type from JSON."""
    if is_dataclass(type):
        return _object_reader(type)
    arguments = get_args(type)
    if get_origin(type) is tuple:
        read_element = _reader(arguments[0])
        return lambda values: tuple(map(read_element, values))
    if NoneType in arguments:
        read = _reader(next(each for each in arguments if each is not NoneType))
        return lambda value: None if value is None else read(value)
    return date.fromisoformat if type is date else lambda value: value


def _object_reader(type: Any) -> Callable[[Mapping[str, Any]], Any]:
    hints = get_type_hints(type)
    readers = {each.name: _reader(hints[each.name]) for each in fields(type)}
    required = _list_required(type)

    def read(record: Mapping[str, Any]) -> Any:
        missing = [name for name in required if name not in record]
        if missing:
            raise KeyError(missing[0])
        return type(**{name: reader(record[name]) for name, reader in readers.items() if name in record})

    return read


def _list_required(type: Any) -> list[str]:
    return [each.name for each in fields(type) if each.default is MISSING and each.default_factory is MISSING]


def record_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of what `to_record` returns.

    Titles and descriptions are those of the ontology's properties, which `$comment` names.

    >>> record_schema()["properties"]["items"]["items"]["properties"]["decision"]["enum"]
    ['upheld', 'overturned']
    """
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA, "title": "Determination"}
    return head | _schema(Determination, "")


def _schema(type: Any, pointer: str) -> dict[str, Any]:
    """Return the schema of values of a type at a place of the record."""
    return _shape(type, pointer) | _say(_FIELDS.get(pointer))


def _shape(type: Any, pointer: str) -> dict[str, Any]:
    arguments = get_args(type)
    if is_dataclass(type):
        return _object_schema(type, pointer)
    if get_origin(type) is tuple:
        return {"type": "array", "items": _schema(arguments[0], f"{pointer}/#")}
    if get_origin(type) is Literal:
        return {"type": "string", "enum": list(arguments)}
    if NoneType in arguments:
        inner = _shape(next(each for each in arguments if each is not NoneType), pointer)
        values = {"enum": [*inner["enum"], None]} if "enum" in inner else {}
        return inner | {"type": [inner["type"], "null"]} | values
    if arguments:  # what has a place of its own: a start and an end by pointer
        return {"type": "object", "propertyNames": {"pattern": "^/"}, "additionalProperties": _SPAN}
    return dict(_PLAIN[type])


def _object_schema(type: Any, pointer: str) -> dict[str, Any]:
    hints = get_type_hints(type)
    return {
        "type": "object",
        "properties": {each.name: _schema(hints[each.name], f"{pointer}/{each.name}") for each in fields(type)},
        "required": _list_required(type),
        "additionalProperties": False,
    }


def _say(field: Field | None) -> dict[str, Any]:
    """Return what a field's row and its property say of its values."""
    if field is None:
        return {}
    said = {"title": label(field.term), "description": comment(field.term), "$comment": iris.term(field.term)}
    return {name: text for name, text in said.items() if text} | _limit(field)


def _limit(field: Field) -> dict[str, Any]:
    limits: dict[str, Any] = {}
    if field.kind in ("number", "page"):
        least, greatest = field.bounds
        limits = {"minimum": least, "maximum": greatest}
    return {"items": {"type": "integer", **limits}} if limits and field.several else limits


_PLAIN: Final[Mapping[Any, Mapping[str, Any]]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    date: {"type": "string", "format": "date"},
}
_SPAN: Final = {"type": "array", "items": {"type": "integer", "minimum": 0}, "minItems": 2, "maxItems": 2}


def _fields_by_pointer() -> Iterator[tuple[str, Field]]:
    for level in LEVELS:
        for side in SIDES:
            place = level.pointer.replace("{side}", side.path)
            yield from ((f"{place}/{field.path}", field) for field in level.fields)


_FIELDS: Final[Mapping[str, Field]] = dict(_fields_by_pointer())
