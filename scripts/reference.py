"""Write docs/cli.md from the commands' help, docs/api.md from docstrings, and the schema of records.

With --check, fail where one of them is out of date.
"""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import click

import imr_graph
from imr_graph.cli.app import COMMANDS, cli

DOCS = Path(__file__).resolve().parent.parent / "docs"
HEAD = """# Command line

Made from `imr-graph --help` by `scripts/reference.py`; do not edit.

Names and values are completed by bash, zsh and fish: `eval "$(_IMR_GRAPH_COMPLETE=bash_source imr-graph)"` in the file
that the shell reads when it starts (`zsh_source`, `fish_source` for the others).
"""
API_HEAD = """# Python

Made from the docstrings of `imr_graph` by `scripts/reference.py`; do not edit. The way in is
[the tutorial](tutorial.md).
"""
# What the verbs take and return, by module.
CLASSES: Final[Mapping[str, tuple[str, ...]]] = {
    "data_table": ("DataTable", "Tabular", "Iri"),
    "analysis.queries.results": ("ResultTable",),
    "analysis.precedents.precedents": ("Precedents", "Precedent"),
    "analysis.search.results": ("SearchPage", "Hit"),
    "model": ("Determination", "DisputedItem", "Citation", "Letter", "Span"),
    "builder.report": ("BuildReport", "Progress"),
    "validation.report": ("ValidationReport",),
    "store.graph_store": ("GraphStore",),
    "errors": ("ImrGraphError", "UsageError", "UnknownNameError", "LetterError", "StoreError", "ToolError"),
}


def reference() -> str:
    """Return the reference of all commands as Markdown."""
    parts = [HEAD, _section(["imr-graph"], cli)]
    with click.Context(cli, info_name="imr-graph") as context:
        for name in COMMANDS:
            command = cli.get_command(context, name)
            assert command is not None
            parts.append(_section(["imr-graph", name], command))
            below = command.commands if isinstance(command, click.Group) else {}
            parts.extend(_section(["imr-graph", name, inner], below[inner]) for inner in below)
    return "\n".join(parts)


def _section(path: list[str], command: click.Command) -> str:
    parent = click.Context(cli, info_name=" ".join(path[:-1])) if len(path) > 1 else None
    context = click.Context(command, info_name=path[-1], parent=parent, terminal_width=100)
    return f"## {' '.join(path)}\n\n```\n{command.get_help(context)}\n```\n"


def api() -> str:
    """Return the reference of the verbs and of what they take and return, as Markdown."""
    parts = [API_HEAD, f"{_body(imr_graph)}\n", "## Verbs\n"]
    for name in imr_graph.__all__:
        verb = getattr(imr_graph, name)
        if callable(verb):
            parts.append(f"### {name}\n\n```text\n{_signature(verb, name)}\n```\n\n{_body(verb)}\n")
    parts.append("## What they take and return\n")
    for module, names in CLASSES.items():
        loaded = __import__(f"imr_graph.{module}", fromlist=names)
        for name in names:
            kind = getattr(loaded, name)
            parts.append(f"### imr_graph.{module}.{name}\n\n{_body(kind)}\n{_members(kind)}")
    return "\n".join(parts)


def _signature(verb: Callable[..., object], name: str) -> str:
    """Return how a verb is called, an argument a line where there are several."""
    signature = inspect.signature(verb)
    listed: list[str] = []
    before = None
    for each in signature.parameters.values():
        if each.kind is not before and before is each.POSITIONAL_ONLY:
            listed.append("/")
        if each.kind is not before and each.kind is each.KEYWORD_ONLY:
            listed.append("*")
        stars = "**" if each.kind is each.VAR_KEYWORD else "*" if each.kind is each.VAR_POSITIONAL else ""
        default = "" if each.default is each.empty else f" = {getattr(each.default, '__name__', repr(each.default))}"
        listed.append(f"{stars}{each.name}: {each.annotation}{default}")
        before = each.kind
    line = f"{name}({', '.join(listed)}) -> {signature.return_annotation}"
    if len(line) <= 100:
        return line
    return f"{name}(\n    " + ",\n    ".join(listed) + f",\n) -> {signature.return_annotation}"


def _members(kind: type) -> str:
    """Return what can be asked of a class, a line each."""
    lines = []
    for name, member in vars(kind).items():
        said = inspect.getdoc(member) if callable(member) or isinstance(member, property) else None
        if said and not name.startswith("_"):
            call = "" if isinstance(member, property) else "()"
            lines.append(f"- `{name}{call}`: {said.splitlines()[0]}")
    return "\n".join([*lines, ""]) if lines else ""


def _body(thing: object) -> str:
    """Return a docstring, its example as a block of its own."""
    text, mark, example = (inspect.getdoc(thing) or "").partition(">>> ")
    return text.rstrip() + (f"\n\n```pycon\n{mark}{example.rstrip()}\n```" if mark else "")


def schema() -> str:
    """Return the JSON Schema of records."""
    from imr_graph.records import record_schema

    return json.dumps(record_schema(), ensure_ascii=False, indent=1) + "\n"


def main() -> int:
    """Write or check the references."""
    made = {"cli.md": reference(), "api.md": api(), "record.schema.json": schema()}
    if "--check" not in sys.argv:
        for name, text in made.items():
            (DOCS / name).write_text(text, encoding="utf-8")
        return 0
    old = [
        name for name, text in made.items() if not (DOCS / name).exists() or (DOCS / name).read_text("utf-8") != text
    ]
    for name in old:
        print(f"docs/{name} is out of date: run scripts/reference.py", file=sys.stderr)
    return 1 if old else 0


if __name__ == "__main__":
    sys.exit(main())
