"""The description of the service and its data (SPARQL 1.1 Service Description, VoID, DCAT), true to what is served.

Counting the data takes time on a large store, so a process of its own does it once for each generation.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from imr_graph.endpoint.child import ChildProcess
from imr_graph.endpoint.formats import BY_NAME, GRAPH, choose_formats
from imr_graph.endpoint.observability import Log
from imr_graph.endpoint.settings import ServerSettings
from imr_graph.iris import PREFIXES, RDF
from imr_graph.store.generations import Manifest

__all__ = ["ServiceDescription", "main", "service_triples"]

_SD, _VOID, _DCTERMS = (
    "http://www.w3.org/ns/sparql-service-description#",
    "http://rdfs.org/ns/void#",
    "http://purl.org/dc/terms/",
)
_DCAT = "http://www.w3.org/ns/dcat#"
# https://www.w3.org/ns/formats/ names formats by these IRIs.
_FORMAT_IRIS: Final = {
    "json": "SPARQL_Results_JSON",
    "xml": "SPARQL_Results_XML",
    "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV",
    "turtle": "Turtle",
    "ntriples": "N-Triples",
    "rdfxml": "RDF_XML",
    "jsonld": "JSON-LD",
}
_LONGEST_COUNT = 900.0  # seconds
_PATIENCE = 3.0  # seconds that a request waits for the counts before it is answered without them


@dataclass
class ServiceDescription:
    """The description of the generation that is served."""

    settings: ServerSettings
    log: Log
    _data: tuple[ox.Triple, ...] = ()
    _graphs: tuple[str, ...] = ()
    _base: str = ""
    _counted: asyncio.Event = field(default_factory=asyncio.Event)
    _counting: ChildProcess = field(default_factory=ChildProcess)
    _serialized: dict[tuple[str, str], bytes] = field(default_factory=dict)

    async def count_data(self, manifest: Manifest) -> None:
        """Count the data of a generation, beside everything else."""
        if self._counting.stopped:
            return
        text = b""
        with suppress(TimeoutError):
            async with self._counting.run(*self._command(), seconds=_LONGEST_COUNT) as process:
                text, _ = await process.communicate()
        code = process.returncode
        if self._counting.is_current(process) and (code or not text):
            self.log.event("description_failed", code=code, generation=manifest.generation)
        elif text and not code:
            self._set_data(json.loads(text))

    def stop(self) -> None:
        """End the counting for good."""
        self._counting.stop()

    def _command(self) -> tuple[str, list[str]]:
        """Return the module that counts, and its arguments."""
        asked = self.settings
        external = ["--endpoint", asked.endpoint, asked.endpoint_graph] if asked.endpoint else []
        return "imr_graph.endpoint.service_description", [str(asked.store.absolute()), *external]

    async def serialize(self, accept: str, endpoint: str) -> tuple[str, bytes] | None:
        """Return media type and text of the description, None where no format of it is acceptable."""
        choice = choose_formats(accept)[GRAPH]
        if choice is None:
            return None
        if not self._counted.is_set():
            try:
                await asyncio.wait_for(self._counted.wait(), _PATIENCE)
            except TimeoutError:
                return choice[1], self._serialize(choice[0], endpoint)
        key = (choice[0], endpoint)
        if key not in self._serialized:
            if len(self._serialized) > 64:
                self._serialized.clear()
            self._serialized[key] = self._serialize(*key)
        return choice[1], self._serialized[key]

    async def triples(self) -> tuple[ox.Triple, ...]:
        """Return what is said of the data, none of it before it has been counted."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._counted.wait(), _PATIENCE)
        return self._data

    def _set_data(self, found: Mapping[str, Any]) -> None:
        triples = ox.parse(found["description"], format=ox.RdfFormat.TURTLE)
        self._data = tuple(quad.triple for quad in triples)
        self._graphs, self._base = tuple(found["graphs"]), found["base"]
        self._serialized.clear()
        self._counted.set()

    def _serialize(self, format: str, endpoint: str) -> bytes:
        triples = [*service_triples(endpoint, self._dataset, self._graphs), *self._data]
        prefixes = {**PREFIXES, "sd": _SD, "void": _VOID, "dcat": _DCAT, "dcterms": _DCTERMS}
        writer = BY_NAME[format].writer
        assert isinstance(writer, ox.RdfFormat)
        return ox.serialize(sorted(triples, key=str), format=writer, prefixes=prefixes) or b""

    @property
    def _dataset(self) -> str:
        return f"{self._base}dataset" if self._base else ""


def service_triples(endpoint: str, dataset: str, graphs: tuple[str, ...]) -> Iterator[ox.Triple]:
    """Yield what is true of the service: its address, language, formats, and dataset.

    `dataset` is the IRI of the dataset's description (empty where it is not known yet), `graphs` name its named graphs.
    There is no blank node: parts of the service are named by fragments of its address.
    """
    service, data, default = (ox.NamedNode(endpoint + part) for part in ("", "#dataset", "#default-graph"))

    def about(subject: ox.NamedNode, name: str, value: str, namespace: str = _SD) -> ox.Triple:
        return ox.Triple(subject, ox.NamedNode(namespace + name), ox.NamedNode(value))

    yield about(service, "type", f"{_SD}Service", RDF)
    yield about(service, "endpoint", endpoint)
    yield about(service, "supportedLanguage", f"{_SD}SPARQL11Query")
    for name in BY_NAME:
        yield about(service, "resultFormat", f"http://www.w3.org/ns/formats/{_FORMAT_IRIS[name]}")
    yield about(service, "defaultDataset", data.value)
    yield about(data, "type", f"{_SD}Dataset", RDF)
    yield about(data, "defaultGraph", default.value)
    yield about(default, "type", f"{_SD}Graph", RDF)
    for position, graph in enumerate(graphs, 1):
        named = ox.NamedNode(f"{endpoint}#named-graph-{position}")
        yield about(data, "namedGraph", named.value)
        yield about(named, "type", f"{_SD}NamedGraph", RDF)
        yield about(named, "name", graph)
    if dataset:
        yield about(data, "source", dataset, _DCTERMS)
        yield about(ox.NamedNode(dataset), "sparqlEndpoint", endpoint, _VOID)


def main() -> None:
    """Print what the store named on the command line holds, as JSON; runs in a process of its own."""
    from imr_graph.graph.export import description
    from imr_graph.store.graph_store import open_store

    if "--endpoint" in sys.argv:  # an external store was counted when it was published
        from imr_graph.endpoint.proxy import describe_publication

        print(json.dumps(describe_publication(*sys.argv[3:5])))
        return
    store = open_store(Path(sys.argv[1]))
    graphs = sorted(graph.value for graph in store.database.named_graphs() if isinstance(graph, ox.NamedNode))
    print(json.dumps({"base": store.base, "graphs": graphs, "description": description(store).decode()}))


if __name__ == "__main__":
    main()
