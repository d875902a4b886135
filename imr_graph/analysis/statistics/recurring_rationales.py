"""Rationales that recur, word for word or nearly: how often, in how many letters, from how many reviewer profiles.

Words are compared without case, punctuation and white space. Two rationales are nearly the same where their runs of
five words overlap by a given share (Jaccard); candidates are found by MinHash with one permutation and bands (P. Li,
A. Owen, C.-H. Zhang, One Permutation Hashing, NIPS 2012), and each is then checked exactly. Within a band all are
compared with the first alone, so a chain of likenesses is found, but no work grows with the square of a group.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Final

import duckdb

from imr_graph.analysis.dimensions.filters import NO_FILTERS, Filters, to_sql
from imr_graph.errors import UsageError
from imr_graph.store.failures import translate_table_errors
from imr_graph.store.table import Table

__all__ = ["NEARLY", "RecurringRationale", "recurring_rationales"]

NEARLY: Final = 0.9
"""The share of runs of five words in common from which on two rationales are nearly the same."""

_LEAST_LIKE: Final = 0.8  # below it the bands would miss more than one in twenty
_BINS, _BAND, _BANDS = 64, 6, 10  # of a sketch; two that are 90% alike share a band with a probability of 0.9995
_BIN = "(x >> 58)"  # the first six bits of a hash choose its bin
_LEAST = f"i = 1 or {_BIN} <> (h[i - 1] >> 58)"  # the first of its bin, of sorted hashes
_EXAMPLES: Final = 5
_PLACE: Final = "{'case_key': case_key, 'position': position}"


@dataclass(frozen=True, slots=True)
class RecurringRationale:
    """Rationales that say the same.

    `text` is the most frequent wording, `variants` the number of wordings (1: word for word). `items`, `letters` and
    `profiles` count the disputed items, letters and reviewer profiles that carry them, `overturned` those of the items
    that were overturned. `first` and `last` are the days of the first and last decision in ISO form; `places` are some
    of the items: case and position.
    """

    text: str
    variants: int
    items: int
    letters: int
    profiles: int
    overturned: int
    first: str | None
    last: str | None
    places: tuple[tuple[str, int], ...]


def recurring_rationales(
    table: Table,
    *,
    nearly: float | None = NEARLY,
    filters: Filters = NO_FILTERS,
    minimum: int = 2,
    minimum_letters: int = 1,
    limit: int = 100,
) -> tuple[RecurringRationale, ...]:
    """Return the rationales that stand in at least `minimum` items and `minimum_letters` letters, the most items first.

    `nearly` is the likeness from which on wordings are taken together, between 0.8 and 1; None counts word for word
    only. Raises UsageError for a parameter out of its range.
    """
    if nearly is not None and not _LEAST_LIKE <= nearly <= 1:
        raise UsageError(f"A likeness of {nearly} is out of range: give {_LEAST_LIKE} to 1, or none for word for word.")
    if minimum < 2 or minimum_letters < 1 or limit < 1:
        raise UsageError("What recurs stands in 2 items or more, in 1 letter or more; the limit is 1 or more.")
    likeness = None if nearly == 1 else nearly
    with translate_table_errors(table.store.path or Path("in memory")), table.connection.cursor() as db:
        if filters != NO_FILTERS or nearly != NEARLY:
            _count_groups(db, filters, likeness, "temp table recurring")
            return _read_groups(db, "recurring", minimum, minimum_letters, limit)
        with _counting:
            if not db.execute("select 1 from duckdb_tables() where table_name = 'kept_recurring'").fetchone():
                _count_groups(db, filters, likeness, "table kept_recurring")
        return _read_groups(db, "kept_recurring", minimum, minimum_letters, limit)


# To compare all rationales takes long: what recurs among them is kept in memory as long as the table is open.
_counting = Lock()


def _count_groups(db: duckdb.DuckDBPyConnection, filters: Filters, nearly: float | None, target: str) -> None:
    """Make the table of the rationales that stand in several items, a row for each."""
    _read_places(db, filters, sketched=nearly is not None)
    if nearly is not None:
        _join_alike(db, nearly)
    places = f"list({_PLACE} order by case_key, position)[1:{_EXAMPLES}]"
    db.execute(
        f"create {target} as with grouped as (select root, count(*) as items, count(distinct case_key) as letters, "
        "count(distinct digest) as variants, count(distinct profile) as profiles, "
        "count(*) filter (overturned) as overturned, min(decision_date)::varchar as earliest, "
        f"max(decision_date)::varchar as latest, {places} as places "
        "from place join wording using (digest) group by root having count(*) > 1) "
        "select grouped.*, first from grouped join wording on id = grouped.root"
    )


_WORDS: Final = r"trim(regexp_replace(lower(rationale), '[^\p{L}\p{N}]+', ' ', 'g'))"
# Of the hashes of words `w`: those of runs, in their order. Runs at the end that lack words are left out.
_RUNS: Final = (
    "list_sort(list_transform(list_zip(w, w[2:], w[3:], w[4:], w[5:])[1:greatest(len(w) - 4, 1)], lambda z: hash(z)))"
)
_HASHED: Final = "list_transform(string_split(words, ' '), lambda x: hash(x))"


def _read_places(db: duckdb.DuckDBPyConnection, filters: Filters, *, sketched: bool) -> None:
    """Make the tables `place` (an item and its wording) and `wording` (each once, numbered by its first place).

    A wording that is sketched has a mark for each band: what is nearly the same shares one of them.
    """
    said, parameters = to_sql(filters)
    rows = f"select *, {_WORDS} as words from items where rationale is not null and {said}"
    marks = "null"
    if sketched:
        for column, name in ((_HASHED, "w"), (_RUNS, "h"), (f"list_filter(h, lambda x, i: {_LEAST})", "least")):
            rows = f"select *, {column} as {name} from ({rows})"
        chosen = f"list_filter(least, lambda x: {_BIN} // {_BAND} = band)"
        marks = f"list_transform(range({_BANDS}), lambda band: case when len({chosen}) > 0 then hash({chosen}) end)"
    db.execute(
        "create temp table place as select md5(words) as digest, case_key, position, reviewer_profile as profile, "
        f"decision = 'overturned' as overturned, decision_date, {marks} as marks from ({rows})",
        parameters,
    )
    db.execute(
        "create temp table wording as select row_number() over (order by items desc, first) - 1 as id, digest, first, "
        f"marks, id as root from (select digest, count(*) as items, min({_PLACE}) as first, any_value(marks) as marks "
        "from place group by digest)"
    )


def _join_alike(db: duckdb.DuckDBPyConnection, nearly: float) -> None:
    """Give all wordings that are nearly the same one root: the one that most items have."""
    db.execute(
        "create temp table pair as with banded as (select id, unnest(marks) as mark, "
        f"unnest(range({_BANDS})) as band from wording), "
        "led as (select band, mark, min(id) as leader from banded where mark is not null "
        "group by band, mark having count(*) > 1) "
        "select distinct id, leader from banded join led using (band, mark) where id <> leader"
    )
    (count,) = db.execute("select count(*) from wording").fetchone() or (0,)
    # Lists of very different lengths cannot have so much in common, which spares most comparisons.
    db.execute(
        "with compared as materialized (select id, list_distinct(h) as h from "
        f"(select id, {_RUNS} as h from (select id, {_HASHED} as w from (select id, {_WORDS} as words "
        "from wording join items on case_key = first.case_key and position = first.position "
        "where id in (select id from pair union all select leader from pair))))), "
        "counted as (select pair.id, leader, len(a.h) + len(b.h) as together, len(list_intersect(a.h, b.h)) as same "
        "from pair join compared a on a.id = pair.id join compared b on b.id = leader "
        "where least(len(a.h), len(b.h)) >= $nearly * greatest(len(a.h), len(b.h))) "
        "select id, leader from counted where same >= $nearly * (together - same)",
        {"nearly": nearly},
    )
    changed = _join_pairs(db, count)
    if changed:
        db.execute("create temp table changed (id bigint, root bigint)")
        ids, roots = ([pair[n] for pair in changed] for n in (0, 1))
        db.execute("insert into changed select unnest(?::bigint[]), unnest(?::bigint[])", [ids, roots])
        db.execute("update wording set root = c.root from changed c where c.id = wording.id")


def _join_pairs(pairs: duckdb.DuckDBPyConnection, count: int) -> list[tuple[int, int]]:
    """Return each wording that is like another, with the first of all that hang together with it."""
    above = array("q", range(count))

    def root(id: int) -> int:
        while above[id] != id:
            above[id] = above[above[id]]
            id = above[id]
        return id

    while some := pairs.fetchmany(10_000):
        for one, other in some:
            first, second = sorted((root(one), root(other)))
            above[second] = first
    return [(id, root(id)) for id in range(count) if above[id] != id]


def _read_groups(
    db: duckdb.DuckDBPyConnection, name: str, minimum: int, letters: int, limit: int
) -> tuple[RecurringRationale, ...]:
    rows = db.execute(
        f"with chosen as (from {name} where items >= ? and letters >= ? order by items desc, letters desc, root "
        "limit ?) select rationale, variants, items, letters, profiles, overturned, earliest, latest, places "
        "from chosen join items i on i.case_key = first.case_key and i.position = first.position "
        "order by items desc, letters desc, root",
        [minimum, letters, limit],
    ).fetchall()
    return tuple(_recurring(*row) for row in rows)


def _recurring(text: str, *counts: Any) -> RecurringRationale:
    variants, items, letters, profiles, overturned, first, last, places = counts
    found = tuple((place["case_key"], place["position"]) for place in places)
    return RecurringRationale(text, variants, items, letters, profiles, overturned, first, last, found)
