"""A capacity plan for the whole corpus, from the figures of the benchmark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rows import Row, number

__all__ = ["capacity"]

_CORPUS = 1_700_000
_YEARLY = 130_000
_CORES = (2, 8, 32, 128)
_NEEDED = (
    *("workers.validated.one", "workers.bare.one", "extraction.size"),
    *("loading.shards", "loading.triples", "loading.disk", "loading.packed"),
)


def capacity(dated: Mapping[str, tuple[str, Row]]) -> str:
    """Return the plan in Markdown, or what to run first where figures are missing; each row comes with its date."""
    rows = {key: row.value for key, (_, row) in dated.items() if row.value}
    lacking = [key for key in _NEEDED if key not in rows]
    if lacking:
        return f"No figures yet: run `python benchmarks/run.py --write` ({', '.join(lacking)} missing)."
    day = max(dated[key][0] for key in _NEEDED)
    head = f"From the benchmark of {day} (see [performance](performance.md))."
    return "\n".join([head, "", *_needs(rows), "", *_hours(rows)])


def _needs(rows: Mapping[str, float]) -> Iterator[str]:
    """Yield what one letter, the corpus and a year of new letters need."""
    triples, disk, packed = rows["loading.triples"], rows["loading.disk"], rows["loading.packed"]
    letter = rows["extraction.size"] / 1000
    kilobytes = {
        "letters as text": letter,
        "shards, packed, while a build runs": packed,
        "store": disk,
        "store with the generation before it (at most: they share files)": 2 * disk,
        "network: letters to the workers, shards to the machine that loads": letter + packed,
    }
    yield "| | one letter | 1.7 million | a year (130,000) |\n|---|---|---|---|"
    millions = [f"{number(triples * letters / 1e6)} million" for letters in (_CORPUS, _YEARLY)]
    yield f"| triples | {triples:,.0f} | {' | '.join(millions)} |"
    for name, size in kilobytes.items():
        yield f"| {name} | {number(size)} KB | {number(size * _CORPUS / 1e6)} GB | {number(size * _YEARLY / 1e6)} GB |"


def _hours(rows: Mapping[str, float]) -> Iterator[str]:
    """Yield the hours of the corpus by cores: shards in proportion to cores, loading on one machine meanwhile.

    Loading takes its share of the cores, and is never done before its own time.
    """
    loading = rows["loading.triples"] * _CORPUS / rows["loading.shards"] / 3600
    validated, bare = (_worker_rate(rows, kind) for kind in ("validated", "bare"))
    yield f"A core makes shards of {number(validated)} letters/s with validation, {number(bare)} without; "
    yield f"one machine loads {rows['loading.shards']:,.0f} triples/s, {number(loading)} hours for the corpus.\n"
    yield "| cores | shards with validation | without | loading | whole, with validation |\n|---|---|---|---|---|"
    for cores in _CORES:
        checked, unchecked = (_CORPUS / (cores * rate) / 3600 for rate in (validated, bare))
        cells = [
            f"{number(hours)} h" for hours in (checked, unchecked, loading, max(loading, checked + loading / cores))
        ]
        yield f"| {cores} | {' | '.join(cells)} |"


def _worker_rate(rows: Mapping[str, float], kind: str) -> float:
    """Return the letters/s of one worker without loading, which one worker does as well in the measured build."""
    whole = 1 / rows[f"workers.{kind}.one"]
    loading = rows["loading.triples"] / rows["loading.shards"]
    return 1 / max(whole - loading, whole / 10)
