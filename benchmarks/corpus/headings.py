"""The headings of disputed items: what stands before the decision word, and the facts it states."""

from __future__ import annotations

from dataclasses import replace

from .chance import Chance, cumulative
from .drugs import COMPOUND_PARTS, DRUGS, DRUGS_OF_ACUTE_CLAIMS, KITS, Drug
from .forms import Heading, associated, with_form
from .places import Place, any_place, extremity, spine_level
from .treatments import (
    ADJUNCTS,
    EQUIPMENT,
    IMAGING,
    JOINT_CARE,
    NERVE_STUDIES,
    SERVICES,
    SESSION_FORMS,
    SESSIONS,
    SPINE_PROCEDURES,
    Service,
)

__all__ = ["requests"]


_NUMBERS = {2: "Two", 3: "Three", 4: "Four", 6: "Six", 8: "Eight", 9: "Nine", 10: "Ten", 12: "Twelve", 18: "Eighteen"}
_ACUTE = cumulative(
    (
        (30, "imaging"),
        (9, "nerve"),
        (26, "session"),
        (14, "drug"),
        (2, "compound"),
        (3, "spine"),
        (4, "joint"),
        (3, "dme"),
        (9, "service"),
    )
)
_CHRONIC = cumulative(
    (
        (9, "imaging"),
        (6, "nerve"),
        (18, "session"),
        (37, "drug"),
        (4, "compound"),
        (7, "spine"),
        (5, "joint"),
        (4, "dme"),
        (10, "service"),
    )
)


def requests(chance: Chance, count: int, acute: bool, plain: bool = False) -> list[Heading]:
    """Return the headings of one letter, all different; an operation brings its associated services along.

    `plain` leaves out the forms A, B, D and E.
    """
    found: list[Heading] = []
    seen: set[str] = set()
    while len(found) < count:
        heading = _plain(chance, acute)
        if not plain:
            heading = with_form(chance, heading)
        if heading.text in seen:
            continue
        seen.add(heading.text)
        found.append(heading)
        if heading.topic == "surgery" and len(found) < count:
            for adjunct in chance.several(ADJUNCTS, min(count - len(found), chance.between(1, 6))):
                service = _heading(adjunct, adjunct.words, adjunct.regions, None)
                if not plain:
                    service = associated(chance, service)
                if service.text not in seen:
                    seen.add(service.text)
                    found.append(service)
    return found


def _plain(chance: Chance, acute: bool) -> Heading:
    kind = chance.weighted(_ACUTE if acute else _CHRONIC)
    if kind == "imaging":
        return _placed(chance.weighted(IMAGING), any_place(chance))
    if kind == "nerve":
        return _nerve_study(chance)
    if kind == "session":
        return _session(chance)
    if kind == "drug":
        return _prescription(chance, chance.pick(DRUGS_OF_ACUTE_CLAIMS if acute else DRUGS))
    if kind == "compound":
        return _compound(chance)
    if kind == "spine":
        return _spine_procedure(chance)
    if kind == "joint":
        side = chance.pick(("right", "left"))
        row = chance.weighted(JOINT_CARE)
        return _heading(row, row.words.format(Side=side.capitalize(), side=side), row.regions, side)
    row = chance.pick(EQUIPMENT) if kind == "dme" else chance.weighted(SERVICES)
    return _heading(row, row.words, row.regions, None)


def _heading(row: Service, text: str, regions: tuple[str, ...], laterality: str | None) -> Heading:
    return Heading(text, text, row.treatments, row.topic, regions, laterality)


def _placed(row: Service, place: Place) -> Heading:
    text = row.words.format(place=place.phrase, Place=place.phrase[0].upper() + place.phrase[1:])
    return _heading(row, text, place.regions, place.laterality)


def _nerve_study(chance: Chance) -> Heading:
    place = extremity(chance)
    heading = _placed(chance.weighted(NERVE_STUDIES), place)
    if heading.text.startswith("EMG/NCS"):  # the claims administrator may certify one of the two studies
        parts = (heading.text, f"NCS of the {place.phrase}", f"EMG of the {place.phrase}")
        return replace(heading, parts=parts)
    return heading


def _session(chance: Chance) -> Heading:
    name, treatment, topic, has_place = chance.weighted(SESSIONS)
    place = any_place(chance) if has_place and chance.happens(0.75) else Place("", (), None)
    at = f"{chance.pick((' for the ', ' for the ', ' to the '))}{place.phrase}" if place.phrase else ""
    if chance.happens(0.35):
        times, weeks = chance.between(1, 3), chance.pick((2, 3, 4, 6, 8))
        text = chance.pick(
            (
                f"{name} {times} times a week for {weeks} weeks{at}",
                f"{name} {times}x{weeks}{at}",
                f"Additional {name.lower()} {times} times per week for {weeks} weeks{at}",
                f"{name}{at}, {times} times a week for {weeks} weeks ({times * weeks} sessions)",
            )
        )
        return Heading(text, text, (treatment,), topic, place.regions, place.laterality)
    form = chance.pick(SESSION_FORMS)

    def words(number: int, at: str = at) -> str:
        return form.format(s=name, l=name.lower(), n=number, N=_NUMBERS[number], at=at)

    total = chance.pick((6, 8, 10, 12, 12, 18))
    granted = {6: 4, 8: 6, 10: 6, 12: chance.pick((3, 4, 6, 8)), 18: chance.pick((6, 10))}[total]
    rest_at = at if chance.happens(0.7) else ""
    parts = (words(total), words(granted, rest_at), words(total - granted, rest_at))
    return Heading(words(total), words(total), (treatment,), topic, place.regions, place.laterality, parts=parts)


def _prescription(chance: Chance, drug: Drug) -> Heading:
    name = f"{drug.name} {chance.pick(drug.strengths)}"
    quantity = chance.pick((30, 30, 60, 60, 90, 90, 120))
    granted = chance.pick((quantity // 2, quantity // 3, quantity - 8))
    kind = chance.random()
    parts: tuple[str, str, str] | None = (f"{name} #{quantity}", f"{name} #{granted}", f"{name} #{quantity - granted}")
    if kind < 0.55:
        text = f"{name} #{quantity}"
    elif kind < 0.65:
        refills = chance.pick((2, 3))
        text = f"{name} #{quantity} with {refills} refills"
        parts = (text, f"{name} #{quantity}", f"{_NUMBERS[refills]} refills of {name} #{quantity}")
    elif kind < 0.75:
        text = f"{name}, quantity: {quantity}"
        parts = (text, f"{name}, quantity: {granted}", f"{name}, quantity: {quantity - granted}")
    else:
        parts = None
        text = chance.pick(
            (f"{name}, one twice daily #{quantity}", f"Prescription of {name}", name, f"{name} (unknown quantity)")
        )
    return Heading(text, text, drug.ingredients, drug.topic, parts=parts)


def _compound(chance: Chance) -> Heading:
    if chance.happens(0.2):
        return _prescription(chance, chance.pick(KITS))
    rows = chance.several(COMPOUND_PARTS, chance.between(2, 5))
    words = chance.pick((", ", "/")).join(f"{name} {chance.pick(shares)}" for name, shares, _ in rows)
    text = words + chance.pick((" in cream base", " in cream base 240g", ", 120grams #1", " cream, 180gm"))
    return Heading(text, text, tuple(sorted(row[2] for row in rows)), "compound")


def _spine_procedure(chance: Chance) -> Heading:
    row = chance.weighted(SPINE_PROCEDURES)
    spine, level, region = spine_level(chance)
    side = chance.pick(("right", "left", "bilateral", None)) if "{Side}" in row.words else None
    text = row.words.format(Spine=spine.capitalize(), level=level, Level=level, Side=f"{side} " if side else "")
    return _heading(row, text[0].upper() + text[1:], (region,), side)
