"""The command: write letters, their expected records and a list of the damaged ones."""

from __future__ import annotations

import json
import time
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import click

from .layouts import LAYOUT_SHARES
from .letters import GeneratedLetter, letter
from .wear import WEARS

__all__ = ["main"]

_CHUNK = 1000


class Job(NamedTuple):
    """What to write: the letters' seed and shares, the folders, and the range of this part."""

    seed: int
    layouts: tuple[str, ...] | None
    damaged: float
    format: str
    output: Path
    gold: Path | None
    start: int
    stop: int
    wear: dict[str, float]


def _letters(job: Job) -> Iterator[GeneratedLetter]:
    for index in range(job.start, job.stop):
        yield letter(job.seed, index, job.layouts, job.damaged, job.wear)


def write_part(job: Job) -> list[str]:
    """Write one range of letters; return their lines of the manifest."""
    manifest = []
    with ExitStack() as stack:
        archive = None
        if job.format == "zip":
            path = job.output / f"letters-{job.start:07}.zip"
            archive = stack.enter_context(zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1))
        for one in _letters(job):
            content, suffix = one.content, "txt"
            if job.format == "pdf":
                from .pdf import pdf_of

                content, suffix = pdf_of(one), "pdf"
            if archive is not None:
                archive.writestr(zipfile.ZipInfo(f"{one.name}.{suffix}"), content, zipfile.ZIP_DEFLATED)
            else:
                with open(job.output / f"{one.name}.{suffix}", "wb", buffering=0) as file:
                    file.write(content)
            if job.gold is not None and one.record is not None and one.damage is None:
                with open(job.gold / f"{one.name}.json", "w", encoding="utf-8") as file:
                    file.write(json.dumps(one.record, ensure_ascii=False))
            entry = {"name": one.name, "layout": one.layout, "damage": one.damage and one.damage.kind}
            manifest.append(json.dumps(entry | ({"report": one.damage.report} if one.damage else {})))
    return manifest


@click.command(context_settings={"max_content_width": 100})
@click.option("--letters", "count", type=click.IntRange(1), required=True, help="How many letters to write.")
@click.option("--seed", type=int, default=0, show_default=True, help="Letter i is decided by the seed and i alone.")
@click.option(
    "--output", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder of the letters."
)
@click.option("--gold", type=click.Path(path_type=Path, file_okay=False), help="Folder of the expected records.")
@click.option("--format", "format_", type=click.Choice(["text", "pdf", "zip"]), default="text", show_default=True)
@click.option(
    "--damaged", type=click.FloatRange(0, 1), default=0.01, show_default=True, help="Share of damaged letters."
)
@click.option("--layouts", help=f"Only these, separated by commas: {', '.join(name for _, name in LAYOUT_SHARES)}.")
@click.option("--start", type=click.IntRange(0), default=0, show_default=True, help="Number of the first letter.")
@click.option(
    "--wear",
    "wears",
    type=(click.Choice(list(WEARS)), click.FloatRange(0, 1)),
    multiple=True,
    metavar="KIND SHARE",
    help=f"Wear letters out, at a share of the places; may be repeated. Kinds: {', '.join(WEARS)}.",
)
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Processes to use.")
def main(
    count: int,
    seed: int,
    output: Path,
    gold: Path | None,
    format_: str,
    damaged: float,
    layouts: str | None,
    start: int,
    wears: tuple[tuple[str, float], ...],
    jobs: int,
) -> None:
    """Write invented letters of all known layouts, with the records that should be read from them.

    Beside OUTPUT, a file OUTPUT.manifest.jsonl names each letter, its layout and its damage.
    """
    names = tuple(layouts.replace(" ", "").split(",")) if layouts else None
    try:
        letter(seed, start, names, damaged)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    output.mkdir(parents=True, exist_ok=True)
    if gold is not None:
        gold.mkdir(parents=True, exist_ok=True)
    stop = start + count
    chunk = 10_000 if format_ == "zip" else _CHUNK
    parts = [
        Job(seed, names, damaged, format_, output, gold, first, min(first + chunk, stop), dict(wears))
        for first in range(start, stop, chunk)
    ]
    began = time.perf_counter()
    with (
        open(output.with_name(output.name + ".manifest.jsonl"), "w", encoding="utf-8") as manifest,
        ExitStack() as stack,
    ):
        done = map(write_part, parts)
        if jobs > 1:
            done = stack.enter_context(get_context("spawn").Pool(jobs)).imap(write_part, parts)
        for lines in done:
            manifest.writelines(line + "\n" for line in lines)
    seconds = time.perf_counter() - began
    click.echo(f"{count} letters in {seconds:.1f} s ({count / seconds:.0f} letters/s) in {output}")
