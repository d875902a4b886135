"""The group of all commands, and how errors reach people: one sentence, an exit code, never a traceback.

Exit codes: 0 fine, 1 the data does not conform (or, with --strict, an input failed), 2 wrong usage, 3 the tool failed.
"""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

import click

from imr_graph.cli.watching import LIMITED, OVER_MEMORY, limit_command, limit_options, run_watched
from imr_graph.errors import ImrGraphError

__all__ = ["COMMANDS", "main", "run"]

# command -> the module that defines it; modules are imported when their command runs, so that help is quick.
COMMANDS: Final[Mapping[str, str]] = {
    "build": "imr_graph.cli.build",
    "status": "imr_graph.cli.store",
    "validate": "imr_graph.cli.store",
    "verify": "imr_graph.cli.store",
    "remove": "imr_graph.cli.store",
    "restore": "imr_graph.cli.store",
    "text": "imr_graph.cli.letters",
    "extract": "imr_graph.cli.letters",
    "evaluate": "imr_graph.cli.letters",
    "show": "imr_graph.cli.show",
    "query": "imr_graph.cli.query",
    "queries": "imr_graph.cli.query",
    "precedents": "imr_graph.cli.precedents",
    "requirements": "imr_graph.cli.requirements",
    "search": "imr_graph.cli.search",
    "stats": "imr_graph.cli.stats",
    "compare": "imr_graph.cli.stats",
    "network": "imr_graph.cli.network",
    "export": "imr_graph.cli.export",
    "schema": "imr_graph.cli.export",
    "publish": "imr_graph.cli.publish",
    "reindex": "imr_graph.cli.store",
    "serve": "imr_graph.cli.serve",
    "mcp": "imr_graph.cli.serve",
    "vocabulary": "imr_graph.cli.vocabulary",
    "demo": "imr_graph.cli.demo",
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
@click.version_option(package_name="imr-graph", prog_name="imr-graph")  # looked up when it is asked for
@limit_options
@click.pass_context
def cli(ctx: click.Context, /, **_limits: float) -> None:
    """Turn Independent Medical Review letters into a graph that can be questioned.

    \b
    imr-graph build LETTERS --store imr-store        letters (PDF, text, zip, folders) to a validated store
    imr-graph queries                                the ready-made questions
    imr-graph query overturn-rate-by-treatment       the answer to one of them
    imr-graph show CM16-0000000                      one determination with the words it came from
    imr-graph demo                                   all of it on fictional letters
    """
    limit_command(ctx)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit; the console script `imr-graph` calls this."""
    given = sys.argv[1:] if arguments is None else arguments
    sys.exit(run_watched(lambda: run(given), given))


def run(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    try:
        result: Any = cli.main(args=arguments, prog_name="imr-graph", standalone_mode=False)
    except click.exceptions.Abort:
        return _report("Stopped.", 130)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except ImrGraphError as error:
        return _report(str(error), error.exit_code)
    except KeyboardInterrupt:
        return _report("Stopped.", 130)
    except SystemExit as error:  # click's way out where a pipe breaks, whichever it was
        if _stdout_reader_is_gone():
            return 0
        return _report("imr-graph failed (a pipe to another process broke).", 3) if error.code else 0
    except MemoryError:
        if LIMITED.intersection(arguments or ()):
            return _report(OVER_MEMORY, 3)
        return _report("Not enough memory: close other programs, or use fewer --jobs.", 3)
    except Exception as error:
        if _stdout_reader_is_gone():  # a library that wrote has wrapped the broken pipe in an error of its own
            return 0
        if os.environ.get("IMR_GRAPH_DEBUG"):
            raise
        if sentence := _database_sentence(error):
            return _report(sentence, 3)
        kind, reason = type(error).__name__, " ".join(str(error).split())[:200]
        return _report(f"imr-graph failed ({kind}: {reason}); run it again with IMR_GRAPH_DEBUG=1 to see where.", 3)
    return 0 if _stdout_reader_is_gone() or not isinstance(result, int) else result


def _database_sentence(error: Exception) -> str | None:
    from imr_graph.store.failures import failure_sentence, is_database_failure

    return failure_sentence(error) if is_database_failure(error) else None


def _stdout_reader_is_gone() -> bool:
    """Say whether whoever read standard output has closed it (`| head`); if so, flush what is left into nothing."""
    try:
        descriptor = sys.__stdout__.fileno() if sys.__stdout__ else -1
        poll = select.poll()
        poll.register(descriptor, 0)
        gone = any(event & select.POLLERR for _, event in poll.poll(0))
    except (AttributeError, OSError, ValueError):  # no poll on Windows, no descriptor under another program
        return False
    if gone:
        os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
    return gone


def _report(sentence: str, code: int) -> int:
    click.echo(f"Error: {sentence}" if code not in (0, 130) else sentence, err=True)
    return code
