"""The words of `ontology/phrases.toml`: what decides in a heading whether something named is requested."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from imr_graph import resources
from imr_graph.errors import ToolError
from imr_graph.vocabulary.matching import split
from imr_graph.vocabulary.tables import near

__all__ = ["FILE", "Phrases", "WordRun", "load_phrases", "read_phrases"]

FILE = "phrases.toml"
WordRun: TypeAlias = tuple[str, ...]

# The keys of each part, and of what they hold: "phrases" and "words" are compared with headings, "ids" with treatments.
_KEYS: Mapping[str, Mapping[str, str]] = {
    "purpose": {
        "openers": "phrases",
        "short_openers": "phrases",
        "times": "phrases",
        "causes": "phrases",
        "completing": "phrases",
        "gains": "phrases",
        "asking": "words",
        "counts": "words",
        "fillers": "words",
        "joining": "words",
        "closing": "words",
        "durations": "words",
        "without_region": "ids",
        "escorts": "ids",
    },
    "place": {"treatments": "ids", "openers": "phrases", "asking": "words"},
    "manner": {"treatments": "ids", "openers": "phrases"},
    "provider": {"openers": "phrases", "names": "phrases", "therapists": "phrases"},
    "excluded": {"before": "phrases", "before_drugs": "phrases", "after": "phrases"},
    "heads": {
        "levels": "phrases",
        "manners": "phrases",
        "others": "phrases",
        "not_drugs": "phrases",
        "follow_ups": "phrases",
        "consultations": "phrases",
        "supplies": "words",
        "devices": "words",
        "device_of": "table",
    },
    "names": {"titles": "words", "degrees": "words", "institutions": "words"},
    "replacement": {"parts": "ids", "word": "word"},
    "route": {"names": "phrases"},
    "skin": {"products": "phrases"},
    "count": {"words": "words", "before": "words", "unless_before": "phrases"},
    "compound": {"words": "words", "names": "table"},
    "spelling": {"ordinary": "words", "short": "table"},
}


@dataclass(frozen=True)
class Phrases:
    """The lists of the file by part and key: sets of runs of words, of words, or of ids of treatments.

    `short_names` are those of drugs in compounds; `device_of` has the device with which a therapy is given at home.
    """

    runs: Mapping[str, frozenset[WordRun]]
    words: Mapping[str, frozenset[str]]
    short_names: Mapping[str, str]
    device_of: Mapping[str, str]
    written_out: Mapping[str, str]

    @property
    def treatments(self) -> tuple[str, ...]:
        """The ids of treatments that the lists name."""
        lists = (f"{part}.{key}" for part, keys in _KEYS.items() for key, form in keys.items() if form == "ids")
        devices = (id for pair in self.device_of.items() for id in pair)
        return tuple(sorted({*devices, *(id for name in lists for id in self.words[name])}))


@cache
def load_phrases() -> Phrases:
    """Return the phrases of the `ontology/` folder; read on the first call, the same object afterwards."""
    return read_phrases(resources.ontology())


def read_phrases(folder: Path) -> Phrases:
    """Read the phrases of a folder; raise ToolError, with the nearest right name, where a key is unknown or missing."""
    path = folder / FILE
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ToolError(f"{path}: the phrases cannot be read ({error}); restore or mend the file.") from error
    _check_keys(path, "part", data, _KEYS)
    runs: dict[str, frozenset[WordRun]] = {}
    words: dict[str, frozenset[str]] = {}
    for part, keys in _KEYS.items():
        _check_keys(path, f"key in [{part}]", data[part], keys)
        for key, form in keys.items():
            value = data[part][key]
            name = f"{part}.{key}"
            if form == "phrases":
                runs[name] = frozenset(split(text).words for text in value)
            elif form == "words":
                words[name] = frozenset(word for text in value for word in split(text).words)
            elif form in ("ids", "word"):
                words[name] = frozenset([value] if isinstance(value, str) else value)
    tables = (data["compound"]["names"], data["heads"]["device_of"], data["spelling"]["short"])
    return Phrases(runs, words, *tables)


def _check_keys(path: Path, what: str, found: Mapping[str, Any], known: Iterable[str]) -> None:
    for key in found:
        if key not in known:
            raise ToolError(f"{path}: There is no {what} {key!r}.{near(key, known)}")
    for key in known:
        if key not in found:
            raise ToolError(f"{path}: The {what} {key!r} is missing.")
