"""The data for search engines and for machine learning: schema.org `Dataset`, and Croissant with the table's columns.

Source of the form: MLCommons Croissant 1.0, whose metadata are those of a schema.org `Dataset` with more in them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from imr_graph import dataset
from imr_graph.table.columns import COLUMNS, describe_columns

__all__ = ["DatasetFacts", "DatasetFile", "describe_croissant", "describe_dataset"]

TABLE: Final = "items.parquet"
_TYPES: Final = {"DATE": "sc:Date", "INTEGER": "sc:Integer", "BOOLEAN": "sc:Boolean"}
_MEDIA_TYPES: Final = {"application/vnd.apache.parquet": "application/x-parquet"}  # what Croissant's readers know
_CROISSANT: Final = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


@dataclass(frozen=True, slots=True)
class DatasetFile:
    """A file of the data: its name, address (both the path within a release), media type, title, size and SHA-256."""

    name: str
    address: str
    media_type: str
    title: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """What is particular to one generation; `address` is where it is published."""

    generation: int
    built: date
    cases: int
    address: str = dataset.HOMEPAGE


def describe_dataset(facts: DatasetFacts, files: Sequence[DatasetFile]) -> dict[str, Any]:
    """Return the description of the data for search engines: a schema.org `Dataset`, but for the context."""
    return {"@type": "Dataset", **_about(facts)} | {
        "distribution": [{"@type": "DataDownload", **_about_file(file)} for file in files],
    }


def describe_croissant(facts: DatasetFacts, files: Sequence[DatasetFile]) -> dict[str, Any]:
    """Return the description of the data as Croissant: its files, and the columns of the table where that is one."""
    found: dict[str, Any] = {"@context": _CROISSANT, "@type": "sc:Dataset"}
    found |= _about(facts) | {
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "version": f"{facts.generation}.0.0",
        "citeAs": dataset.cite(facts.generation, facts.built, facts.cases, facts.address),
        "distribution": [
            {"@type": "cr:FileObject", "@id": file.name, **_about_file(file), "sha256": file.sha256}
            | {"encodingFormat": _MEDIA_TYPES.get(file.media_type, file.media_type)}
            for file in files
        ],
    }
    if any(file.name == TABLE for file in files):
        found["recordSet"] = [_record_set()]
    return found


def _about(facts: DatasetFacts) -> dict[str, Any]:
    maker = {"@type": "Organization", "name": dataset.PUBLISHER, "url": dataset.HOMEPAGE}
    return {
        "name": dataset.TITLE,
        "description": dataset.DESCRIPTION,
        "license": dataset.LICENSE,
        "url": facts.address,
        "creator": maker,
        "publisher": maker,
        "datePublished": facts.built.isoformat(),
        "version": str(facts.generation),
        "keywords": list(dataset.KEYWORDS),
        "inLanguage": "en",
        "isAccessibleForFree": True,
    }


def _about_file(file: DatasetFile) -> Mapping[str, str]:
    return {
        "name": file.name,
        "description": file.title,
        "contentUrl": file.address,
        "encodingFormat": file.media_type,
        "contentSize": f"{file.bytes} B",
    }


def _record_set() -> dict[str, Any]:
    fields = [
        {
            "@type": "cr:Field",
            "@id": f"items/{entry.column}",
            "name": entry.column,
            "description": entry.meaning,
            "dataType": _TYPES.get(column.type, "sc:Text"),
            **({"repeated": True} if column.type.endswith("[]") else {}),
            "source": {"fileObject": {"@id": TABLE}, "extract": {"column": entry.column}},
        }
        for column, entry in zip(COLUMNS, describe_columns(), strict=True)
    ]
    about = "One row for each disputed item, with the facts of its case."
    return {"@type": "cr:RecordSet", "@id": "items", "name": "items", "description": about, "field": fields}
