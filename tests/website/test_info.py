"""Pages of words: they are found from every page and by crawlers, and their figures are those that were measured."""

from __future__ import annotations

import re

import httpx
import pytest

from imr_graph import iris as terms
from imr_graph.labels import label
from imr_graph.website import urls
from imr_graph.website.pages.home import ACCURACY
from support.endpoint_server import Server
from support.paths import PROJECT
from support.site_server import get_page


@pytest.mark.parametrize("path", [path for path, _ in urls.INFO_PAGES])
def test_a_page_of_words_is_found_and_its_links_lead_on(site_server: Server, path: str) -> None:
    page = get_page(site_server, path)
    assert path in get_page(site_server, "/statistics").one("footer").links()
    assert f"{site_server.url}{path}</loc>" in httpx.get(f"{site_server.url}/sitemap.xml").text
    for target in page.one("main").links():
        if target.startswith("/"):
            answer = httpx.get(f"{site_server.url}{target}", headers={"accept": "text/html"}, timeout=120)
            assert answer.status_code == 200, target


def test_the_figures_of_accuracy_are_those_of_the_readme(site_server: Server) -> None:
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    table = readme.partition("## How good it is")[2].partition("##")[0]
    measured = [re.findall(r"\d\.\d{3}|not counted", line.partition("|")[2].partition("|")[2])
                for line in table.splitlines() if re.search(r"\| [01]\.\d{3} \|", line)]  # fmt: skip
    ours = [[one.real, one.generated.replace("measured", "counted")] for one in ACCURACY]
    assert ours == measured
    shown = get_page(site_server, "/about").one("table").one("tbody").all("tr")
    assert [row.all("td")[0].text for row in shown] == [one.real for one in ACCURACY]


def test_terms_of_the_glossary_are_those_of_the_ontology(site_server: Server) -> None:
    page = get_page(site_server, "/glossary")
    linked = [target.partition("#")[2] for target in page.links() if target.startswith("/ontology#")]
    assert linked
    ontology = get_page(site_server, "/ontology")
    ids = {node["id"] for node in ontology.walk() if "id" in node.attributes}
    assert set(linked) <= ids
    assert all(label(name) != name for name in linked), terms.IMR
