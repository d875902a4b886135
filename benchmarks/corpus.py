"""Write a corpus of invented letters: `python benchmarks/corpus.py --letters 1000 --seed 1 --output DIR`.

The generator is the package `corpus` beside this file (a package goes before a module of its name).
"""

from __future__ import annotations

from corpus.cli import main

if __name__ == "__main__":
    main()
