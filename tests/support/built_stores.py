"""Stores that tests build, and what is asked of them."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from imr_graph.builder import BuildReport, build, shards, worker
from imr_graph.builder import run as building
from imr_graph.builder.shards import Versions
from imr_graph.store.graph_store import cases, open_store


def built(sources: list[Path], store: Path, **options: object) -> BuildReport:
    """Build in this process, without validation unless it is asked for."""
    options = {"jobs": 1, "validate": False, **options}
    return build([str(source) for source in sources], store, **options)  # type: ignore[arg-type]


def keys(store: Path) -> list[str]:
    return list(cases(open_store(store)))


@pytest.fixture
def unloaded(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Stop builds when all shards are made."""

    def stop(*_: object) -> int:
        raise StoppedError

    monkeypatch.setattr(building, "publish_changes", stop)
    return monkeypatch


def shards_of(sources: list[Path], store: Path, **options: object) -> dict[str, bytes]:
    """Return the packed shards that a build of some sources makes, by the numbers in their names."""
    with pytest.raises(StoppedError):
        built(sources, store, **options)
    return {path.name.split("-")[1]: path.read_bytes() for path in (store / "work" / "shards").glob("*.nt.*")}


def of_versions(monkeypatch: pytest.MonkeyPatch, software: str, vocabulary: str | None = None) -> Versions:
    made = Versions(software, vocabulary or shards.current_versions().vocabulary)
    # `imr_graph.builder.status` names the function as well, so the module has to be asked for.
    for module in (building, worker, import_module("imr_graph.builder.status")):
        monkeypatch.setattr(module, "current_versions", lambda **_: made)
    return made


class StoppedError(Exception):
    """Ends a build after its shards are made and before they are loaded."""
