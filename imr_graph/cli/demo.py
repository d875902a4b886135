"""The main job on fictional letters: what a newcomer sees first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from imr_graph import resources
from imr_graph.cli.options import quiet

__all__ = ["demo"]

_QUESTIONS: Sequence[tuple[str, str, dict[str, str]]] = (
    ("How often are decisions overturned, treatment by treatment?", "overturn-rate-by-treatment", {"minimum": "2"}),
    (
        "What is page 24 of the chronic pain guidelines of 2009 cited for, and how did it end?",
        "items-citing-page",
        {"page": "mtus-chronic-pain-2009-24"},
    ),
    ("Which treatments were decided differently on the same section of a guideline?", "contrasts-on-section", {}),
)


@click.command(short_help="All of it on fictional letters.")
@click.option(
    "--output",
    "-o",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("imr-demo"),
    show_default=True,
    help="Folder for the store and the files.",
)
@quiet
def demo(folder: Path, quiet: bool) -> None:
    """Build a graph from the fictional example letters, validate it, ask it, export it and draw a network.

    \b
    imr-graph demo
    """
    from imr_graph.analysis.networks import drawing as pictures
    from imr_graph.analysis.networks import formats, projections
    from imr_graph.analysis.queries import ask, results
    from imr_graph.builder import build
    from imr_graph.graph.export import export
    from imr_graph.store.graph_store import open_store

    say = (lambda _: None) if quiet else click.echo
    store = folder / "store"
    letters = resources.examples()
    say(f"$ imr-graph build {_short_path(letters)} --store {store}")
    report = build([str(letters)], store, jobs=1)
    for line in report.as_lines(limit=5):
        say(line)
    opened = open_store(store)
    for title, name, values in _QUESTIONS:
        options = "".join(f" --{key} {value}" for key, value in values.items())
        say(f"\n{title}\n$ imr-graph query {name}{options} --store {store}")
        say(
            results.format_answer(
                results.read_answer(ask.run(opened, name, values)), base=opened.base, width=110
            ).rstrip()
        )
    graph = folder / "graph.ttl"
    with graph.open("wb") as stream:
        export(opened, "turtle", stream)
    say(f"\n$ imr-graph export --store {store} -o {graph}\n{_first_item_block(graph)}")
    picture = folder / "network.svg"
    if pictures.available():
        with picture.open("wb") as stream:
            formats.write_network(projections.project(opened, "treatment-guideline"), "svg", stream)
        say(f"\n$ imr-graph network treatment-guideline --format svg -o {picture}")
    say(
        f"\nThe graph is in {graph}"
        + (f", a picture of treatments and guidelines in {picture}" if picture.exists() else "")
        + f".\n\nNext, try\n  imr-graph show CM16-9990008 --store {store}\n  imr-graph queries\n"
        f"  imr-graph stats --by guideline --store {store}\n  imr-graph build YOUR-LETTERS --store my-store"
    )


def _short_path(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return path.name


def _first_item_block(graph: Path) -> str:
    """Return the lines of the first disputed item: what the Turtle looks like."""
    lines = graph.read_text(encoding="utf-8").splitlines()
    start = next(
        (i for i, line in enumerate(lines) if "-item-1" in line.split(" ", 1)[0] and "citation" not in line), 0
    )
    block: list[str] = []
    for line in lines[start : start + 24]:
        block.append(line if len(line) <= 110 else f"{line[:106]} ...")
        if line.rstrip().endswith("."):
            break
    return "\n".join(block)
