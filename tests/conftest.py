"""What holds for all tests: the fixtures that they share, and the marks of those that take long."""

from __future__ import annotations

import os
from collections.abc import Generator
from functools import cache
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, settings

from support.browser import browser
from support.built_stores import unloaded
from support.collected import COLLECTED
from support.components import report_missing
from support.external_servers import endpoint
from support.paths import PROJECT, SHARED
from support.site_server import site_server, site_store

__all__ = ["browser", "endpoint", "project", "shared", "site_server", "site_store", "unloaded"]

# A test with such a mark, or with such a fixture, is left out of the quick run (`scripts/test`).
_SLOW = {"browser", "server", "kill", "cluster", "timing", "end_to_end"}
_LONGEST_NAME = 80
_MARK_OF_FIXTURE = {"browser": "browser", "endpoint": "server", "proxied": "server"}


# No example of a property has a deadline, as the machine may have other work. `scripts/test --all` tries more examples
# of the properties that do not say how many.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", _PATIENT, max_examples=60)
settings.register_profile("thorough", _PATIENT, max_examples=160)
settings.load_profile("quick")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the names of all tests, in the order that pytest gives them, and mark as slow what has a mark for it."""
    config.stash[COLLECTED] = [item.nodeid for item in items]
    for item in items:
        for fixture in _MARK_OF_FIXTURE.keys() & set(getattr(item, "fixturenames", ())):
            item.add_marker(_MARK_OF_FIXTURE[fixture])
        if any(mark.name in _SLOW for mark in item.iter_markers()):
            item.add_marker("slow")


def pytest_configure() -> None:
    """Let the machine have other work: httpx waits for five seconds unless it is told otherwise."""
    httpx._config.DEFAULT_TIMEOUT_CONFIG.__init__(180.0)  # type: ignore[misc]
    # The certificates of this machine are read once, and not for every single request, which takes 30 ms.
    transports = httpx._transports.default
    transports.create_ssl_context = cache(transports.create_ssl_context)  # type: ignore[attr-defined]


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a parameter of bytes or of a long text by its place: such names are not read, and bytes may hold a time.

    Processes that run tests in parallel have to collect the same names (`test_collection.py`).
    """
    named = isinstance(val, str) and len(val) <= _LONGEST_NAME and val.isprintable()
    return argname if isinstance(val, str | bytes) and not named else None


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Fail where a whole module skips itself for want of a package in CI, where nothing may be missing."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true":
        report.outcome = "failed"
    return report


@pytest.fixture(scope="session")
def project() -> Path:
    """Return the checkout."""
    return PROJECT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of the real letters and their records, which stand beside the checkout, never in it."""
    if not SHARED.is_dir():
        report_missing("the real letters (../shared) are not on this machine")
    return SHARED
