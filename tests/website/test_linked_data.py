"""What programs find at the addresses of the ontology and of the description: forms, versions, well-known places."""

from __future__ import annotations

import httpx
import pyoxigraph as ox

from imr_graph import iris as terms
from imr_graph import resources
from imr_graph.graph.resolver import vocabulary_triples
from support.endpoint_server import Server

OWL_API = "application/rdf+xml, application/xml; q=0.7, text/xml; q=0.6, text/plain; q=0.1, */*; q=0.09"


def test_protege_gets_the_ontology_as_rdf_xml_also_at_its_version(site_server: Server) -> None:
    """The Accept header is that of the OWL API, by which Protégé loads what lies at an address."""
    written = {quad.triple for quad in ox.parse(path=resources.ontology() / "imr.ttl", format=ox.RdfFormat.TURTLE)}
    version = next(t.object.value for t in written if t.predicate.value.endswith("#versionIRI"))
    assert version.startswith(terms.IMR.rstrip("#"))
    for path in ("/ontology", version.removeprefix(terms.IMR.rstrip("#").removesuffix("/ontology"))):
        answer = httpx.get(f"{site_server.url}{path}", headers={"accept": OWL_API})
        assert answer.headers["content-type"] == "application/rdf+xml", path
        assert {quad.triple for quad in ox.parse(answer.content, format=ox.RdfFormat.RDF_XML)} == written
    assert httpx.get(f"{site_server.url}/ontology/0.0.1").status_code == 404


def test_the_well_known_address_of_void_leads_to_the_description(site_server: Server) -> None:
    answer = httpx.get(f"{site_server.url}/.well-known/void", follow_redirects=True)
    assert answer.headers["content-type"].startswith("text/turtle")
    assert b"void:Dataset" in answer.content or b"void#Dataset" in answer.content


def test_all_vocabularies_come_in_one_file_and_their_mappings_as_sssom(site_server: Server) -> None:
    answer = httpx.get(f"{site_server.url}/ontology/vocabularies.ttl")
    assert {quad.triple for quad in ox.parse(answer.content, format=ox.RdfFormat.TURTLE)} == set(vocabulary_triples())
    answer = httpx.get(f"{site_server.url}/ontology/mappings.sssom.tsv")
    assert answer.headers["content-type"].startswith("text/tab-separated-values")
    assert b"mapping_justification" in answer.content
