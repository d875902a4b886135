"""The parts of pages: every component is on the page of patterns, no address, color or size is written by hand."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from jinja2 import meta

from imr_graph import iris as terms
from imr_graph.website import urls
from imr_graph.website.rendering import environment_for
from support.browser import Browser, violations
from support.endpoint_server import Server
from support.paths import PROJECT
from support.site_server import get_page, serving_site

WEBSITE = PROJECT / "imr_graph" / "website"
TEMPLATES = sorted((WEBSITE / "templates").glob("*.html"))
SHEETS = sorted((WEBSITE / "static").glob("*.css"))
MODULES = sorted(path for path in WEBSITE.rglob("*.py") if path.name != "urls.py")
COMPONENTS = re.findall(r"{% macro (\w+)", (WEBSITE / "templates" / "components.html").read_text(encoding="utf-8"))

# An attribute that leads somewhere, and a text of Python that begins with one of the paths of the site.
ADDRESS = re.compile(r"""(?:href|action|src)=["']/""")
PATH = re.compile(
    r"""["'`]/(?:id|search|precedents|statistics|questions|sparql|network|data|quality|ontology|shapes|static)\b(?!/scheme)"""
)
COLOR = re.compile(r"#[0-9a-f]{3,8}\b|\brgba?\(|\bhsla?\(")
SIZE = re.compile(r"font(?:-size)?:[^;]*?[\d.]+(?:rem|em|px)")


@pytest.fixture(scope="module")
def patterns_server(site_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a site that shows its patterns."""
    with serving_site(site_store, tmp_path_factory.mktemp("log"), workers=2, patterns=True) as server:
        yield server


def test_every_component_is_on_the_page_of_patterns(patterns_server: Server) -> None:
    source = (WEBSITE / "templates" / "patterns.html").read_text(encoding="utf-8")
    assert [name for name in COMPONENTS if f"c.{name}(" not in source] == []
    page = get_page(patterns_server, urls.PATTERNS)
    for tag, kind in (
        ("table", "groups"),
        ("table", "bars"),
        ("table", "matrix"),
        ("svg", "periods"),
        ("svg", "network"),
    ):
        assert page.all(tag, kind), kind


def test_patterns_are_for_developers_only(site_server: Server) -> None:
    assert httpx.get(f"{site_server.url}{urls.PATTERNS}").status_code == 404


def test_patterns_can_be_used_by_everybody(browser: Browser, patterns_server: Server) -> None:
    for width in (1280, 390):
        browser.size(width)
        for scheme in ("light", "dark"):
            browser.scheme(scheme)
            browser.open(f"{patterns_server.url}{urls.PATTERNS}")
            assert violations(browser.axe()) == []
        assert browser.overflow() <= 0


@pytest.mark.parametrize("path", [*TEMPLATES, *MODULES], ids=lambda path: path.name)
def test_no_address_is_written_by_hand(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert ADDRESS.findall(text) == []
    assert PATH.findall(text) == []


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_colors_and_sizes_of_type_are_tokens(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if path.name == "tokens.css":
        assert len(re.findall(r"--size-\d:", text)) == 6
        return
    assert COLOR.findall(text) == []
    assert SIZE.findall(text) == []
    tokens = (WEBSITE / "static" / "tokens.css").read_text(encoding="utf-8")
    assert {name for name in re.findall(r"var\((--[\w-]+)\)", text) if f"{name}:" not in tokens} == set()


def values_given() -> dict[str, set[str]]:
    """Return, by template, the names of the values that the modules which show it give to pages."""
    given: dict[str, set[str]] = defaultdict(set)
    for path in MODULES:
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
        calls = [n for n in nodes if isinstance(n, ast.Call) and ast.unparse(n.func).lower().endswith("page")]
        names = {keyword.arg for call in calls for keyword in call.keywords if keyword.arg}
        names |= {str(ast.literal_eval(key)) for node in nodes if isinstance(node, ast.Dict)
                  for key in node.keys if isinstance(key, ast.Constant)}  # fmt: skip
        names |= {ast.literal_eval(node.slice) for node in nodes
                  if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant)}  # fmt: skip
        for name in [text for text in texts if text.endswith(".html")]:
            given[name] |= names
        if path.name == "home.py":  # whose pages of words have templates by their addresses
            given |= {f"{address.removeprefix('/')}.html": names for address, _ in urls.INFO_PAGES}
    return given


def test_a_template_uses_only_what_its_page_is_given() -> None:
    environment, given = environment_for(terms.BASE), values_given()
    always = {"urls", "RDF_TYPES", "path", "public", "generation", "c", "title", "caller"}
    for path in TEMPLATES:
        if path.name in ("base.html", "components.html"):
            continue
        source = path.read_text(encoding="utf-8")
        macros = {
            name for names in re.findall(r"{% (?:macro|set) ([\w, ]+)", source) for name in names.strip().split(", ")
        }
        wanted = meta.find_undeclared_variables(environment.parse(source)) - always - macros
        assert wanted <= given[path.name], (path.name, sorted(wanted - given[path.name]))
