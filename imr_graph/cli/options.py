"""Options that several commands share, and how their values are read."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

import click
from click.shell_completion import CompletionItem

from imr_graph.cli.completion import complete_filters, matching_items
from imr_graph.errors import UnknownNameError, UsageError

if TYPE_CHECKING:
    from imr_graph.store.graph_store import GraphStore

__all__ = [
    "Days",
    "NameType",
    "as_json",
    "bom",
    "corrections",
    "corrections_or_default",
    "counting_options",
    "endpoint_options",
    "figure_options",
    "file_options",
    "filter_options",
    "jobs",
    "json_format",
    "letter_limits",
    "open_requested_store",
    "output",
    "parse_pair",
    "quiet",
    "sources",
    "store",
    "strict",
]

F = TypeVar("F", bound=Callable[..., Any])


class Days(TypedDict):
    """The first and the last day of decisions that --since and --until ask for."""

    since: str | None
    until: str | None


DEFAULT_STORE = "imr-store"
_CORRECTIONS = "corrections"

sources = click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)


class _Folder(click.Path):
    """The path of a folder; an empty one is refused, which Python takes for the current folder."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("it names no folder.", param, ctx)
        return super().convert(value, param, ctx)


store = click.option(
    "--store",
    metavar="DIR",
    type=_Folder(path_type=Path),
    default=DEFAULT_STORE,
    envvar="IMR_GRAPH_STORE",
    show_default=True,
    show_envvar=True,
    help="Folder of the graph's store.",
)

corrections = click.option(
    "--corrections",
    metavar="PATH",
    multiple=True,
    type=click.Path(exists=True),
    help="A file or folder of corrections; again for more. The folder corrections/ without it, where there is one.",
)

quiet = click.option("--quiet", "-q", is_flag=True, help="Print results only: no progress, no summary.")

jobs = click.option(
    "--jobs", "-j", type=click.IntRange(1), default=None, help="Worker processes; all cores without it."
)

strict = click.option("--strict", is_flag=True, help="Exit with 1 where any input fails.")

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")

json_format = click.option("--json", "as_json", is_flag=True, help="The same as --format json.")

output = click.option(
    "--output",
    "-o",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write; standard output without it.",
)


def figure_options(command: F) -> F:
    """Add the options for how a figure of statistics is written: --csv, --bom, --store, --output, --json."""
    csv = click.option("--csv", "as_csv", is_flag=True, help="Print CSV, for spreadsheets.")
    return csv(bom(store(output(as_json(command)))))


def file_options(command: F) -> F:
    """Add the options for records as a file: --format, --bom, --output."""
    from imr_graph.record_files import FORMATS

    format = click.option("--format", "format_", type=click.Choice(list(FORMATS)), help="Write all of them as a file.")
    return format(bom(output(command)))


bom = click.option("--bom", is_flag=True, help="Begin CSV with a byte order mark, which some spreadsheets need.")

_letter_seconds = click.option(
    "--letter-seconds",
    type=float,
    default=20.0,
    envvar="IMR_GRAPH_LETTER_SECONDS",
    show_default=True,
    show_envvar=True,
    help="Time that one letter may take; it is named and passed over then.",
)

_letter_memory = click.option(
    "--letter-memory",
    metavar="MIB",
    type=int,
    default=1024,
    envvar="IMR_GRAPH_LETTER_MEMORY",
    show_default=True,
    show_envvar=True,
    help="Memory that one letter may take, in MiB; it is named and passed over then.",
)

_ocr = click.option(
    "--ocr", is_flag=True, help="Let Tesseract read pages that are pictures (pip install 'imr-graph[ocr]')."
)


def letter_limits(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --letter-seconds, --letter-memory and --ocr; the command gets `limits`, which `letters.Limits` takes."""

    @wraps(command)
    def run(*, letter_seconds: float, letter_memory: int, ocr: bool, **rest: Any) -> Any:
        return command(limits=(letter_seconds, letter_memory << 20, ocr), **rest)

    return _letter_seconds(_letter_memory(_ocr(run)))


def endpoint_options(command: F) -> F:
    """Add the options that name an external store: --endpoint, --graph."""
    endpoint = click.option(
        "--endpoint",
        metavar="URL",
        help="Ask the external SPARQL server there, which 'imr-graph publish' filled, instead of --store.",
    )
    graph = click.option("--graph", metavar="IRI", help="Graph of the external server, if not the one last published.")
    return endpoint(graph(command))


def filter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that choose decisions: --filter, --since, --until.

    The command gets the values of each dimension as `filters`, and their `days`.
    """

    @wraps(command)
    def run(*, filters: tuple[str, ...], since: str | None, until: str | None, **rest: Any) -> Any:
        found: dict[str, list[str]] = {}
        for text in filters:
            name, value = parse_pair("--filter", text)
            found.setdefault(name, []).append(value)
        return command(filters=found, days=Days(since=since, until=until), **rest)

    named = click.option(
        "--filter",
        "-f",
        "filters",
        metavar="NAME=VALUE",
        multiple=True,
        shell_complete=complete_filters,
        help="A dimension and its value: treatment=MRI, decision=overturned, state=CA, year=2016 ...",
    )
    since = click.option("--since", metavar="DATE", help="Decided on this day or later.")
    until = click.option("--until", metavar="DATE", help="Decided on this day or earlier.")
    return named(since(until(run)))


def counting_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a figure of statistics: what is counted, which decisions, and how large a group must be."""
    level = click.option(
        "--level", type=click.Choice(["item", "case"]), default="item", show_default=True, help="What is counted."
    )
    minimum = click.option(
        "--minimum", type=click.IntRange(1), default=1, show_default=True, help="Leave out smaller groups."
    )
    return level(filter_options(minimum(command)))


class NameType(click.ParamType):  # type: ignore[type-arg] # generic from click 8.5 on
    """One name of a registry, which is imported when a value or the command's help needs it.

    `kind` says in the sentence for an unknown name what has such names; `registry` is what `module` calls them.
    """

    name = "name"

    def __init__(self, kind: str, module: str, registry: str) -> None:
        self._kind, self._module, self._registry = kind, module, registry

    def _names(self) -> tuple[str, ...]:
        return tuple(getattr(import_module(self._module), self._registry))

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:  # noqa: ARG002 - click's
        """Return the names as help shows them."""
        return f"[{'|'.join(self._names())}]"

    def shell_complete(self, _ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return the names that begin with what is typed."""
        return matching_items(self._names(), incomplete)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ARG002
        """Return the name; raises UnknownNameError with the near ones."""
        known = self._names()
        if value not in known:
            raise UnknownNameError(self._kind, str(value), known)
        return str(value)


def open_requested_store(path: Path, endpoint: str | None, graph: str | None) -> GraphStore:
    """Open what a command asks: the external store of an endpoint, else the store in a folder."""
    if endpoint is None:
        from imr_graph.store.graph_store import open_store

        if graph is not None:
            raise UsageError("--graph names a graph of an external store: say which store by --endpoint.")
        return open_store(path)
    from imr_graph.external_store.address import parse_address
    from imr_graph.external_store.publication import open_external_store

    return open_external_store(parse_address(endpoint, graph=graph))


def parse_pair(option: str, text: str) -> tuple[str, str]:
    """Return the name and the value of `OPTION NAME=VALUE`."""
    name, mark, value = text.partition("=")
    if not mark:
        raise UsageError(f"{option} {text}: write it as NAME=VALUE.")
    return name.strip(), value


def corrections_or_default(named: tuple[str, ...]) -> tuple[str, ...]:
    """Return the files and folders that --corrections names, else the folder beside which the command was called."""
    return named or ((_CORRECTIONS,) if os.path.isdir(_CORRECTIONS) else ())
