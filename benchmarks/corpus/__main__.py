"""Write a corpus of invented letters: `python benchmarks/corpus --letters 1000 --seed 1 --output DIR`."""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    # Run as a folder, Python looks for modules in the folder itself; the package is found beside it.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)
    from corpus.cli import main

    main()
