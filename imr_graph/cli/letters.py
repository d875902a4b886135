"""Commands on letters alone: their text, their records, and how good the records are."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from imr_graph.cli.options import as_json, json_format, letter_limits, output, quiet, sources, strict
from imr_graph.cli.output import open_output, print_json, print_note, with_progress
from imr_graph.errors import LetterError, UsageError
from imr_graph.model import Determination

if TYPE_CHECKING:
    from imr_graph.letters import Limits

__all__ = ["evaluate", "extract", "text"]


@click.command(short_help="Print the text of one letter.")
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


@click.command(short_help="Print letters as records.")
@sources
@click.option(
    "--format",
    "format_",
    type=click.Choice(["jsonl", "json"]),
    default="jsonl",
    show_default=True,
    help="One JSON object a line, or one indented JSON array.",
)
@json_format
@strict
@letter_limits
@output
@quiet
def extract(
    sources: tuple[str, ...],
    format_: str,
    as_json: bool,
    strict: bool,
    limits: tuple[float, int, bool],
    output: Path | None,
    quiet: bool,
) -> int:
    """Read letters and print their determinations as records.

    A SOURCE is a file, folder, pattern, zip archive, or - for standard input. What cannot be read is named on
    standard error; the other letters are printed.

    \b
    imr-graph extract letters/ > records.jsonl
    imr-graph extract --format json letter.pdf
    """
    from imr_graph.letters import Limits
    from imr_graph.records import to_record

    failures: list[LetterError] = []

    def report_failure(error: LetterError) -> None:
        failures.append(error)
        print_note(str(error))

    with open_output(output) as stream:
        writer = _RecordWriter(stream, "json" if as_json else format_)
        for determination in _read_determinations(sources, report_failure, quiet, Limits(*limits)):
            writer.write(to_record(determination))
        writer.close()
    if not quiet:
        print_note(f"{writer.count} records" + (f", {len(failures)} inputs failed" if failures else ""))
    return 1 if strict and failures else 0


class _RecordWriter:
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


def _read_determinations(
    names: Iterable[str],
    failed: Callable[[LetterError], object],
    quiet: bool,
    limits: Limits | None = None,
) -> Iterator[Determination]:
    from imr_graph.extraction import extract_all
    from imr_graph.letters import find

    sources = with_progress(find(names), "reading letters", quiet=quiet)
    return extract_all(sources, failed, limits)


@click.command(short_help="Score records against gold records.")
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
    found = _read_records(records) if records else _extract_described(sources, expected, quiet)
    scores, differences = score_records(expected, found)
    if as_json:
        print_json({s.field: {"precision": s.precision, "recall": s.recall, "f1": s.f1} for s in scores})
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
        print_note(f"No record for {len(without)} of {len(expected)} letters: {', '.join(without[:5])}")
    worst = min((s.f1 for s in scores if s.f1 is not None), default=0.0)
    return 1 if fail_under is not None and (worst < fail_under or without) else 0


def _read_records(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            record = json.loads(line)
            found[_stem(record["source"])] = record
        except (ValueError, KeyError, TypeError):
            raise UsageError(f"{path}, line {number}: not a record; make the file with imr-graph extract.") from None
    return found


def _extract_described(names: tuple[str, ...], expected: Iterable[str], quiet: bool) -> dict[str, Any]:
    """Return the records of the letters that gold describes, by the stem of the letter's file."""
    from imr_graph.records import to_record

    if not names:
        raise UsageError("Say which letters gold describes: --letters FOLDER (or --records FILE).")
    described = set(expected)
    found = ((_stem(one.source), one) for one in _read_determinations(names, lambda _: None, quiet))
    return {stem: to_record(one) for stem, one in found if stem in described}


def _stem(source: str) -> str:
    return Path(source.rpartition("!")[2]).stem
