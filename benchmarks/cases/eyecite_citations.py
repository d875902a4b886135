"""eyecite's `get_citations` on the same texts: `eyecite_citations.py PREPARED`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from eyecite import get_citations
from letters import read_texts
from stopwatch import Stopwatch


def main(prepared: Path) -> None:
    """Time all letters, after one that lets eyecite make its patterns."""
    texts = read_texts(prepared)
    get_citations(texts[0][1])
    watch = Stopwatch()
    found = sum(len(get_citations(text)) for _, text in texts)
    took = watch.read()
    print(json.dumps({**took, "letters": len(texts), "citations": found}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
