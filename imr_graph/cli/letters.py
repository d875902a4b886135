"""Commands on letters alone: their text, their records, and how good the records are."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from imr_graph.cli.options import as_json, destination, output, quiet, sources, told
from imr_graph.errors import LetterError
from imr_graph.model import Determination

__all__ = ["evaluate", "extract", "text"]


@click.command()
@click.argument("letter", metavar="LETTER")
def text(letter: str) -> None:
    """Print the text of one letter: what the spans of its record count in.

    \b
    imr-graph text letter.pdf
    imr-graph text letters.zip!CM16-0000000.txt
    cat letter.txt | imr-graph text -
    """
    from imr_graph.letters import read_letter

    click.echo(read_letter(letter).text, nl=False)


@click.command()
@sources
@click.option(
    "--format",
    "format_",
    type=click.Choice(["jsonl", "json"]),
    default="jsonl",
    show_default=True,
    help="One JSON object a line, or one indented JSON array.",
)
@click.option("--strict", is_flag=True, help="Exit with 1 where any input fails.")
@output
@quiet
def extract(sources: tuple[str, ...], format_: str, strict: bool, output: Path | None, quiet: bool) -> int:
    """Read letters and print their determinations as records.

    A SOURCE is a file, folder, pattern, zip archive, or - for standard input. What cannot be read is named on
    standard error; the other letters are printed.

    \b
    imr-graph extract letters/ > records.jsonl
    imr-graph extract --format json letter.pdf
    """
    from imr_graph.records import to_record

    failed = 0
    with destination(output) as stream:
        records = _Records(stream, format_)
        for result in _determinations(sources, quiet):
            if isinstance(result, LetterError):
                failed += 1
                told(str(result))
            else:
                records.write(to_record(result))
        records.close()
    if not quiet:
        told(f"{records.count} records" + (f", {failed} inputs failed" if failed else ""))
    return 1 if strict and failed else 0


class _Records:
    """Writes records as lines or as one array, each as soon as it is there."""

    def __init__(self, stream: Any, format_: str) -> None:
        self.count, self._stream, self._array = 0, stream, format_ == "json"

    def write(self, record: dict[str, Any]) -> None:
        lead = ("[\n" if self.count == 0 else ",\n") if self._array else ""
        body = json.dumps(record, ensure_ascii=False, indent=1 if self._array else None)
        self._stream.write(f"{lead}{body}{'' if self._array else chr(10)}".encode("utf-8", "replace"))
        self.count += 1

    def close(self) -> None:
        if self._array:
            self._stream.write(b"[]\n" if self.count == 0 else b"\n]\n")


def _determinations(names: Iterable[str], quiet: bool) -> Iterator[Determination | LetterError]:
    from imr_graph.cli.progress import counted
    from imr_graph.extraction import extract as read
    from imr_graph.letters import find, read_letters

    for letter in counted(read_letters(find(names)), "reading letters", quiet=quiet):
        if isinstance(letter, LetterError):
            yield letter
            continue
        try:
            yield read(letter)
        except LetterError as error:
            yield error


@click.command()
@click.argument("gold", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--letters",
    "sources",
    metavar="SOURCE",
    multiple=True,
    help="Letters that gold describes (files, folders, archives); may be given more than once.",
)
@click.option(
    "--records",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Records to compare instead of reading letters (JSON lines, as `extract` prints them).",
)
@click.option("--misses", metavar="FIELD", help="Also print every difference in this field.")
@click.option("--fail-under", metavar="F1", type=click.FloatRange(0, 1), help="Exit with 1 where a field is worse.")
@as_json
@quiet
def evaluate(
    gold: Path,
    sources: tuple[str, ...],
    records: Path | None,
    misses: str | None,
    fail_under: float | None,
    as_json: bool,
    quiet: bool,
) -> int:
    """Compare records with gold records: precision, recall and F1 of each field.

    GOLD is a folder of JSON records, each named after its letter's file.

    \b
    imr-graph evaluate gold --letters letters/
    imr-graph evaluate gold --records records.jsonl --misses item.heading
    """
    from imr_graph.evaluation import read_gold, score_records

    expected = read_gold(gold)
    found = _read_records(records) if records else _extracted(sources, expected, quiet)
    scores, differences = score_records(expected, found)
    if as_json:
        click.echo(json.dumps({s.field: {"precision": s.precision, "recall": s.recall, "f1": s.f1} for s in scores}))
    else:
        click.echo(f"{'field':44}{'right':>7}{'extra':>7}{'missed':>8}{'prec':>8}{'recall':>8}{'F1':>8}")
        for s in scores:
            rates = "".join(f"{'-':>8}" if rate is None else f"{rate:8.4f}" for rate in (s.precision, s.recall, s.f1))
            click.echo(f"{s.field:44}{s.true_positives:7}{s.false_positives:7}{s.false_negatives:8}{rates}")
    for miss in differences:
        if miss.field == misses:
            click.echo(f"{miss.where}\n    expected {miss.expected}\n    found    {miss.found}")
    without = sorted(expected.keys() - found.keys())
    if without and not quiet:
        told(f"No record for {len(without)} of {len(expected)} letters: {', '.join(without[:5])}")
    worst = min((s.f1 for s in scores if s.f1 is not None), default=0.0)
    return 1 if fail_under is not None and (worst < fail_under or without) else 0


def _read_records(path: Path) -> dict[str, Any]:
    from imr_graph.errors import UsageError

    found: dict[str, Any] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            record = json.loads(line)
            found[_stem(record["source"])] = record
        except (ValueError, KeyError, TypeError):
            raise UsageError(f"{path}, line {number}: not a record; make the file with imr-graph extract.") from None
    return found


def _extracted(names: tuple[str, ...], expected: Iterable[str], quiet: bool) -> dict[str, Any]:
    from imr_graph.errors import UsageError
    from imr_graph.records import to_record

    if not names:
        raise UsageError("Say which letters gold describes: --letters FOLDER (or --records FILE).")
    wanted = set(expected)
    found: dict[str, Any] = {}
    for result in _determinations(names, quiet):
        if isinstance(result, Determination) and _stem(result.source) in wanted:
            found[_stem(result.source)] = to_record(result)
    return found


def _stem(source: str) -> str:
    return Path(source.rpartition("!")[2]).stem
