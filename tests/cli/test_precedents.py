"""The commands precedents and search: what they print, what they say when something is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from imr_graph.cli.precedents import precedents
from imr_graph.cli.search import search
from imr_graph.errors import UnknownNameError, UsageError
from imr_graph.store.changes import add
from support.records import CHRONIC_PAIN, citation, determination, item, party


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store of two fictional letters about Valium."""
    path = tmp_path_factory.mktemp("commands") / "store"
    cited = party(citation(CHRONIC_PAIN, "Benzodiazepines", pages=(24,)))
    add(path, [
        determination(f"EX16-000000{n}", item(
            "Valium 5mg #30", decision, treatments=("diazepam",), reviewer=cited,
            rationale=f"The MTUS limits the class. {reason} The request is {no}medically necessary."))
        for n, decision, reason, no in ((1, "upheld", "No taper is planned.", "not "),
                                        (2, "overturned", "A taper has begun.", ""))
    ])  # fmt: skip
    return path


def printed(command: click.Command, *arguments: object) -> str:
    result = CliRunner().invoke(command, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_precedents_prints_figures_reasons_and_words(store: Path) -> None:
    text = printed(precedents, "Valium 10mg", "--store", store)
    assert "2 decisions in 2 cases on the same treatment (diazepam), 1 overturned: 50.0%" in " ".join(text.split())
    assert "Fewer than 30 cases" in text
    assert "EX16-0000002 item 1, 2020-03-30: OVERTURNED: Valium 5mg #30" in text
    assert "A taper has begun. The request is medically necessary." in text


def test_precedents_takes_filters_and_prints_json(store: Path) -> None:
    options = ("--decision", "overturned", "--since", "2020-01-01", "--state", "CA", "--limit", 1, "--json")
    record = json.loads(printed(precedents, "Valium", *options, "--store", store))
    assert [one["case"] for one in record["found"]] == ["EX16-0000002"]
    assert record["steps"][0]["decisions"] == 2
    left = printed(precedents, "Valium", "--leave-out", "EX16-0000002", "--store", store)
    assert "EX16-0000002" not in left


def test_search_prints_hits_with_what_was_found_and_the_way_to_the_next_page(store: Path) -> None:
    text = printed(search, "taper", "--limit", 1, "--facet", "decision", "--store", store)
    assert text.startswith("2 found, 1 to 1 shown")
    assert "**taper**" in text
    assert "by decision: overturned 1, upheld 1" in text
    assert "--offset 1" in text
    only = printed(search, "taper", "-f", "decision=upheld", "--json", "--store", store)
    assert [hit["case"] for hit in json.loads(only)["hits"]] == ["EX16-0000001"]
    assert "Nothing was found" in printed(search, "acupuncture", "--store", store)


def test_wrong_requests_are_refused_by_the_library_with_a_way_out(store: Path) -> None:
    for command, arguments, error in (
        (precedents, ("Valliumm",), UnknownNameError),
        (precedents, ("Valium", "--since", "2020-13-01"), UsageError),
        (precedents, ("MRI of the left knee", "--laterality", "right"), UsageError),
        (search, ("taper", "-f", "decision"), UsageError),
        (search, ('"taper',), UsageError),
    ):
        with pytest.raises(error):
            printed(command, *arguments, "--store", store)
