"""Letters by (seed, index): choose a layout, invent a case, print it, now and then damage it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from .cases import Case, case_of, record_of
from .chance import Chance, cumulative
from .damage import Damage, damaged_content
from .early_layouts import EARLY
from .layouts import LAYOUT_SHARES, Block, modern_blocks, record_with_capitals
from .rendering import render, style_of
from .wear import wear_case, wear_text

__all__ = ["GeneratedLetter", "generate", "letter"]

_FRAGMENT_SHARE = 0.3  # of L3 and L4
_CAPITALS_SHARE = 0.12  # of L3


@dataclass(frozen=True)
class GeneratedLetter:
    """One letter: its name (a file stem), its text, and what should be read from it.

    `record` has the shape of the gold files; of damaged letters only those with a repeated page have one. `data` is
    set where the file's bytes are not text; `line_end` is what ends the lines of the file (of `text` always a line
    feed). `case` and `blocks` let other formats print the same letter.
    """

    name: str
    text: str
    record: dict[str, Any] | None
    layout: str
    damage: Damage | None = None
    data: bytes | None = None
    line_end: str = "\n"
    case: Case | None = field(default=None, repr=False)
    blocks: tuple[Block, ...] = field(default=(), repr=False)

    @property
    def content(self) -> bytes:
        """The bytes of the letter's file in text format."""
        if self.data is not None:
            return self.data
        text = self.text if self.line_end == "\n" else self.text.replace("\n", self.line_end)
        return text.encode()


@lru_cache
def _shares(layouts: tuple[str, ...] | None) -> tuple[tuple[float, str], ...]:
    chosen = [pair for pair in LAYOUT_SHARES if layouts is None or pair[1] in layouts]
    unknown = set(layouts or ()) - {layout for _, layout in LAYOUT_SHARES}
    if unknown or not chosen:
        raise ValueError(f"no such layout: {', '.join(sorted(unknown)) or layouts}; there are L0 to L6")
    return cumulative(chosen)


def letter(
    seed: int,
    index: int,
    layouts: Sequence[str] | None = None,
    damaged: float = 0.01,
    wear: Mapping[str, float] | None = None,
) -> GeneratedLetter:
    """Return letter number `index` of a seed; nothing else but the arguments decides what it says.

    `wear` are kinds of `wear.WEARS` with their strengths; a letter that is not damaged is worn by them.
    """
    chance = Chance(seed, index)
    layout = chance.weighted(_shares(tuple(layouts) if layouts else None))
    is_damaged = chance.happens(damaged)
    with_header = layout not in ("L3", "L4") or not chance.happens(_FRAGMENT_SHARE)
    case = wear_case(wear or {}, seed, index, case_of(chance, index, layout, with_header))
    if layout in EARLY:
        blocks, record = EARLY[layout](chance, case)
    else:
        blocks = modern_blocks(chance, case, layout, with_header)
        record = record_of(case, with_header)
        if layout == "L3" and chance.happens(_CAPITALS_SHARE):
            blocks = [block._replace(bold=block.bold.upper()) if block.kind == "item" else block for block in blocks]
            record_with_capitals(record)
    style = style_of(chance, with_header)
    text = render(chance, case, blocks, style)
    name = f"letter-{index:07}"
    if is_damaged:
        damage, text, data = damaged_content(chance, text)
        whole = record if damage.kind == "repeated-page" else None
        return GeneratedLetter(name, text, whole, layout, damage, data)
    text = wear_text(wear or {}, seed, index, text, record)
    return GeneratedLetter(name, text, record, layout, None, None, style.line_end, case, tuple(blocks))


def generate(
    n: int, seed: int, *, layouts: Sequence[str] | None = None, damaged: float = 0.01, start: int = 0
) -> Iterator[GeneratedLetter]:
    """Yield letters number `start` to `start + n - 1` of a seed, as shares of `layouts` and `damaged` ask."""
    for index in range(start, start + n):
        yield letter(seed, index, layouts, damaged)
