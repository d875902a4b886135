"""From determinations to a store: mapping and writing N-Triples, and loading them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench import NO_BASELINES, Bench
from process_timer import Measured, ProbeError, alternating, probe, repeated, run
from rows import Row, largest, missing, ratio, row

__all__ = ["loading", "mapping"]


def mapping(bench: Bench) -> Iterator[Row]:
    """Yield the rate, and how it compares with rdflib and with engines that map tables."""
    prepared = bench.prepared(bench.sample, tables=True)
    folder, out = prepared.folder, bench.work / "mapped.nt"
    pair = {"ours": probe("mapping", folder, out), "rdflib": probe("rdflib_write", folder, out)}
    runs = alternating(pair, bench.rounds)
    ours, plain, triples = runs["ours"], runs["rdflib"], runs["ours"].figures["triples"]
    each = f"{triples / ours.figures['letters']:.0f} triples a letter"
    yield row("mapping.rate", "mapping and writing", triples / ours.seconds, "triples/s", note=each)
    note = f"rdflib {triples / plain.seconds:,.0f} triples/s, given the facts: its mapping costs nothing here"
    what = "rate against rdflib Graph.add and serialize"
    yield ratio("mapping.rdflib", what, plain.seconds / ours.seconds, least=20, note=note)
    for name, script in (("morph-kgc", "morph_kgc_write"), ("maplib", "maplib_write")):
        yield _against_tables(bench, name, script, prepared.made, ours)
    yield largest("mapping", "mapping and writing", ours)
    yield largest("mapping.rdflib", "rdflib", plain, asked=False)


def _against_tables(bench: Bench, name: str, script: str, facts: Measured, ours: Measured) -> Row:
    what, key, asked = f"rate against {name}, the same facts as tables", f"mapping.{name}", "3 times or more"
    if not bench.baselines:
        return missing(key, what, NO_BASELINES, asked)
    folder = bench.work / f"prepared-{bench.sample}-tables"
    command = probe(script, folder, bench.work / f"{name}.nt", python=bench.baselines)
    try:
        baseline = repeated(command, bench.rounds)
    except ProbeError as error:
        return missing(key, what, str(error), asked)
    expected, written = facts.figures["triples"], baseline.figures["triples"]
    if written != expected:
        return missing(key, what, f"it wrote {written:,} of {expected:,} triples", asked)
    note = f"{name} {written / baseline.seconds:,.0f} triples/s, {baseline.memory:,} MB"
    return ratio(key, what, baseline.seconds / ours.seconds, least=3, note=note)


def loading(bench: Bench) -> Iterator[Row]:
    """Yield the rate of loading one file, in one piece and shard by shard, against others that load the same."""
    prepared = bench.prepared(bench.middle)
    file, lines = prepared.folder / "facts.nt", prepared.made.figures["lines"]
    shards = sorted((prepared.folder / "shards").iterdir())
    ways = {"one file": ("ours", [file]), "shard by shard": ("ours", shards), "bare": ("bare", [file])}
    runs: dict[str, list[Measured]] = {}
    disk = 0
    for _ in range(bench.rounds):
        for name, (way, files) in ways.items():
            with bench.scratch("loaded") as store:
                runs.setdefault(name, []).append(run(probe("loading", way, store, *files)))
                disk = max(disk, _size(store) if name == "one file" else 0)
        if bench.baselines:
            with bench.scratch("loaded") as store:
                command = [bench.baselines.with_name("oxigraph"), "load", "--location", store, "--file", file]
                runs.setdefault("oxigraph", []).append(run([str(word) for word in command], wall=True))
    middle = {name: sorted(done, key=lambda one: one.seconds)[len(done) // 2] for name, done in runs.items()}
    yield from _loading_rows(middle, lines)
    letters, packed = prepared.made.figures["letters"], prepared.made.figures["packed"]
    yield row("loading.disk", "store on disk", disk / letters / 1000, "KB a letter", note="vocabularies included")
    yield row("loading.ntriples", "N-Triples", file.stat().st_size / letters / 1000, "KB a letter")
    yield row("loading.packed", "the same as packed shards", packed / letters / 1000, "KB a letter")
    yield row("loading.triples", "triples", lines / letters, "a letter")


def _loading_rows(runs: dict[str, Measured], lines: int) -> Iterator[Row]:
    ours, shards, bare = runs["one file"], runs["shard by shard"], runs["bare"]
    note = f"{lines:,} triples; with the vocabularies, the ledger and the publishing of a generation"
    yield row("loading.rate", "loading one file", lines / ours.seconds, "triples/s", note=note)
    yield row("loading.shards", "loading shard by shard, 500 letters each", lines / shards.seconds, "triples/s")
    what, asked = "rate against `oxigraph load` of the same file", 0.9
    if "oxigraph" in runs:
        baseline = runs["oxigraph"]
        note = f"oxigraph {lines / baseline.seconds:,.0f} triples/s, {baseline.memory:,} MB"
        yield ratio("loading.oxigraph", what, baseline.seconds / ours.seconds, least=asked, note=note)
        what = "rate shard by shard, as builds load, against `oxigraph load`"
        yield ratio("loading.oxigraph-shards", what, baseline.seconds / shards.seconds, least=asked)
    else:
        yield missing("loading.oxigraph", what, NO_BASELINES, "0.9 times or more")
    note = f"pyoxigraph {lines / bare.seconds:,.0f} triples/s"
    yield ratio("loading.bare", "rate against pyoxigraph's bulk_load alone", bare.seconds / ours.seconds, note=note)
    yield largest("loading", "loading one file", ours)
    yield largest("loading.shards", "loading shard by shard", shards)


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
