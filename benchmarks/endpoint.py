"""Measure the endpoint beside others on the same data: `python benchmarks/endpoint.py --work DIR --baselines PYTHON`.

It prints Markdown. All servers run at the same time and are asked in turns, so a busy machine slows all of them: what
counts is the ratio. `--baselines` is the interpreter of an environment with `oxigraph`, `rdflib-endpoint`, `oxrdflib`
and `uvicorn`. `--soak` adds a run of good and hostile queries together and watches memory and failures.
"""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click
import pyoxigraph as ox
from corpora import corpus
from environment import machine
from load_client import CONNECTIONS, Server, drive, once
from soak_test import soak

from imr_graph.builder.run import build
from imr_graph.store.generations import folder_of, manifest_of

_START = (
    "from imr_graph.website.app import create_site; from imr_graph.endpoint.server import serve; "
    "from imr_graph.endpoint.settings import settings_from; serve(settings_from(), create_site)"
)
_RDFLIB_ENDPOINT = """
import sys, pyoxigraph, oxrdflib, rdflib, uvicorn
from rdflib_endpoint import SparqlEndpoint
store = oxrdflib.OxigraphStore(store=pyoxigraph.Store.read_only(sys.argv[1]))
app = SparqlEndpoint(graph=rdflib.Dataset(store=store, default_union=True), path="/")
uvicorn.run(app, port=int(sys.argv[2]), log_level="error", access_log=False)
"""
_IMR = "PREFIX imr: <https://w3id.org/imr-graph/ontology#> "
ONE_CASE = _IMR + (
    'SELECT ?item ?position ?decision ?service WHERE {{ ?case imr:caseNumber "{}" ; imr:hasDisputedItem ?item . '
    "?item imr:position ?position ; imr:decision ?decision ; imr:service ?service }} ORDER BY ?position"
)
MANY_ROWS = _IMR + "SELECT ?citation ?text WHERE {{ ?citation imr:citationText ?text }} LIMIT {}"
PAGES = {
    "case": "SELECT ?case WHERE { ?case a imr:Case } ORDER BY ?case",
    "treatment": "SELECT DISTINCT ?t WHERE { ?item imr:requestsTreatment ?t } ORDER BY ?t",
    "guideline": "SELECT DISTINCT ?g WHERE { ?item imr:basedOnGuideline ?g } ORDER BY ?g",
    "page of a guideline": "SELECT DISTINCT ?p WHERE { ?item imr:basedOnPage ?p } ORDER BY ?p",
}


def made_store(work: Path, letters: int) -> Path:
    """Return a store of generated letters with its table, index and texts, making it where it is not there."""
    store = work / f"endpoint-{letters}"
    if manifest_of(store) is None:
        build([corpus(work, letters).folder], store, validate=False)
    return store


def database(store: Path) -> Path:
    """Return the folder of a store's current database."""
    manifest = manifest_of(store)
    assert manifest is not None
    return folder_of(store, manifest.generation)


def values(store: Path, query: str, count: int = 500) -> list[str]:
    """Return the values of a query's one variable, so many spread over all."""
    found = ox.Store.read_only(str(database(store))).query(_IMR + query)
    assert isinstance(found, ox.QuerySolutions)
    every = [row[0].value for row in found]
    return every[:: max(1, len(every) // count)][:count]


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def started(name: str, command: Sequence[str], port: int, path: str, environ: dict[str, str]) -> Iterator[Server]:
    """Run a server until the block ends."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, stdout=quiet, stderr=quiet, env={**os.environ, **environ})
    try:
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        time.sleep(1)
        yield Server(name, port, path, process)
    finally:
        process.terminate()
        process.wait(20)


def servers(stack: ExitStack, store: Path, baselines: Path | None) -> list[Server]:
    """Start all servers; ours comes first, with its limits as they are by default."""
    port = free_port()
    ours = {"IMR_GRAPH_SERVE_STORE": str(store), "IMR_GRAPH_SERVE_PORT": str(port)}
    ours["IMR_GRAPH_SERVE_DOWNLOAD_SECONDS"] = "0"  # files for downloads are not made while others are measured
    found = [stack.enter_context(started("imr-graph serve", [sys.executable, "-c", _START], port, "/sparql", ours))]
    if baselines is not None:
        folder, port = str(database(store)), free_port()
        command = [str(baselines.with_name("oxigraph")), *("serve-read-only", "--location", folder)]
        command += ["--bind", f"127.0.0.1:{port}"]
        found.append(stack.enter_context(started("oxigraph serve-read-only", command, port, "/query", {})))
        port = free_port()
        command = [str(baselines), "-c", _RDFLIB_ENDPOINT, folder, str(port)]
        found.append(stack.enter_context(started("rdflib-endpoint", command, port, "/", {})))
    return found


def in_turns(found: list[Server], rounds: int, measure: Callable[[Server], float]) -> list[list[float]]:
    """Return the figures of each server, one for each round."""
    figures: list[list[float]] = [[] for _ in found]
    for _ in range(rounds):
        for server, its in zip(found, figures, strict=True):
            its.append(measure(server))
    return figures


def table(title: str, unit: str, found: list[Server], figures: list[list[float]]) -> None:
    """Print the medians of a measurement and our ratio to each baseline, the median of the rounds' ratios."""
    click.echo(f"\n## {title}\n\n| server | {unit} | ours / its |\n|---|---|---|")
    for server, its in zip(found, figures, strict=True):
        ratios = [ours / other for ours, other in zip(figures[0], its, strict=True)]
        click.echo(f"| {server.name} | {statistics.median(its):,.1f} | {statistics.median(ratios):.2f} |")


def page_request(server: Server, path: str) -> bytes:
    """Return the bytes of a browser's request for a page."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nAccept: text/html\r\n\r\n".encode()


def pages(server: Server, store: Path, seconds: float) -> None:
    """Print how long pages take, asked by several clients: each kind's once each (cold), then again and again."""
    click.echo(
        f"\n## Pages, {CONNECTIONS} connections\n\n| pages | of them | median | 99 of 100 within | the slowest |"
    )
    click.echo("|---|---|---|---|---|")
    for kind, query in PAGES.items():
        paths = [f"/id/{iri.rpartition('/')[2]}" for iri in values(store, query)]
        asked = [page_request(server, path) for path in paths]
        for name, time_ in ((f"{kind}, first time", 0.0), (f"{kind}, again", seconds)):
            took = once(server, asked) if not time_ else drive(server, asked, time_)[2]
            took.sort()
            middle, late = took[len(took) // 2] * 1000, took[int(len(took) * 0.99)] * 1000
            click.echo(f"| {name} | {len(paths):,} | {middle:.1f} ms | {late:.0f} ms | {took[-1] * 1000:.0f} ms |")


@click.command(context_settings={"max_content_width": 100})
@click.option("--work", type=click.Path(path_type=Path), required=True, help="Folder for the store.")
@click.option("--letters", type=click.IntRange(100), default=20_000, show_default=True)
@click.option("--baselines", type=click.Path(path_type=Path, exists=True), help="Interpreter of their environment.")
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True)
@click.option("--seconds", type=float, default=3.0, show_default=True, help="Time of each measurement.")
@click.option("--soak", "soak_seconds", type=float, default=0.0, help="Time of the run with hostile queries.")
def main(work: Path, letters: int, baselines: Path | None, rounds: int, seconds: float, soak_seconds: float) -> None:
    """Measure the endpoint and print Markdown."""
    store = made_store(work, letters)
    numbers = values(store, "SELECT ?n WHERE { ?case imr:caseNumber ?n } ORDER BY ?n")
    rows = min(60_000, letters * 3)
    click.echo("# The endpoint\n")
    for name, value in machine().items():
        click.echo(f"- {name}: {value}")
    click.echo(f"- data: {letters:,} generated letters; {CONNECTIONS} connections, {rounds} rounds in turns")
    with ExitStack() as stack:
        found = servers(stack, store, baselines)
        for title, queries in (("ASK {}", ["ASK {}"]), ("Items of one case", [ONE_CASE.format(n) for n in numbers])):
            asked = {server.name: [server.request(query) for query in queries] for server in found}
            figures = in_turns(found, rounds, lambda s: drive(s, asked[s.name], seconds)[0])  # noqa: B023
            table(title, "requests/s", found, figures)
        large = {server.name: [server.request(MANY_ROWS.format(rows))] for server in found}
        figures = in_turns(found, rounds, lambda s: drive(s, large[s.name], seconds, 1)[1] / 1e6)
        table(f"{rows:,} rows as JSON, 1 connection", "MB/s", found, figures)
        pages(found[0], store, seconds)
        if soak_seconds:
            soak(found[0], [found[0].request(ONE_CASE.format(n)) for n in numbers], soak_seconds)


if __name__ == "__main__":
    main()
