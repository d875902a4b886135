"""The figures of precedents on real and on generated letters, against polars over the exported table."""

from __future__ import annotations

import hashlib
import re
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from statsmodels.stats.multitest import multipletests

from imr_graph import vocabulary
from imr_graph.analysis.precedents.associations import COMPARED, adjust_chances, odds
from imr_graph.analysis.precedents.precedents import Precedents, precedents
from imr_graph.analysis.precedents.tiers import TIERS
from imr_graph.errors import UsageError
from imr_graph.model import Determination
from imr_graph.records import from_record
from imr_graph.store.changes import add
from imr_graph.store.graph_store import GraphStore, open_store
from imr_graph.store.table import export_table
from imr_graph.table.rows import groups_of
from support.paths import BENCHMARKS
from support.records import gold
from support.share_intervals import independent_size

sys.path.insert(0, str(BENCHMARKS))

from corpus import generate

REQUESTS = (
    "Norco 10/325 #60",
    "Percocet 5/325",
    "MRI of the lumbar spine",
    "Physical therapy 12 visits",
    "EMG/NCV of the left upper extremity",
    "Urine drug screen",
    "opioids",
)
World = tuple[GraphStore, pl.DataFrame]


def world(path: Path, records: list[Determination]) -> World:
    """Return the store of some records and its table as polars reads it."""
    add(path / "store", records, keep_both=True)
    store = open_store(path / "store")
    export_table(store, "parquet", path / "items.parquet")
    return store, pl.read_parquet(path / "items.parquet")


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Return the world of six hundred generated letters."""
    records = []
    for one in generate(600, 4):
        if one.record is not None:
            digest = hashlib.sha256(one.name.encode()).hexdigest()
            records.append(replace(from_record(one.record), source=one.name, sha256=digest, layout=one.layout))
    return world(tmp_path_factory.mktemp("generated"), records)


@pytest.fixture(scope="module")
def real(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Return the world of the real letters' expected records."""
    return world(tmp_path_factory.mktemp("real"), gold(shared))


def fits(step: str, found: Precedents) -> Callable[[dict[str, list[str]]], bool]:
    """Return whether a row of the table is in a tier."""
    request, base = found.request, re.split(", | and ", step)[0]
    if base != step:
        column, most = request.amount or ("visits", 0)
        inside = fits(base, found)
        return lambda row: (
            inside(row)
            and ("region" not in step or not set(request.regions).isdisjoint(row["body_regions"]))
            and ("amount" not in step or (row[column] is not None and int(str(row[column])) <= most))
        )
    if step == "same treatment":
        return lambda row: any(set(group) <= set(row["treatments"]) for group in request.treatments)
    column = TIERS[step][0]
    if request.treatments:
        wanted = {id for treatment in request.treatment_ids for id in getattr(groups_of(treatment), column)}
    else:
        wanted = set(getattr(request, column))
    return lambda row: not wanted.isdisjoint(row[column])


def agree(store: GraphStore, table: pl.DataFrame, text: str) -> None:
    """Compare the figures of all circles, and all grounds, with counts over the table."""
    found = precedents(store, text)
    rows = table.to_dicts()
    inside: list[dict[str, object]] = []
    taken: set[tuple[str, int]] = set()
    for step in found.steps:
        for row in rows:
            key = (row["case_key"], row["position"])
            if key not in taken and fits(step.name, found)(row):
                taken.add(key)
                inside.append(row)
        overturned = sum(row["decision"] == "overturned" for row in inside)
        assert (step.decisions, step.overturned) == (len(inside), overturned), step.name
        assert step.cases == len({row["case_key"] for row in inside})
        if step.name == found.step:
            agree_grounds(found, pl.DataFrame(inside, schema=table.schema))


def names_region(kind: str, id: str) -> bool:
    """Return whether the guideline of a factor has a region of the body in its title."""
    known = vocabulary.load()
    titles = [
        each.label
        for each in sorted(known.guidelines, key=lambda each: len(each.id))
        if kind != "specialty" and f"{id}-".startswith(f"{each.id}-")
    ]
    names = [name for region in known.body_regions for name in region.labels]
    title = f" {vocabulary.normalise(titles[-1] if titles else '')} "
    return any(f" {vocabulary.normalise(name)} " in title for name in names)


def agree_grounds(found: Precedents, tier: pl.DataFrame) -> None:
    rows = [(row, row["decision"] == "overturned") for row in tier.iter_rows(named=True)]
    regions = Counter(region for row, _ in rows for region in row["body_regions"])
    compared = 0
    for kind, column in COMPARED.items():
        for id in {id for row, _ in rows for id in row[column]}:
            own = [row for row, _ in rows if id in row[column]]
            met = Counter(region for row in own for region in row["body_regions"])
            restates = kind != "specialty" and any(
                n >= 0.7 * len(own) and n * len(rows) >= 2 * len(own) * regions[region] for region, n in met.items()
            )
            placed = sum(bool(row["body_regions"]) for row in own) >= 0.7 * len(own)
            restates = restates or (placed and "region" not in (found.step or "") and names_region(kind, id))
            some = 0 < sum(overturned for _, overturned in rows) < len(rows)
            compared += some and 3 <= len(own) < len(rows) and not restates
    for ground in found.grounds:
        column = COMPARED[ground.kind]
        sides = [
            [(row["case_key"], o) for row, o in rows if (ground.value.id in row[column]) is has]
            for has in (True, False)
        ]
        scaled = []
        for side in sides:
            cases, hits = zip(*side, strict=True)
            worth = independent_size(cases, hits) / len(side)
            scaled += [sum(hits) * worth, (len(hits) - sum(hits)) * worth]
        assert (ground.overturned, ground.overturned + ground.upheld) == (sum(o for _, o in sides[0]), len(sides[0]))
        assert ground.cases == len({case for case, _ in sides[0]})
        expected = odds(*scaled)
        assert (ground.log_odds, ground.low, ground.high) == pytest.approx(
            (expected.log_odds, expected.low, expected.high), rel=0.02, abs=0.02
        )
        assert ground.weak == (ground.q > 0.05)
    assert found.compared == compared


def test_chances_are_corrected_as_statsmodels_does() -> None:
    chances = [0.001, 0.2, 0.04, 0.04, 0.9, 0.012]
    expected = multipletests(chances, method="fdr_bh")[1]
    assert adjust_chances(chances) == pytest.approx(list(expected))
    assert adjust_chances([]) == []


@pytest.mark.parametrize("text", REQUESTS)
def test_circles_and_grounds_of_generated_letters_are_those_of_polars(generated: World, text: str) -> None:
    agree(*generated, text)


@pytest.mark.parametrize("text", REQUESTS)
def test_circles_and_grounds_of_real_letters_are_those_of_polars(real: World, text: str) -> None:
    agree(*real, text)


def test_contrasts_of_generated_letters_share_what_they_say_and_differ_in_the_decision(generated: World) -> None:
    store, table = generated
    rows = {(row["case_key"], row["position"]): row for row in table.iter_rows(named=True)}
    pairs = [pair for text in (*REQUESTS, "MRI", "Norco") for pair in precedents(store, text).contrasts]
    assert len(pairs) > 5
    for pair in pairs:
        one, other = (rows[side.case, side.position] for side in (pair.overturned, pair.upheld))
        assert (one["decision"], other["decision"]) == ("overturned", "upheld")
        assert one["treatments"] == other["treatments"]
        for place in pair.places:
            assert any(
                place.id in one[column] and place.id in other[column]
                for column in ("reviewer_pages", "reviewer_section_ids")
            )


@pytest.mark.slow
def test_each_suggestion_for_a_generated_heading_shares_what_it_says(generated: World) -> None:
    store, table = generated
    rows = {(row["case_key"], row["position"]): row for row in table.iter_rows(named=True)}
    asked = 0
    for row in table.head(150).iter_rows(named=True):
        try:
            found = precedents(store, row["heading"], leave_out=row["case_key"], limit=3)
        except UsageError:
            assert not row["treatments"], row["heading"]
            continue
        asked += 1
        assert [one.case for one in found.found if one.case == row["case_key"]] == []
        for one in found.found:
            assert fits(one.step, found)(rows[one.case, one.position]), (row["heading"], one)
        names = [tier.name for tier in found.steps]
        ranks = [(names.index(one.step), -one.score) for one in found.found]
        assert ranks == sorted(ranks)
    assert asked > 100
