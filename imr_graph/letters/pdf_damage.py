"""Whether the parts of a PDF are as they were written: pdfium shows what is left of a damaged page without a word.

Content streams are compressed with zlib, which ends each with a checksum (RFC 1950). qpdf finds the streams of each
page, in protected files as well; they are unpacked here, where their size can be limited.
"""

from __future__ import annotations

import base64
import io
import zlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pikepdf

from imr_graph.errors import UnreadableError

__all__ = ["MAX_UNPACKED_BYTES", "PdfDamage", "find_damage"]

# The content streams of the longest known letter take 1 MB; what unpacks to more than this is made to fill a machine.
MAX_UNPACKED_BYTES = 50_000_000

# Forms and fonts call others at most a few levels deep.
_MOST_LEVELS = 20


class PdfDamage(NamedTuple):
    """What of a PDF is not as it was written.

    `pages` are the numbers, from 1, of the pages whose streams do not fit their checksums; `is_structural` says that
    the file's table of objects does not fit the file, so that a page may be missing.
    """

    pages: tuple[int, ...] = ()
    is_structural: bool = False


def find_damage(data: bytes, source: str) -> PdfDamage:
    """Return what of a PDF is damaged, as far as its checksums and its table of objects tell.

    A password that is wanted, and a file that is no PDF any more, are left to the reader of the text. Raises
    `UnreadableError` where the streams unpack to more than `MAX_UNPACKED_BYTES`; `source` names the file in it.
    """
    try:
        with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as document:
            streams = _Streams(source)
            pages = tuple(n for n, page in enumerate(document.pages, 1) if not streams.are_whole(page.obj))
            return PdfDamage(pages, bool(document.get_warnings()))
    except pikepdf.PasswordError:
        return PdfDamage()
    except (pikepdf.PdfError, AttributeError, TypeError, ValueError, RuntimeError):  # a part is of another kind
        return PdfDamage(is_structural=True)


class _Streams:
    """The streams of one file, each checked once."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._known: dict[tuple[int, int], bool] = {}
        self._left = MAX_UNPACKED_BYTES

    def are_whole(self, page: Any) -> bool:
        """Tell whether all streams that a page's text is made of fit their checksums."""
        contents = page.get("/Contents")
        parts = [] if contents is None else [contents] if _is_stream(contents) else list(contents)
        whole = [self._is_whole(part) for part in parts]
        return all(whole) and self._resources_are_whole(page.get("/Resources"), _MOST_LEVELS)

    def _once(self, part: Any, check: Callable[[Any], bool]) -> bool:
        """Check a part that others may share; where it calls itself, it is under way and taken for whole."""
        place = part.objgen
        if place == (0, 0):  # stands within its parent, and so is shared by none
            return check(part)
        if place not in self._known:
            self._known[place] = True
            self._known[place] = check(part)
        return self._known[place]

    def _resources_are_whole(self, resources: Any, levels: int) -> bool:
        if resources is None or not levels:
            return True
        return self._once(resources, lambda part: all([*self._check_forms(part, levels), *self._check_fonts(part)]))

    def _check_forms(self, resources: Any, levels: int) -> Iterator[bool]:
        for form in _values(resources, "/XObject"):
            if form.get("/Subtype") == "/Form":
                yield self._is_whole(form)
                yield self._resources_are_whole(form.get("/Resources"), levels - 1)

    def _check_fonts(self, resources: Any) -> Iterator[bool]:
        for font in _values(resources, "/Font"):
            yield self._once(font, lambda part: all(map(self._is_whole, _font_parts(part))))

    def _is_whole(self, stream: Any) -> bool:
        return not _is_stream(stream) or self._once(stream, self._unpacks)

    def _unpacks(self, stream: Any) -> bool:
        """Undo the filters of a stream one by one, up to the first that has no checksum."""
        filters = stream.get("/Filter")
        names = [] if filters is None else [filters] if str(filters).startswith("/") else list(filters)
        data = stream.read_raw_bytes()
        try:
            for name in names:
                if name == "/ASCII85Decode":
                    data = base64.a85decode(data.strip().removesuffix(b"~>"))
                elif name == "/FlateDecode":
                    data = self._inflate(data)
                else:
                    return True
        except (zlib.error, ValueError):
            return False
        return True

    def _inflate(self, data: bytes) -> bytes:
        """Return what a zlib stream holds; raise `zlib.error` where it has no end that fits."""
        unpacking = zlib.decompressobj()
        unpacked = unpacking.decompress(data, self._left)
        self._left -= len(unpacked)
        if self._left <= 0:
            most = MAX_UNPACKED_BYTES // 1_000_000
            raise UnreadableError(self._source, f"unpacks to more than {most} MB, so it is not one letter.")
        if not unpacking.eof:
            raise zlib.error
        return unpacked


def _is_stream(part: Any) -> bool:
    return isinstance(part, pikepdf.Stream)


def _font_parts(font: Any) -> Iterator[Any]:
    """Yield what characters are told by: maps of codes and, where a font is embedded, its program."""
    descendants = font.get("/DescendantFonts")
    for one in (font, *(descendants or ())):
        yield from map(one.get, ("/ToUnicode", "/Encoding"))
        descriptor = one.get("/FontDescriptor")
        if descriptor is not None:
            yield from map(descriptor.get, ("/FontFile", "/FontFile2", "/FontFile3"))


def _values(resources: Any, kind: str) -> Iterator[Any]:
    named = resources.get(kind)
    return iter(() if named is None else (value for _name, value in named.items()))
