"""eyecite's `get_citations` on the same texts: `eyecite_citations.py PREPARED`."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from eyecite import get_citations
from letters import read_texts


def main(prepared: Path) -> None:
    """Time all letters, after one that lets eyecite make its patterns."""
    texts = read_texts(prepared)
    get_citations(texts[0][1])
    started = time.perf_counter()
    found = sum(len(get_citations(text)) for _, text in texts)
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "letters": len(texts), "citations": found}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
