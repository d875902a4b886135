"""Every kind of page passes axe-core (WCAG 2.2 AA and its best practices), in light and dark, wide and narrow."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from browsed import Browser, violations
from served import Server

_MOST = "SELECT ?x (COUNT(?item) AS ?n) WHERE {{ ?item {path} ?x }} GROUP BY ?x ORDER BY DESC(?n) ?x LIMIT 1"


def at(path: str) -> Callable[[Server], str]:
    return lambda _server: path


def most(path: str) -> Callable[[Server], str]:
    """Return what finds the page of the node that most items (or reviewers) have by a path of properties."""

    def found(server: Server) -> str:
        [row] = server.ask(_MOST.format(path=path)).json()["results"]["bindings"]
        return f"/id/{row['x']['value'].rpartition('/')[2]}"

    return found


PAGES = {
    "home": at("/"),
    "search": at("/search"),
    "search with hits": at("/search?q=MRI"),
    "search without hits": at("/search?q=zzyzx"),
    "search with open facets": at("/search?q=pain&decision=upheld&count=treatment"),
    "search that cannot be asked": at("/search?q=%22x"),
    "case": at("/id/case-CM16-9990321"),
    "case with hostile words": at("/id/case-CM16-9990322"),
    "case with corrections": at("/id/case-CM16-9990324"),
    "case that was not all understood": at("/id/case-CM16-9990325"),
    "resource without a page of its kind": at("/id/scheme-specialties"),
    "disputed item": at("/id/case-CM16-9990321-item-3"),
    "treatment": most("imr:requestsTreatment"),
    "guideline": most("imr:basedOnGuideline"),
    "section": most("imr:basedOnSection"),
    "page of a guideline": most("imr:basedOnPage"),
    "category": most("imr:requestsTreatment/skos:broader"),
    "specialty": most("imr:hasSpecialty"),
    "state": most("imr:licensedIn"),
    "region": most("imr:bodyRegion"),
    "citation": most("imr:hasCitation"),
    "precedents": at("/precedents?treatment=mri"),
    "network": at("/network?around=treatment-mri"),
    "treatments": at("/treatments"),
    "guidelines": at("/guidelines"),
    "statistics": at("/statistics"),
    "statistics by two dimensions": at("/statistics?by=treatment&then=year"),
    "times": at("/statistics?figure=times"),
    "agreement": at("/statistics?figure=agreement&by=category"),
    "statistics of nothing": at("/statistics?treatment=naproxne"),
    "questions": at("/questions"),
    "question as a form": at("/questions/overturn-rate-by-guideline"),
    "question with a wrong value": at("/questions/items-citing-page?page=zzz"),
    "question with an answer": at("/questions/overturn-rate-by-year?minimum=1"),
    "question with a chart": at("/questions/overturn-rate-by-category?minimum=1"),
    "query editor": at("/sparql"),
    "data": at("/data"),
    "columns": at("/data/columns"),
    "ontology": at("/ontology"),
    "shapes": at("/shapes"),
    "quality": at("/quality"),
    "failure": at("/nonsense"),
}
REFUSED = {
    "failure": 404,
    "search that cannot be asked": 400,
    "question with a wrong value": 400,
    "statistics of nothing": 400,
}
WIDTHS = {"desktop": 1280, "phone": 390}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_used_by_everybody(browser: Browser, site_server: Server, name: str) -> None:
    address = f"{site_server.url}{PAGES[name](site_server)}"
    expected = REFUSED.get(name, 200)
    answer = httpx.get(address, headers={"accept": "text/html"}, follow_redirects=True)
    assert answer.status_code == expected, f"{address}: {answer.text[:300]}"
    browser.open(address)
    found = faults(browser)
    assert not found, "\n".join([address, *found])


def test_an_answer_of_the_editor_can_be_used_by_everybody(browser: Browser, site_server: Server) -> None:
    browser.open(f"{site_server.sparql}/examples/overturn-rate-by-category")
    browser.wait(lambda: browser.run("return document.body.classList.contains('with-editor')"))
    browser.find("#ask button").click()
    browser.wait(lambda: browser.driver.find_elements("css selector", "#answer table"))
    found = faults(browser)
    assert not found, "\n".join(found)


def test_the_checker_finds_what_is_wrong(browser: Browser) -> None:
    """Without this a checker that finds nothing anywhere would pass."""
    page = (
        "<html lang=en><title>x</title><main><h1>x</h1><img src=data:,><p style='color:%23ccc;background:%23fff'>Words"
    )
    browser.size(390)
    browser.open(f"data:text/html,{page}<div style='width:900px'>wide</div>")
    assert {"image-alt", "color-contrast"} <= {one["id"] for one in browser.axe()}
    assert browser.overflow() > 0


def faults(browser: Browser) -> list[str]:
    """Return what is wrong with the page that is open, in each width and colour scheme."""
    found: list[str] = []
    for width in WIDTHS.values():
        browser.size(width)
        browser.scheme("light")
        found += [f"{width}: {line}" for line in violations(browser.axe())]
        browser.scheme("dark")
        found += [f"{width} dark: {line}" for line in violations(browser.axe("color-contrast"))]
        if (wide := browser.overflow()) > 0:
            found.append(f"{width}: the page is {wide} pixels wider than the window: {widest(browser)}")
    return found


def widest(browser: Browser) -> list[str]:
    """Return the elements that reach beyond the window, the outermost of each kind."""
    script = """
        return [...document.querySelectorAll('body *')]
          .filter(one => one.getBoundingClientRect().right > window.innerWidth + 1 && !one.closest('.scroll'))
          .slice(0, 5).map(one => one.outerHTML.slice(0, 160))
    """
    return list(browser.run(script))
