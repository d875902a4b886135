"""Bytes to text: encodings, line ends, invisible characters, and lines that an extractor set apart.

Spans count code points of what `clean` returns, so everything that changes a letter's text happens here, once.
"""

from __future__ import annotations

import codecs
import re
from itertools import pairwise

from imr_graph.errors import NotALetterError, UnreadableError

__all__ = ["MAX_TEXT_CHARACTERS", "clean", "decode", "squeeze"]

# The longest known letter (21 disputed items) has 60,000 characters; more than this is not one letter.
MAX_TEXT_CHARACTERS = 10_000_000

# Random bytes read as Windows-1252 hold about 10% control characters; a letter damaged in a few places far below 1%.
RUBBISH_SHARE = 0.02
_FEW = 3

# How much of a file is looked at to recognise UTF-16 by its NUL bytes.
_HEAD = 4096

# A printed page takes about 100 characters a line; a line longer than this holds a whole paragraph, and then the
# blank lines between the lines are real.
_WRAPPED_LINE = 200
_INTERLEAVED_SHARE = 0.95
_FEWEST_LINES = 8

# Windows-1252 leaves five bytes undefined; they keep their Latin-1 meaning, as on the web.
_WINDOWS_1252 = "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in range(256))

# U+FFFE (U+0002 in older versions) is what pdfium prints for a hyphen at a line's end, together with the line break
# that followed; U+00AD there is the soft hyphen of other extractors.
_BROKEN_WORD = re.compile("[\ufffe\u0002](?:[ ]?\n)?|\u00ad[ ]?\n")

_CONTROL = re.compile("[\x00\x01\x03-\x08\x0e-\x1f\x7f-\x9f\ufffd]")

_LIGATURES = dict(
    zip("\ufb00\ufb01\ufb02\ufb03\ufb04\ufb05\ufb06", ("ff", "fi", "fl", "ffi", "ffl", "st", "st"), strict=True)
)

# Characters that nobody sees, or that only a typesetter tells from the plain one, as (code point, replacement).
_UNSEEN: dict[int, str] = {
    **{c: " " for c in (*range(0x20), 0x7F) if chr(c) not in "\t\n\f"},
    **{c: " " if not _WINDOWS_1252[c].isprintable() else _WINDOWS_1252[c] for c in range(0x80, 0xA0)},
    0x00: "",
    0xA0: " ",  # no-break space
    0xAD: "",  # soft hyphen within a line
    **dict.fromkeys((*range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " "),  # spaces of other widths
    **dict.fromkeys((0x200B, 0x2060, 0xFEFF), ""),  # zero-width space and joiners, a stray byte-order mark
    **{ord(ligature): letters for ligature, letters in _LIGATURES.items()},
}
_UNSEEN_CHARACTER = re.compile("[" + "".join(re.escape(chr(c)) for c in _UNSEEN) + "]")

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decode(data: bytes, source: str) -> str:
    r"""Return the text that the bytes of a file encode, cleaned and squeezed.

    UTF-8 with or without byte-order mark, UTF-16 with one or recognised by its NUL bytes, else Windows-1252 with
    Latin-1 for the five bytes that it leaves undefined.

    `data` is the whole file; `source` names it in errors. Raises `NotALetterError` where there is nothing but white
    space, `UnreadableError` where the bytes are no text.

    >>> decode("Priority:\u00a0Standard\r\n".encode("utf-16"), "letter.txt")
    'Priority: Standard\n'
    """
    if not data:
        raise NotALetterError(source, "is empty.")
    text = _characters(data)
    if len(text) > MAX_TEXT_CHARACTERS:
        raise UnreadableError(source, f"is too long: {len(text):,} characters; a letter has fewer than 100,000.")
    plain = _is_plain(text)
    rubbish = text.count("\ufffd") if plain else len(_CONTROL.findall(text))
    if rubbish > max(_FEW, RUBBISH_SHARE * len(text)):
        raise UnreadableError(source, "holds binary data, not text: give a text file or a PDF.")
    text = squeeze(_line_ends(text) if plain else clean(text))
    if not text or text.isspace():
        raise NotALetterError(source, "holds only white space.")
    return text


def _is_plain(text: str) -> bool:
    """Tell whether `clean` changes no more than line ends, as with most letters.

    All characters are white space that stays, or can be printed; of those only ligatures are replaced.
    """
    for kept in "\n\f\t\r":
        text = text.replace(kept, "")
    return text.isprintable() and (text.isascii() or not any(ligature in text for ligature in _LIGATURES))


def _line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _characters(data: bytes) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    wide = _utf_16_without_mark(data)
    if wide:
        return data.decode(wide, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as broken:
        cut_in_a_character = broken.end == len(data) and broken.reason == "unexpected end of data"
        if cut_in_a_character and not data[: broken.start].isascii():
            return data[: broken.start].decode("utf-8")
    return codecs.charmap_decode(data, "strict", _WINDOWS_1252)[0]


def _utf_16_without_mark(data: bytes) -> str | None:
    """Return the name of the UTF-16 form whose NUL bytes the data shows: English text has one in every pair."""
    head = data[:_HEAD]
    if b"\0" not in head:
        return None
    pairs = len(head) // 2
    first, second = head[0::2].count(0), head[1::2].count(0)
    if pairs and min(first, second) <= pairs // 20 and max(first, second) > pairs * 3 // 5:
        return "utf-16-le" if second > first else "utf-16-be"
    return None


def clean(text: str) -> str:
    r"""Return the text with `\n` line ends, plain spaces, mended words at line ends and no control characters.

    Form feeds stay: they part pages. Nothing else is changed, so quotations remain quotations.

    >>> clean("non\ufffecertified on 11\u20119")
    'non-\ncertified on 11‑9'
    """
    text = _line_ends(text)
    if _is_plain(text):
        return text
    for end in "\x0b\x85\u2028\u2029":
        text = text.replace(end, "\n")
    text = _BROKEN_WORD.sub("-\n", text)
    return _UNSEEN_CHARACTER.sub(lambda found: _UNSEEN[ord(found[0])], text)


def squeeze(text: str) -> str:
    r"""Return the text without the blank lines that an extractor set between all lines; other text as it is.

    Such text shows itself by a blank line after nearly every line although lines are wrapped. Of each gap every other
    blank line goes, so what was a gap before stays one: two or more blank lines end a paragraph or a page.

    >>> squeeze("one\n\ntwo\n\n\n\nthree" + "\n\nmore" * 8).splitlines()[:5]
    ['one', 'two', '', 'three', 'more']
    """
    lines = text.split("\n")
    # Lines of white space are at most so many: most letters have too few of them to be looked at closely.
    most = lines.count("") + sum(map(str.isspace, lines))
    if most < _INTERLEAVED_SHARE * (len(lines) - most - 1):
        return text
    blank = [not line.strip(" \t") for line in lines]
    if not _is_interleaved(lines, blank):
        return text
    kept: list[str] = []
    drop = True
    for line, is_blank in zip(lines, blank, strict=True):
        if not is_blank or not drop:
            kept.append(line)
        drop = not (is_blank and drop)
    if lines[-1] == "" and kept[-1] != "":
        kept.append("")  # the text ended its last line, and still does
    return "\n".join(kept)


def _is_interleaved(lines: list[str], blank: list[bool]) -> bool:
    """Tell whether nearly every line is followed by a blank one, most of them by exactly one, and lines are wrapped."""
    written = [i for i, is_blank in enumerate(blank) if not is_blank]
    if len(written) < _FEWEST_LINES or max(len(lines[i]) for i in written) > _WRAPPED_LINE:
        return False
    gaps = [after - before - 1 for before, after in pairwise(written)]
    apart = sum(gap > 0 for gap in gaps)
    # Once squeezed, single gaps are gone, so text is never squeezed twice.
    return apart >= _INTERLEAVED_SHARE * len(gaps) and 2 * gaps.count(1) > len(gaps)
