"""Letters that are not whole, and what a reader should say of each."""

from __future__ import annotations

from typing import NamedTuple

from .chance import Chance

__all__ = ["DAMAGES", "Damage", "damaged_content"]


class Damage(NamedTuple):
    """What was done to a letter, and what reading it should report."""

    kind: str
    report: str


DAMAGES = {
    damage.kind: damage
    for damage in (
        Damage("empty", "the file holds nothing"),
        Damage("blank", "the file holds white space only"),
        Damage("binary", "the file is not text"),
        Damage("unrelated", "the text is not an IMR letter"),
        Damage("cut", "the letter ends before any decision"),
        Damage("repeated-page", "a page occurs twice; each item counts once"),
    )
}
_UNRELATED = (
    "Minutes of the garden club\n\nPresent were {a} members.\nThe rota was set and {b} seedlings were given away.\n",
    "Invoice {b}\n\nPaper, {a} reams\nToner, {b} cartridges\n\nPayable within 30 days.\n",
    "Dear tenants,\n\nthe lift will be serviced on the {a}th. Please use the stairs until {b} past nine.\n",
)
_ISSUES = (
    "IMR ISSUES, DECISIONS AND RATIONALES",
    "IMR DECISION(S) AND RATIONALE(S)",
    "RATIONALE FOR WHY",
    "1) MAXIMUS Federal",
)


def damaged_content(chance: Chance, text: str) -> tuple[Damage, str, bytes | None]:
    """Return one kind of damage, the damaged text, and the file's bytes where they are not that text."""
    damage = chance.pick(tuple(DAMAGES.values()))
    if damage.kind == "empty":
        return damage, "", None
    if damage.kind == "blank":
        return damage, "".join(chance.pick((" ", "\n", "\t", "\f")) for _ in range(chance.between(1, 300))), None
    if damage.kind == "binary":
        data = bytes([0x00, 0xFF, 0xFE, 0x89]) + bytes(chance.between(0, 255) for _ in range(chance.between(200, 900)))
        return damage, data.decode("latin-1"), data
    if damage.kind == "unrelated":
        return damage, chance.pick(_UNRELATED).format(a=chance.between(5, 28), b=chance.between(100, 9999)), None
    if damage.kind == "cut":
        found = [at for at in map(text.find, _ISSUES) if at > 0]
        first = min(found, default=len(text) // 3)
        return damage, text[: chance.between(first // 3, first)], None
    pages = text.split("\f")
    if len(pages) < 2:
        middle = text.find("\n", len(text) // 2) + 1
        pages = [text[:middle], text[middle:]]
    again = chance.between(0, len(pages) - 1)
    return damage, "\f".join([*pages[: again + 1], *pages[again:]]), None
