"""The same as `preloading` for validation, which not every build does: half a second of each worker's time."""

from __future__ import annotations

import gc
from contextlib import suppress

from imr_graph.builder.preloading import TRIPLES
from imr_graph.validation import AUTO, choose_validator, validate_letters

__all__: list[str] = []

with suppress(Exception):  # workers say what is wrong, and to whom it is of interest
    validate_letters(TRIPLES, choose_validator(AUTO))
    gc.freeze()
