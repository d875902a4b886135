"""Pages of treatments, guidelines and what else determinations refer to, and the lists of them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from imr_graph import iris as terms
from imr_graph.analysis.dimensions.filters import Filters
from imr_graph.analysis.dimensions.kinds import KINDS
from imr_graph.analysis.dimensions.values import qualified_label
from imr_graph.analysis.precedents.request import Request
from imr_graph.analysis.precedents.requirements import requirements
from imr_graph.analysis.statistics.concept_profiles import SUBJECTS, concept_profiles
from imr_graph.analysis.statistics.intervals import SMALL_SAMPLE
from imr_graph.analysis.statistics.overturn_rates import overturn_rates
from imr_graph.store.graph_store import open_store
from imr_graph.store.table import Table, open_table
from imr_graph.website.svg.periods import draw_periods
from support.endpoint_server import Server
from support.letters import HEADER, item, letter
from support.markup import Node
from support.site_server import build_site_store, get_page, serving_site
from support.waiting import wait_for

LISTS = ("/treatments", "/guidelines", "/specialties", "/states", "/reasons", "/regions")


@pytest.fixture(scope="module")
def table(site_store: Path) -> Iterator[Table]:
    """Return the table of the store that the site serves."""
    with open_table(open_store(site_store)) as opened:
        yield opened


def names_of(table: Table, kind: str) -> list[str]:
    """Return the names of the resources of a kind that letters refer to, those with the most decisions first."""
    values = [group.values[0] for group in concept_profiles(table, kind).all()]
    return [terms.local_name(value.iri or "") for value in values]


def rows_of(table: Node) -> list[list[str]]:
    return [[cell.text for cell in row.content if isinstance(cell, Node)] for row in table.one("tbody").all("tr")]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_pages_that_read_well(site_server: Server, table: Table, kind: str) -> None:
    names = names_of(table, kind)
    for name in dict.fromkeys((*names[:3], names[len(names) // 2], names[-1])):
        page = get_page(site_server, f"/id/{name}")
        assert page.one("h1").text
        levels = [int(node.tag[1]) for node in page.one("main").walk() if re.fullmatch("h[1-6]", node.tag)]
        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))
        assert all(th.attributes.get("scope") for th in page.all("th"))
        assert all(n.attributes.get("aria-label") for n in page.all(role="region"))
        formats = [f"/id/{name}.ttl", f"/id/{name}.jsonld", f"/id/{name}.nt", f"/id/{name}?format=csv"]
        assert set(formats) <= set(page.links())
        assert not [node for node in page.walk() if "style" in node.attributes or node.tag == "style"]


def test_a_treatment_says_what_it_is_and_how_its_items_ended(site_server: Server, table: Table) -> None:
    page = get_page(site_server, "/id/treatment-mri")
    [group] = overturn_rates(table, filters=Filters((("treatment", ("mri",)),))).groups
    assert page.one("h1").text == "Magnetic resonance imaging"
    assert "MRI · MR imaging" in page.one(class_="also").text
    crumbs = page.one(class_="crumbs").links()
    assert crumbs == {
        "/treatments": "Treatments",
        "/id/category-diagnostic-testing": "Diagnostic Testing",
        "/id/category-diagnostic-testing-imaging": "Imaging / Radiology",
    }
    outcome = page.one(class_="outcome").text
    assert f"{100 * group.share:.1f}% overturned" in outcome
    assert f"{group.overturned} of {group.decisions} disputed items" in outcome
    assert f"between {100 * group.low:.1f}% and {100 * group.high:.1f}%" in outcome


def test_tables_of_a_treatment_are_the_shares_of_the_library(site_server: Server, table: Table) -> None:
    page = get_page(site_server, "/id/treatment-mri")
    filters = Filters((("treatment", ("mri",)),))
    for shown in KINDS["treatment"].tables:
        groups = [
            g for g in overturn_rates(table, shown.dimension, filters=filters).groups if g.values[0].id is not None
        ]
        found = page.one("section", aria_labelledby=f"review-{shown.dimension}")
        assert found.one("h3").text == shown.heading
        rows = rows_of(found.one("table"))
        assert len(rows) == min(8, len(groups))
        wanted = {qualified_label(g.values[0]): (str(g.decisions), f"{100 * g.share:.1f}%", g.small) for g in groups}
        for name, decided, share, interval in rows:
            assert wanted[name] == (decided, share, "few" in interval)
        targets = set(found.links())
        assert targets <= {f"/id/{terms.local_name(g.values[0].iri or '')}" for g in groups}


def test_a_treatment_says_what_has_to_be_documented(site_server: Server, table: Table) -> None:
    shown = 0
    for name in names_of(table, "treatment")[:6]:
        id = name.removeprefix("treatment-")
        found = requirements(table, Request(id, ((id,),))).criteria[:8]
        page = get_page(site_server, f"/id/{name}")
        assert [node.one("h3").text for node in page.all("section", "criterion")] == [
            each.absent.reason.label for each in found
        ]
        for node, each in zip(page.all("section", "criterion"), found, strict=True):
            assert f"{each.absent.given} of {each.absent.decisions} upheld" in node.text
            assert each.absent.quotation is not None
            quoted = each.absent.quotation
            assert f"/id/case-{quoted.case}#item-{quoted.position}" in node.links()
        shown += len(found)
    assert shown


def test_few_decisions_are_warned_of(site_server: Server, table: Table) -> None:
    groups = concept_profiles(table, "treatment").all()
    few = next(g for g in groups if g.decisions < SMALL_SAMPLE)
    many = next((g for g in groups if g.decisions >= SMALL_SAMPLE), None)
    assert "Fewer than 30 cases" in get_page(site_server, f"/id/treatment-{few.values[0].id}").text
    if many is not None:
        page = get_page(site_server, f"/id/treatment-{many.values[0].id}")
        assert not page.all("p", "warning")


def test_precedents_of_a_treatment_quote_and_lead_to_their_cases(site_server: Server, table: Table) -> None:
    page = get_page(site_server, "/id/treatment-mri")
    for decision in ("overturned", "upheld"):
        found = page.one("section", aria_labelledby=f"precedents-{decision}").all("article")
        nearest = concept_profiles(table, "treatment").of("mri").nearest[decision][:3]
        assert len(found) == len(nearest) > 0
        for article, one in zip(found, nearest, strict=True):
            assert f"/id/case-{one.case}-item-{one.position}" in article.links()
            assert f"/id/case-{one.case}" in article.links()
            assert article.all("blockquote")
            assert article.one(class_="decision").classes == {"decision", decision}
    [every] = [href for href in page.links() if href.startswith("/precedents?")]
    assert get_page(site_server, every).one("h2", id="figures")


def test_a_page_of_a_guideline_has_both_sides(site_server: Server, table: Table) -> None:
    reviewer, denial = concept_profiles(table, "page"), concept_profiles(table, "denial-page")
    id = next(
        g.values[0].id or "" for g in reviewer.all() if (b := reviewer.of(g.values[0].id or "").both) and b.decisions
    )
    page = get_page(site_server, f"/id/page-{id}")
    both = reviewer.of(id).both
    assert both is not None
    rows = {name: decided for name, decided, *_ in rows_of(page.one("table", "by-side"))}
    assert rows == {
        "Only the expert reviewer cites it": str(reviewer.figures(id).decisions - both.decisions),
        "Only the denial cites it": str(denial.figures(id).decisions - both.decisions),
        "Both sides cite it": str(both.decisions),
    }
    assert page.one("section", aria_labelledby="denials").text.startswith("Denials that rest on it")
    guideline, _, number = id.rpartition("-")
    assert f"/id/guideline-{guideline}" in page.one(class_="crumbs").links()
    assert page.one("h1").text.endswith(f"page {number}")


def test_decisions_that_rest_on_a_page_are_listed_and_searched_for(site_server: Server, table: Table) -> None:
    [name] = names_of(table, "page")[:1]
    id = name.removeprefix("page-")
    page = get_page(site_server, f"/id/{name}")
    portrait = concept_profiles(table, "page").of(id)
    rows = rows_of(page.one("table", "latest"))
    assert [row[-1] for row in rows] == [one.case for one in portrait.latest]
    assert f"/search?page={id}" in page.links()
    found = httpx.get(f"{site_server.url}/search", params={"page": id}, headers={"accept": "text/html"})
    assert found.status_code == 200
    assert portrait.latest[0].case in found.text


def test_contrasting_pairs_stand_side_by_side(site_server: Server) -> None:
    page = get_page(site_server, "/id/treatment-mri")
    pairs = page.all("section", "pair")
    assert pairs
    for pair in pairs:
        decisions = [next(iter(node.classes - {"decision"})) for node in pair.all(class_="decision")]
        assert decisions == ["overturned", "upheld"]
        assert "Both rest on" in pair.one("h3").text


def test_a_treatment_that_nobody_asked_for_says_so(site_server: Server, table: Table) -> None:
    from imr_graph import vocabulary

    asked = {group.values[0].id for group in concept_profiles(table, "treatment").all()}
    never = next(t for t in vocabulary.load().treatments if t.id not in asked)
    page = get_page(site_server, f"/id/treatment-{never.id}")
    assert page.one("h1").text == never.label
    assert "No disputed item of these letters asks for this treatment." in page.text
    assert not page.all("table")
    assert not page.all("svg")
    assert [href for href in page.links() if href.startswith("/precedents?")]


@pytest.mark.parametrize(
    "name",
    ["treatment-no-such-thing", "guideline-nothing", "section-odg-no-such-topic-at-all", "page-odg-99999",
     "page-", "section-x", "specialty-alchemy", "state-US-ZZ", "region-tail", "category-magic",
     "treatment-%3Cscript%3E", "page-odg-12%22"],
)  # fmt: skip
def test_what_is_not_there_is_a_page_that_says_so(site_server: Server, name: str) -> None:
    page = get_page(site_server, f"/id/{name}", 404)
    assert page.one("h1").text == "Page not found"


def test_sections_and_specialties_that_only_letters_name_have_pages(site_server: Server, table: Table) -> None:
    from imr_graph import vocabulary

    known = vocabulary.load()
    minted = [name for name in names_of(table, "section") if known.concept(terms.BASE + name) is None]
    assert minted
    page = get_page(site_server, f"/id/{minted[0]}")
    assert "the vocabulary of this project does not list it" in page.text
    assert page.one(class_="crumbs").links().keys() >= {"/guidelines"}


def test_csv_has_every_group_with_its_interval(site_server: Server, table: Table) -> None:
    answer = httpx.get(f"{site_server.url}/id/guideline-odg?format=csv", headers={"accept": "text/html"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    for prefix, side in (("", "expert reviewer"), ("denial-", "claims administrator")):
        filters = Filters(((f"{prefix}guideline", ("odg",)),))
        [whole] = [row for row in rows if row["side"] == side and row["dimension"] == "all"]
        assert int(whole["decided"]) == overturn_rates(table, filters=filters).decisions
        groups = [
            g
            for of in SUBJECTS[f"{prefix}guideline"]
            for g in overturn_rates(table, of, filters=filters).groups
            if of not in ("section", "page") or (g.values[0].id or "").startswith("odg-")
        ]
        mine = [row for row in rows if row["side"] == side and row["dimension"] != "all"]
        assert [int(row["decided"]) for row in mine] == [group.decisions for group in groups]
        assert all(float(row["low"]) <= float(row["share"]) <= float(row["high"]) for row in mine)
    refused = get_page(site_server, "/id/guideline-odg?format=xlsx", 400)
    assert "csv" in refused.text


def test_a_category_shows_what_is_in_it(site_server: Server, table: Table) -> None:
    page = get_page(site_server, "/id/category-pharmaceuticals")
    found = page.one("section", aria_labelledby="below")
    inside = [
        g for g in concept_profiles(table, "category").all() if (g.values[0].id or "").startswith("pharmaceuticals/")
    ]
    assert [row[:2] for row in rows_of(found.one("table"))] == [[g.values[0].label, str(g.decisions)] for g in inside]


def test_a_chapter_shows_its_topics_and_topics_lead_to_it(site_server: Server) -> None:
    page = get_page(site_server, "/id/section-odg-low-back")
    topics = page.one("section", aria_labelledby="below").links()
    assert topics
    assert all(href.startswith("/id/section-odg-low-back-") for href in topics)
    assert not any(words.startswith("Official") for words in topics.values())
    topic = get_page(site_server, next(iter(topics)))
    assert topic.one(class_="crumbs").links() == {
        "/guidelines": "Guidelines",
        "/id/guideline-odg": "Official Disability Guidelines",
        "/id/section-odg-low-back": "Low Back",
    }


@pytest.mark.parametrize("path", LISTS)
def test_lists_lead_to_pages_and_can_be_filtered(site_server: Server, path: str) -> None:
    page = get_page(site_server, path)
    rows = [row for table in page.all("table") for row in rows_of(table)]
    assert rows
    first = next(href for table in page.all("table") for href in table.links())
    word = rows[0][0].split()[0]
    filtered = get_page(site_server, f"{path}?q={word}")
    kept = [row for table in filtered.all("table") for row in rows_of(table)]
    assert 0 < len(kept) <= len(rows)
    assert rows[0] in kept
    assert filtered.one("input", id="filter")["value"] == word
    assert get_page(site_server, first).one("h1").text == rows[0][0]
    nothing = get_page(site_server, f"{path}?q=zzzzzz")
    assert "Nothing here has that name" in nothing.text


def test_the_list_of_treatments_finds_other_names_and_goes_by_category(site_server: Server, table: Table) -> None:
    page = get_page(site_server, "/treatments?q=MRI")
    assert "/id/treatment-mri" in page.links()
    for written, name in (("acupunture", "acupuncture"), ("PT", "physical-therapy"), ("Lyrica", "pregabalin")):
        found = get_page(site_server, f"/treatments?q={written}").links()
        assert (f"/id/treatment-{name}" in found) == (f"treatment-{name}" in names_of(table, "treatment"))
    full = get_page(site_server, "/treatments")
    listed = {href for table_ in full.all("table") for href in table_.links()}
    assert listed == {f"/id/{name}" for name in names_of(table, "treatment")}
    assert "/id/category-diagnostic-testing-imaging" in full.links()


def test_a_guideline_lists_only_its_own_sections_and_pages(site_server: Server, table: Table) -> None:
    for guideline in ("odg", "mtus-chronic-pain-2009"):
        page = get_page(site_server, f"/id/guideline-{guideline}")
        for dimension in ("section", "page"):
            crossing = page.all("section", "crossing", aria_labelledby=f"review-{dimension}")
            listed = [href for part in crossing for href in part.links() if href.startswith(f"/id/{dimension}-")]
            assert all(href.startswith(f"/id/{dimension}-{guideline}-") for href in listed)
    groups = concept_profiles(table, "guideline").of("mtus-chronic-pain-2009").groups("page")
    assert groups


def test_decided_by_year_is_drawn_and_told(site_server: Server, table: Table) -> None:
    page = get_page(site_server, "/id/treatment-mri")
    groups = concept_profiles(table, "treatment").of("mri").groups("year")
    figure = page.one("figure", "periods")
    assert len(figure.all("rect")) == len(groups) > 1
    numbers = figure.one("details").one("table")
    assert [row[:2] for row in rows_of(numbers)] == [[g.values[0].label, str(g.decisions)] for g in groups]
    drawing = draw_periods(groups)
    assert drawing is not None
    assert all(point.high <= point.down <= point.low <= drawing.floor for point in drawing.points)
    assert draw_periods(groups[:1]) is None


def test_words_of_letters_are_only_words_and_a_new_generation_shows_in_the_figures(tmp_path: Path) -> None:
    odd = 'Acupuncture, 6 visits <script>alert(1)</script> "></a><b onclick=x>'
    texts = {
        "odd": letter(item(odd, "Overturned"), header=HEADER.replace("Acupuncture", "Acupuncture <i>")),
        "plain": letter(item("Acupuncture, 12 visits"), header=HEADER.replace("9990301", "9990302")),
    }
    store = build_site_store(tmp_path, texts)
    with serving_site(store, tmp_path, workers=2) as server:
        page = get_page(server, "/id/treatment-acupuncture")
        assert "<script>alert(1)</script>" in page.text
        assert [node for node in page.all("script") if "src" not in node.attributes] == []
        assert not [node for node in page.walk() if "onclick" in node.attributes]
        assert "1 of 2 disputed items" in page.text
        assert get_page(server, "/").one("ul", "strip").text.startswith("2 determinations")
        third = letter(item("Acupuncture, 9 visits", "Overturned"), header=HEADER.replace("9990301", "9990303"))
        build_site_store(tmp_path, {"third": third})
        wait_for(lambda: "2 of 3 disputed items" in get_page(server, "/id/treatment-acupuncture").text)
        wait_for(lambda: get_page(server, "/").one("ul", "strip").text.startswith("3 determinations"))
        assert not server.events("preload_failed")


def test_a_store_without_letters_has_every_kind_of_page_and_says_so(tmp_path: Path) -> None:
    from imr_graph.store.graph_store import write_store

    with write_store(tmp_path / "store") as writing, writing.next():
        pass
    with serving_site(tmp_path / "store", tmp_path, workers=2) as server:
        for path in LISTS:
            assert "Nothing here has that name" in get_page(server, path).text
        assert "asks for this treatment" in get_page(server, "/id/treatment-mri").text
        home = get_page(server, "/")
        assert "no decision yet" in home.one("main").text
        assert home.all("svg", "periods") == []
        for path in ("/search", "/statistics", "/questions/overturn-rate-by-year"):
            get_page(server, path)


def test_reasons_are_listed_with_items_and_cases_and_no_overturned_share(site_server: Server) -> None:
    page = get_page(site_server, "/reasons")
    tables = page.all("table", "groups")
    assert tables
    assert not any("%" in table.text for table in tables)
    assert all("Cases" in table.text for table in tables)
    first = next(link for link in tables[0].links() if "/id/reason-" in link)
    assert "0.0%" not in get_page(site_server, first).text
