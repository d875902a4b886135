"""What is said of the data to machines: schema.org `Dataset`, Croissant with the table's columns, RO-Crate.

Search engines read the first, programs that learn from data the second, repositories the third. Sources of the forms:
MLCommons Croissant 1.0, whose metadata are those of a schema.org `Dataset` with more in them; RO-Crate Metadata
Specification 1.1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from imr_graph import dataset
from imr_graph.resources import software_version
from imr_graph.table.columns import COLUMNS, describe_columns

__all__ = [
    "CRATE",
    "TABLE",
    "DatasetFacts",
    "DatasetFile",
    "describe_crate",
    "describe_croissant",
    "describe_dataset",
]

TABLE: Final = "items.parquet"
CRATE: Final = "ro-crate-metadata.json"
_MAKER: Final = f"{dataset.HOMEPAGE}#developers"
_SOFTWARE: Final = f"{dataset.HOMEPAGE}/source"
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


def describe_crate(facts: DatasetFacts, files: Sequence[DatasetFile]) -> dict[str, Any]:
    """Return the metadata of a release's folder; the addresses of files are their paths within it."""
    folders = sorted({file.address.rpartition("/")[0] for file in files} - {""})
    top = [file.address for file in files if "/" not in file.address] + [f"{folder}/" for folder in folders]
    entities = [
        _entity(CRATE, "CreativeWork", conformsTo=_id("https://w3id.org/ro/crate/1.1"), about=_id("./")),
        _entity(
            "./",
            "Dataset",
            name=dataset.TITLE,
            description=dataset.DESCRIPTION,
            datePublished=facts.built.isoformat(),
            license=_id(dataset.LICENSE),
            author=_id(_MAKER),
            publisher=_id(_MAKER),
            version=str(facts.generation),
            keywords=", ".join(dataset.KEYWORDS),
            url=facts.address,
            creditText=dataset.cite(facts.generation, facts.built, facts.cases, facts.address),
            hasPart=[_id(path) for path in top],
        ),
        _entity(
            dataset.LICENSE,
            "CreativeWork",
            name="Creative Commons Zero 1.0",
            description="No right in the facts is claimed; the letters are public records of the State of California.",
        ),
        _entity(_MAKER, "Organization", name=dataset.PUBLISHER, url=dataset.HOMEPAGE),
        _entity(_SOFTWARE, "SoftwareApplication", name="imr-graph", version=software_version(), url=dataset.HOMEPAGE),
        _entity("#build", "CreateAction", name="Reading the letters", instrument=_id(_SOFTWARE), result=_id("./")),
    ]
    for folder in folders:
        inside = [_id(file.address) for file in files if file.address.rpartition("/")[0] == folder]
        parts = inside if len(inside) > 1 else inside[0]  # as the specification recommends for a single value
        about = f"Files of {folder}/ as the software has them."
        entities.append(_entity(f"{folder}/", "Dataset", name=folder, description=about, hasPart=parts))
    entities += [_describe_crate_file(file) for file in files]
    return {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": entities}


def _describe_crate_file(file: DatasetFile) -> dict[str, Any]:
    return _entity(
        file.address,
        "File",
        name=file.name,
        description=file.title,
        encodingFormat=file.media_type,
        contentSize=str(file.bytes),
        sha256=file.sha256,
    )


def _entity(id: str, type: str, **facts: Any) -> dict[str, Any]:
    return {"@id": id, "@type": type, **facts}


def _id(iri: str) -> dict[str, str]:
    return {"@id": iri}
