"""Measure what searches find in a store, and how long they take: `python benchmarks/searches.py --store imr-store`.

`searches.toml` has the names and phrases. A name counts by the requests for what it names: how many of them are found
and come first, and how many of the first ten hits are such requests. A phrase is answered where the first page shows
what its row asks for. The truth is read from the table by SQL. Times are those of the processor in the process that
serves the site and asks it, each page made for the first time.
"""

from __future__ import annotations

import re
import statistics
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from html import unescape
from pathlib import Path
from typing import Any, Final, NamedTuple

import click
from answers import made
from process_timer import HERE
from rows import Row, as_text, missing, row, verdict
from starlette.testclient import TestClient

from imr_graph.analysis.search.search import open_hits
from imr_graph.endpoint.settings import settings_from
from imr_graph.store.table import Table, open_table
from imr_graph.website.app import create_site

__all__ = ["Finding", "judge_names", "judge_phrases", "measure"]

Items = set[tuple[str, int | None]]

_FIRST: Final = 10  # hits that a reader looks at
_FITTING: Final = 0.8  # part of them that has to fit a phrase
_HIT: Final = re.compile(r'<h3><a href="/id/case-([^"#]+)(?:#item-(\d+))?"')
_NONE: Final = "None of these letters decides such a request."
_TAG: Final = re.compile(r"<[^>]+>")


class Finding(NamedTuple):
    """A name or phrase, what came of it, and whether that is enough."""

    text: str
    found: float
    precision: float
    answered: bool


def read_cases() -> Mapping[str, Any]:
    """Return the names and phrases."""
    return tomllib.loads((HERE / "searches.toml").read_text(encoding="utf-8"))


def select(table: Table, where: str) -> Items:
    """Return the disputed items that fit a condition."""
    return {(case, position) for case, position in table.rows(f"select case_key, position from items where {where}")}


def judge_names(table: Table) -> Iterator[Finding]:
    """Yield for each name that the store has requests for, how many of them are found first, and the precision."""
    for name, ids in read_cases()["names"].items():
        parts = [f"list_contains({'body_regions' if id[0] == '@' else 'treatments'}, '{id.lstrip('@')}')" for id in ids]
        if wanted := select(table, " and ".join(parts)):
            with open_hits(table.store, name) as hits:
                first = [(hit.case, hit.position) for hit, _ in zip(hits.hits, wanted, strict=False)]
            precision = len(wanted.intersection(first[:_FIRST])) / min(_FIRST, len(wanted))
            found = len(wanted.intersection(first)) / len(wanted)
            yield Finding(name, found, precision, found >= 0.99)


def judge_phrases(client: TestClient, table: Table) -> Iterator[Finding]:
    """Yield for each phrase whether the first page answers it."""
    [(case,)] = table.rows("select case_key from cases where case_key like 'CM%' order by case_key limit 1")
    for phrase in read_cases()["phrase"]:
        text = phrase["text"].replace("{case}", case)
        answer = client.get("/search", params={"q": text}, headers={"accept": "text/html"}, follow_redirects=False)
        if leads := phrase.get("leads"):
            yield Finding(text, 1, 1, answer.headers.get("location") == leads.replace("{case}", case))
        elif says := phrase.get("says"):
            yield Finding(text, 1, 1, says in unescape(_TAG.sub("", answer.text)))
        else:
            wanted = select(table, phrase["where"])
            first = [(key, int(item) if item else None) for key, item in _HIT.findall(answer.text)[:_FIRST]]
            precision = len(wanted.intersection(first)) / max(len(first), 1)
            enough = _FITTING * min(_FIRST, len(wanted))
            # Where the store has nothing that fits, the right answer is to say so.
            fitting = len(wanted.intersection(first)) >= enough if wanted else not first or _NONE in answer.text
            yield Finding(text, len(wanted), precision, fitting)


def _time(client: TestClient, addresses: Sequence[tuple[str, str]]) -> list[float]:
    """Return the milliseconds of the processor that each page takes when it is made for the first time."""
    taken = []
    for path, text in addresses:
        begun = time.process_time()
        client.get(path, params={"q": text}, headers={"accept": "text/html"}, follow_redirects=False)
        taken.append(1000 * (time.process_time() - begun))
    return taken


def _beginnings() -> Iterator[str]:
    """Yield what is typed on the way to each name."""
    for name in read_cases()["names"]:
        yield from (name[:length] for length in (2, 3, 5, len(name)) if length <= len(name))


def measure(path: Path) -> Iterator[tuple[Row, list[Finding]]]:
    """Yield the figures of a store, each with the names or phrases that fall short of it."""
    site = create_site(settings_from({}, store=path, workers=2))
    with open_table(path) as table, TestClient(site, base_url="http://127.0.0.1") as client:
        names = list(judge_names(table))
        if not names:
            yield missing("searches.names", "requests found by names", "the store has none of them"), []
            return
        weak = [each for each in names if not each.answered or each.precision < 1]
        found = statistics.mean(each.found for each in names)
        yield row("searches.found", f"requests found first, {len(names)} names", 100 * found, "%"), weak
        precision = statistics.mean(each.precision for each in names)
        yield row("searches.precision", "of the first ten hits, requests", precision, ""), []
        phrases = list(judge_phrases(client, table))
        answered = sum(each.answered for each in phrases)
        failed = [each for each in phrases if not each.answered]
        yield row("searches.phrases", f"phrases answered, of {len(phrases)}", answered, ""), failed
        client.get("/search", params={"q": "warm"}, headers={"accept": "text/html"})
        pages = _time(client, [("/search", f"{name} request") for name in read_cases()["names"]])
        typed = _time(client, [("/suggest", begun) for begun in dict.fromkeys(_beginnings())])
        times = (("page", "a page of hits", pages), ("suggestion", "suggestions", typed))
        for key, what, taken in times:
            yield row(f"searches.{key}", f"{what}, median", statistics.median(taken), "ms"), []
            yield row(f"searches.{key}.slow", f"{what}, 95 of 100", sorted(taken)[int(0.95 * len(taken))], "ms"), []


@click.command()
@click.option("--store", type=click.Path(path_type=Path, file_okay=False), help="A store of determinations.")
@click.option("--letters", type=click.IntRange(1), default=10_000, show_default=True, help="Else: so many letters.")
@click.option("--work", type=click.Path(path_type=Path, file_okay=False), default=HERE.parent / ".benchmarks",
              show_default=True, help="Where their store is kept.")  # fmt: skip
def main(store: Path | None, letters: int, work: Path) -> None:
    """Print what names and phrases find, and how long searches and suggestions take."""
    unmet = False
    for line, short in measure(store or made(work, letters)):
        click.echo(as_text(line))
        for each in short:
            click.echo(f"    {each.text}: {each.found:.4g} found, {each.precision:.2f} of the first ten")
        unmet = unmet or verdict(line).met is False
    sys.exit(int(unmet))


if __name__ == "__main__":
    main()
