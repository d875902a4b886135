"""Adding and removing letters: what a store holds follows from the letters in it, and from nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imr_graph.errors import StoreError, UnknownNameError
from imr_graph.graph import mapping
from imr_graph.model import Determination, Reviewer
from imr_graph.store import catalog
from imr_graph.store.changes import add, remove
from imr_graph.store.graph_store import GraphStore, cases, data_triples, memory_store, open_store
from imr_graph.store.policy import Replacement
from support.records import CHRONIC_PAIN, citation, determination, gold, item, party


def data(store: GraphStore) -> bytes:
    return ox.serialize(sorted(data_triples(store), key=str), format=ox.RdfFormat.N_TRIPLES) or b""


def built(*determinations: Determination, **options: bool) -> GraphStore:
    store = memory_store()
    add(store, determinations, **options)
    return store


def printed(number: str, *names: str, specialty: str = "Dowsing") -> Determination:
    """Return a letter that prints section names which the vocabulary does not know, and such a specialty."""
    grounds = party(*(citation(CHRONIC_PAIN, name, pages=(len(name),)) for name in names))
    return determination(number, item(reviewer=grounds), reviewer=Reviewer((specialty,), ("US-CA",)))


def later(made: Determination) -> Determination:
    """Return a letter that was decided a day after those of the factory."""
    return replace(made, dates=replace(made.dates, decided=date(2020, 3, 31)))


def test_the_same_letter_again_changes_nothing(tmp_path: Path) -> None:
    """Not even a generation; neither another file name nor another folder makes it another letter."""
    path = tmp_path / "s"
    made = determination("CM20-0000001")
    add(path, [made])
    before = data(open_store(path))
    changes = add(path, [made, replace(made, source="copies/other.txt")])
    assert (changes.changed, changes.unchanged, changes.generation) == (False, ("CM20-0000001",) * 2, 1)
    assert [p.name for p in (path / "generations").iterdir()] == ["1"]
    assert data(open_store(path)) == before


def test_a_corrected_letter_replaces_its_nodes() -> None:
    """Nothing of the old letter stays, not even its section, its page and the item that is gone."""
    old, new = printed("CM20-0000001", "Quiet corners", "Lost corners"), later(printed("CM20-0000001", "Quiet corners"))
    store = built(old)
    changes = add(store, [new])
    assert changes.replaced == (Replacement("CM20-0000001", old.sha256, new.sha256),)
    assert data(store) == data(built(new))


def test_a_letter_read_differently_replaces_itself() -> None:
    """Same text, other rules: the graph follows the rules."""
    old = determination("CM20-0000001")
    new = replace(old, summary="The patient is a packer.")
    store = built(old)
    changes = add(store, [new])
    assert changes.replaced == (Replacement("CM20-0000001", old.sha256, old.sha256),)
    assert data(store) == data(built(new))


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("in_order", [True, False])
def test_of_two_letters_with_one_number_the_one_decided_last_stays(together: bool, in_order: bool) -> None:
    """Whether they come together or one after the other, and in whatever order."""
    first, second = determination("CM20-0000001"), later(determination("CM20-0000001", item("MRI")))
    store = memory_store()
    gave_way = (Replacement("CM20-0000001", first.sha256, second.sha256),)
    letters = [first, second] if in_order else [second, first]
    if together:
        changes = add(store, letters)
    else:
        add(store, letters[:1])
        changes = add(store, letters[1:])
    stored_gave_way = in_order and not together
    assert (changes.replaced, changes.left_out) == ((gave_way, ()) if stored_gave_way else ((), gave_way))
    assert data(store) == data(built(second))


def test_of_two_letters_that_were_decided_on_one_day_the_digest_decides() -> None:
    first, second = determination("CM20-0000001"), determination("CM20-0000001", item("MRI"))
    last = max((first, second), key=lambda d: d.sha256)
    for letters in ((first, second), (second, first)):
        assert data(built(*letters)) == data(built(last))


def test_both_are_kept_if_the_user_says_so() -> None:
    """The second one's key carries the start of its digest; adding both again changes nothing."""
    first, second = determination("CM20-0000001"), determination("CM20-0000001", item("MRI"))
    store = memory_store()
    changes = add(store, [first, second], keep_both=True)
    key = f"CM20-0000001-{second.sha256[:8]}"
    assert (changes.added, changes.kept_both) == (("CM20-0000001",), (key,))
    assert list(cases(store)) == ["CM20-0000001", key]
    assert not add(store, [second, first], keep_both=True).changed
    assert not add(store, [second]).changed


def test_a_third_letter_replaces_both_that_were_kept() -> None:
    letters = [determination("CM20-0000001", item(name)) for name in ("MRI", "CT", "EMG")]
    letters[2] = later(letters[2])
    store = built(*letters[:2], keep_both=True)
    changes = add(store, letters[2:])
    assert {r.old for r in changes.replaced} == {letters[0].sha256, letters[1].sha256}
    assert data(store) == data(built(letters[2]))


def test_letters_without_a_number_are_told_apart_by_their_text() -> None:
    one, two = determination(None), determination(None, item("MRI"))
    store = built(one, two)
    assert set(cases(store)) == {one.sha256[:16], two.sha256[:16]}
    assert not add(store, [two]).changed


def test_the_same_letter_under_two_names_in_one_run(tmp_path: Path) -> None:
    """Which file name counts does not hang on the order of the files."""
    made = determination()
    copies = [replace(made, source=f"{name}.txt") for name in "ba"]
    assert data(built(*copies)) == data(built(*copies[::-1]))
    assert add(tmp_path / "s", copies).added == (made.key,)


@pytest.mark.parametrize("name", ["number", "key", "digest", "short digest"])
def test_a_letter_is_removed_by_any_of_its_names(name: str) -> None:
    other, made = printed("CM20-0000001", "Quiet corners"), printed("CM20-0000002", "Quiet corners", "Lost corners")
    store = built(other, made)
    names = {"number": "CM20-0000002", "key": made.key, "digest": made.sha256, "short digest": made.sha256[:8].upper()}
    assert remove(store, names[name]).removed == ("CM20-0000002",)
    assert data(store) == data(built(other))


def test_a_number_removes_both_letters_and_a_key_one() -> None:
    first, second = determination("CM20-0000001"), determination("CM20-0000001", item("MRI"))
    store = built(first, second, keep_both=True)
    assert remove(store, f"CM20-0000001-{second.sha256[:8]}").removed == (f"CM20-0000001-{second.sha256[:8]}",)
    assert data(store) == data(built(first))
    add(store, [second], keep_both=True)
    assert len(remove(store, "CM20-0000001").removed) == 2
    assert data(store) == b""


def test_removing_what_is_not_there_names_what_is_near(tmp_path: Path) -> None:
    path = tmp_path / "s"
    add(path, [determination("CM20-0000001")])
    with pytest.raises(
        UnknownNameError, match=r"There is no case or letter 'CM20-0000011'\. Did you mean 'CM20-0000001'"
    ):
        remove(path, "CM20-0000011")
    with pytest.raises(UnknownNameError):
        remove(memory_store(), "ab" * 32)
    with pytest.raises(StoreError, match="There is no store"):
        remove(tmp_path / "nowhere", "CM20-0000001")
    assert not (tmp_path / "nowhere").exists()


def test_the_catalog_knows_what_the_graph_does_not(tmp_path: Path) -> None:
    """Where a letter was read from and by what; entries come and go with their letters."""
    path = tmp_path / "s"
    first, second = determination("CM20-0000001"), later(determination("CM20-0000001", item("MRI")))
    add(path, [first, determination("CM20-0000002")])
    assert [e.key for e in catalog.entries(path, 1)] == ["CM20-0000001", "CM20-0000002"]
    add(path, [second])
    (entry,) = (e for e in catalog.entries(path, 2) if e.key == "CM20-0000001")
    assert (entry.sha256, entry.source) == (second.sha256, "letters/CM20-0000001.txt")
    assert (entry.number, entry.decided) == ("CM20-0000001", "2020-03-31")
    assert [e.sha256 for e in catalog.entries(path, 1) if e.key == "CM20-0000001"] == [first.sha256]
    remove(path, "CM20-0000001")
    assert [e.key for e in catalog.entries(path, 3)] == ["CM20-0000002"]
    assert [e.key for e in catalog.entries(path, 2)] == ["CM20-0000002"], "what is removed is erased"


def test_order_of_letters_does_not_matter(shared: Path) -> None:
    """The real letters in two orders give the same bytes."""
    letters = gold(shared)
    assert data(built(*letters)) == data(built(*letters[::-1])) != b""


def test_the_graph_is_the_union_of_what_letters_say(shared: Path) -> None:
    """The store adds nothing of its own and loses nothing."""
    letters = gold(shared)
    expected = {triple for made in letters for triple in mapping.triples(made)}
    assert set(data_triples(built(*letters))) == expected


_NAMES = ("Quiet corners", "QUIET corners", "quiet, corners", "Lost corners", "MRI", "Mri")
_LETTERS = st.builds(
    printed,
    st.sampled_from(("CM20-0000001", "CM20-0000002", "CM20-0000003")),
    st.sampled_from(_NAMES),
    st.sampled_from(_NAMES),
    specialty=st.sampled_from(("Dowsing", "DOWSING", "Orthopedic Surgery")),
)
_STEPS = st.lists(st.one_of(_LETTERS, st.sampled_from(("CM20-0000001", "CM20-0000002", "CM20-0000003"))), max_size=12)


@settings(max_examples=settings.default.max_examples // 4)
@given(_STEPS, _LETTERS)
def test_any_sequence_of_changes_ends_where_a_fresh_build_ends(
    steps: list[Determination | str], another: Determination
) -> None:
    """Adding, replacing and removing in any order: the bytes are those of a store with the letters that are left.

    In the end one more letter comes and goes, and leaves no trace.
    """
    store = memory_store()
    left: dict[str, Determination] = {}
    for step in steps:
        if isinstance(step, Determination):
            add(store, [step])
            known = left.get(step.key)
            left[step.key] = known if known and known.sha256 >= step.sha256 else step
        elif step in left:
            remove(store, step)
            del left[step]
    before = len(store.database)
    add(store, [replace(another, case_number="CM20-0000009")])
    assert len(store.database) > before
    remove(store, "CM20-0000009")
    assert data(store) == data(built(*left.values()))
