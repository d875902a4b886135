"""The figures of precedents on real and on generated letters, against polars over the exported table."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from imr_graph.analysis.precedents.associations import COMPARED, odds
from imr_graph.analysis.precedents.precedents import Precedents, precedents
from imr_graph.analysis.precedents.tiers import TIERS
from imr_graph.errors import UsageError
from imr_graph.model import Determination, from_record
from imr_graph.store.add import add
from imr_graph.store.graph_store import GraphStore, open_store
from imr_graph.store.table_export import export_table
from imr_graph.table.rows import groups_of
from support.paths import BENCHMARKS
from support.records import gold

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
    """Return whether a row of the table is in a circle."""
    request = found.request
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
        if step.name == found.step:
            agree_grounds(found, pl.DataFrame(inside, schema=table.schema))


def agree_grounds(found: Precedents, circle: pl.DataFrame) -> None:
    overturned = pl.col("decision") == "overturned"
    compared = 0
    for kind, column in COMPARED.items():
        each = circle.select(column, overturned.alias("overturned")).explode(column).drop_nulls()
        counts = each.group_by(column).agg(pl.col("overturned").sum(), pl.len()).filter(pl.col("len") >= 3)
        by_id = {id: (with_, count) for id, with_, count in counts.iter_rows()}
        some = 0 < circle.select(overturned.sum()).item() < circle.height
        compared += sum(count < circle.height for _, count in by_id.values()) if some else 0
        for ground in (ground for ground in found.grounds if ground.kind == kind):
            with_, count = by_id[ground.value.id]
            assert (ground.overturned, ground.upheld) == (with_, count - with_)
            expected = odds(with_, count - with_, ground.all_overturned - with_, ground.all_upheld - (count - with_))
            assert (ground.log_odds, ground.low, ground.high) == pytest.approx(
                (expected.log_odds, expected.low, expected.high)
            )
    assert found.compared == compared


@pytest.mark.parametrize("text", REQUESTS)
def test_circles_and_grounds_of_generated_letters_are_those_of_polars(generated: World, text: str) -> None:
    agree(*generated, text)


@pytest.mark.parametrize("text", REQUESTS)
def test_circles_and_grounds_of_real_letters_are_those_of_polars(real: World, text: str) -> None:
    agree(*real, text)


def test_contrasts_of_generated_letters_share_what_they_say_and_differ_in_the_decision(generated: World) -> None:
    store, table = generated
    rows = {(row["case_key"], row["position"]): row for row in table.iter_rows(named=True)}
    pairs = [pair for text in REQUESTS for pair in precedents(store, text).contrasts]
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
        ranks = [(list(TIERS).index(one.step), -one.score) for one in found.found]
        assert ranks == sorted(ranks)
    assert asked > 100
