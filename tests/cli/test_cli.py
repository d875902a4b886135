"""The command line: every command on the example letters, and what people see when something is wrong."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import click
import pytest

from imr_graph import resources
from imr_graph.cli.app import COMMANDS, cli, run
from support.paths import PROJECT

EXAMPLES = resources.examples()
DAMAGED = PROJECT / "examples" / "damaged"


class Outcome(NamedTuple):
    """What a command printed and ended with."""

    code: int
    out: str
    err: str


@pytest.fixture
def imr(capsysbinary: pytest.CaptureFixture[bytes]) -> Callable[..., Outcome]:
    """Return a function that runs a command in this process, as the console script does."""

    def call(*arguments: object) -> Outcome:
        code = run([str(argument) for argument in arguments])
        captured = capsysbinary.readouterr()
        return Outcome(code, captured.out.decode(), captured.err.decode())

    return call


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store of the example letters, built once."""
    store = tmp_path_factory.mktemp("cli") / "store"
    assert run(["build", str(EXAMPLES), "--store", str(store), "--quiet"]) == 0
    return store


@pytest.mark.parametrize("command", COMMANDS)
def test_help_teaches_by_example(imr: Callable[..., Outcome], command: str) -> None:
    result = imr(command, "--help")
    assert result.code == 0
    assert f"imr-graph {command}" in result.out.split("Options:")[0].split("\n", 1)[1]


def test_the_list_of_commands_is_whole_at_80_columns(
    monkeypatch: pytest.MonkeyPatch, imr: Callable[..., Outcome]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = imr("--help").out.split("Commands:\n")[1].splitlines()
    assert [line.split()[0] for line in lines] == list(COMMANDS)
    assert [line for line in lines if line.endswith("...") or len(line) > 80] == []
    with click.Context(cli) as context:
        commands = [cli.get_command(context, name) for name in COMMANDS]
    assert [each.name for each in commands if each and not 0 < len(each.short_help or "") <= 45] == []


def test_text_prints_what_spans_count_in(imr: Callable[..., Outcome]) -> None:
    letter = EXAMPLES / "CM16-9990008.txt"
    text = imr("text", letter).out
    record = json.loads(imr("extract", letter, "--quiet").out)
    start, end = record["spans"]["/case_number"]
    assert text[start:end] == record["case_number"] == "CM16-9990008"


def test_extract_prints_one_record_a_line(imr: Callable[..., Outcome]) -> None:
    result = imr("extract", "--format", "jsonl", EXAMPLES)
    records = [json.loads(line) for line in result.out.splitlines()]
    letters = [path for path in EXAMPLES.iterdir() if path.suffix in (".txt", ".pdf")]
    assert sorted(Path(r["source"]).name for r in records) == sorted(path.name for path in letters)
    assert result.code == 0


def test_extract_names_what_failed_and_prints_the_rest(imr: Callable[..., Outcome]) -> None:
    lenient = imr("extract", DAMAGED, EXAMPLES)
    strict = imr("extract", "--strict", DAMAGED, EXAMPLES)
    assert (lenient.code, strict.code) == (0, 1)
    assert len(strict.out.splitlines()) >= 15
    assert "Traceback" not in strict.err
    assert any("empty" in line for line in strict.err.splitlines())


def test_build_reports_and_a_second_build_changes_nothing(imr: Callable[..., Outcome], tmp_path: Path) -> None:
    store = tmp_path / "store"
    first = imr("build", EXAMPLES, "--store", store, "--json")
    export = imr("export", "--store", store).out
    second = imr("build", EXAMPLES, "--store", store, "--json")
    assert json.loads(first.out)["added"] == 15
    assert (json.loads(second.out)["added"], json.loads(second.out)["unchanged"]) == (0, 15)
    assert imr("export", "--store", store).out == export


def test_build_keeps_going_past_bad_input(imr: Callable[..., Outcome], tmp_path: Path) -> None:
    lenient = imr("build", DAMAGED, EXAMPLES, "--store", tmp_path / "a", "--json")
    strict = imr("build", DAMAGED, EXAMPLES, "--store", tmp_path / "b", "--json", "--strict")
    assert (lenient.code, strict.code) == (0, 1)
    report = json.loads(strict.out)
    assert report["added"] >= 15
    assert all(failure["reason"] for failure in report["failed"])


def test_query_by_name_answers_with_parameters(imr: Callable[..., Outcome], built: Path) -> None:
    result = imr(
        "query", "items-citing-page", "--page", "mtus-chronic-pain-2009-24", "--store", built, "--format", "csv"
    )
    assert result.code == 0
    assert len(result.out.splitlines()) == 1 + 7


def test_query_takes_sparql(imr: Callable[..., Outcome], built: Path) -> None:
    counted = "SELECT (COUNT(*) AS ?n) WHERE { ?case a imr:Case }"
    assert imr("query", counted, "--store", built, "--format", "csv").out.split() == ["n", "15"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["query", "overturn-rate-by-treatmnt"], "Did you mean"),
        (["query", "SELECT ?x WHERE {"], "line 1"),
        (["query", "items-citing-page", "--page", "nonsense"], "nonsense"),
        (["query", "items-citing-page", "--pagee", "x"], "Did you mean"),
        (["query", "DELETE WHERE { ?s ?p ?o }"], "is an update"),
        (["stats", "--by", "treatmant"], "Did you mean"),
        (["network", "case-guidline"], "Did you mean"),
        (["export", "--format", "turtel"], "Did you mean"),
        (["query", "nope.rq"], "There is no file nope.rq"),
        (["query", "./overturn-rate-by-year"], "There is no file ./overturn-rate-by-year"),
    ],
)
def test_misuse_gets_one_sentence_and_exit_code_2(
    imr: Callable[..., Outcome], built: Path, arguments: list[str], says: str
) -> None:
    result = imr(*arguments, "--store", built)
    assert result.code == 2
    assert says in result.err
    assert len(result.err.strip().splitlines()) == 1


def test_a_missing_store_says_how_to_make_one(imr: Callable[..., Outcome], tmp_path: Path) -> None:
    result = imr("stats", "--store", tmp_path / "none")
    assert result.code == 3
    assert "imr-graph build" in result.err


def test_show_quotes_the_letter(imr: Callable[..., Outcome], built: Path) -> None:
    shown = imr("show", "CM16-9990008", "--store", built).out
    assert "MRI lumbar spine: OVERTURNED" in shown
    assert "Low Back Complaints 2004, Section(s): Special Studies" in shown
    record = json.loads(imr("show", "CM16-9990008", "--store", built, "--json").out)
    assert record["items"][0]["decision"] == "overturned"


CORRECTION = """
- case: CM16-9990008
  field: /priority
  was: standard
  should_be: expedited
  who: A. Reader
  why: The header says so.
  date: 2026-11-20
"""


def test_corrections_beside_which_a_build_is_called_are_applied(
    imr: Callable[..., Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    letter = EXAMPLES / "CM16-9990008.txt"
    elsewhere = tmp_path / "elsewhere.yaml"
    elsewhere.write_text(CORRECTION, encoding="utf-8")
    assert "corrections" not in imr("build", letter).out
    (stale,) = json.loads(imr("status", "--corrections", elsewhere, "--json").out)["stale"]
    assert stale["examples"] == ["CM16-9990008"]
    assert "1 corrections are applied, to 1 letters." in imr("build", letter, "--corrections", elsewhere).out
    assert "1 letters were read again without the corrections that they had." in imr("build", letter).out
    (tmp_path / "corrections").mkdir()
    elsewhere.rename(tmp_path / "corrections" / "found.yml")
    assert "1 stale: corrections were added, changed or deleted" in imr("status").out
    assert "1 corrections are applied, to 1 letters." in imr("build", letter).out
    line = 'corrected   /priority: "standard" became "expedited" (A. Reader, 2026-11-20): The header says so.'
    assert imr("show", "CM16-9990008").out.endswith(f"  {line}\n")
    assert "expedited" in imr("query", "corrections", "--case", "CM16-9990008").out
    assert imr("validate", "--quiet").code == 0


def test_a_mistake_in_a_correction_is_misuse(imr: Callable[..., Outcome], tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(CORRECTION.replace("/priority", "/prioriti"), encoding="utf-8")
    for command in (("build", EXAMPLES), ("status",)):
        result = imr(*command, "--store", tmp_path / "store", "--corrections", tmp_path)
        assert (result.code, result.out) == (2, "")
        assert "entry 1 (line 2), /prioriti: this cannot be corrected" in result.err
    assert imr("build", EXAMPLES, "--corrections", tmp_path / "nowhere").code == 2


def test_show_of_an_unknown_case_names_near_ones(imr: Callable[..., Outcome], built: Path) -> None:
    result = imr("show", "CM16-9990009x", "--store", built)
    assert result.code == 2
    assert "CM16-9990009" in result.err


def test_validate_says_how_many_nodes_each_shape_looked_at(imr: Callable[..., Outcome], built: Path) -> None:
    result = imr("validate", "--store", built)
    assert result.code == 0
    assert "Case" in result.out or "case" in result.out


def test_remove_takes_a_letter_out(imr: Callable[..., Outcome], tmp_path: Path) -> None:
    store = tmp_path / "store"
    imr("build", EXAMPLES, "--store", store, "--quiet")
    assert imr("remove", "CM16-9990008", "--store", store).code == 0
    counted = "SELECT (COUNT(*) AS ?n) WHERE { ?case a imr:Case }"
    assert imr("query", counted, "--store", store, "--format", "csv").out.split() == ["n", "14"]


@pytest.mark.parametrize("format_", ["turtle", "ntriples", "jsonld", "rdfxml"])
def test_export_writes_the_same_bytes_each_time(imr: Callable[..., Outcome], built: Path, format_: str) -> None:
    first = imr("export", "--store", built, "--format", format_)
    assert first.code == 0
    assert len(first.out) > 10_000
    assert imr("export", "--store", built, "--format", format_).out == first.out


def test_an_empty_name_of_a_store_is_not_the_current_folder(imr: Callable[..., Outcome]) -> None:
    result = imr("status", "--store", "")
    assert result.code == 2
    assert "it names no folder" in result.err


def test_output_appears_whole_or_not_at_all(imr: Callable[..., Outcome], built: Path, tmp_path: Path) -> None:
    target = tmp_path / "graph.ttl"
    assert imr("export", "--store", built, "-o", target).code == 0
    assert target.stat().st_size > 10_000
    assert imr("export", "--store", built, "-o", tmp_path / "no" / "graph.ttl").code == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["graph.ttl"]


def test_output_keeps_a_file_s_mode_and_writes_to_links_and_pipes(
    imr: Callable[..., Outcome], built: Path, tmp_path: Path
) -> None:
    target, link, pipe = tmp_path / "graph.ttl", tmp_path / "link.ttl", tmp_path / "pipe"
    target.write_text("old")
    target.chmod(0o600)
    assert imr("export", "--store", built, "-o", target).code == 0
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    whole = target.read_bytes()
    target.write_text("old")
    link.symlink_to(target)
    assert imr("export", "--store", built, "-o", link).code == 0
    assert link.is_symlink()
    assert target.read_bytes() == whole
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as reader:
        read = reader.submit(pipe.read_bytes)
        assert imr("export", "--store", built, "-o", pipe).code == 0
        assert read.result(60) == whole
    assert pipe.is_fifo()


def test_evaluate_scores_records_against_gold(imr: Callable[..., Outcome], tmp_path: Path) -> None:
    gold = tmp_path / "gold"
    gold.mkdir()
    for line in imr("extract", EXAMPLES, "--quiet").out.splitlines():
        record = json.loads(line)
        (gold / f"{Path(record['source']).stem}.json").write_text(json.dumps(record))
    perfect = imr("evaluate", gold, "--letters", EXAMPLES, "--json", "--fail-under", "1")
    assert perfect.code == 0
    assert {row["f1"] for row in json.loads(perfect.out).values() if row["f1"] is not None} == {1.0}
    (gold / "CM16-9990008.json").write_text((gold / "CM16-9990008.json").read_text().replace("overturned", "upheld"))
    worse = imr("evaluate", gold, "--letters", EXAMPLES, "--fail-under", "1", "--misses", "item.decision")
    assert worse.code == 1
    assert "CM16-9990008#1" in worse.out


@pytest.mark.parametrize("name", ["case-guideline", "treatment-guideline", "guideline-co-citation"])
def test_network_writes_graphml(imr: Callable[..., Outcome], built: Path, name: str) -> None:
    result = imr("network", name, "--store", built, "--format", "graphml")
    assert result.code == 0
    assert "<graphml" in result.out


def test_stats_mark_small_cells(imr: Callable[..., Outcome], built: Path) -> None:
    assert "fewer than 30" in imr("stats", "--by", "guideline", "--store", built).out


def test_compare_says_shares_and_differences_and_draws_them(
    imr: Callable[..., Outcome], built: Path, tmp_path: Path
) -> None:
    asked = ("compare", "treatment", "MRI", "acupuncture", "--by", "year", "--store", built)
    result = imr(*asked)
    assert result.code == 0, result.err
    assert "Difference from Magnetic resonance imaging, in percentage points" in result.out
    assert "Counted: all decisions." in result.out
    assert [each["value"]["id"] for each in json.loads(imr(*asked, "--json").out)["values"]] == ["mri", "acupuncture"]
    assert imr(*asked, "--chart", "svg", "-o", tmp_path / "chart.svg").code == 0
    assert "Counted: all decisions." in (tmp_path / "chart.svg").read_text(encoding="utf-8")
    assert imr("compare", "treatment", "MRI", "--store", built).code == 2


def test_no_chart_is_drawn_of_shares_that_are_0_or_100(imr: Callable[..., Outcome], built: Path) -> None:
    result = imr("stats", "--by", "decision", "--chart", "bars", "--store", built)
    assert result.code == 2
    assert "would be 0 or 100%" in result.err


def test_reasons_are_drawn_as_bars_and_by_another_dimension_as_a_heat_map(
    imr: Callable[..., Outcome], built: Path, tmp_path: Path
) -> None:
    """What is drawn is what the figure counts: each reason with how many of the decisions that ended so give it."""
    asked = ("stats", "--by", "reason", "--store", built)
    counted = json.loads(imr(*asked, "--json").out)
    page = tmp_path / "chart.html"
    assert imr(*asked, "--chart", "bars", "--format", "html", "-o", page).code == 0
    rows = re.findall(r"<tr><td>(.*?)</td><td>(\d+)</td><td>(\d+)</td>", page.read_text(encoding="utf-8"))
    expected = {(f"{r['reason']['label']} ({r['decision']})", str(r["decisions"]), str(r["given"])) for r in counted}
    assert set(rows) == expected
    assert imr(*asked, "--by", "specialty", "--chart", "heatmap", "-o", tmp_path / "map.svg").code == 0
    for by, chart in ((), "lines"), (("--by", "specialty"), "bars"):
        refused = imr(*asked, *by, "--chart", chart)
        assert refused.code == 2
        assert "are drawn as --chart" in refused.err


def test_demo_runs_from_nothing(imr: Callable[..., Outcome], tmp_path: Path) -> None:
    result = imr("demo", "--output", tmp_path / "demo")
    assert result.code == 0, result.err
    assert (tmp_path / "demo" / "graph.ttl").stat().st_size > 10_000
    assert (tmp_path / "demo" / "network.svg").stat().st_size > 1_000
    assert "Next, try" in result.out


INSTALLED = [sys.executable, "-m", "imr_graph"]


def installed(*arguments: object, given: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run the command line as its own process, as a user does."""
    command = [*INSTALLED, *map(str, arguments)]
    return subprocess.run(command, input=given, capture_output=True, timeout=300, check=False)


def test_standard_input_is_a_letter() -> None:
    letter = (EXAMPLES / "CM16-9990008.txt").read_bytes()
    result = installed("extract", "-", "--quiet", given=letter)
    assert json.loads(result.stdout)["case_number"] == "CM16-9990008"


def test_a_query_may_come_from_standard_input(built: Path) -> None:
    counted = b"SELECT (COUNT(*) AS ?n) WHERE { ?case a imr:Case }"
    result = installed("query", "-", "--store", built, "--format", "csv", given=counted)
    assert result.stdout.split() == [b"n", b"15"]
    question = (resources.queries() / "overturn-rate-by-year.rq").read_bytes()
    named = installed("query", "overturn-rate-by-year", "--store", built, "--format", "csv")
    assert installed("query", "-", "--store", built, "--format", "csv", given=question).stdout == named.stdout != b""


def test_a_file_called_like_a_question_takes_a_slash(
    imr: Callable[..., Outcome], built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("overturn-rate-by-year").write_text("SELECT (7 AS ?n) WHERE {}", encoding="utf-8")
    ask = ("--store", built, "--format", "csv")
    assert imr("query", "./overturn-rate-by-year", *ask).out.split() == ["n", "7"]
    assert len(imr("query", "overturn-rate-by-year", *ask).out.splitlines()) > 2


@pytest.mark.parametrize(
    "arguments",
    [("export",), ("export", "--format", "jsonld"), ("export", "--format", "csv"), ("queries",), ("--help",),
     ("extract", EXAMPLES), ("query", "SELECT * WHERE { ?s ?p ?o }", "--format", "tsv")],
)  # fmt: skip
def test_a_reader_that_goes_away_is_no_failure(built: Path, arguments: tuple[object, ...]) -> None:
    store = () if arguments[0] in ("queries", "extract", "--help") else ("--store", built)
    command = [*INSTALLED, *map(str, (*arguments, *store))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout and process.stderr  # noqa: PT018 - one condition for the type checker
        process.stdout.close()
        told = process.stderr.read()
        assert process.wait(180) in (0, -13, 141)
    assert b"Broken" not in told
    assert b"Error" not in told


def test_the_package_runs_and_knows_its_version() -> None:
    import imr_graph

    assert installed("--version").stdout.decode().split() == ["imr-graph,", "version", imr_graph.__version__]


def test_serving_says_which_systems_it_needs(
    imr: Callable[..., Outcome], built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(signal, "SIGALRM")
    result = imr("serve", "--store", built)
    assert (result.code, "needs Linux or macOS" in result.err) == (2, True)


def bad_inputs(folder: Path) -> Path:
    """Make one of each kind of bad input beside one good letter."""
    whole = (EXAMPLES / "CM16-9990008.txt").read_bytes()
    pdf = next(EXAMPLES.glob("*.pdf")).read_bytes()
    files = {
        "empty.txt": b"",
        "blank.txt": b" \n\t\n \n",
        "random.txt": bytes((i * 7919 + 13) % 256 for i in range(4096)),
        "truncated.pdf": pdf[: len(pdf) // 2],
        "unrelated.txt": b"Dear Sir or Madam,\nplease find enclosed the invoice for the month of May.\n" * 5,
        "cut.txt": whole[: whole.index(b"IMR ISSUES")],
        "long.txt": b"x" * 5_000_000,
        "good.txt": whole,
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    with zipfile.ZipFile(folder / "climbing.zip", "w") as archive:
        archive.writestr("../outside.txt", whole)
    (folder / "dangling.txt").symlink_to(folder / "nowhere")
    return folder


def test_each_bad_input_gets_one_line_and_the_good_letter_is_built(tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    folder.mkdir()
    result = installed("build", bad_inputs(folder), "--store", tmp_path / "store", "--json", "--quiet")
    report = json.loads(result.stdout)
    assert report["added"] == 1
    assert len(report["failed"]) == 9
    assert sorted({Path(f["source"].partition("!")[0]).name for f in report["failed"]}) == sorted(
        {path.name for path in folder.iterdir()} - {"good.txt"}
    )
    assert all(len(failure["reason"].splitlines()) == 1 for failure in report["failed"])
    assert b"Traceback" not in result.stderr
    assert result.returncode == 0
    assert not (tmp_path / "outside.txt").exists()


def test_an_unexpected_failure_shows_no_traceback(tmp_path: Path) -> None:
    store = tmp_path / "store"
    store.mkdir()
    (store / "store.json").write_text("{ not json")
    result = installed("stats", "--store", store)
    assert result.returncode == 3
    assert b"Traceback" not in result.stderr
    assert result.stderr.count(b"\n") == 1


@pytest.mark.parametrize("command", [("search", "pain"), ("precedents", "MRI"), ("search",)], ids=" ".join)
def test_all_of_an_answer_is_written_as_a_file(
    imr: Callable[..., Outcome], built: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    name = {"search": "hits", "precedents": "precedents"}[command[0]]
    data = json.loads(imr(*command, "--store", built, "--format", "json").out)
    assert len(data[name]) == data["total"] > 0
    file = tmp_path / "found.csv"
    assert imr(*command, "--store", built, "--format", "csv", "--bom", "-o", file) == (0, "", "")
    assert file.read_bytes().startswith(b"\xef\xbb\xbfcase,item,iri,")
    rows = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"), newline="")))
    assert [row["case"] for row in rows] == [each["case"] for each in data[name]]
    assert all(row["rationale"] and row["specialties"] for row in rows)


def test_statistics_are_written_as_csv(imr: Callable[..., Outcome], built: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(imr("stats", "--by", "treatment", "--csv", "--store", built).out)))
    found = json.loads(imr("stats", "--by", "treatment", "--json", "--store", built).out)
    assert [row["treatment"] for row in rows] == [group["values"][0]["label"] for group in found["groups"]]
