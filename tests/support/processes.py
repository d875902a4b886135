"""The processes of this machine, as Linux lists them."""

from __future__ import annotations

from pathlib import Path

__all__ = ["is_alive", "list_descendants"]


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
