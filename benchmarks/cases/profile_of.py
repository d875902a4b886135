"""Where the time of one stage goes: `profile_of.py extraction|validation PREPARED`; the functions with most of it."""

from __future__ import annotations

import cProfile
import json
import pickle
import pstats
import re
import sys
from collections.abc import Callable
from pathlib import Path

from letters import read_texts

_SHOWN = 8
_LETTERS = 300
_METHOD = re.compile(r"<method '(?P<name>\w+)' of '(?P<type>[\w.]+)' objects>")


def extraction(prepared: Path) -> Callable[[], object]:
    """Return the extraction of letters."""
    from imr_graph.errors import NotALetterError
    from imr_graph.extraction import extract
    from imr_graph.model import Letter

    letters = [Letter(text, source) for source, text in read_texts(prepared)[: 2 * _LETTERS]]

    def work(some: list[Letter]) -> None:
        for letter in some:
            try:
                extract(letter)
            except NotALetterError:
                continue

    work(letters[_LETTERS:] or [Letter("Warm-up\n" + one.text, one.source) for one in letters])
    return lambda: work(letters[:_LETTERS])


def validation(prepared: Path) -> Callable[[], object]:
    """Return the validation of letters by pyshacl, whose work is Python's; of others a profile says nothing."""
    from imr_graph.graph.mapping import ntriples
    from imr_graph.validation.validate import validate_ntriples as validate

    determinations = pickle.loads((prepared / "determinations.pickle").read_bytes())[:100]
    validate(ntriples(determinations[0]).encode())
    text = "".join(map(ntriples, determinations)).encode()
    return lambda: validate(text)


STAGES = {"extraction": extraction, "validation": validation}


def main(stage: str, prepared: Path) -> None:
    """Print each function with its share of the time, its own work only."""
    work = STAGES[stage](prepared)
    profile = cProfile.Profile()
    profile.runcall(work)
    statistics = pstats.Stats(profile).get_stats_profile()
    rows = sorted(statistics.func_profiles.items(), key=lambda pair: -pair[1].tottime)[:_SHOWN]
    shares = {_name(name, one): one.tottime / statistics.total_tt for name, one in rows}
    print(json.dumps({"shares": shares}))


def _name(name: str, one: pstats.FunctionProfile) -> str:
    if one.file_name != "~":
        place = Path(one.file_name)
        return f"{place.parent.name}/{place.stem}: {name}"
    method = _METHOD.match(name)  # such names look like HTML
    return f"{method['type']}.{method['name']}" if method else name.strip("<>")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
