"""What the figures were measured with: the machine, and the versions of everything that takes part."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import subprocess
from pathlib import Path

__all__ = ["TAKING_PART", "cores", "machine", "versions"]

TAKING_PART = ("imr-graph", "pyoxigraph", "rdflib", "oxrdflib", "pyshacl", "pypdfium2", "zstandard", "distributed")
RIVALS = ("eyecite", "maplib", "morph-kgc", "oxigraph", "pdfminer.six", "pypdf", "pyoxigraph", "rdflib")
"""`morph-kgc` brings versions of pyoxigraph and rdflib of its own, which measure nothing but itself."""


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def machine() -> dict[str, str]:
    """Return what the machine is, by name."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return {
        "processor": f"{cores()} cores, {_processor()}",
        "memory": _memory(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "Python": f"{platform.python_version()} ({platform.python_implementation()})",
        "load at the start": f"{load:.1f}",
    }


def versions(baselines: Path | None) -> dict[str, str]:
    """Return the versions of packages, those of the baselines' environment (by its interpreter) marked."""
    found = {name: _version(name) for name in TAKING_PART}
    if baselines is not None:
        program = f"import json, importlib.metadata as m\nprint(json.dumps({{n: m.version(n) for n in {RIVALS!r}}}))"
        done = subprocess.run([baselines, "-c", program], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            found |= {f"{name} (baselines)": version for name, version in json.loads(done.stdout).items()}
    return {name: version for name, version in found.items() if version}


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _processor() -> str:
    return _field(Path("/proc/cpuinfo"), "model name") or platform.processor() or platform.machine()


def _memory() -> str:
    found = _field(Path("/proc/meminfo"), "MemTotal")
    if found:
        return f"{int(found.split()[0]) / 2**20:.0f} GiB"
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"


def _field(file: Path, name: str) -> str:
    try:
        lines = file.read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")
