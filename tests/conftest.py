"""Fixtures shared by the tests: where the real letters are, and where the project's own examples are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support.browser import browser
from support.external_servers import endpoint
from support.paths import PROJECT
from support.site_server import site_server, site_store

__all__ = ["browser", "endpoint", "project", "shared", "site_server", "site_store"]


@pytest.fixture(scope="session")
def project() -> Path:
    """Return the checkout."""
    return PROJECT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of the real letters and their records, which stand beside the checkout, never in it."""
    folder = PROJECT.parent / "shared"
    if not folder.is_dir():
        message = "the real letters (../shared) are not on this machine"
        if os.environ.get("CI") == "true":
            pytest.fail(message + "; in CI they must be")
        pytest.skip(message)
    return folder
