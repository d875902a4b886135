"""The server for assistants: real calls by the SDK's own client, over standard input and output of a real process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp", reason="the server for assistants needs the package mcp (the extra 'assistants')")

import anyio
import httpx
import jsonschema
from mcp import Client, MCPError, StdioServerParameters
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult, TextContent

from imr_graph.cli.app import run
from imr_graph.errors import StoreError
from imr_graph.mcp import answers, lookups, serve, tools
from imr_graph.mcp.schemas import ANSWERS as SCHEMAS
from imr_graph.mcp.server import make_server
from imr_graph.mcp.tools import TOOLS as FUNCTIONS
from imr_graph.model import Determination, Reason
from imr_graph.store.changes import add
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
            assert {tool.name for tool in listed} == TOOLS == set(FUNCTIONS) == set(SCHEMAS)
            for tool in listed:
                assert tool.output_schema == SCHEMAS[tool.name]
                assert tool.input_schema["additionalProperties"] is False
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
        ("precedents", {"text": "Valium 5mg", "limit": 2, "detail": "full"}),
        ("search", {"text": "taper", "filters": {"decision": "overturned"}}),
        ("statistics", {"by": ["treatment"], "detail": "full"}),
        ("list_questions", {"limit": 50}),
        ("named_query", {"name": "items-citing-page", "parameters": {"page": f"{CHRONIC_PAIN}-24"}, "detail": "full"}),
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
        ("precedents", {"text": "Valium", "stat": "CA"}),
        ("named_query", {"name": "decided-items", "Parameters": {"treatment": "MRI"}}),
        ("search", {"text": "taper", "limit": "many"}),
        ("precedents", {"text": "Valium", "decision": "approved"}),
        ("serch", {"text": "taper"}),
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
        "precedents needs text: The request in free text",
        "There is no argument of precedents 'stat'. Did you mean 'state'",
        "Did you mean 'parameters'",
        "The value 'many' of limit does not do for search: it should be a valid integer.",
        "it should be 'upheld' or 'overturned'",
        "There is no tool 'serch'. Did you mean 'search'?",
    )
    for result, words in zip(errors, expected, strict=True):
        text = sentence(result)
        assert words in text
        assert "Traceback" not in text
        assert "pydantic" not in text
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
    "precedents": lambda store: tools.precedents(store, "Valium", limit=50, detail="full"),
    "search": lambda store: tools.search(store, "taper", limit=50, detail="full"),
    "statistics": lambda store: tools.statistics(store, ("treatment", "decision"), limit=50, detail="full"),
    "reasons": lambda store: tools.statistics(store, ["treatment"], "reasons", limit=50),
    "requirements": lambda store: tools.requirements(store, "Valium", limit=50),
    "list_questions": lambda _: lookups.list_questions(limit=50, detail="full"),
    "named_query": lambda store: lookups.named_query(store, "decided-items", limit=50, detail="full"),
    "case_graph": lambda store: lookups.named_query(store, "case-graph", {"case": "EX17-0000001"}),
    "show_case": lambda store: lookups.show_case(store, "EX17-0000001", limit=50, detail="full"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_no_answer_is_larger_than_the_bounds(flood: GraphStore, name: str) -> None:
    answer = ANSWERS[name](flood)
    assert len(json.dumps(answer, ensure_ascii=False)) <= answers.CHARACTERS + 300  # the note of what is left out
    lists = [value for value in answer.values() if isinstance(value, list)]
    assert all(len(rows) <= answers.ROWS for rows in lists)
    assert any(lists)


def test_what_does_not_fit_is_said_and_can_be_asked_for(flood: GraphStore) -> None:
    assert lookups.show_case(flood, "EX17-0000001")["next_item"] == 11
    assert lookups.show_case(flood, "EX17-0000001", first_item=51)["next_item"] is None
    first = lookups.show_case(flood, "EX17-0000001", limit=50, detail="full")
    assert first["items_in_letter"] == 60
    assert "ask again with first_item" in first["left_out"]
    assert first["items"][0]["rationale"].endswith("more characters]")
    shown = len(first["items"])
    after = lookups.show_case(flood, "EX17-0000001", first_item=shown + 1, detail="full")
    assert after["items"][0]["item"] == shown + 1
    page = tools.search(flood, "taper", limit=5)
    assert (page["total"], len(page["hits"]), page["next_offset"]) == (60, 5, 5)
    assert tools.search(flood, "taper", limit=5, offset=5)["hits"][0] not in page["hits"]


def test_what_fits_is_left_whole(store: GraphStore) -> None:
    assert "left_out" not in lookups.show_case(store, "EX16-0000001")
    assert answers.truncate_text("short") == "short"
    assert answers.truncate_text(None) is None


# Short answers, numbers, schemas

SHORT: dict[str, Callable[[GraphStore], answers.Answer]] = {
    "precedents": lambda store: tools.precedents(store, "Valium"),
    "search": lambda store: tools.search(store, "taper"),
    "statistics": lambda store: tools.statistics(store, ["treatment"]),
    "requirements": lambda store: tools.requirements(store, "Valium"),
    "list_questions": lambda _: lookups.list_questions(),
    "named_query": lambda store: lookups.named_query(store, "decided-items"),
    "show_case": lambda store: lookups.show_case(store, "EX17-0000001"),
}


@pytest.mark.parametrize("name", SHORT)
def test_answers_keep_to_their_schemas_and_are_short_unless_more_is_asked_for(flood: GraphStore, name: str) -> None:
    short, full = SHORT[name](flood), ANSWERS[name](flood)
    for answer in (short, full):
        jsonschema.validate(json.loads(json.dumps(answer)), SCHEMAS[name])
    size = len(json.dumps(short))
    assert size < 15_000
    assert size <= len(json.dumps(full))


def test_rows_go_on_at_the_next_offset(flood: GraphStore) -> None:
    pages: dict[str, tuple[str, Callable[[int], answers.Answer]]] = {
        "precedents": ("precedents", lambda at: tools.precedents(flood, "Valium", limit=2, offset=at)),
        "questions": ("questions", lambda at: lookups.list_questions(limit=2, offset=at)),
        "rows": ("rows", lambda at: lookups.named_query(flood, "decided-items", limit=2, offset=at)),
        "hits": ("hits", lambda at: tools.search(flood, "taper", limit=2, offset=at)),
    }
    for name, ask in pages.values():
        first = ask(0)
        assert first["next_offset"] == 2
        assert not [row for row in ask(2)[name] if row in first[name]]
    assert tools.statistics(flood, ["treatment"])["next_offset"] is None


def test_numbers_are_numbers(store: GraphStore) -> None:
    [row] = lookups.named_query(store, "overturn-rate-by-treatment", {"minimum": 3})["rows"]
    assert (row["decisions"], row["overturned"]) == (3, 1)
    assert row["share"] == pytest.approx(1 / 3, abs=0.001)
    found = tools.precedents(store, "Valium")
    assert all(isinstance(step["share"], float) for step in found["steps"])


# Resources, prompts, and both transports


def meet(server: Any) -> dict[str, Any]:
    """Return what a client finds at a server: its tools, an answer, a refusal, a case, a concept, a prompt."""
    found: dict[str, Any] = {}

    async def talk() -> None:
        async with Client(server) as client:
            found["tools"] = {tool.name for tool in (await client.list_tools()).tools}
            found["answer"] = said(await client.call_tool("search", {"text": "taper"}))["total"]
            found["refusal"] = sentence(await client.call_tool("search", {"txt": "taper"}))
            templates = (await client.list_resource_templates()).resource_templates
            found["templates"] = {template.uri_template for template in templates}
            [case] = (await client.read_resource("imr://case/EX16-0000002")).contents
            found["case"] = json.loads(case.text)["case_number"]
            [concept] = (await client.read_resource("imr://concept/treatment-diazepam")).contents
            found["concept"] = json.loads(concept.text)
            with pytest.raises(MCPError) as unknown:
                await client.read_resource("imr://concept/treatment-diazepan")
            found["unknown"] = str(unknown.value)
            found["prompts"] = {prompt.name for prompt in (await client.list_prompts()).prompts}
            [message] = (await client.get_prompt("earlier_decisions", {"request": "MRI of the knee"})).messages
            found["prompt"] = message.content.text

    anyio.run(talk)
    return found


@pytest.fixture(scope="module")
def http_server(path: Path) -> Iterator[str]:
    """Return the address of a server over HTTP that runs as a process of its own."""
    command = [sys.executable, "-m", "imr_graph", "mcp", "--http", "--port", "0", "--store", str(path)]
    with subprocess.Popen([*command, "--set", "body_bytes=4096"], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        for line in process.stderr:
            if json.loads(line)["event"] == "listening":
                yield json.loads(line)["url"]
                break
        process.terminate()


@pytest.mark.parametrize("transport", ["stdio", "http"])
def test_a_client_meets_the_same_server_by_both_transports(
    path: Path, transport: str, request: pytest.FixtureRequest
) -> None:
    stdio = StdioServerParameters(command=sys.executable, args=["-c", SERVE, str(path)])
    found = meet(stdio if transport == "stdio" else f"{request.getfixturevalue('http_server')}/mcp")
    assert found["tools"] == TOOLS
    assert found["answer"] == 3
    assert "There is no argument of search 'txt'. Did you mean 'text'?" in found["refusal"]
    assert found["templates"] == {"imr://case/{number}", "imr://concept/{concept}"}
    assert found["case"] == "EX16-0000002"
    assert found["concept"]["name"] == "diazepam"
    assert found["concept"]["figures"]["cases"] == 3
    assert "Did you mean 'treatment-diazepam'" in found["unknown"]
    assert found["prompts"] == {"earlier_decisions", "documentation", "overturned_share", "explain_case"}
    assert "MRI of the knee" in found["prompt"]


def test_the_server_over_http_checks_host_origin_and_size(http_server: str) -> None:
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    headers = {"accept": "application/json, text/event-stream"}
    url = f"{http_server}/mcp"
    assert httpx.post(url, json=call, headers={**headers, "host": "evil.example"}).status_code == 421
    assert httpx.post(url, json=call, headers={**headers, "origin": "https://evil.example"}).status_code == 403
    assert httpx.post(url, json={**call, "more": "x" * 5_000}, headers=headers).status_code == 413
    assert httpx.post(url, json=call, headers={**headers, "origin": http_server}).status_code == 200
    assert httpx.get(f"{http_server}/elsewhere").status_code == 404


def test_options_of_http_are_refused_without_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["mcp", "--port", "9"]) == 2
    assert "add --http" in capsys.readouterr().err
