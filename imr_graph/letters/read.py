"""Sources to letters: the format is known by content, never by a file's name."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence

from imr_graph.errors import LetterError, UnreadableError, UsageError
from imr_graph.letters.find import find
from imr_graph.letters.limits import Limits
from imr_graph.letters.pdf import is_pdf, read_pdf
from imr_graph.letters.source import Source, display_name
from imr_graph.letters.text import decode
from imr_graph.model import Letter

__all__ = ["FORMATS", "list_sources", "raise_first", "read_letter", "read_letters"]

Path = str | os.PathLike[str]
_Text = tuple[str, tuple[str, ...], str | None]

# Formats that people have letters in and that are not read, by their first bytes.
_OTHER_FORMATS = {
    b"PK\3\4": "is a zip archive or an Office document: unpack it, or save it as PDF or text.",
    b"\x1f\x8b": "is compressed with gzip: unpack it first.",
    b"\xd0\xcf\x11\xe0": "is an Office document: save it as PDF or text.",
    b"{\\rtf": "is a rich text document: save it as PDF or plain text.",
    b"\x89PNG": "is an image: run optical character recognition (OCR) on it first.",
    b"\xff\xd8\xff": "is an image: run optical character recognition (OCR) on it first.",
    b"II*\0": "is an image: run optical character recognition (OCR) on it first.",
    b"MM\0*": "is an image: run optical character recognition (OCR) on it first.",
}


def read_letter(source: Source | Path, limits: Limits | None = None) -> Letter:
    """Return the text of one letter.

    `source` is one that `find` yielded, or whatever `find` takes, provided that it names one letter. `limits` say how
    much time and memory a PDF may take, and whether its pages without text are recognized (`Limits()` without them).
    Raises `LetterError` (`UnreadableError`, `NoTextError`, `NotALetterError`, `OverLimitError`) with one sentence that
    names the input, `UsageError` where the argument names several letters.
    """
    if not isinstance(source, Source):
        source = _only(source)
    data = source.read()
    for name, (recognises, to_text) in FORMATS.items():
        if recognises(data):
            text, lost, recognized_by = to_text(data, source.name, limits)
            return Letter(text, source.name, name, lost, recognized_by)
    reason = next(
        (reason for mark, reason in _OTHER_FORMATS.items() if data.startswith(mark)), "is of no known format."
    )
    raise UnreadableError(source.name, reason)


def read_letters(
    sources: Path | Iterable[Source | Path],
    failed: Callable[[LetterError], object] | None = None,
    limits: Limits | None = None,
) -> Iterator[Letter]:
    """Yield each letter in the order of the sources; one that cannot be read never stands in the way of the others.

    `sources` are sources, or arguments as `find` takes them, mixed as you like. `failed` is called with the error of
    each input that cannot be read, such as `print`. Without it, the first error is raised after the last letter.
    `limits` are those of `read_letter`.

    >>> [letter.source for letter in read_letters(["no-such-file.txt"], failed=print)]
    no-such-file.txt: does not exist: check the path.
    []
    """
    failures: list[LetterError] = []
    for source in list_sources(sources):
        try:
            letter = read_letter(source, limits)
        except LetterError as error:
            (failed or failures.append)(error)
        else:
            yield letter
    raise_first(failures)


def list_sources(sources: Path | Iterable[Source | Path]) -> Iterator[Source]:
    """Yield each source that stands for a letter, of what `read_letters` takes."""
    for source in [sources] if isinstance(sources, str | os.PathLike) else sources:
        yield from [source] if isinstance(source, Source) else find([source])


def raise_first(failures: Sequence[LetterError]) -> None:
    """Raise the first of the errors, if there is one, and say how many there are."""
    if len(failures) == 1:
        raise failures[0]
    if failures:
        first = failures[0]
        more = f"(and {len(failures) - 1} more; pass `failed` to learn of each)"
        raise type(first)(first.source, f"{first.reason} {more}")


def _only(path: Path) -> Source:
    found = find([path])
    name = display_name(os.fspath(path))
    source = next(found, None)
    if source is None:
        raise UnreadableError(name, "holds no letter: there is no .txt, .text or .pdf file in it.")
    if next(found, None) is not None:
        raise UsageError(f"{name} holds several letters: name one of them, or read them all with read_letters.")
    return source


def _read_text(data: bytes, source: str, _limits: Limits | None) -> _Text:
    return decode(data, source), (), None


def _is_text(data: bytes) -> bool:
    return not data.startswith(tuple(_OTHER_FORMATS))


FORMATS: dict[str, tuple[Callable[[bytes], bool], Callable[[bytes, str, Limits | None], _Text]]] = {
    "pdf": (is_pdf, read_pdf),
    "text": (_is_text, _read_text),
}
"""By the name of a format: whether bytes are of it, and how they are read, tried in this order.

That gives the text, sentences on lost pages, and what recognized others.
"""
