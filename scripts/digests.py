"""Record digests of everything that comes out of letters, and compare them with an earlier record.

    scripts/digests.py --write before.json LETTERS...
    scripts/digests.py --compare before.json LETTERS...

Each LETTERS is a folder, or NAME=FOLDER. For each folder: the records (JSON lines), the graph (N-Triples), the table
(Parquet, read back as rows) and the report of a build. A refactoring leaves all of them as they are; what changes on
purpose is named in the changelog.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import duckdb

COMMAND = [sys.executable, "-c", "from imr_graph.cli import main; main()"]
# What a report says of one run, not of the letters.
OF_THE_RUN = {
    "letters_per_second",
    "worker_seconds",
    "seconds",
    "shards",
    "store",
    "build",
    "versions",
    "jobs",
    "memory",
    "timings",
    "started",
    "finished",
}


def main() -> int:
    """Record or compare; exit with 1 where a digest differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kind = parser.add_mutually_exclusive_group(required=True)
    kind.add_argument("--write", type=Path, metavar="FILE", help="record the digests")
    kind.add_argument("--compare", type=Path, metavar="FILE", help="compare with recorded digests")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep what was digested, for a look at differences")
    parser.add_argument("letters", nargs="+", help="a folder of letters, or NAME=FOLDER")
    options = parser.parse_args()
    found: dict[str, str] = {}
    for place in options.letters:
        name, _, folder = place.rpartition("=")
        with tempfile.TemporaryDirectory() as temporary:
            work = Path(temporary)
            if options.keep:
                work = options.keep / (name or Path(folder).name)
                work.mkdir(parents=True, exist_ok=True)
            found |= digest_letters(name or Path(folder).name, Path(folder), work)
    if options.write:
        options.write.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
        return 0
    return compare(json.loads(options.compare.read_text(encoding="utf-8")), found)


def digest_letters(name: str, folder: Path, work: Path) -> dict[str, str]:
    """Return the digests of one folder of letters by what they are digests of."""
    records, graph, table = work / "records.jsonl", work / "graph.nt", work / "items.parquet"
    store = work / "store"
    run("extract", "--format", "jsonl", "--quiet", "-o", str(records), str(folder))
    run("build", str(folder), "--store", str(store), "--quiet", "--no-validate")
    run("export", "--store", str(store), "--format", "ntriples", "-o", str(graph))
    run("export", "--store", str(store), "--format", "parquet", "-o", str(table))
    report = json.loads((store / "build-report.json").read_text(encoding="utf-8"))
    (work / "report.json").write_text(json.dumps(without_run(report), indent=1, sort_keys=True), encoding="utf-8")
    rows = duckdb.sql(f"SELECT * FROM '{table}' ORDER BY ALL").fetchall()
    columns = duckdb.sql(f"DESCRIBE SELECT * FROM '{table}'").fetchall()
    (work / "rows.txt").write_text("\n".join(map(repr, [*columns, *rows])), encoding="utf-8")
    lines = sorted(records.read_bytes().replace(str(folder).encode(), b"").splitlines())
    return {
        f"{name}: records": digest(b"\n".join(lines)),
        f"{name}: graph": digest(graph.read_bytes()),
        f"{name}: table": digest((work / "rows.txt").read_bytes()),
        f"{name}: report": digest((work / "report.json").read_bytes().replace(str(folder).encode(), b"")),
    }


def without_run(report: Any) -> Any:
    """Return a report without what concerns one run only."""
    if isinstance(report, dict):
        return {key: without_run(value) for key, value in report.items() if key not in OF_THE_RUN}
    if isinstance(report, list):
        return [without_run(value) for value in report]
    return report


def run(*arguments: str) -> None:
    """Run a command of the product; 1 (something does not conform) is an answer like another."""
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"imr-graph {' '.join(arguments)}: {done.stderr}")


def digest(content: bytes) -> str:
    """Return the SHA-256 of some content."""
    return hashlib.sha256(content).hexdigest()


def compare(before: dict[str, str], now: dict[str, str]) -> int:
    """Print which digests differ; return the exit code."""
    for name in now:
        print(f"{'same     ' if before.get(name) == now[name] else 'DIFFERENT'}  {name}")
    return int(any(before.get(name) != now[name] for name in now))


if __name__ == "__main__":
    sys.exit(main())
