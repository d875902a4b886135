"""A corpus to measure with: invented IMR letters of all known layouts, with the records expected of them."""

from __future__ import annotations

from .damage import DAMAGES, Damage
from .layouts import LAYOUT_SHARES
from .letters import GeneratedLetter, generate, letter

__all__ = ["DAMAGES", "LAYOUT_SHARES", "Damage", "GeneratedLetter", "generate", "letter"]
