"""Making the files for download, in a process of its own: slow, nice to others, and within limits.

It is started as `python -m imr_graph.website.make_downloads STORE FOLDER BYTES MEMORY` and prints a JSON object a line:
first the generation, then each file with its size and digest, or why there is none.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import resource
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO, Final, cast

from imr_graph.errors import ImrGraphError
from imr_graph.graph.export import export
from imr_graph.store.graph_store import GraphStore, open_store
from imr_graph.store.table import export_table

__all__ = ["FILES", "main"]


def _table(format: str) -> Callable[[GraphStore, Path], None]:
    def make(store: GraphStore, file: Path) -> None:
        export_table(store, format, file)

    return make


def _graph(format: str) -> Callable[[GraphStore, Path], None]:
    def make(store: GraphStore, file: Path) -> None:
        # No name and no time inside: the same graph gives the same bytes.
        with file.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as stream:
            export(store, format, cast(BinaryIO, stream))

    return make


FILES: Final[Mapping[str, Callable[[GraphStore, Path], None]]] = {
    "items.csv": _table("csv"),
    "items.parquet": _table("parquet"),
    "graph.ttl.gz": _graph("turtle"),
    "graph.nt.gz": _graph("ntriples"),
}
"""How each file is made, by its name; the small ones first."""


def main() -> None:
    """Make every file that the folder of the command line lacks."""
    store_path, folder, most, memory = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    os.nice(19)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    store = open_store(store_path)
    _report({"generation": store.generation})
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        _report(_make(store, folder, name))


def _make(store: GraphStore, folder: Path, name: str) -> dict[str, object]:
    file, draft = folder / name, folder / f".{name}-{os.getpid()}"
    try:
        if not file.exists():
            FILES[name](store, draft)
            os.replace(draft, file)
        with file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return {"name": name, "bytes": file.stat().st_size, "sha256": digest}
    except MemoryError:
        return {"name": name, "failed": "it would take more memory than it may"}
    except OSError as error:
        return {"name": name, "failed": f"it is larger than it may be, or the disk is full ({error.strerror})"}
    except (ImrGraphError, RuntimeError, ValueError) as error:
        return {"name": name, "failed": str(error).splitlines()[0].rstrip(".")}
    finally:
        draft.unlink(missing_ok=True)


def _report(found: Mapping[str, object]) -> None:
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
