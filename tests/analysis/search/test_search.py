"""Search: what is found is what a reader would find, whatever is typed, and in the reader's own generation."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imr_graph.analysis.search import compiled_search as searching
from imr_graph.analysis.search import results as hits
from imr_graph.analysis.search.query_syntax import parse_query
from imr_graph.analysis.search.search import SearchPage, open_hits, search
from imr_graph.errors import UnknownNameError, UsageError
from imr_graph.model import Amounts, DisputedItem, Reason
from imr_graph.store.graph_store import GraphStore, memory_store, open_store
from imr_graph.store.search_index import FIELDS
from imr_graph.table.dimensions import INDEXED
from imr_graph.table.rows import Row, item_rows
from support.growth import grows_with_its_length
from support.records import DATES, citation, determination, item, party
from support.sample_table import generated, put, take
from support.sample_world import FICTIONAL

LETTERS = (*FICTIONAL, *generated(250))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> GraphStore:
    """Return a store on disk with fictional and generated letters, some of which came and went."""
    path = tmp_path_factory.mktemp("search") / "store"
    put(path, [*LETTERS[:100], determination("CM20-0000009", item("Zebra massage"))])
    put(path, LETTERS[100:])
    take(path, "CM20-0000009")
    return open_store(path)


def entries() -> Iterator[tuple[Row, dict[str, str]]]:
    """Yield each row with the words of its fields, parted by single spaces."""
    for d in LETTERS:
        for row in item_rows(d):
            texts = {name: row[name] or "" for name in FIELDS if name != "citations"}
            texts["citations"] = "\n".join([*row["administrator_citations"], *row["reviewer_citations"]])
            yield row, {name: " ".join(re.findall(r"\w+", text.lower())) for name, text in texts.items()}


def has(text: str, words: str) -> bool:
    return f" {words} " in f" {text} "


def begins(text: str, start: str) -> bool:
    return f" {start}" in f" {text}"


Fits = Callable[[dict[str, str]], bool]
SEARCHES: dict[str, Fits] = {
    '"pain"': lambda t: any(has(x, "pain") for x in t.values()),
    '"lumbar" "knee"': lambda t: all(any(has(x, w) for x in t.values()) for w in ("lumbar", "knee")),
    '"lumbar" AND "knee"': lambda t: all(any(has(x, w) for x in t.values()) for w in ("lumbar", "knee")),
    '"lumbar" OR "knee"': lambda t: any(has(x, w) for x in t.values() for w in ("lumbar", "knee")),
    '"not medically necessary"': lambda t: any(has(x, "not medically necessary") for x in t.values()),
    "thera*": lambda t: any(begins(x, "thera") for x in t.values()),
    '"physical thera"*': lambda t: any(begins(x, "physical thera") for x in t.values()),
    'rationale:"functional"': lambda t: has(t["rationale"], "functional"),
    'citations:(guidelines OR "pain")': lambda t: any(
        has(t["citations"], w) for w in ("guidelines", "guideline", "pain")
    ),
    '"pain" -"knee"': lambda t: any(has(x, "pain") for x in t.values()) and not any(has(x, "knee") for x in t.values()),
    '-"pain"': lambda t: not any(has(x, "pain") for x in t.values()),
    '("mri" OR "emg") NOT rationale:"radiculopathy"': lambda t: (
        any(has(x, w) for x in t.values() for w in ("mri", "emg")) and not has(t["rationale"], "radiculopathy")
    ),
    "opioid": lambda t: any(has(x, w) for x in t.values() for w in ("opioid", "opioids")),
    "therapies": lambda t: any(has(x, w) for x in t.values() for w in ("therapies", "therapy")),
}


@pytest.mark.parametrize("text", SEARCHES)
def test_a_search_finds_what_reading_every_letter_finds(store: GraphStore, text: str) -> None:
    expected = {(row["case_key"], row["position"]) for row, texts in entries() if SEARCHES[text](texts)}
    pages = list(all_pages(store, text, literal=True))
    found = [(hit.case, hit.position) for page in pages for hit in page.hits]
    assert expected
    assert len(found) == len(set(found)) == pages[0].total
    assert set(found) == expected


def all_pages(store: GraphStore, text: str, **options: Any) -> Iterator[SearchPage]:
    offset: int | None = 0
    while offset is not None:
        page = search(store, text, limit=150, offset=offset, **options)
        yield page
        offset = page.next_offset


FILTERS: list[tuple[dict[str, Any], Callable[[Row], bool]]] = [
    ({"decision": "overturned"}, lambda r: r["decision"] == "overturned"),
    ({"treatment": "MRI"}, lambda r: "mri" in r["treatments"]),
    ({"treatment": ["mri", "Acupuncture"]}, lambda r: {"mri", "acupuncture"} & set(r["treatments"])),
    ({"category": "pharmaceuticals"}, lambda r: "pharmaceuticals" in r["categories"]),
    ({"category": "diagnostic-testing/imaging"}, lambda r: "diagnostic-testing/imaging" in r["subcategories"]),
    ({"guideline": "odg", "state": "CA"},
     lambda r: "odg" in r["reviewer_guidelines"] and "US-CA" in r["reviewer_states"]),
    ({"specialty": "Orthopedic Surgery"}, lambda r: "orthopedic-surgery" in r["reviewer_specialty_ids"]),
    ({"region": "not stated", "retrospective": "no"}, lambda r: not r["body_regions"] and not r["retrospective"]),
    ({"year": "2016"}, lambda r: (r["decision_date"] or "").startswith("2016")),
    ({"since": "2015-03-04", "until": "2016-12-30"},
     lambda r: "2015-03-04" <= (r["decision_date"] or "") <= "2016-12-30"),
    ({"since": "2015-01-01", "until": "2016-12-31"}, lambda r: (r["decision_date"] or "")[:4] in ("2015", "2016")),
    ({"since": "2017-01-01"}, lambda r: (r["decision_date"] or "") > "2016-12-31"),
    ({"until": date(2014, 6, 1)}, lambda r: "" < (r["decision_date"] or "") <= "2014-06-01"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "fits"), FILTERS)
def test_filters_leave_what_has_the_value(
    store: GraphStore, asked: dict[str, Any], fits: Callable[[Row], bool]
) -> None:
    days = {name: asked[name] for name in ("since", "until") if name in asked}
    others = {name: value for name, value in asked.items() if name not in days}
    for text, said in (("", lambda _: True), ('"pain"', SEARCHES['"pain"'])):
        expected = {(row["case_key"], row["position"]) for row, texts in entries() if fits(row) and said(texts)}
        found = {(h.case, h.position) for page in all_pages(store, text, filters=others, **days) for h in page.hits}
        assert found == expected
        assert expected


@pytest.mark.parametrize("few", [0, 10_000])
def test_facets_count_what_is_found(store: GraphStore, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    """However they are counted, mark by mark or hit by hit."""
    monkeypatch.setattr(searching, "_FEW", few)
    page = search(store, '"pain"', {"decision": "upheld"}, facets=tuple(INDEXED))
    rows = [row for row, texts in entries() if SEARCHES['"pain"'](texts) and row["decision"] == "upheld"]
    for name, column in (("treatment", "treatments"), ("region", "body_regions"), ("state", "reviewer_states")):
        expected = Counter(value for row in rows for value in row[column] or [None])
        assert {facet.value.id: facet.count for facet in page.facets[name]} == expected
    assert [(f.value.id, f.count) for f in page.facets["decision"]] == [("upheld", len(rows))]
    labels = {facet.value.id: facet.value.label for facet in page.facets["state"]}
    assert labels["US-CA"] == "California"


def test_a_snippet_shows_the_words_that_were_found(store: GraphStore) -> None:
    page = search(store, 'rationale:"medically necessary"')
    for hit in page.hits:
        (snippet,) = hit.snippets
        assert snippet.field == "rationale"
        assert (
            "**medically** **necessary**" in snippet.mark_matches()
            or "**medically necessary**" in snippet.mark_matches()
        )
        assert snippet.mark_matches("", "") == snippet.text


def test_better_hits_come_first(tmp_path: Path) -> None:
    store = tmp_path / "store"
    put(
        store,
        [
            determination("CM20-0000001", item("Massage", rationale="The zebra did not help.")),
            determination("CM20-0000002", item("A zebra for the knee", rationale="It did not help.")),
            determination("CM20-0000003", item("Massage", rationale="A " + "very " * 60 + "long way to a zebra.")),
            *(determination(f"CM20-{n:07}", item("Massage", rationale="It did not help.")) for n in range(4, 20)),
        ],
    )
    assert [hit.case[-1] for hit in search(store, "zebra").hits] == ["2", "1", "3"]


def test_of_very_many_the_last_are_ranked_and_all_counted(store: GraphStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "RANKED", 40)
    monkeypatch.setattr(hits, "RANKED", 40)
    pages = list(all_pages(store, '"pain"'))
    assert not pages[0].complete
    assert pages[0].total > 40
    assert sum(len(page.hits) for page in pages) == 40


@pytest.mark.parametrize("text", ["", '"pain"', "thera*"])
def test_hits_come_in_the_order_asked_for(store: GraphStore, text: str) -> None:
    every = {(hit.case, hit.position) for page in all_pages(store, text) for hit in page.hits}
    for sort, sign in (("newest", -1), ("oldest", 1)):
        found = [hit for page in all_pages(store, text, sort=sort) for hit in page.hits]
        assert {(hit.case, hit.position) for hit in found} == every
        assert len(found) == len(every)
        dated = [date.fromisoformat(hit.decided).toordinal() * sign for hit in found if hit.decided]
        assert dated == sorted(dated)
        assert all(hit.decided is None for hit in found[len(dated) :]), "what has no date comes last"
    with pytest.raises(UnknownNameError, match="newest"):
        search(store, text, sort="newer")


def test_of_very_many_the_last_are_put_in_order(store: GraphStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "RANKED", 40)
    monkeypatch.setattr(hits, "RANKED", 40)
    page = search(store, "", sort="oldest", since="2013-01-01")
    assert not page.complete
    assert search(store, "").complete, "what came last first is the index's own order"


@pytest.mark.parametrize("text", ["", '"pain"', "thera*", "mri lumbar", "zzyzx"])
@pytest.mark.parametrize("sort", ["relevance", "newest"])
def test_all_hits_are_those_of_the_pages_in_their_order(store: GraphStore, text: str, sort: str) -> None:
    with open_hits(store, text, sort=sort) as found:
        listed = list(found.hits)
    pages = list(all_pages(store, text, sort=sort))
    assert listed == [hit for page in pages for hit in page.hits]
    assert found.total == len(listed) == pages[0].total


@pytest.mark.parametrize("text", ["", '"pain"'])
def test_all_hits_are_there_where_only_the_last_are_ranked(
    store: GraphStore, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    every = {(hit.case, hit.position) for page in all_pages(store, text) for hit in page.hits}
    monkeypatch.setattr(searching, "RANKED", 40)
    with open_hits(store, text, sort="newest") as found:
        listed = [(hit.case, hit.position) for hit in found.hits]
    assert len(listed) == found.total > 40
    assert set(listed) == every


def test_further_facets_are_counted_as_far_as_it_costs_little(
    store: GraphStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = search(store, '"pain"', facets=["decision"], cheap_facets=["year"])
    assert few.facets == search(store, '"pain"', facets=["decision", "year"]).facets
    monkeypatch.setattr(searching, "_FEW", few.total - 1)
    monkeypatch.setattr(searching, "_AFFORDED", few.total * 4)
    both = search(store, '"pain"', cheap_facets=["year", "decision"]).facets
    assert both == search(store, '"pain"', facets=["decision"]).facets
    assert list(search(store, '"pain"', facets=["decision"], cheap_facets=["year"]).facets) == ["decision"]
    with pytest.raises(UnknownNameError):
        search(store, cheap_facets=["weather"])


def test_a_reader_searches_the_generation_it_opened(tmp_path: Path) -> None:
    path = tmp_path / "store"
    put(path, [determination("CM20-0000001", item("Zebra massage"))])
    early = open_store(path)
    later = replace(DATES, decided=date(2021, 3, 4))
    put(path, [determination("CM20-0000001", item("Giraffe massage"), dates=later)])
    late = open_store(path)
    assert (search(early, "zebra").total, search(early, "giraffe").total) == (1, 0)
    assert (search(late, "zebra").total, search(late, "giraffe").total) == (0, 1)


def test_a_page_is_an_object_for_programs(store: GraphStore) -> None:
    page = search(store, "pain", {"decision": "upheld"}, since="2014-01-01", facets=("year",))
    assert json.loads(json.dumps(asdict(page)))["total"] == page.total


def test_nothing_found_is_an_honest_answer(store: GraphStore) -> None:
    page = search(store, "xyzzy", facets=("year",))
    assert (page.total, page.hits, page.facets, page.next_offset) == (0, (), {"year": ()}, None)
    assert search(store, "pain", {"treatment": "fludrocortisone"}).total == 0
    assert search(store, "", since="1990-01-01", until="1990-12-31").total == 0
    assert search(memory_store(), "pain").total == 0


@pytest.mark.parametrize(
    ("text", "way_out"),
    [
        ('"pain', "close it"),
        ("(pain", "close it"),
        ("pain)", "take it out"),
        ("OR", "words on both sides"),
        ("pain OR", "words on both sides"),
        ("AND pain", "both sides"),
        ("pain NOT", "add what is to follow"),
        ("pain NOT AND knee", "put words between"),
        ("()", "words on both sides"),
        ("& %", "no word"),
        ("rationale:", "add what is to follow"),
        ("decisoin:overturned", "Did you mean 'decision'"),
        ("marks:x1", "no field of searches"),
        ("treatment:xyzzy", "no treatment"),
        ("(" * 30 + "pain" + ")" * 30, "more simply"),
        ("pain " * 80, "leave the common ones out"),
    ],
)
def test_a_search_that_cannot_be_understood_says_what_to_do(store: GraphStore, text: str, way_out: str) -> None:
    with pytest.raises(UsageError, match=re.escape(way_out)):
        search(store, text)


def test_what_does_not_exist_is_named_with_what_is_near(store: GraphStore) -> None:
    with pytest.raises(UnknownNameError, match="'treatment'"):
        search(store, "pain", {"treatments": "mri"})
    with pytest.raises(UnknownNameError, match="acupuncture"):
        search(store, "pain", {"treatment": "acupuncturing"})
    with pytest.raises(UnknownNameError, match="overturned"):
        search(store, "pain", {"decision": "overturnd"})
    with pytest.raises(UnknownNameError, match="'year'"):
        search(store, "pain", facets=("years",))
    for more in ({"limit": 0}, {"offset": -1}, {"since": "yesterday"}, {"since": "2017-01-01", "until": "2016-01-01"}):
        with pytest.raises(UsageError):
            search(store, "pain", **more)


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters() | st.sampled_from('"()*-:^+{}, ANDORT'), max_size=40))
def test_whatever_is_typed_is_answered_or_refused_in_a_sentence(store: GraphStore, text: str) -> None:
    said = ""
    try:
        search(store, text)
    except UsageError as error:
        said = str(error)
    assert said == "" or said.endswith(".")


@pytest.mark.parametrize(
    "text",
    ["'; drop table entry; --", "x' OR '1'='1", "heading NEAR pain", "pain^2", "{rationale} : pain", "x1"],
)
def test_the_syntax_of_the_index_is_no_syntax_of_searches(store: GraphStore, text: str) -> None:
    """Such words are looked for as words; marks are not found by typing them."""
    before = search(store, "").total
    assert search(store, text).total < before
    assert search(store, "").total == before


def test_words_of_all_kinds_are_found_as_they_are_printed(tmp_path: Path) -> None:
    store = tmp_path / "store"
    texts = ("Norco 10/325 mg", "L4-5 disc", "café visit", "Section(s): x", "half-life")
    put(store, [determination(f"CM20-{n:07}", item(text)) for n, text in enumerate(texts)])
    for n, text in enumerate(("10/325", "L4-5", "cafe", "Section(s)", "half-life")):
        assert [hit.case for hit in search(store, text).hits] == [f"CM20-{n:07}"], text


NAMES = {
    "PT": ("treatments", "physical-therapy"),
    "physiotherapy": ("treatments", "physical-therapy"),
    "UDS": ("treatments", "urine-drug-test"),
    "urine toxicology": ("treatments", "urine-drug-test"),
    "ESI": ("treatments", "epidural-steroid-injection"),
    "MRI": ("treatments", "mri"),
    "acupunture": ("treatments", "acupuncture"),
    "TENS": ("treatments", "tens-unit"),
    "opioids": ("drug_classes", "pharmaceuticals/opioids"),
    "NSAIDs": ("drug_classes", "pharmaceuticals/nsaid"),
    "low back": ("body_regions", "lumbar-spine"),
    "ODG": ("reviewer_guidelines", "odg"),
}


@pytest.mark.parametrize("written", NAMES)
def test_a_name_finds_every_request_for_what_it_names_and_those_first(store: GraphStore, written: str) -> None:
    column, id = NAMES[written]
    others = {"reviewer_guidelines": "administrator_guidelines"}
    rows = [row for row, _ in entries()]
    asked = {(r["case_key"], r["position"]) for r in rows if id in [*r[column], *r[others.get(column, column)]]}
    pages = list(all_pages(store, written))
    found = [(hit.case, hit.position) for page in pages for hit in page.hits]
    assert asked
    assert set(found[: len(asked)]) == asked, "what asks for it comes first, and all of it"
    assert len(found) == len(set(found)) == pages[0].total
    assert [term.written for term in pages[0].terms] == [written]


def test_several_names_stand_together(store: GraphStore) -> None:
    rows = [row for row, _ in entries()]
    both = {(r["case_key"], r["position"]) for r in rows if "mri" in r["treatments"] and "knee" in r["body_regions"]}
    for written in ("MRI knee", "knee MRI", "MRI of the knee"):
        page = search(store, written, limit=200)
        assert {(hit.case, hit.position) for hit in page.hits[: page.requests]} >= both
        assert both
    either = search(store, "(MRI OR acupuncture) -knee", limit=1)
    assert either.total
    assert {term.label for term in either.terms} == {"Magnetic resonance imaging", "Acupuncture"}


def test_a_drug_product_is_all_of_its_ingredients(tmp_path: Path) -> None:
    store = tmp_path / "store"
    put(
        store,
        [
            determination("CM20-0000001", item("Norco 10/325 #60", treatments=("hydrocodone", "acetaminophen"))),
            determination("CM20-0000002", item("Tylenol", treatments=("acetaminophen",))),
            determination("CM20-0000003", item("Hysingla", treatments=("hydrocodone",))),
        ],
    )
    assert [hit.case[-1] for hit in search(store, "Norco 5/325").hits] == ["1"]
    assert [hit.case[-1] for hit in search(store, filters={"treatment": "Norco"}).hits] == ["1"]
    assert sorted(hit.case[-1] for hit in search(store, "hydrocodone").hits) == ["1", "3"]


def test_words_that_nothing_has_together_are_left_out_and_named(store: GraphStore) -> None:
    page = search(store, "acupuncture xyzzy")
    assert page.total == search(store, "acupuncture").total
    assert page.left_out == ("xyzzy",)
    assert search(store, "acupuncture xyzzy", literal=True).total == 0
    assert search(store, "plugh xyzzy").total == 0
    assert search(store, "plugh medically necessary").left_out == ("plugh", "medically", "necessary")


def test_what_records_lack_and_what_was_denied_are_names(tmp_path: Path) -> None:
    store, lacks = tmp_path / "store", (Reason("lacks-functional-improvement", "Function has not changed."),)
    put(
        store,
        [
            determination("CM20-0000001", item("Norco #60", reasons=lacks, rationale="Function has not changed.")),
            determination("CM20-0000002", item("Norco #90", rationale="There is no functional improvement.")),
            determination("CM20-0000003", item("Norco #30", "overturned", rationale="No functional improvement yet.")),
        ],
    )
    page = search(store, "why was it denied because no functional improvement")
    assert [(term.written, term.label) for term in page.terms] == [
        ("denied", "upheld"),
        ("no functional improvement", "No functional improvement documented"),
    ]
    assert [hit.case[-1] for hit in page.hits] == ["1", "2"]
    assert page.requests == 1
    assert page.left_out == ()


@pytest.mark.parametrize("text", ["no evidence of instability", "no", "without a doubt", "not"])
def test_that_anything_is_missing_is_no_reason(store: GraphStore, text: str) -> None:
    assert search(store, text).terms == ()


def test_words_of_grammar_need_not_be_there_beside_others_and_count_alone(store: GraphStore) -> None:
    assert search(store, "how was the acupuncture").total == search(store, "acupuncture").total
    assert search(store, "the").total > search(store, '"the" xyzzy', literal=True).total
    assert search(store, "how was the acupuncture", literal=True).total == 0


def test_a_hit_is_titled_by_what_is_in_dispute(tmp_path: Path) -> None:
    store = tmp_path / "store"
    heading = "Norco #60 was the original request. Norco #40 was authorized. The remaining portion, Norco #20, is"
    put(store, [determination("CM20-0000001", item(heading, service="Norco #20"))])
    [hit] = search(store, "norco").hits
    assert (hit.heading, hit.service) == (heading, "Norco #20")


def test_a_page_is_found_where_it_is_cited_and_where_it_is_named(tmp_path: Path) -> None:
    store = tmp_path / "store"
    elsewhere = party(citation(pages=(30,)))
    put(
        store,
        [
            determination("CM20-0000001", item("A", reviewer=party(citation(pages=(24,))))),
            determination("CM20-0000002", item("B", reviewer=elsewhere, rationale="See page 24 of the records.")),
            determination("CM20-0000003", item("C", reviewer=elsewhere, rationale="The 24 tablets of this page.")),
        ],
    )
    page = search(store, "page 24")
    assert [hit.case[-1] for hit in page.hits] == ["1", "2"]
    assert page.requests == 1
    assert [hit.case[-1] for hit in search(store, "chronic pain page 24").hits] == ["1"]


def test_a_drug_comes_with_the_names_that_headings_print(tmp_path: Path) -> None:
    store = tmp_path / "store"
    put(store, [determination("CM20-0000001", item("Norco 10/325 #60", treatments=("hydrocodone", "acetaminophen")))])
    assert [term.also for term in search(store, "hydrocodone").terms] == [("Norco",)]
    assert [term.also for term in search(store, "Norco").terms] == [()]


@pytest.mark.parametrize(
    ("text", "filters"),
    [
        ("decision:overturned", {"decision": "overturned"}),
        ("treatment:mri", {"treatment": "mri"}),
        ('specialty:"Pain Medicine"', {"specialty": "Pain Medicine"}),
        ("year:2016 Decision:upheld", {"year": "2016", "decision": "upheld"}),
        ("overturned", {"decision": "overturned"}),
    ],
)
def test_fields_filter(store: GraphStore, text: str, filters: dict[str, str]) -> None:
    assert search(store, text).total == search(store, "", filters).total > 0
    without = search(store, f"acupuncture -({text})").total
    assert without + search(store, f"acupuncture {text}").total == search(store, "acupuncture").total


def test_words_are_words_where_they_are_asked_for_as_such(store: GraphStore) -> None:
    for text in ('"PT"', "heading:PT"):
        assert search(store, text).terms == ()
    assert search(store, "the").terms == ()
    assert not search(store, "TENS", literal=True).hits or all(
        "ten " not in hit.heading.lower().split() for hit in search(store, "TENS", literal=True).hits if hit.heading
    )


@pytest.mark.timing
def test_the_time_to_read_a_search_grows_with_its_length_alone() -> None:
    assert grows_with_its_length(lambda length: parse_query('" ' + "- :*" * length + '" pain'), 10_000)


def test_the_order_of_hits_does_not_depend_on_a_build_that_was_killed_before_it_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Words of letters that were never published would count for the rank of those that were."""
    killed, never_killed = tmp_path / "killed", tmp_path / "never"
    for path in (killed, never_killed):
        put(path, LETTERS[:60])
    with monkeypatch.context() as patched:
        patched.setattr("imr_graph.store.graph_store.publish", _kill)
        with pytest.raises(KeyboardInterrupt):
            put(killed, [determination(f"CM20-{n:07}", item(rationale="lumbar " * 50)) for n in range(200)])
    for words in ("lumbar OR knee", "pain", "functional OR lumbar"):
        expected = search(never_killed, words, limit=100).hits
        assert len(expected) > 20
        assert search(killed, words, limit=100).hits == expected


def _kill(*_: object) -> None:
    raise KeyboardInterrupt


def _range_of(number: int | None, *limits: int) -> str | None:
    """Return the name of the range that a number is in, worked out without the package."""
    if number is None:
        return None
    least = 1
    for limit in limits:
        if number <= limit:
            return f"{least} to {limit}"
        least = limit + 1
    return f"{least} or more"


MARKED: dict[str, Callable[[DisputedItem], str | None]] = {
    "visits": lambda of: _range_of(of.amounts.visits, 6, 12, 24),
    "quantity": lambda of: _range_of(of.amounts.quantity, 30, 60, 90, 120),
    "derivative": lambda of: "yes" if any(r.reason == "depends-on-denied-service" for r in of.reasons) else "no",
    "topical": lambda of: "yes" if of.topical else "no",
    "administrator-action": lambda of: of.administrator_action,
}


@pytest.mark.parametrize("name", MARKED)
def test_what_only_figures_and_flags_say_filters_and_counts_hits(name: str, tmp_path: Path) -> None:
    """Each value finds the items that have it, counted in the records; the facet counts the same."""
    stated = (Reason("depends-on-denied-service", "Since the surgery is not necessary."),)
    items = [
        replace(
            item("Marked MRI"),
            amounts=Amounts(visits=n or None, quantity=5 * n or None),
            reasons=stated if n % 3 else (),
            topical=n % 4 == 0,
            administrator_action=(None, "denied", "modified", "delayed")[n % 4],
        )
        for n in range(30)
    ]
    store = tmp_path / "store"
    put(store, [determination("CM20-0000001", *items)])
    expected = Counter(MARKED[name](each) for each in items)
    opened = open_store(store)
    for value, count in expected.items():
        if value is None:
            continue
        assert search(opened, "marked", {name: value}).total == count, value
    counted = {facet.value.id: facet.count for facet in search(opened, "marked", facets=[name]).facets[name]}
    assert counted == expected
