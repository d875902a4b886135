"""A real browser for the tests of pages: headless Chromium that reaches this machine only and tells what it did."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from support.components import report_missing, require_file, require_module, require_program
from support.paths import PROJECT

__all__ = ["AXE", "Browser", "browser", "browsing", "violations"]

_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
AXE = PROJECT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
"""The checker of accessibility, where `npm ci` puts it."""

# What the site holds itself to: WCAG 2.2 AA, and what the makers of the checker recommend besides.
_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


class Browser:
    """A browser that runs; `driver` is selenium's, `downloads` the folder that files are saved to."""

    def __init__(self, driver: Any, downloads: Path) -> None:
        self.driver, self.downloads = driver, downloads

    def open(self, url: str) -> None:
        """Open a page, as a fresh one even where only its fragment differs."""
        self.driver.get("about:blank")
        self.driver.get(url)

    def size(self, width: int, height: int = 1000) -> None:
        """Show pages at a width, as a phone or a desktop does."""
        self._cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def scheme(self, name: str) -> None:
        """Show pages as people with a preference for `light` or `dark` see them."""
        features = [
            {"name": "prefers-color-scheme", "value": name},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        self._cdp("Emulation.setEmulatedMedia", features=features)

    def scripts(self, *, on: bool) -> None:
        """Switch the scripts of pages on or off."""
        self._cdp("Emulation.setScriptExecutionDisabled", value=not on)

    def run(self, script: str, *arguments: Any) -> Any:
        """Run a script in the page and return its value."""
        return self.driver.execute_script(script, *arguments)

    def find(self, selector: str) -> Any:
        """Return the first element of a selector; raises where there is none."""
        return self.driver.find_element("css selector", selector)

    def wait(self, condition: Callable[[], Any], seconds: float = 120) -> Any:
        """Wait until a condition holds and return what it gave."""
        from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
        from selenium.webdriver.support.ui import WebDriverWait

        waiting = WebDriverWait(
            self.driver,
            seconds,
            poll_frequency=0.05,
            ignored_exceptions=(NoSuchElementException, StaleElementReferenceException),
        )
        return waiting.until(lambda _driver: condition())

    def press(self, *keys: str) -> None:
        """Press keys, whatever has the focus; a chord is a text such as Keys.CONTROL + Keys.ENTER."""
        from selenium.webdriver import ActionChains
        from selenium.webdriver.common.keys import Keys

        held = {Keys.CONTROL, Keys.SHIFT, Keys.ALT}
        for chord in keys:
            actions = ActionChains(self.driver)
            down = [key for key in chord if key in held] if len(chord) > 1 else []
            for key in down:
                actions.key_down(key)
            actions.send_keys(*(key for key in chord if key not in down))
            for key in down:
                actions.key_up(key)
            actions.perform()

    def complaints(self) -> list[str]:
        """Return what the console has told since the last time: errors, and what the security policy refused."""
        found = [
            entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")
        ]
        return [message for message in found if "favicon" not in message]

    def requests(self) -> list[str]:
        """Return the addresses that have been asked for over the network since the last time."""
        messages = (json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance"))
        sent = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
        return [url for url in sent if urlsplit(url).scheme not in ("data", "blob", "about")]

    def downloaded(self, name: str) -> str:
        """Wait for a file that is saved and return its text."""
        file = self.downloads / name
        self.wait(lambda: file.exists() and not list(self.downloads.glob("*.crdownload")))
        return file.read_text(encoding="utf-8")

    def axe(self, *rules: str) -> list[dict[str, Any]]:
        """Return what the checker of accessibility finds on the page, by all of its rules or by some."""
        # It is put in by the driver, past the page's policy, and looks into shadow roots as well.
        if not self.run("return 'axe' in window"):
            self.run(require_file(AXE, "npm ci in frontend/").read_text(encoding="utf-8"))
        wanted = {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": list(_TAGS)}
        script = "const done = arguments[1]; axe.run(document, {runOnly: arguments[0]}).then(done)"
        found = self.driver.execute_async_script(script, wanted)
        return list(found["violations"])

    def overflow(self) -> int:
        """Return by how many pixels the page is wider than the window."""
        return int(self.run("return document.documentElement.scrollWidth - window.innerWidth"))

    def pdf(self) -> bytes:
        """Return the page as it is printed, on sheets of American letter size."""
        return base64.b64decode(self._cdp("Page.printToPDF", printBackground=False)["data"])

    def _cdp(self, command: str, **parameters: Any) -> Any:
        return self.driver.execute_cdp_cmd(command, parameters)


def violations(found: Sequence[dict[str, Any]]) -> list[str]:
    """Return what the checker found as lines: the rule, where, and what to do."""
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']} {node['html'][:200]}"
        for one in found
        for node in one["nodes"]
    ]


@contextmanager
def browsing(folder: Path) -> Iterator[Browser]:
    """Run a browser until the block ends; `folder` takes its profile and what it downloads."""
    require_module("selenium", "dev")
    from selenium import webdriver
    from selenium.common.exceptions import WebDriverException
    from selenium.webdriver.chrome.service import Service

    chromium, driver = require_program("chromium"), require_program("chromedriver")
    downloads = folder / "downloads"
    downloads.mkdir(parents=True)
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (*_FLAGS, f"--user-data-dir={folder / 'profile'}", "--window-size=1280,1000"):
        options.add_argument(flag)
    options.add_experimental_option(
        "prefs", {"download.default_directory": str(downloads), "download.prompt_for_download": False}
    )
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    try:
        started = webdriver.Chrome(options=options, service=Service(driver))
    except WebDriverException as error:
        report_missing(f"Chromium does not start on this machine: {(error.msg or 'it says no more').splitlines()[0]}")
    started.set_script_timeout(300)
    browser = Browser(started, downloads)
    browser.scheme("light")  # and without motion, in which clicks would miss
    try:
        yield browser
    finally:
        started.quit()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Return a browser without a window for the tests of a module."""
    with browsing(tmp_path_factory.mktemp("browser")) as started:
        yield started
