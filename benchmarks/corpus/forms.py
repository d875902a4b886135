"""A heading and the forms it can take.

Their names and shares follow the published letters: plain; A, a part was certified; B, something else was certified;
D and E, a prefix ("Associated surgical service:", "Retrospective").
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from .chance import Chance

__all__ = ["Heading", "associated", "with_form"]


@dataclass(frozen=True)
class Heading:
    """One item's heading with what it states; `parts` are the three quantities of a partial certification."""

    text: str
    service: str
    treatments: tuple[str, ...]
    topic: str
    regions: tuple[str, ...] = ()
    laterality: str | None = None
    requested: str | None = None
    authorized: str | None = None
    retrospective: bool = False
    surgical_adjunct: bool = False
    parts: tuple[str, str, str] | None = None

    @property
    def main_region(self) -> str:
        """The region whose guideline chapter applies: the first one, the low back where none is named."""
        return self.regions[0] if self.regions else "lumbar-spine"


def associated(chance: Chance, heading: Heading) -> Heading:
    """Give a service that goes with an operation the form D, in about two of three cases."""
    if chance.happens(0.35):
        return heading
    prefix = "Associated surgical service" if chance.happens(0.95) else "Associated service"
    return replace(heading, text=f"{prefix}: {heading.service}", surgical_adjunct=True)


def with_form(chance: Chance, heading: Heading) -> Heading:
    """Give a plain heading one of the forms A, B or E."""
    kind = chance.random()
    if heading.parts and kind < 0.21:
        return _partly_certified(chance, heading, heading.parts)
    if 0.21 <= kind < 0.228:
        return _otherwise_certified(heading)
    if 0.228 <= kind < 0.248:
        return _retrospective(chance, heading)
    return heading


def _partly_certified(chance: Chance, heading: Heading, parts: tuple[str, str, str]) -> Heading:
    requested, authorized, disputed = parts
    prefix = "Retrospective " if chance.happens(0.04) else ""
    last = "" if chance.happens(0.03) else " is"
    text = (
        f"{prefix}{requested} was the original request. {prefix}{authorized} was authorized by the Claims "
        f"Administrator. The remaining IMR eligible portion of the original request, {prefix}{disputed}{last}"
    )
    treatments = ("emg",) if authorized.startswith("NCS") else heading.treatments
    return replace(
        heading,
        text=text,
        service=disputed,
        requested=requested,
        authorized=authorized,
        treatments=treatments,
        retrospective=bool(prefix),
    )


def _otherwise_certified(heading: Heading) -> Heading:
    authorized = f"an initial evaluation only for {heading.service}"
    text = (
        f"{heading.service} was the original request. The Claims Administrator authorized {authorized}, leaving the "
        f"original request IMR eligible. The original request, {heading.service} is"
    )
    return replace(heading, text=text, requested=heading.service, authorized=authorized)


def _retrospective(chance: Chance, heading: Heading) -> Heading:
    served = f"{chance.between(1, 12)}/{chance.between(1, 28)}/{chance.between(14, 17)}"
    service = heading.service + chance.pick((f" (DOS {served})", f" DOS: {served}", f", date of service {served}"))
    prefix = chance.pick(("Retrospective ", "Retrospective ", "Retrospective: "))
    return replace(heading, text=prefix + service, service=service, retrospective=True)
