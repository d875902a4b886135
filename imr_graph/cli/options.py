"""Options and ways of showing that several commands share."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

import click

from imr_graph.errors import StoreError, UsageError

if TYPE_CHECKING:
    from imr_graph.store.graph_store import GraphStore

__all__ = [
    "as_json",
    "destination",
    "external",
    "filtering",
    "opened_store",
    "output",
    "quiet",
    "sources",
    "store",
    "terminal_width",
    "told",
    "wanted",
]

F = TypeVar("F", bound=Callable[..., Any])

DEFAULT_STORE = "imr-store"

sources = click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)

store = click.option(
    "--store",
    metavar="DIR",
    type=click.Path(path_type=Path),
    default=DEFAULT_STORE,
    envvar="IMR_GRAPH_STORE",
    show_default=True,
    show_envvar=True,
    help="Folder of the graph's store.",
)

_endpoint = click.option(
    "--endpoint",
    metavar="URL",
    help="Ask the external SPARQL server there, which 'imr-graph publish' filled, instead of --store.",
)
_graph = click.option("--graph", metavar="IRI", help="Graph of the external server, if not the one last published.")

quiet = click.option("--quiet", "-q", is_flag=True, help="Print results only: no progress, no summary.")

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")

output = click.option(
    "--output",
    "-o",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write; standard output without it.",
)

_filter = click.option(
    "--filter",
    "-f",
    "filters",
    metavar="NAME=VALUE",
    multiple=True,
    help="A dimension and its value: treatment=MRI, decision=overturned, state=CA, year=2016 ...",
)
_since = click.option("--since", metavar="DATE", help="Decided on this day or later.")
_until = click.option("--until", metavar="DATE", help="Decided on this day or earlier.")


def external(command: F) -> F:
    """Add the options that name an external store: --endpoint, --graph."""
    return _endpoint(_graph(command))


def opened_store(path: Path, endpoint: str | None, graph: str | None) -> GraphStore:
    """Open what is to be asked: the external store of an endpoint, else the store in a folder."""
    if endpoint is None:
        from imr_graph.store.graph_store import open_store

        if graph is not None:
            raise UsageError("--graph names a graph of an external store: say which store by --endpoint.")
        return open_store(path)
    from imr_graph.external_store.address import address
    from imr_graph.external_store.opening import open_endpoint

    return open_endpoint(address(endpoint, graph=graph))


def filtering(command: F) -> F:
    """Add the options that choose decisions: --filter, --since, --until."""
    return _filter(_since(_until(command)))


def wanted(filters: tuple[str, ...]) -> dict[str, list[str]]:
    """Return the values of each dimension that `--filter NAME=VALUE` asks for."""
    found: dict[str, list[str]] = {}
    for written in filters:
        name, mark, value = written.partition("=")
        if not mark:
            raise UsageError(f"--filter {written}: write it as NAME=VALUE.")
        found.setdefault(name.strip(), []).append(value)
    return found


@contextmanager
def destination(path: Path | None) -> Iterator[BinaryIO]:
    """Yield where to write bytes: a file, which appears whole or not at all, or standard output."""
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(path)
    except OSError as error:
        raise StoreError(f"{path} cannot be written ({error.strerror or error}): choose another --output.") from error
    finally:
        part.unlink(missing_ok=True)


def told(sentence: str) -> None:
    """Print a remark for people on standard error, so that standard output stays clean."""
    click.echo(sentence, err=True)


def terminal_width() -> int | None:
    """Return the terminal's width in columns, None where output goes to a file or pipe."""
    if not sys.stdout.isatty():
        return None
    return shutil.get_terminal_size().columns
