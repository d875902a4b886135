"""What commands print: results on standard output or in a file; remarks and progress on standard error."""

from __future__ import annotations

import json
import os
import shutil
import stat
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeVar

import click

from imr_graph.errors import StoreError
from imr_graph.record_files import RecordFile, stream_records

__all__ = [
    "TEXT_WIDTH",
    "ProgressMeter",
    "open_output",
    "print_answer",
    "print_json",
    "print_note",
    "terminal_width",
    "text_width",
    "with_progress",
    "write_records",
]

T = TypeVar("T")
TEXT_WIDTH: Final = 96
_FIRST_LINE = 2.0  # seconds before anything is shown: short work needs no progress
_ON_TERMINAL, _ELSEWHERE = 0.2, 10.0  # seconds between two lines


@contextmanager
def open_output(path: Path | None) -> Iterator[BinaryIO]:
    """Yield where to write bytes: a file, which appears whole or not at all, or standard output.

    A file that exists is replaced and keeps its mode. A device, a pipe or a link is written to and stays what it is.
    """
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        mode = path.lstat().st_mode if os.path.lexists(path) else None
        with path.open("wb") if mode and not stat.S_ISREG(mode) else _replace_file(path, mode) as file:
            yield file
    except OSError as error:
        raise StoreError(f"{path} cannot be written ({error.strerror or error}): choose another --output.") from error


@contextmanager
def _replace_file(path: Path, mode: int | None) -> Iterator[BinaryIO]:
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            if mode is not None:
                part.chmod(stat.S_IMODE(mode))  # before the first byte, so that nobody reads what is not for them
            yield file
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def print_json(value: Any) -> None:
    """Print a value as indented JSON."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


def print_answer(record: Any, lines: Iterable[str], as_json: bool) -> None:
    """Print an answer as the JSON of its record, or as lines for people."""
    if as_json:
        print_json(record)
    else:
        click.echo("\n".join(lines))


def write_records(records: RecordFile, format: str, output: Path | None, *, bom: bool = False) -> None:
    """Write records to a file or to standard output while they are read."""
    with open_output(output) as stream:
        for piece in stream_records(records, format, bom=bom):
            stream.write(piece.encode(errors="replace"))


def print_note(sentence: str) -> None:
    """Print a remark for people on standard error, so that standard output stays clean."""
    click.echo(sentence, err=True)


def terminal_width() -> int | None:
    """Return the terminal's width in columns, None where output goes to a file or pipe."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def text_width() -> int:
    """Return the columns that running text takes: `TEXT_WIDTH`, or the terminal's where that is narrower."""
    return min(terminal_width() or TEXT_WIDTH, TEXT_WIDTH)


class ProgressMeter:
    """A bar on a terminal, a line now and then elsewhere; silent where `quiet`."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet, self._terminal = quiet, sys.stderr.isatty()
        self._started = self._last = time.monotonic()
        self._open = False

    def __call__(self, step: object) -> None:
        """Show a step of a build, if it is time to."""
        self.show(str(step))

    def show(self, line: str) -> None:
        """Show a line, if it is time to."""
        now = time.monotonic()
        pause = _ON_TERMINAL if self._terminal else _ELSEWHERE
        if self._quiet or now - self._started < _FIRST_LINE or (self._open and now - self._last < pause):
            return
        self._last, self._open = now, True
        click.echo(f"\r\x1b[2K{line}" if self._terminal else line, nl=not self._terminal, err=True)

    def close(self) -> None:
        """Leave a clean line behind."""
        if self._open and self._terminal:
            click.echo("\r\x1b[2K", nl=False, err=True)


def with_progress(things: Iterable[T], label: str, *, quiet: bool) -> Iterator[T]:
    """Yield the things, showing under `label` how many went by."""
    meter, started = ProgressMeter(quiet=quiet), time.monotonic()
    for number, thing in enumerate(things, 1):
        yield thing
        meter.show(f"{label}: {number:,}, {number / max(time.monotonic() - started, 0.001):,.0f}/s")
    meter.close()
