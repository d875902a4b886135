"""The corpora that are measured on: made once for each size, and again when the generator changes."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from process_timer import HERE

__all__ = ["Corpus", "corpus", "generator_digest"]

_SEED = 1
_LATER = 10_000_000  # where the letters begin that come to a store later


@dataclass(frozen=True)
class Corpus:
    """A folder of letters; beside it the expected records, and a manifest line for each letter."""

    folder: Path
    letters: int

    @property
    def gold(self) -> Path:
        """The folder of the expected records."""
        return self.folder.with_name(self.folder.name + "-gold")

    @property
    def damaged(self) -> frozenset[str]:
        """The names of letters that no reader can read; one whose page occurs twice can be read."""
        lines = self.folder.with_name(self.folder.name + ".manifest.jsonl").read_text().splitlines()
        kinds = {entry["name"]: entry["damage"] for entry in map(json.loads, lines)}
        return frozenset(name for name, kind in kinds.items() if kind not in (None, "repeated-page"))


def corpus(work: Path, letters: int, *, format_: str = "text", later: int = 0, jobs: int = 1) -> Corpus:
    """Return a corpus of so many letters in the work folder, making it where it is not there.

    `later` asks for letters of other cases: 1 for the first that come later, 2 for the next.
    """
    made = Corpus(work / f"{f'later{later}' if later else 'letters'}-{format_}-{letters}", letters)
    start = _LATER * later
    command = f"--letters {letters} --seed {_SEED} --start {start} --format {format_} --jobs {jobs}".split()
    stamp, wanted = made.folder.with_suffix(".made"), f"{generator_digest()} {' '.join(command[:-2])}"
    if not stamp.exists() or stamp.read_text() != wanted:
        for folder in (made.folder, made.gold):
            shutil.rmtree(folder, ignore_errors=True)
        places = ["--output", str(made.folder), *(["--gold", str(made.gold)] if format_ == "text" else [])]
        subprocess.run([sys.executable, HERE / "corpus", *command, *places], check=True, stdout=subprocess.DEVNULL)
        stamp.write_text(wanted)
    return made


@cache
def generator_digest() -> str:
    """Return the digest of the generator, which tells whether what it wrote is to be made again."""
    digest = hashlib.sha256()
    for file in sorted((HERE / "corpus").glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()
