"""The processes of this machine, as Linux lists them, and the ports that they may listen on."""

from __future__ import annotations

import itertools
import os
import socket
from collections.abc import Iterator
from pathlib import Path

__all__ = ["free_port", "is_alive", "list_descendants"]

_FIRST_PORT = 20_000  # below those that systems hand out by themselves
_PORTS_OF_A_PROCESS = 500  # each process of a parallel run has its own, whatever the others start meanwhile


def free_port() -> int:
    """Return a port for a program that cannot choose one itself."""
    for port in _ports:
        try:
            with socket.create_server(("127.0.0.1", port)):
                return port
        except OSError:
            continue
    raise AssertionError("no port is free")


def _list_ports() -> Iterator[int]:
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    start = _FIRST_PORT + worker % 20 * _PORTS_OF_A_PROCESS
    yield from itertools.islice(itertools.cycle(range(start, start + _PORTS_OF_A_PROCESS)), 10 * _PORTS_OF_A_PROCESS)


_ports = _list_ports()


def list_descendants(parent: int) -> list[int]:
    """Return the processes that descend from one."""
    parents = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found = [parent]
    for one in found:
        found += [child for child, mother in parents.items() if mother == one]
    return found[1:]


def is_alive(process: int) -> bool:
    """Say whether a process runs; one that ended and is not yet seen off does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
