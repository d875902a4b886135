"""Write docs/cli.md from the commands' own help; with --check, fail where it is out of date."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from imr_graph.cli.app import COMMANDS, cli

TARGET = Path(__file__).resolve().parent.parent / "docs" / "cli.md"
HEAD = "# Command line\n\nMade from `imr-graph --help` by `scripts/reference.py`; do not edit.\n"


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


def main() -> int:
    """Write or check the reference."""
    text = reference()
    if "--check" not in sys.argv:
        TARGET.write_text(text, encoding="utf-8")
        return 0
    if not TARGET.exists() or TARGET.read_text(encoding="utf-8") != text:
        print("docs/cli.md is out of date: run scripts/reference.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
