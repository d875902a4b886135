"""The store on disk: one step from the old state to the new, one writer, many readers."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pyoxigraph as ox
import pytest

from imr_graph import iris as terms
from imr_graph.errors import StoreError
from imr_graph.graph.cases import owned_nodes
from imr_graph.graph.resolver import vocabulary_triples
from imr_graph.store.changes import add
from imr_graph.store.generations import FORMAT
from imr_graph.store.graph_store import (
    cases,
    data_triples,
    memory_store,
    open_store,
    rdflib_graph,
    write_store,
)
from support.paths import TESTS
from support.records import determination, item


def state(path: Path) -> set[ox.Triple]:
    return set(data_triples(open_store(path)))


def python(script: str) -> subprocess.Popen[str]:
    path = str(TESTS)
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_store_holds_letters_and_vocabularies(tmp_path: Path) -> None:
    """What was added is read back by another opening; labels resolve in the same graph."""
    add(tmp_path / "s", [determination("CM20-0000001"), determination("CM20-0000002")])
    store = open_store(tmp_path / "s")
    assert list(cases(store)) == ["CM20-0000001", "CM20-0000002"]
    label = f"SELECT ?l {{ <{terms.case_iri('CM20-0000001')}-item-1> <{terms.IMR}basedOnGuideline>/skos:prefLabel ?l }}"
    assert len(list(store.graph.query(label, prefixes=terms.PREFIXES))) == 1
    assert {quad.triple for quad in store.graph} >= set(vocabulary_triples())


def test_memory_and_disk_hold_the_same(tmp_path: Path) -> None:
    made = [determination("CM20-0000001"), determination(None, item("MRI"))]
    add(tmp_path / "s", made)
    memory = memory_store()
    add(memory, made)
    assert state(tmp_path / "s") == set(data_triples(memory))


def test_case_nodes_are_those_of_one_case() -> None:
    store = memory_store()
    add(store, [determination("CM20-0000001", item(), item("MRI")), determination("CM20-00000012")])
    nodes = owned_nodes(store.graph, terms.case_iri("CM20-0000001", store.base))
    case = terms.case_iri("CM20-0000001")
    assert nodes[0] == case
    assert len(nodes) == 1 + 1 + 1 + 2 + 2  # case, letter, reviewer, items, citations
    assert all(node == case or node.startswith((f"{case}-", terms.BASE + "letter-")) for node in nodes)


def test_rdflib_reads_a_store_on_disk(tmp_path: Path) -> None:
    """A Python user's rdflib graph over the same database, with prefixes bound."""
    add(tmp_path / "s", [determination()])
    graph = rdflib_graph(open_store(tmp_path / "s"))
    rows = list(graph.query("SELECT ?n { ?c a imr:Case ; imr:caseNumber ?n }"))
    assert [str(row[0]) for row in rows] == ["CM20-0000001"]
    assert len(list(graph.triples((None, None, None)))) == len(open_store(tmp_path / "s").graph)


def test_a_change_that_fails_leaves_the_old_state(tmp_path: Path) -> None:
    """An exception in the middle discards the unfinished generation, and the next change works."""
    path = tmp_path / "s"
    add(path, [determination("CM20-0000001")])
    before = state(path)
    with pytest.raises(ZeroDivisionError), write_store(path) as writing, writing.next() as draft:
        draft.graph.add(ox.Quad(*[ox.NamedNode(terms.term("Case"))] * 2, ox.Literal(1 // 0)))
    assert state(path) == before
    assert sorted(p.name for p in (path / "generations").iterdir()) == ["1"]
    assert add(path, [determination("CM20-0000002")]).generation == 2


def test_a_killed_writer_leaves_the_old_state(tmp_path: Path) -> None:
    """Kill -9 after the new generation is written and before it is published: readers and the next writer are well."""
    path = tmp_path / "s"
    add(path, [determination("CM20-0000001")])
    before = state(path)
    process = python(f"""
        import time
        import imr_graph.store.graph_store as store
        from imr_graph.store.changes import add
        from support.records import determination
        def publish(*_):
            print("ready", flush=True)
            time.sleep(60)
        store.publish = publish
        add({str(path)!r}, [determination("CM20-0000002")])
    """)
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert len(list((path / "generations").iterdir())) == 2
    assert state(path) == before
    changes = add(path, [determination("CM20-0000003")])
    assert (changes.generation, changes.added) == (2, ("CM20-0000003",))
    assert list(cases(open_store(path))) == ["CM20-0000001", "CM20-0000003"]


def test_a_second_writer_is_refused_and_told_who_writes(tmp_path: Path) -> None:
    """Another process: the sentence names it; a reader is not disturbed; afterwards the store can be written."""
    path = tmp_path / "s"
    add(path, [determination("CM20-0000001")])
    process = python(f"""
        import sys, time
        from imr_graph.store.graph_store import write_store
        with write_store({str(path)!r}):
            print("ready", flush=True)
            time.sleep(60)
    """)
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    with pytest.raises(StoreError, match=rf"is being written by process {process.pid} on .+ since .+: wait"):
        add(path, [determination("CM20-0000002")])
    assert list(cases(open_store(path))) == ["CM20-0000001"]
    process.kill()
    process.wait()
    process.stdout.close()
    assert add(path, [determination("CM20-0000002")]).added == ("CM20-0000002",)


def test_a_reader_keeps_the_generation_it_opened(tmp_path: Path) -> None:
    """The generation before the current one stays; older ones go."""
    path = tmp_path / "s"
    add(path, [determination("CM20-0000001")])
    reader = open_store(path)
    add(path, [determination("CM20-0000002")])
    assert list(cases(reader)) == ["CM20-0000001"]
    assert list(cases(open_store(path))) == ["CM20-0000001", "CM20-0000002"]
    add(path, [determination("CM20-0000003")])
    assert sorted(p.name for p in (path / "generations").iterdir()) == ["2", "3"]


def test_a_missing_store_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"There is no store at .*nowhere: make one with imr-graph build"):
        open_store(tmp_path / "nowhere")


def test_a_store_of_another_format_is_named(tmp_path: Path) -> None:
    path = tmp_path / "s"
    add(path, [determination()])
    manifest = path / "store.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "format": FORMAT + 1}))
    for use in (open_store, lambda p: add(p, [determination()])):
        with pytest.raises(StoreError, match=rf"has format {FORMAT + 1} and this version of imr-graph reads {FORMAT}:"):
            use(path)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 2}'])
def test_a_damaged_manifest_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "s"
    add(path, [determination()])
    (path / "store.json").write_text(content)
    with pytest.raises(StoreError, match=r"store\.json is damaged"):
        open_store(path)


def test_a_lost_generation_is_named(tmp_path: Path) -> None:
    path = tmp_path / "s"
    add(path, [determination()])
    (path / "generations" / "1").rename(tmp_path / "elsewhere")
    with pytest.raises(StoreError, match=r"lacks its generation 1: restore"):
        open_store(path)


def test_a_damaged_database_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "s"
    add(path, [determination()])
    (path / "generations" / "1" / "CURRENT").write_text("nonsense\n")
    with pytest.raises(StoreError, match=r"CURRENT has 9 bytes instead of 16: restore it from a copy"):
        open_store(path)


def test_a_file_in_the_place_of_the_store_is_named(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("not a folder")
    with pytest.raises(StoreError, match="is not a folder"):
        add(tmp_path / "s", [determination()])
    with pytest.raises(StoreError, match="There is no store"):
        open_store(tmp_path / "s")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(28, "No space left on device"), "The disk that holds the store .* is full: free some"),
        (OSError("IO error: No space left on device: While appending"), "is full"),
        (OSError(30, "Read-only file system"), "cannot be written to or read: change its permissions"),
        (PermissionError(13, "Permission denied"), "cannot be written to or read"),
        (OSError(5, "Input/output error"), r"cannot be used \(.*Input/output error\)"),
    ],
)
def test_what_the_system_refuses_is_one_sentence_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, sentence: str
) -> None:
    """A full disk, a read-only file system and the like in the middle of a change."""
    path = tmp_path / "s"
    add(path, [determination("CM20-0000001")])
    before = state(path)

    def fail(*_args: object, **_options: object) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr("imr_graph.store.catalog.record", fail)
        with pytest.raises(StoreError, match=sentence) as caught:
            add(path, [determination("CM20-0000002")])
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 3
    assert state(path) == before


def test_a_real_full_disk_is_one_sentence(tmp_path: Path) -> None:
    """The file size limit of a process stands in for a disk: the system refuses while the database writes."""
    path = tmp_path / "s"
    add(path, [determination("CM20-0000001")])
    before = state(path)
    process = python(f"""
        import resource, signal
        from imr_graph.errors import StoreError
        from imr_graph.store.changes import add
        from support.records import determination, item
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        letters = [determination(f"CM21-{{n:07}}", item(rationale=f"{{n}} " * 2000)) for n in range(100)]
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        try:
            add({str(path)!r}, letters)
        except StoreError as error:
            print(error)
    """)
    told, _ = process.communicate()
    assert re.fullmatch(r"The (store|catalog) .* cannot be used \(.*\): .*\n", told)
    assert state(path) == before


def test_a_store_has_one_base(tmp_path: Path) -> None:
    """The base is chosen once; later letters follow it."""
    path = tmp_path / "s"
    add(path, [determination("CM20-0000001")], base="https://example.org/imr/")
    add(path, [determination("CM20-0000002")])
    assert list(cases(open_store(path))) == ["CM20-0000001", "CM20-0000002"]
    with pytest.raises(StoreError, match=r"has the base https://example\.org/imr/"):
        add(path, [determination("CM20-0000003")], base=terms.BASE)


def test_another_version_of_the_vocabulary_replaces_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next change brings the shipped vocabularies in, and nothing stays of the old ones."""
    path = tmp_path / "s"
    add(path, [determination("CM20-0000001")])
    fresh = {quad.triple for quad in open_store(path).graph}
    node, label = ox.NamedNode(f"{terms.BASE}treatment-aether"), ox.NamedNode(f"{terms.SKOS}prefLabel")
    old = ox.Triple(node, label, ox.Literal("aether", language="en"))
    with monkeypatch.context() as patched:
        text = ox.serialize([*vocabulary_triples()[5:], old], format=ox.RdfFormat.N_TRIPLES)
        patched.setattr("imr_graph.store.graph_store.vocabulary_text", lambda: text)
        patched.setattr("imr_graph.store.graph_store.load_version", lambda: "old")
        add(tmp_path / "t", [determination("CM20-0000001")])
    held = {quad.triple for quad in open_store(tmp_path / "t").graph}
    assert old in held
    assert not held >= fresh
    with write_store(tmp_path / "t") as writing, writing.next():
        pass
    assert {quad.triple for quad in open_store(tmp_path / "t").graph} == fresh
