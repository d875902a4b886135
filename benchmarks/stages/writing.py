"""From determinations to a store: mapping and writing N-Triples, and loading them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from bench import Bench
from process_timer import Measured, ProbeError, alternating, in_turns, probe, repeated, run
from rows import NO_BASELINES, Row, largest, missing, ratio, row

__all__ = ["loading", "mapping"]


def mapping(bench: Bench) -> Iterator[Row]:
    """Yield the rate, and how it compares with rdflib and with engines that map tables."""
    prepared = bench.prepared(bench.sample, tables=True)
    folder, out = prepared.folder, bench.work / "mapped.nt"
    pair = {"ours": probe("mapping", folder, out), "rdflib": probe("rdflib_write", folder, out)}
    runs = alternating(pair, bench.rounds)
    ours, plain, triples = runs["ours"], runs["rdflib"], runs["ours"].figures["triples"]
    each = f"{triples / ours.figures['letters']:.0f} triples a letter"
    rate = triples / ours.seconds
    yield row("mapping.rate", "mapping and writing", rate, "triples/s", processor=ours.processor, note=each)
    note = f"rdflib {triples / plain.seconds:,.0f} triples/s, given the facts: its mapping costs nothing here"
    what = "rate against rdflib Graph.add and serialize"
    yield ratio("mapping.rdflib", what, plain, ours, note)
    for name, script in (("morph-kgc", "morph_kgc_write"), ("maplib", "maplib_write")):
        yield _against_tables(bench, name, script, prepared.made, ours)
    yield largest("mapping.memory", "mapping and writing", ours)
    yield largest("mapping.rdflib.memory", "rdflib", plain)


def _against_tables(bench: Bench, name: str, script: str, facts: Measured, ours: Measured) -> Row:
    what, key = f"rate against {name}, the same facts as tables", f"mapping.{name}"
    if not bench.baselines:
        return missing(key, what, NO_BASELINES)
    folder = bench.work / f"prepared-{bench.sample}-tables"
    command = probe(script, folder, bench.work / f"{name}.nt", python=bench.baselines)
    try:
        baseline = repeated(command, bench.rounds)
    except ProbeError as error:
        return missing(key, what, str(error))
    expected, written = facts.figures["triples"], baseline.figures["triples"]
    if written != expected:
        return missing(key, what, f"it wrote {written:,} of {expected:,} triples")
    note = f"{name} {written / baseline.seconds:,.0f} triples/s, {baseline.memory:,} MB"
    return ratio(key, what, baseline, ours, note)


def loading(bench: Bench) -> Iterator[Row]:
    """Yield the rate of loading one file, in one piece and shard by shard, against others that load the same."""
    prepared = bench.prepared(bench.middle)
    known = prepared.made.figures
    file, lines, letters = prepared.folder / "facts.nt", known["lines"], known["letters"]
    shards, sizes = sorted((prepared.folder / "shards").iterdir()), list[int]()

    def load(way: str, files: Sequence[Path]) -> Measured:
        with bench.scratch("loaded") as store:
            done = run(probe("loading", way, store, *files))
            sizes.append(_size(store))
            return done

    def load_by_oxigraph(program: Path) -> Measured:
        with bench.scratch("loaded") as store:
            return run([str(program), "load", "--location", str(store), "--file", str(file)], wall=True)

    ways = {
        "one file": partial(load, "ours", [file]),
        "shard by shard": partial(load, "ours", shards),
        "bare": partial(load, "bare", [file]),
    }
    if bench.baselines:
        ways["oxigraph"] = partial(load_by_oxigraph, bench.baselines.with_name("oxigraph"))
    yield from _loading_rows(in_turns(ways, bench.rounds), lines)
    disk, packed = sizes[0], known["packed"]
    yield row("loading.disk", "store on disk", disk / letters / 1000, "KB a letter", note="vocabularies included")
    yield row("loading.ntriples", "N-Triples", file.stat().st_size / letters / 1000, "KB a letter")
    yield row("loading.packed", "the same as packed shards", packed / letters / 1000, "KB a letter")
    yield row("loading.triples", "triples", lines / letters, "a letter")


def _loading_rows(runs: dict[str, Measured], lines: int) -> Iterator[Row]:
    ours, shards, bare = runs["one file"], runs["shard by shard"], runs["bare"]
    note = f"{lines:,} triples; with the vocabularies, the ledger and the publishing of a generation"
    rate, by_shards = lines / ours.seconds, lines / shards.seconds
    yield row("loading.rate", "loading one file", rate, "triples/s", processor=ours.processor, note=note)
    what = "loading shard by shard, 500 letters each"
    yield row("loading.shards", what, by_shards, "triples/s", processor=shards.processor)
    what = "rate against `oxigraph load` of the same file"
    if "oxigraph" in runs:
        baseline = runs["oxigraph"]
        note = f"oxigraph {lines / baseline.seconds:,.0f} triples/s, {baseline.memory:,} MB"
        yield ratio("loading.oxigraph", what, baseline, ours, note)
        what = "rate shard by shard, as builds load, against `oxigraph load`"
        yield ratio("loading.oxigraph-shards", what, baseline, shards)
    else:
        yield missing("loading.oxigraph", what, NO_BASELINES)
    note = f"pyoxigraph {lines / bare.seconds:,.0f} triples/s"
    yield ratio("loading.bare", "rate against pyoxigraph's bulk_load alone", bare, ours, note)
    yield largest("loading.memory", "loading one file", ours)
    yield largest("loading.shards.memory", "loading shard by shard", shards)


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
