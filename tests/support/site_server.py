"""A store of invented letters and a really running site over it, for the tests of pages.

The fixtures `site_store` and `site_server` are there for every test (conftest.py hands them on); both last for the
session, so nobody writes into them. A test that writes builds a store of its own with `build_site_store`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from imr_graph.builder.run import build
from imr_graph.resources import examples
from imr_graph.store import graph_store as stores
from support.endpoint_server import Server, running
from support.letters import HEADER, item, letter
from support.markup import Node, parsed
from support.once import build_once

__all__ = [
    "CORRECTIONS",
    "GENERATED",
    "SITE",
    "SPECIAL",
    "build_site_store",
    "get_page",
    "keys_of",
    "serving_site",
    "site_server",
    "site_store",
]

SITE = "imr_graph.website.app:create_site"
GENERATED = 120

# All kinds of trouble: what a letter may say, and what a page must never do with it.
HOSTILE = (
    "This 44-year-old man <script>alert('letter')</script> slipped; \"quoted\" & 'single' ]]> --> {{ 7 * 7 }} "
    "{% raw %} \u202egnp.exe\u202c \u0001\u0000 <img src=x onerror=alert(1)> &lt;b&gt; </textarea></title> javascript:"
)
HOSTILE_HEADING = 'MRI of the <b onmouseover=alert(3)>left</b> knee "><script>alert(4)</script> & more'


def _headed(number: str, text: str) -> str:
    return text.replace("CM16-9990301", number)


SPECIAL = {
    # Twenty-one items, with decisions of both kinds.
    "CM16-9990321": letter(
        *(
            item(f"MRI of the {side} knee, series {n}", "Overturned" if n % 3 == 0 else "Upheld")
            for n, side in enumerate(("left", "right", "left") * 7, 1)
        ),
        header=HEADER.replace("9990301", "9990321"),
    ),
    "CM16-9990322": _headed("CM16-9990322", letter(item(HOSTILE_HEADING), summary=HOSTILE)),
    # Two letters of one case number, kept side by side.
    "CM16-9990323": _headed("CM16-9990323", letter()),
    "CM16-9990323-again": _headed("CM16-9990323", letter(item("Functional restoration program", "Overturned"))),
    # Corrected by hand: see CORRECTIONS.
    "CM16-9990324": _headed("CM16-9990324", letter()),
    # Two treatments in one item, and words that no rule understands.
    "CM16-9990325": _headed("CM16-9990325", letter(item(administrator="Decision was made in accordance with Zzyx 9."))),
    # No header: no case number, no dates but those of the summary.
    "headless": letter(header=""),
}
"""Letters with something out of the common, by the name of their file."""

CORRECTIONS = """\
- case: CM16-9990324
  field: /items/0/decision
  was: upheld
  should_be: overturned
  who: A. Reader
  why: The letter says <b>Overturned</b>.
  date: 2020-05-04
- case: CM16-9990324
  field: /items/0/treatments/-
  was: null
  should_be: acupuncture
  who: A. Reader
  why: It is named in the second sentence.
  date: 2020-05-05
- case: CM16-9990324
  field: /dates/received
  was: 2016-12-02
  should_be: 2016-12-03
  who: B. Reader
  why: The stamp is blurred.
  date: 2020-05-06
"""


def build_site_store(folder: Path, texts: dict[str, str] | None = None, *, generated: int = 0, **options: Any) -> Path:
    """Build a store, with its tables, in a folder, of texts by the names of their files; return the store's folder.

    `options` go to `build`; where there is a store already, this makes its next generation.
    """
    letters = folder / "letters"
    letters.mkdir(parents=True, exist_ok=True)
    for name, text in (texts or {}).items():
        (letters / f"{name}.txt").write_text(text, encoding="utf-8", newline="\n")
    if generated:
        from corpus import generate

        for one in generate(generated, seed=20):
            (letters / f"{one.name}.txt").write_bytes(one.content)
    options = {"jobs": 1, "validate": False, "keep_both": True, **options}
    report = build([letters], folder / "store", **options)
    assert report.generation
    return folder / "store"


def _build(folder: Path) -> None:
    (folder / "letters").mkdir()
    for path in examples().glob("*.*"):
        if path.suffix in (".txt", ".pdf"):
            shutil.copy(path, folder / "letters")
    (folder / "corrections.yaml").write_text(CORRECTIONS, encoding="utf-8")
    build_site_store(folder, SPECIAL, generated=GENERATED, corrections=[folder / "corrections.yaml"])


@contextmanager
def serving_site(store: Path, folder: Path, **settings: object) -> Iterator[Server]:
    """Run the site over a store until the block ends; `folder` is for its log.

    It makes no files for download unless it is told to, for that takes longer than most tests.
    """
    with running(store, folder, application=SITE, **{"download_seconds": 0, **settings}) as server:
        yield server


@pytest.fixture(scope="session")
def site_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store of the examples, `SPECIAL` and `GENERATED` generated letters, with tables and texts."""
    return build_once(tmp_path_factory, "site", _build) / "store"


@pytest.fixture(scope="session")
def site_server(site_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return the site that runs over `site_store`."""
    with serving_site(site_store, tmp_path_factory.mktemp("log"), workers=2, download_seconds=900) as server:
        yield server


def get_page(server: Server, path: str, status: int = 200, **more: Any) -> Node:
    """Return a page as a tree, by its path; it must come as HTML with the status, and be well formed."""
    headers = {"accept": "text/html", **more.pop("headers", {})}
    answer = httpx.get(f"{server.url}{path}", headers=headers, timeout=300, **more)
    assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text[:500]}"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return parsed(answer.text)


def keys_of(store: Path) -> list[str]:
    """Return the keys of all cases of a store."""
    return list(stores.cases(stores.open_store(store)))
