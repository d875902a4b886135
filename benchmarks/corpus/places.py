"""Parts of the body as headings name them, with the region ids and the side they state."""

from __future__ import annotations

from typing import NamedTuple

from .chance import Chance, cumulative

__all__ = ["SPINES", "Place", "any_place", "extremity", "joint", "spine_level", "spine_or_joint"]


class Place(NamedTuple):
    """A phrase that stands after "of the" or "for the", its region ids (sorted) and its side."""

    phrase: str
    regions: tuple[str, ...]
    laterality: str | None


SPINES = (
    ("lumbar spine", "lumbar-spine"),
    ("lumbar spine", "lumbar-spine"),
    ("lumbosacral spine", "lumbar-spine"),
    ("low back", "lumbar-spine"),
    ("cervical spine", "neck"),
    ("cervical spine", "neck"),
    ("neck", "neck"),
    ("thoracic spine", "thoracic-spine"),
)
_SPINE_PAIRS = (
    ("cervical and lumbar spine", ("lumbar-spine", "neck")),
    ("cervical and thoracic spine", ("neck", "thoracic-spine")),
    ("thoracic spine and lumbar spine", ("lumbar-spine", "thoracic-spine")),
    ("neck and low back", ("lumbar-spine", "neck")),
    ("lumbar and cervical spine", ("lumbar-spine", "neck")),
)
_JOINTS = (
    ("shoulder", "shoulders", "shoulder"),
    ("shoulder", "shoulders", "shoulder"),
    ("knee", "knees", "knee"),
    ("knee", "knees", "knee"),
    ("wrist", "wrists", "wrist"),
    ("hand", "hands", "hand"),
    ("elbow", "elbows", "elbow"),
    ("hip", "hips", "hip"),
    ("ankle", "ankles", "ankle"),
    ("foot", "feet", "foot"),
    ("forearm", "forearms", "forearm"),
    ("thumb", "thumbs", "hand"),
)
_NEIGHBOURS = (("wrist", "hand"), ("ankle", "foot"), ("shoulder", "elbow"), ("hip", "knee"), ("elbow", "wrist"))
_OTHERS = (("head", "head"), ("pelvis", "pelvis"), ("chest", "chest"), ("abdomen", "abdomen"))
_EXTREMITIES = (
    ("upper extremity", "upper extremities", "upper-extremity"),
    ("lower extremity", "lower extremities", "lower-extremity"),
)
_LEVELS = {
    "lumbar-spine": ("L3-4", "L4-5", "L5-S1", "L4-L5", "L4-5 and L5-S1", "L3-4, L4-5"),
    "neck": ("C4-5", "C5-6", "C6-7", "C5-C6", "C4-5 and C5-6"),
}


def _sided(chance: Chance, one: str, many: str, region: str) -> Place:
    side = chance.weighted(_SIDES)
    return Place(f"{side} {many if side == 'bilateral' else one}", (region,), side)


_SIDES = cumulative(((42, "right"), (38, "left"), (20, "bilateral")))


def joint(chance: Chance) -> Place:
    """Return one joint with its side."""
    return _sided(chance, *chance.pick(_JOINTS))


def extremity(chance: Chance) -> Place:
    """Return a limb with its side."""
    return _sided(chance, *chance.pick(_EXTREMITIES))


def _spine(chance: Chance) -> Place:
    phrase, region = chance.pick(SPINES)
    return Place(phrase, (region,), None)


def spine_or_joint(chance: Chance) -> Place:
    """Return one place: a region of the spine or a joint with its side."""
    return _spine(chance) if chance.happens(0.52) else joint(chance)


def any_place(chance: Chance) -> Place:
    """Return one or two places, in the ways headings join them."""
    kind = chance.random()
    if kind < 0.82:
        return spine_or_joint(chance)
    if kind < 0.90:
        phrase, regions = chance.pick(_SPINE_PAIRS)
        return Place(phrase, regions, None)
    if kind < 0.94:
        first, second = _spine(chance), joint(chance)
        return Place(f"{first.phrase} and {second.phrase}", _both(first, second), second.laterality)
    if kind < 0.97:
        first_name, second_name = chance.pick(_NEIGHBOURS)
        side = chance.pick(("right", "left"))
        link = "and" if chance.happens(0.5) else f"and {side}"
        return Place(f"{side} {first_name} {link} {second_name}", tuple(sorted((first_name, second_name))), side)
    if kind < 0.985:
        return _opposite_sides(chance)
    phrase, region = chance.pick(_OTHERS)
    return Place(phrase, (region,), None)


def _opposite_sides(chance: Chance) -> Place:
    """Two joints on different sides: the heading has no one side."""
    first, second = chance.pick(_NEIGHBOURS)
    sides = ("left", "right") if chance.happens(0.5) else ("right", "left")
    return Place(f"{sides[0]} {second} and {sides[1]} {first}", tuple(sorted((first, second))), None)


def _both(first: Place, second: Place) -> tuple[str, ...]:
    return tuple(sorted({*first.regions, *second.regions}))


def spine_level(chance: Chance) -> tuple[str, str, str]:
    """Return (adjective, level, region): ("lumbar", "L4-5", "lumbar-spine")."""
    region = "lumbar-spine" if chance.happens(0.72) else "neck"
    return ("lumbar" if region == "lumbar-spine" else "cervical"), chance.pick(_LEVELS[region]), region
