"""Every kind of page passes axe-core (WCAG 2.2 AA and its best practices), in light and dark, wide and narrow."""

from __future__ import annotations

import httpx
import pytest

from support.browser import Browser, violations
from support.components import require_file
from support.endpoint_server import Server
from support.paths import EDITOR
from support.site_pages import PAGES, REFUSED

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
    require_file(EDITOR, "python frontend/bundle.py")
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
