"""A release as an RO-Crate: what each file of the folder is, for repositories and for those who find it later.

Source of the form: RO-Crate Metadata Specification 1.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from imr_graph import dataset
from imr_graph.release.croissant import DatasetFacts, DatasetFile
from imr_graph.resources import software_version

__all__ = ["METADATA", "describe_crate"]

METADATA: Final = "ro-crate-metadata.json"
_MAKER: Final = f"{dataset.HOMEPAGE}#developers"
_SOFTWARE: Final = f"{dataset.HOMEPAGE}/source"


def describe_crate(facts: DatasetFacts, files: Sequence[DatasetFile]) -> dict[str, Any]:
    """Return the metadata of a release's folder; the addresses of files are their paths within it."""
    folders = sorted({file.address.rpartition("/")[0] for file in files} - {""})
    top = [file.address for file in files if "/" not in file.address] + [f"{folder}/" for folder in folders]
    entities = [
        _entity(METADATA, "CreativeWork", conformsTo=_id("https://w3id.org/ro/crate/1.1"), about=_id("./")),
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
    entities += [_describe_file(file) for file in files]
    return {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": entities}


def _describe_file(file: DatasetFile) -> dict[str, Any]:
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
