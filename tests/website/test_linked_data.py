"""What programs find at the addresses of the ontology and of the description: forms, versions, well-known places."""

from __future__ import annotations

import json
import re

import httpx
import pyoxigraph as ox
import pytest

from imr_graph import dataset, resources
from imr_graph import iris as terms
from imr_graph.graph.resolver import vocabulary_triples
from support.components import require_module
from support.endpoint_server import Server
from support.waiting import wait_for

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


def test_the_page_of_the_data_describes_them_for_search_engines(site_server: Server) -> None:
    page = httpx.get(f"{site_server.url}/data").text
    (found,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    said = json.loads(found)
    assert (said["@type"], said["license"]) == ("Dataset", dataset.LICENSE)
    assert said["url"].startswith("http")
    assert all(each["contentUrl"].startswith("http") for each in said["distribution"])


@pytest.mark.filterwarnings("ignore")  # of the validator's own libraries
def test_the_validator_of_croissant_takes_what_the_site_says(site_server: Server) -> None:
    require_module("mlcroissant", "dev")
    import mlcroissant

    wait_for(lambda: "items.parquet" in httpx.get(f"{site_server.url}/data/files/SHA256SUMS").text, seconds=60)
    answer = httpx.get(f"{site_server.url}/data/croissant.json")
    found = mlcroissant.Dataset(jsonld=answer.json()).metadata
    assert found.ctx.issues.report() == ""
    assert found.record_sets[0].fields[0].name == "case_key"
    for file in found.distribution:
        assert httpx.get(file.content_url).status_code == 200


def test_the_description_of_the_data_has_terms_publisher_and_dates(site_server: Server) -> None:
    store = ox.Store()
    store.load(httpx.get(f"{site_server.url}/data/description.ttl").content, format=ox.RdfFormat.TURTLE)
    asked = """PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dct: <http://purl.org/dc/terms/> ASK {
      ?data a dcat:Dataset ; dct:license ?l ; dct:publisher ?p ; dct:issued ?i ; dct:modified ?m ; dcat:keyword ?k }"""
    assert store.query(asked)
    files = "PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dct: <http://purl.org/dc/terms/> "
    files += "ASK { ?file a dcat:Distribution FILTER NOT EXISTS { ?file dct:license ?l ; dcat:downloadURL ?u } }"
    assert not store.query(files)


def test_a_kind_of_a_treatment_has_a_page_and_leads_to_the_treatment(site_server: Server) -> None:
    page = httpx.get(f"{site_server.url}/id/treatment-mrcp", headers={"accept": "text/html"})
    assert page.status_code == 200
    assert "Magnetic resonance cholangiopancreatography" in page.text
    assert '/id/treatment-mri"' in page.text
    found = httpx.get(f"{site_server.url}/id/treatment-mrcp.rdf")
    node, whole = (ox.NamedNode(f"{terms.BASE}treatment-{name}") for name in ("mrcp", "mri"))
    triples = {quad.triple for quad in ox.parse(found.content, format=ox.RdfFormat.RDF_XML)}
    assert ox.Triple(node, ox.NamedNode(f"{terms.SKOS}broader"), whole) in triples
