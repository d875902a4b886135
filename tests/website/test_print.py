"""Pages on paper, as the browser prints them: few sheets, the source on them, nothing that leads elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

import pypdfium2
import pytest

from support.browser import Browser
from support.endpoint_server import Server
from support.letters import HEADER, item, letter
from support.site_server import build_site_store, serving_site

RATIONALE = (
    "The MTUS recommends the request where other measures failed and where the records say what is expected of it. "
    "The injured worker has had twelve visits of physical therapy with a gain in strength that is not measured. "
    "No red flags, no progressive deficit and no plan of surgery are documented, and the last examination is of the "
    "year before the request. The treating physician does not say how the result would change the treatment. "
) * 3
NUMBER = "CM16-9990399"
ITEMS = 6


@pytest.fixture(scope="module")
def printed_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a site with a case of six items, each with a rationale as long as letters have them."""
    folder = tmp_path_factory.mktemp("print")
    text = letter(
        *(
            item(f"Magnetic resonance imaging of the knee, series {n}", "Upheld", rationale=RATIONALE)
            for n in range(1, 7)
        ),
        header=HEADER.replace("CM16-9990301", NUMBER),
    )
    with serving_site(build_site_store(folder, {NUMBER: text}), folder) as server:
        yield server


def printed(browser: Browser, address: str) -> list[str]:
    """Return the text of each sheet that a page is printed on, with single spaces."""
    browser.open(address)
    document = pypdfium2.PdfDocument(browser.pdf())
    return [" ".join(page.get_textpage().get_text_range().split()) for page in document]


def test_a_case_of_six_items_takes_four_sheets(printed_site: Server, browser: Browser) -> None:
    sheets = printed(browser, f"{printed_site.url}/id/case-{NUMBER}")
    text = " ".join(sheets)
    assert len(sheets) <= 4
    assert all(f"series {n}" in text for n in range(1, ITEMS + 1))
    assert text.count("No red flags") >= 3 * ITEMS
    assert f"Case Number {NUMBER}" in text
    assert "dir.ca.gov/dwc/imr" in text
    assert f"{printed_site.url}/id/case-{NUMBER}" in text
    for led in ("Search determinations", "Statistics", "Skip to the content", "N-Triples", "Copy", "Privacy"):
        assert led not in text, led


@pytest.mark.parametrize("path", ["/search?q=MRI", "/precedents?q=MRI+of+the+left+knee", "/id/treatment-mri"])
def test_what_is_asked_prints_with_its_source_and_without_forms(
    printed_site: Server, browser: Browser, path: str
) -> None:
    sheets = printed(browser, f"{printed_site.url}{path}")
    text = " ".join(sheets)
    assert len(sheets) <= 5
    assert f"series {ITEMS}" in text
    assert "Counted by imr-graph" in text
    assert f"{printed_site.url}{path.partition('?')[0]}" in text
    for led in ("Search determinations", "Narrow it down", "Find precedents", "Turtle", "Privacy"):
        assert led not in text, led
