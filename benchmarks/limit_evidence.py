"""How much the limits of extraction matter: each is halved and doubled, and letters read otherwise are counted.

    python benchmarks/limit_evidence.py LETTERS ... [--write docs/decisions/limits.md]

A limit that was fitted to some letters shows itself by a change on one side; one that only bounds the time changes
nothing on either. Values are changed in the source of a module while it is imported, in a process of its own, so that
patterns which are made of them change too.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Final

import click

PACKAGE: Final = Path(__file__).resolve().parents[1] / "imr_graph"
# Sizes of memories, which change no letter whatever they are.
_MEMORIES: Final = frozenset(("_KEPT", "_MOST_KEPT", "_MOST_KEYS"))
_BEGIN, _END = "<!-- limits: benchmarks/limit_evidence.py writes these -->", "<!-- end of limits -->"


@dataclass(frozen=True, slots=True)
class Limit:
    """A whole number at the top of a module; `meaning` is the comment behind or above it."""

    module: str
    name: str
    value: int
    meaning: str


def find_limits(folder: Path = PACKAGE / "extraction") -> Iterator[Limit]:
    """Yield the limits of the modules in a folder, memories aside."""
    for path in sorted(folder.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        lines = source.splitlines()
        module = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        for name, node in _constants(ast.parse(source)):
            if name not in _MEMORIES:
                yield Limit(module, name, int(ast.literal_eval(node)), _comment(lines, node.lineno - 1))


def _constants(tree: ast.Module) -> Iterator[tuple[str, ast.Constant]]:
    for one in tree.body:
        target = (
            one.targets[0] if isinstance(one, ast.Assign) else one.target if isinstance(one, ast.AnnAssign) else None
        )
        value = one.value if isinstance(one, ast.Assign | ast.AnnAssign) else None
        if isinstance(target, ast.Name) and isinstance(value, ast.Constant) and type(value.value) is int:
            yield target.id, value


def _comment(lines: Sequence[str], at: int) -> str:
    behind = lines[at].partition("#")[2].strip()
    if behind:
        return behind
    above: list[str] = []
    while at and lines[at - 1].startswith("#"):
        at -= 1
        above.insert(0, lines[at].lstrip("# "))
    return " ".join(above)


class _ChangedLoader(importlib.machinery.SourceFileLoader):
    """Loads a module with another value of one limit."""

    limit: tuple[str, int]

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 # the loader has its path
        """Return the code of the module, never that which was compiled before."""
        tree = ast.parse(Path(self.path).read_text(encoding="utf-8"))
        for name, node in _constants(tree):
            if name == self.limit[0]:
                node.value = self.limit[1]
        return compile(tree, self.path, "exec")


class _ChangedFinder(importlib.abc.MetaPathFinder):
    """Finds one module for `_ChangedLoader`."""

    def __init__(self, module: str, name: str, value: int) -> None:
        file = PACKAGE.parent.joinpath(*module.split(".")).with_suffix(".py")
        loader = _ChangedLoader(module, str(file))
        loader.limit = name, value
        self._spec = importlib.util.spec_from_file_location(module, file, loader=loader)

    def find_spec(self, fullname: str, *_: object) -> importlib.machinery.ModuleSpec | None:
        return self._spec if self._spec and fullname == self._spec.name else None


def _print_digests(module: str, name: str, value: int, sources: list[str]) -> None:
    """Print a digest of what each letter is read as; runs in a process of its own."""
    sys.path.insert(0, str(PACKAGE.parent))
    sys.meta_path.insert(0, _ChangedFinder(module, name, value))
    from imr_graph import extract, find, read_letter
    from imr_graph.errors import ImrGraphError

    found: dict[str, str] = {}
    for source in find(sources, lambda _: None):
        try:
            found[source.name] = hashlib.sha256(repr(extract(read_letter(source))).encode()).hexdigest()
        except ImrGraphError as error:
            found[source.name] = str(error)
    print(json.dumps(found))


def _read_with(limit: Limit, value: int, sources: Sequence[str]) -> dict[str, str]:
    command = [sys.executable, __file__, "--one", limit.module, limit.name, str(value), *sources]
    answer = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=3600)
    found: dict[str, str] = json.loads(answer.stdout)
    return found


def _row(limit: Limit, sources: Sequence[str], whole: dict[str, str]) -> str:
    changed = []
    for value in (limit.value // 2, limit.value * 2):
        found = _read_with(limit, value, sources)
        changed.append(sum(whole[name] != digest for name, digest in found.items()))
    place = limit.module.removeprefix("imr_graph.extraction.")
    print(place, limit.name, limit.value, *changed, flush=True)
    return f"| `{place}` | `{limit.name}` | {limit.value:,} | {limit.meaning} | {changed[0]} | {changed[1]} |"


@click.command()
@click.argument("letters", nargs=-1, required=True)
@click.option("--only", default="", help="Only limits whose module or name holds this.")
@click.option("--write", type=click.Path(path_type=Path), help="Page whose table is written.")
def main(letters: tuple[str, ...], only: str, write: Path | None) -> None:
    """Halve and double each limit of extraction, and count the letters that are read otherwise."""
    limits = [limit for limit in find_limits() if only in f"{limit.module}.{limit.name}"]
    whole = _read_with(limits[0], limits[0].value, letters)
    with ThreadPoolExecutor(2) as pool:
        rows = list(pool.map(lambda limit: _row(limit, letters, whole), limits))
    head = "| module | limit | value | what it is | half | double |\n|---|---|---|---|---|---|"
    if write:
        before, _, rest = write.read_text(encoding="utf-8").partition(_BEGIN)
        table = "\n".join([_BEGIN, "", f"Of {len(whole):,} letters.", "", head, *rows, "", _END])
        write.write_text(before + table + rest.partition(_END)[2], encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        _print_digests(sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5:])
    else:
        main()
