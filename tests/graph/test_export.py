"""The graph as files: every format says the same, and the same graph gives the same bytes."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from itertools import groupby, permutations
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st

from imr_graph import iris as terms
from imr_graph.errors import UnknownNameError
from imr_graph.graph import jsonld, mapping
from imr_graph.graph.export import FORMATS, counts, description, export
from imr_graph.graph.resolver import vocabulary_triples
from imr_graph.store.changes import add, remove
from imr_graph.store.graph_store import GraphStore, data_triples, memory_store, open_store
from support.once import build_once
from support.paths import TESTS
from support.records import CHRONIC_PAIN, citation, determination, gold, item, party, spanned

READERS = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
}
LETTERS = [
    spanned(determination("CM20-0000001", item("Brace", "overturned", laterality="left"), item("MRI"))),
    determination("CM20-0000002", item(reviewer=party(citation(CHRONIC_PAIN, "Quiet corners", pages=(9, 10))))),
    determination(None, item(claims_administrator=party(citation("odg", "MRI", chapter="Knee", basis="non-mtus")))),
]


def built(*letters: object, base: str = terms.BASE) -> GraphStore:
    store = memory_store(base=base)
    add(store, letters)  # type: ignore[arg-type]
    return store


def written(store: GraphStore, format: str, **options: bool) -> bytes:
    stream = io.BytesIO()
    export(store, format, stream, **options)
    return stream.getvalue()


STORE = built(*LETTERS)


def test_every_format_has_a_reader_here() -> None:
    assert set(FORMATS) == set(READERS)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("include_vocabulary", [False, True])
def test_a_format_gives_the_graph_back(format: str, include_vocabulary: bool) -> None:
    """Exactly the triples of the letters, or of everything; no vocabulary by default."""
    text = written(STORE, format, include_vocabulary=include_vocabulary)
    expected = set(data_triples(STORE)) | (set(vocabulary_triples()) if include_vocabulary else set())
    assert {quad.triple for quad in ox.parse(text, format=READERS[format])} == expected


@pytest.mark.parametrize(("format", "name"), [("turtle", "turtle"), ("jsonld", "json-ld"), ("rdfxml", "xml")])
# rdflib's own JSON-LD reader still uses its deprecated ConjunctiveGraph.
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_rdflib_reads_the_same_graph(format: str, name: str) -> None:
    """A second, independent reader of each format that has a syntax to get wrong."""
    read = rdflib.Graph().parse(data=written(STORE, format), format=name)
    expected = rdflib.Graph().parse(data=written(STORE, "ntriples"), format="nt")
    assert set(read) == set(expected)


@pytest.fixture(scope="module")
def otherwise_built() -> list[GraphStore]:
    """Return stores of the letters in every order, and one where another letter came and went."""
    store = built(*LETTERS)
    add(store, [determination("CM20-0000009", item(reviewer=party(citation(CHRONIC_PAIN, "Lost corners"))))])
    remove(store, "CM20-0000009")
    return [*(built(*order) for order in permutations(LETTERS)), store]


@pytest.mark.parametrize("format", FORMATS)
def test_the_order_of_letters_does_not_show(otherwise_built: list[GraphStore], format: str) -> None:
    expected = written(STORE, format)
    for store in otherwise_built:
        assert written(store, format) == expected


@pytest.mark.end_to_end
def test_bytes_do_not_hang_on_process_or_hash_seed(tmp_path: Path, shared: Path) -> None:
    """The real letters, two processes, two seeds, two orders of files: identical in every format."""
    script = f"""
import hashlib, io, sys
from pathlib import Path
from support.records import gold
from imr_graph.store.changes import add
from imr_graph.graph.export import FORMATS, export
from imr_graph.store.graph_store import open_store
letters = gold(Path({str(shared)!r}))
add(sys.argv[1], letters[::int(sys.argv[2])])
for name in FORMATS:
    stream = io.BytesIO()
    export(open_store(sys.argv[1]), name, stream)
    print(name, hashlib.sha256(stream.getvalue()).hexdigest())
"""
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script, str(tmp_path / seed), step],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(TESTS)},
            capture_output=True,
            check=True,
        ).stdout
        for seed, step in (("1", "1"), ("2", "-1"))
    }
    assert len(outputs) == 1
    assert len(outputs.pop().splitlines()) == len(FORMATS)


def test_turtle_is_prefixed_and_grouped_and_a_case_comes_before_its_items() -> None:
    text = written(STORE, "turtle").decode()
    assert "@prefix imr: <https://w3id.org/imr-graph/ontology#> ." in text
    assert "\nid:case-CM20-0000001 a imr:Case ;\n" in text
    assert text.count("id:case-CM20-0000001 a ") == 1
    assert text.index("id:case-CM20-0000001 a ") < text.index("id:case-CM20-0000001-item-1 a ")


def test_ntriples_are_those_of_the_mapping() -> None:
    """Sorted as any tool sorts bytes, each line once."""
    lines = written(STORE, "ntriples").splitlines(keepends=True)
    assert lines == sorted({line for made in LETTERS for line in mapping.ntriples(made).encode().splitlines(True)})


def test_jsonld_is_pleasant_to_read() -> None:
    """Short names, individuals by name, numbers and truth values as JSON has them, references as short IRIs."""
    document = json.loads(written(STORE, "jsonld"))
    nodes = {node["@id"]: node for node in document["@graph"]}
    case = nodes["id:case-CM20-0000001"]
    assert case["@type"] == "Case"
    assert case["outcome"] == "PartiallyOverturned"
    assert case["patientAge"] == 44
    assert case["decisionDate"] == "2020-03-30"
    assert case["hasDisputedItem"] == ["id:case-CM20-0000001-item-1", "id:case-CM20-0000001-item-2"]
    assert nodes["id:case-CM20-0000001-item-1"]["retrospective"] is False
    assert nodes[f"id:page-{CHRONIC_PAIN}-9"]["prefLabel"].endswith(", page 9")
    plain = (str, int, bool, list)
    assert all(isinstance(value, plain) for node in nodes.values() for value in node.values())


def test_the_context_covers_the_ontology() -> None:
    """Each object property of the ontology is a reference, each typed one has its type: nothing reads as plain text."""
    by_property: dict[str, set[str]] = {}
    for triple in vocabulary_triples():
        if isinstance(triple.subject, ox.NamedNode) and triple.subject.value.startswith(terms.IMR):
            said = terms.local_name(triple.predicate.value)
            if said in ("type", "range", "rangeIncludes", "inverseOf") and isinstance(triple.object, ox.NamedNode):
                by_property.setdefault(triple.subject.value[len(terms.IMR) :], set()).add(triple.object.value)
    shipped = jsonld.context()
    for name, facts in by_property.items():
        if any(fact.startswith(terms.IMR + "has") or fact == terms.term("documentedIn") for fact in facts):
            continue  # an inverse, which the graph does not hold
        coercion = shipped[name]["@type"] if name in shipped else ""
        if "http://www.w3.org/2002/07/owl#ObjectProperty" in facts:
            assert coercion in ("@id", "@vocab"), name
        for kind in ("date", "integer", "boolean"):
            if terms.XSD + kind in facts:
                assert coercion == f"xsd:{kind}", name


def test_another_base_is_written_with_a_prefix_of_its_own() -> None:
    store = built(LETTERS[0], base="https://example.org/imr/")
    assert "data:case-CM20-0000001 a imr:Case" in written(store, "turtle").decode()
    text = written(store, "jsonld")
    assert b'"data:case-CM20-0000001"' in text
    assert {q.triple for q in ox.parse(text, format=ox.RdfFormat.JSON_LD)} == set(data_triples(store))


def test_an_empty_store_is_an_empty_file_of_its_format() -> None:
    for name, reader in READERS.items():
        assert list(ox.parse(written(memory_store(), name), format=reader)) == []


def test_an_unknown_format_names_the_known() -> None:
    with pytest.raises(UnknownNameError, match=r"There is no export format 'turtel'\. Did you mean 'turtle'\?"):
        export(STORE, "turtel", io.BytesIO())


_ANY = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)


@settings(max_examples=settings.default.max_examples // 4)
@given(st.lists(_ANY, min_size=1, max_size=4))
def test_any_text_survives_every_format(texts: list[str]) -> None:
    """XML alone cannot hold some control characters: they become U+FFFD there, and the file stays well-formed."""
    store = GraphStore(ox.Store())
    node, prop = ox.NamedNode(f"{terms.BASE}case-x"), ox.NamedNode(terms.term("rationale"))
    for text in texts:
        store.graph.add(ox.Quad(node, prop, ox.Literal(text)))
    for name, reader in READERS.items():
        found = {quad.object.value for quad in ox.parse(written(store, name), format=reader)}
        assert found == {_in_xml(text) if name == "rdfxml" else text for text in texts}


def _fit(literal: ox.Literal) -> ox.Literal:
    kind = {"language": literal.language} if literal.language else {"datatype": literal.datatype}
    return ox.Literal(_in_xml(literal.value), **kind)


def _in_xml(text: str) -> str:
    allowed = "\t\n\r"
    return "".join("\ufffd" if (c < " " and c not in allowed) or c in "\ufffe\uffff" else c for c in text)


class PlainWay:
    """The formats as plain programs write them: all triples sorted in memory, one object each, Oxigraph's writers."""

    def __init__(self, store: GraphStore, include_vocabulary: bool) -> None:
        everything = {quad.triple for quad in store.graph.quads_for_pattern(None, None, None, ox.DefaultGraph())}
        found = everything if include_vocabulary else everything & set(data_triples(store))
        lines = (ox.serialize(found, format=ox.RdfFormat.N_TRIPLES) or b"").splitlines(keepends=True)
        self.ntriples = b"".join(sorted(lines))
        ordered = b"".join(sorted(lines, key=lambda line: line.replace(b">", b" ", 1)))
        self._triples = [quad.triple for quad in ox.parse(ordered, format=ox.RdfFormat.N_TRIPLES)]
        self._prefixes = {**terms.PREFIXES, **({} if store.base == terms.BASE else {"data": store.base})}

    @property
    def turtle(self) -> bytes:
        """Return Turtle."""
        return ox.serialize(self._triples, format=ox.RdfFormat.TURTLE, prefixes=self._prefixes) or b""

    @property
    def rdfxml(self) -> bytes:
        """Return RDF/XML, without what it cannot hold."""
        fit = (
            ox.Triple(t.subject, t.predicate, _fit(t.object)) if isinstance(t.object, ox.Literal) else t
            for t in self._triples
        )
        return ox.serialize(fit, format=ox.RdfFormat.RDF_XML, prefixes=self._prefixes) or b""

    @property
    def jsonld(self) -> bytes:
        """Return JSON-LD."""
        nodes = [
            json.loads(jsonld.format_nodes(group, self._prefixes))
            for _, group in groupby(self._triples, key=lambda triple: triple.subject)
        ]
        context = {**jsonld.context(), **self._prefixes}
        texts = [json.dumps(node, ensure_ascii=False, indent=1) for node in (context, *nodes)]
        return f'{{\n"@context": {texts[0]},\n"@graph": [\n{f",{chr(10)}".join(texts[1:])}\n]\n}}\n'.encode()


@pytest.fixture(scope="module")
def on_disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store of the examples' kind, whose graph has text and IRIs of every sort as well."""

    def build(folder: Path) -> None:
        made = [determination(f"CM20-{n:07}", item("Brace", rationale=f"Words {n}.")) for n in range(60)]
        add(folder / "store", [*LETTERS[1:], *made])

    return build_once(tmp_path_factory, "export-store", build) / "store"


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    ("size", "jobs", "include_vocabulary"), [(10**7, 1, False), (150, 1, False), (4000, 2, False), (4000, 1, True)]
)
def test_the_bytes_are_those_of_the_plain_way(
    on_disk: Path, format: str, size: int, jobs: int, include_vocabulary: bool
) -> None:
    """Whatever the number of ranges and of processes."""
    store, stream = open_store(on_disk), io.BytesIO()
    steps: list[tuple[int, int]] = []
    export(store, format, stream, include_vocabulary=include_vocabulary, size=size, jobs=jobs,
           progress=lambda *step: steps.append(step))  # fmt: skip
    assert stream.getvalue() == getattr(PlainWay(store, include_vocabulary), format)
    assert all(0 < done <= total == len(store.graph) for done, total in steps)
    assert steps == sorted(steps)
    assert steps[-1][0] == len(store.graph)


_IRIS = st.sampled_from(["", "x", "A-1", "_", "-a", "a.", "a.b", "a(b)", "%20", "a/b", "a'b", "ä", "1", "x:y"])
_NAMESPACES = st.sampled_from(
    [terms.BASE, terms.IMR, terms.XSD, "http://example.org/x/", "urn:x:", "https://e.org/id/"]
)
_NODES = st.builds(lambda start, name: ox.NamedNode(start + name), _NAMESPACES, _IRIS)
_TYPES = st.sampled_from(["integer", "decimal", "double", "boolean", "date", "string", "token"])
_LITERALS = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=20).map(ox.Literal),
    st.builds(
        lambda text, name: ox.Literal(text, datatype=ox.NamedNode(terms.XSD + name)),
        st.sampled_from(
            ["1", "-05", "+3", "1.5", ".5", "1.", "1e5", "1E-5", "INF", "true", "1.0e+2", "x", "2020-01-01"]
        ),
        _TYPES,
    ),
    st.builds(lambda text: ox.Literal(text, language="en-us"), st.text(st.characters(codec="utf-8"), max_size=5)),
    st.builds(lambda node: ox.Literal("5", datatype=node), _NODES),
)


@given(st.lists(st.tuples(_NODES, _NODES, st.one_of(_NODES, _LITERALS)), max_size=12), st.booleans())
def test_any_terms_are_written_as_oxigraph_writes_them(triples: list[Any], own_base: bool) -> None:
    store = GraphStore(ox.Store(), "https://e.org/id/" if own_base else terms.BASE)
    for triple in triples:
        store.graph.add(ox.Quad(*triple))
    plain = PlainWay(store, True)
    for format in ("ntriples", "turtle", "rdfxml"):
        try:
            expected = getattr(plain, format)
        except (ValueError, OSError):  # RDF/XML has no form for some properties
            continue
        assert written(store, format, include_vocabulary=True) == expected


def test_the_description_counts_what_is_there(shared: Path) -> None:
    """VoID and DCAT as Turtle, the same bytes each time, without blank nodes."""
    letters = gold(shared)
    store = built(*letters)
    assert counts(store)["Case"] == counts(store)["Letter"] == 99
    text = description(store)
    assert text == description(built(*letters[::-1]))
    read = rdflib.Graph().parse(data=text, format="turtle")
    void = rdflib.Namespace("http://rdfs.org/ns/void#")
    (dataset,) = read.subjects(rdflib.RDF.type, void.Dataset)
    assert read.value(dataset, void.triples).toPython() == len(store.graph)
    assert read.value(dataset, void.entities).toPython() == 99
    assert not [node for node in read.all_nodes() if isinstance(node, rdflib.BNode)]
