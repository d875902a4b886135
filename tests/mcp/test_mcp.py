"""The server for assistants: real calls by the SDK's own client, over standard input and output of a real process."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp", reason="the server for assistants needs the package mcp (the extra 'assistants')")

import anyio
from mcp import Client, StdioServerParameters
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult, TextContent

from imr_graph.errors import StoreError
from imr_graph.mcp import answers, serve, tools
from imr_graph.mcp.server import make_server
from imr_graph.model import Determination, Reason
from imr_graph.store.add import add
from imr_graph.store.graph_store import GraphStore, open_store
from support.records import CHRONIC_PAIN, citation, determination, item, party

SERVE = "import sys; from imr_graph.mcp import serve; serve(sys.argv[1])"
TOOLS = {"precedents", "requirements", "search", "statistics", "list_questions", "named_query", "show_case"}
BENZODIAZEPINES = citation(CHRONIC_PAIN, "Benzodiazepines", pages=(24,))


def valium(number: int, decision: str) -> Determination:
    """Return a fictional letter about Valium."""
    text = "The MTUS limits benzodiazepines to four weeks. A taper is planned. The request is "
    verdict = f"{text}{'' if decision == 'overturned' else 'not '}medically necessary."
    entry = item(
        "Valium 5mg #30", decision, treatments=("diazepam",), reviewer=party(BENZODIAZEPINES), rationale=verdict
    )
    return determination(f"EX16-{number:07}", entry)


LETTERS = (valium(1, "upheld"), valium(2, "overturned"), valium(3, "upheld"))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store of three fictional letters."""
    path = tmp_path_factory.mktemp("mcp") / "store"
    add(path, LETTERS)
    return path


@pytest.fixture(scope="module")
def store(path: Path) -> GraphStore:
    return open_store(path)


def conversation(path: Path, *calls: tuple[str, dict[str, Any]]) -> list[CallToolResult]:
    """Return the results of calls to a server that runs as a process of its own."""
    found: list[CallToolResult] = []

    async def talk() -> None:
        async with Client(StdioServerParameters(command=sys.executable, args=["-c", SERVE, str(path)])) as client:
            for name, arguments in calls:
                result = await client.call_tool(name, arguments)
                assert isinstance(result, CallToolResult)
                found.append(result)

    anyio.run(talk)
    return found


def said(result: CallToolResult) -> dict[str, Any]:
    """Return what a tool answered; its text says the same."""
    assert not result.is_error, result.content
    assert isinstance(result.structured_content, dict)
    [content] = result.content
    assert isinstance(content, TextContent)
    assert json.loads(content.text) == result.structured_content
    return result.structured_content


def sentence(result: CallToolResult) -> str:
    assert result.is_error
    [content] = result.content
    assert isinstance(content, TextContent)
    return content.text


def test_half_a_character_is_one_sentence(path: Path) -> None:
    server = make_server(path)

    async def ask() -> None:
        with pytest.raises(ToolError, match="half a character"):
            await server.call_tool("show_case", {"case": "CM20-\ud800"})

    anyio.run(ask)


def test_a_call_that_takes_too_long_is_one_sentence_and_the_next_one_is_answered(path: Path) -> None:
    hurried, patient = make_server(path, seconds=0.0001), make_server(path)

    async def ask() -> None:
        with pytest.raises(ToolError, match="This takes longer than a call may: ask for less"):
            await hurried.call_tool("search", {"text": "taper"})
        for _ in range(2):
            assert await patient.call_tool("search", {"text": "taper"})

    anyio.run(ask)


def test_every_tool_is_described_and_said_to_be_read_only(path: Path) -> None:
    async def ask() -> None:
        async with Client(StdioServerParameters(command=sys.executable, args=["-c", SERVE, str(path)])) as client:
            listed = (await client.list_tools()).tools
            assert {tool.name for tool in listed} == TOOLS
            for tool in listed:
                assert tool.description
                assert tool.annotations
                assert tool.annotations.read_only_hint is True
                assert tool.annotations.open_world_hint is False
            schema = next(tool for tool in listed if tool.name == "precedents").input_schema
            assert schema["required"] == ["text"]
            assert all("description" in field for name, field in schema["properties"].items() if name not in (
                "laterality", "decision"))  # fmt: skip

    anyio.run(ask)


def test_every_tool_answers_with_cases_and_quotations(path: Path) -> None:
    calls = (
        ("precedents", {"text": "Valium 5mg", "limit": 2}),
        ("search", {"text": "taper", "filters": {"decision": "overturned"}}),
        ("statistics", {"by": ["treatment"]}),
        ("list_questions", {}),
        ("named_query", {"name": "items-citing-page", "parameters": {"page": f"{CHRONIC_PAIN}-24"}}),
        ("show_case", {"case": "EX16-0000002"}),
    )
    found, hits, counted, listed, rows, shown = map(said, conversation(path, *calls))
    [nearest] = found["steps"][:1]
    assert (nearest["decisions"], nearest["overturned"], "small" in nearest) == (3, 1, True)
    assert [one["case"] for one in found["precedents"]] == ["EX16-0000001", "EX16-0000002"]
    assert found["precedents"][1]["quotations"][-1]["text"] == "The request is medically necessary."
    assert found["decided_differently"][0]["overturned"]["case"] == "EX16-0000002"
    [hit] = hits["hits"]
    assert (hit["case"], hit["decision"], hits["total"]) == ("EX16-0000002", "overturned", 1)
    assert "**taper**" in hit["quotations"][0]["text"]
    [group] = counted["groups"]
    assert (group["treatment"], group["decisions"], group["overturned"]) == ("diazepam", 3, 1)
    assert group["example"]["case"].startswith("EX16-")
    assert group["example"]["quotations"]
    assert "items-citing-page" in {question["name"] for question in listed["questions"]}
    assert len(rows["rows"]) == 3
    assert {row["evidence"]["case"] for row in rows["rows"]} == {letter.key for letter in LETTERS}
    assert all(row["evidence"]["quotations"] for row in rows["rows"])
    assert shown["case_number"] == "EX16-0000002"
    assert shown["items"][0]["decision"] == "overturned"
    assert "taper" in shown["items"][0]["rationale"]


def test_reasons_come_with_counts_and_requirements_with_sentences(tmp_path: Path) -> None:
    words = "The records show no functional improvement."
    letters = [
        determination(
            f"CM20-{n}",
            item(
                "Valium 5mg",
                "upheld",
                treatments=("diazepam",),
                reasons=(Reason("lacks-functional-improvement", words),),
            ),
            item("MRI", "overturned", treatments=("mri",), reasons=(Reason("meets-guideline-criteria", "It is met."),)),
        )
        for n in (1, 2)
    ]
    add(tmp_path / "store", letters)
    opened = open_store(tmp_path / "store")
    first = tools.statistics(opened, figure="reasons", filters={"decision": "upheld"})["groups"]
    second = tools.statistics(opened, ["reason", "treatment"])
    assert [(one["decision"], one["given"], one["cases"], one["all_cases"]) for one in first] == [("upheld", 2, 2, 2)]
    assert second["figure"] == "reasons"
    assert {one["value"] for one in second["groups"]} == {"diazepam", "Magnetic resonance imaging"}
    answer = tools.requirements(opened, "Valium")
    [criterion] = answer["criteria"]
    assert criterion["absent"]["given"] == criterion["absent"]["decisions"] == 2
    assert criterion["absent"]["quotation"]["text"] == words
    assert criterion["present"] is None


def test_what_is_wrong_comes_back_as_a_sentence_with_a_way_out_and_the_server_goes_on(path: Path) -> None:
    calls = (
        ("precedents", {"text": "Valliumm 5mg"}),
        ("precedents", {"text": "Valium", "limit": 5000}),
        ("search", {"text": '"taper'}),
        ("search", {"text": "taper", "filters": {"colour": "red"}}),
        ("statistics", {"by": ["treatmen"]}),
        ("named_query", {"name": "overturn-rate"}),
        ("named_query", {"name": "SELECT ?s WHERE { ?s ?p ?o }"}),
        ("named_query", {"name": str(path / "store.json")}),
        ("show_case", {"case": "EX16-0000009"}),
        ("show_case", {"case": "EX16-0000001", "first_item": 4}),
        ("list_questions", {"tag": "no-such-tag"}),
        ("precedents", {}),
        ("show_case", {"case": "EX16-0000001"}),
    )
    *errors, last = conversation(path, *calls)
    expected = (
        "Did you mean 'Valium'",
        "1 to 50 rows",
        "quotation mark that is not closed",
        "no dimension of searches 'colour'",
        "Did you mean 'treatment'",
        "Did you mean 'overturn-rate-by-",
        "no question 'SELECT",
        "no question",
        "Did you mean 'EX16-000000",
        "has 1 items",
        "the tags are",
        "text",
    )
    for result, words in zip(errors, expected, strict=True):
        text = sentence(result)
        assert words in text
        assert "Traceback" not in text
    assert said(last)["case_number"] == "EX16-0000001"


def test_a_running_server_sees_letters_that_are_added(tmp_path: Path) -> None:
    path = tmp_path / "store"
    add(path, LETTERS[:1])
    totals: list[int] = []

    async def talk() -> None:
        async with Client(StdioServerParameters(command=sys.executable, args=["-c", SERVE, str(path)])) as client:
            for letter in (None, LETTERS[1]):
                if letter:
                    add(path, [letter])
                result = await client.call_tool("search", {"text": "benzodiazepines"})
                assert isinstance(result, CallToolResult)
                totals.append(said(result)["total"])

    anyio.run(talk)
    assert totals == [1, 2]


def test_a_store_that_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="There is no store"):
        serve(tmp_path / "nothing")


# Bounds


@pytest.fixture(scope="module")
def flood(tmp_path_factory: pytest.TempPathFactory) -> GraphStore:
    """Return a store of one letter with sixty items and long rationales."""
    path = tmp_path_factory.mktemp("flood") / "store"
    entries = [
        item(f"Valium 5mg #{n}", "upheld" if n % 2 else "overturned", treatments=("diazepam",),
             reasons=(Reason("lacks-rationale", "No reason. " * 200),) if n % 2 else (),
             reviewer=party(BENZODIAZEPINES), rationale=f"Reason {n}. " + "The MTUS asks for a taper. " * 300)
        for n in range(1, 61)
    ]  # fmt: skip
    add(path, [determination("EX17-0000001", *entries, summary="He fell. " * 2000)])
    return open_store(path)


ANSWERS: dict[str, Callable[[GraphStore], answers.Answer]] = {
    "precedents": lambda store: tools.precedents(store, "Valium", limit=50),
    "search": lambda store: tools.search(store, "taper", limit=50),
    "statistics": lambda store: tools.statistics(store, ("treatment", "decision"), limit=50),
    "reasons": lambda store: tools.statistics(store, ["treatment"], "reasons", limit=50),
    "requirements": lambda store: tools.requirements(store, "Valium", limit=50),
    "list_questions": lambda _: tools.list_questions(),
    "named_query": lambda store: tools.named_query(store, "decided-items", limit=50),
    "case_graph": lambda store: tools.named_query(store, "case-graph", {"case": "EX17-0000001"}),
    "show_case": lambda store: tools.show_case(store, "EX17-0000001"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_no_answer_is_larger_than_the_bounds(flood: GraphStore, name: str) -> None:
    answer = ANSWERS[name](flood)
    assert len(json.dumps(answer, ensure_ascii=False)) <= answers.CHARACTERS + 300  # the note of what is left out
    lists = [value for value in answer.values() if isinstance(value, list)]
    assert all(len(rows) <= answers.ROWS for rows in lists)
    assert any(lists)


def test_what_does_not_fit_is_said_and_can_be_asked_for(flood: GraphStore) -> None:
    first = tools.show_case(flood, "EX17-0000001")
    assert first["items_in_letter"] == 60
    assert "ask again with first_item" in first["left_out"]
    assert first["items"][0]["rationale"].endswith("more characters]")
    shown = len(first["items"])
    after = tools.show_case(flood, "EX17-0000001", first_item=shown + 1)
    assert after["items"][0]["item"] == shown + 1
    page = tools.search(flood, "taper", limit=5)
    assert (page["total"], len(page["hits"]), page["next_offset"]) == (60, 5, 5)
    assert tools.search(flood, "taper", limit=5, offset=5)["hits"][0] not in page["hits"]


def test_what_fits_is_left_whole(store: GraphStore) -> None:
    assert "left_out" not in tools.show_case(store, "EX16-0000001")
    assert answers.truncate_text("short") == "short"
    assert answers.truncate_text(None) is None
