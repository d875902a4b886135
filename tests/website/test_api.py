"""The description of the addresses for programs: valid, complete, and true of the server."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from starlette.routing import Match, Mount, Route

from imr_graph.analysis.dimensions.kinds import LISTED
from imr_graph.endpoint.settings import ServerSettings
from imr_graph.website import urls
from imr_graph.website.app import create_site
from imr_graph.website.pages.discovery import describe_addresses
from imr_graph.website.pages.machine_addresses import MachineAddress, machine_addresses
from support.endpoint_server import Server
from support.site_pages import PAGES
from support.site_server import get_page

ADDRESSES = machine_addresses()
# What is neither a page nor for programs: it leads to pages, or shows them within those of others.
LED = {"/{path:path}/", "/sparql/", f"{urls.EDITOR_EXAMPLES}/{{name}}", urls.VOID}


def test_the_description_is_openapi(site_server: Server) -> None:
    document = httpx.get(f"{site_server.url}/openapi.json").json()
    OpenAPIV31SpecValidator(document).validate()
    assert document["servers"] == [{"url": site_server.url}]
    assert document == json.loads(json.dumps(describe_addresses(site_server.url)))


def test_every_route_is_a_page_or_described(site_server: Server, site_store: Path) -> None:
    routes = create_site(ServerSettings(store=site_store)).router.routes
    described = [
        each.path.replace("{name}", "x").replace("{form}", "ttl").replace("{format}", "csv") for each in ADDRESSES
    ]
    pages = [path(site_server).partition("?")[0] for path in PAGES.values()]
    for route in routes:
        if isinstance(route, Mount) or getattr(route, "path", "") in LED:
            continue
        assert isinstance(route, Route)

        def fits(path: str, route: Route = route) -> bool:
            scope = {"type": "http", "path": path, "method": "GET"}
            return route.matches(scope)[0] == Match.FULL

        assert any(map(fits, (*described, *pages, *LISTED, *dict(urls.INFO_PAGES)))), f"{route.path} is not described"


@pytest.mark.parametrize("each", [each for each in ADDRESSES if each.example], ids=lambda each: each.path)
def test_an_example_answers_as_described(site_server: Server, each: MachineAddress) -> None:
    answer = httpx.get(f"{site_server.url}{each.example}", timeout=120)
    assert answer.status_code == 200, answer.text[:300]
    assert answer.headers["content-type"].partition(";")[0] in {name.partition(";")[0] for name in each.media_types}


def test_most_addresses_have_an_example() -> None:
    assert sum(bool(each.example) for each in ADDRESSES) > 0.8 * len(ADDRESSES)


def test_parameters_in_a_path_are_described() -> None:
    for each in ADDRESSES:
        for part in each.path.split("{")[1:]:
            assert part.partition("}")[0] in {parameter.name for parameter in each.parameters}, each.path


def test_the_page_lists_every_address(site_server: Server) -> None:
    page = get_page(site_server, "/api")
    shown = {node.one("code").text for node in page.all("summary") if node.all("code")}
    assert shown == {each.path for each in ADDRESSES}
