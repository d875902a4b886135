"""The group of all commands, and how errors reach people: one sentence, an exit code, never a traceback.

Exit codes: 0 fine, 1 the data does not conform (or, with --strict, an input failed), 2 wrong usage, 3 the tool failed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import version
from typing import Any, Final

import click

from imr_graph.errors import ImrGraphError

__all__ = ["COMMANDS", "main", "run"]

# command -> the module that defines it; modules are imported when their command runs, so that help is quick.
COMMANDS: Final[Mapping[str, str]] = {
    "build": "imr_graph.cli.building",
    "status": "imr_graph.cli.building",
    "validate": "imr_graph.cli.building",
    "remove": "imr_graph.cli.building",
    "text": "imr_graph.cli.letters",
    "extract": "imr_graph.cli.letters",
    "evaluate": "imr_graph.cli.letters",
    "show": "imr_graph.cli.showing",
    "query": "imr_graph.cli.asking",
    "queries": "imr_graph.cli.asking",
    "precedents": "imr_graph.cli.answering",
    "search": "imr_graph.cli.answering",
    "stats": "imr_graph.cli.figures",
    "network": "imr_graph.cli.asking",
    "export": "imr_graph.cli.exporting",
    "publish": "imr_graph.cli.publishing",
    "reindex": "imr_graph.cli.building",
    "serve": "imr_graph.cli.serving",
    "mcp": "imr_graph.cli.answering",
    "demo": "imr_graph.cli.demonstration",
}


class _Commands(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the signature is click's
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(COMMANDS[cmd_name]), cmd_name)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(version("imr-graph"), prog_name="imr-graph")
def cli() -> None:
    """Turn Independent Medical Review letters into a graph that can be questioned.

    \b
    imr-graph build LETTERS --store imr-store        letters (PDF, text, zip, folders) to a validated store
    imr-graph queries                                the ready-made questions
    imr-graph query overturn-rate-by-treatment       the answer to one of them
    imr-graph show CM16-0000000                      one determination with the words it came from
    imr-graph demo                                   all of it on fictional letters
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit; the console script `imr-graph` calls this."""
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    try:
        result: Any = cli.main(args=arguments, prog_name="imr-graph", standalone_mode=False)
    except click.exceptions.Abort:
        return _said("Stopped.", 130)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except ImrGraphError as error:
        return _said(str(error), error.exit_code)
    except KeyboardInterrupt:
        return _said("Stopped.", 130)
    except BrokenPipeError:
        # The reader went away ("| head"): nothing is wrong, but the interpreter must not flush into the closed pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except MemoryError:
        return _said("Not enough memory: close other programs, or use fewer --jobs.", 3)
    except Exception as error:
        if os.environ.get("IMR_GRAPH_DEBUG"):
            raise
        kind, reason = type(error).__name__, " ".join(str(error).split())[:200]
        return _said(f"imr-graph failed ({kind}: {reason}); run it again with IMR_GRAPH_DEBUG=1 to see where.", 3)
    return result if isinstance(result, int) else 0


def _said(sentence: str, code: int) -> int:
    click.echo(f"Error: {sentence}" if code not in (0, 130) else sentence, err=True)
    return code
