"""Hostile queries against a running server: each ends within its limits while another client is served all along."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import httpx
import pyoxigraph as ox
import pytest

from imr_graph.store.graph_store import write_store
from support.endpoint_server import CASES, Server, alive, children_of, running, write_cases
from support.waiting import wait_for

pytestmark = pytest.mark.slow

SECONDS = 1.5
_BIGGER = " ".join(
    f"BIND(CONCAT({', '.join([f'?a{n}'] * 4)}) AS ?a{n + 1})" for n in range(20)
)  # each four times as long as the one before: 32 TB in the end
CROSS = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"

# With the statuses that may come of it: which limit a query meets first depends on the machine.
HOSTILE = {
    "cross product": (CROSS, (504,)),
    "cross product, sorted": ("SELECT * WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?i ?f ?c", (504, 507)),
    # On a fast machine its first rows fill the answer before the time is up: then the answer is cut, and says so.
    "cross product, distinct": ("SELECT DISTINCT ?a ?d ?g WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", (200, 504, 507)),
    "catastrophic regular expression": (
        'SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f FILTER(REGEX(?c, CONCAT("(a+a+)+(.*){1,40}", ?f, "$"))) }',
        (504,),
    ),
    "regular expression that is compiled large": (
        'SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f FILTER(REGEX(?c, CONCAT("((a{1,90}){1,90}){1,9}", ?f))) }',
        (200, 504, 507),
    ),
    "concatenation bomb": (f"SELECT (STRLEN(?a20) AS ?n) WHERE {{ BIND('{'a' * 32}' AS ?a0) {_BIGGER} }}", (504, 507)),
    "replacement bomb": (
        f"SELECT (STRLEN(?z) AS ?n) WHERE {{ BIND(REPLACE('{'a' * 9000}', 'a', '{'b' * 9000}') AS ?y) "
        f"BIND(REPLACE(?y, 'b', '{'c' * 9000}') AS ?z) }}",
        (504, 507),
    ),
    "deep groups": (f"ASK {'{' * 20_000}{'}' * 20_000}", (400,)),
    "deep expressions": (f"SELECT ({'(' * 20_000}1{')' * 20_000} AS ?x) WHERE {{}}", (400,)),
    "deep negations": (f"SELECT ({'!' * 40_000}1 AS ?x) WHERE {{}}", (200, 400)),
    "deep paths": (f"ASK {{ ?s {'(' * 20_000}<a:p>{')' * 20_000} ?o }}", (400,)),
    "endless path": ("SELECT (COUNT(*) AS ?n) WHERE { ?a (!<a:p>|^!<a:p>)* ?b . ?c (!<a:p>|^!<a:p>)* ?d }", (504, 507)),
    "number of 10,000 digits": (f"SELECT ({'9' * 10_000} AS ?x) ({'9' * 10_000} * 2 AS ?y) WHERE {{}}", (200,)),
    "number of 10,000 digits as a limit": (f"SELECT (1 AS ?x) WHERE {{}} LIMIT {'9' * 10_000}", (400,)),
    "many values": (
        f"SELECT (COUNT(*) AS ?n) {{ VALUES ?x {{ {'1 ' * 50_000} }} VALUES ?y {{ {'1 ' * 50_000} }} }}",
        (200, 504),
    ),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("containment")
    write_cases(
        folder / "store",
        extra=[ox.Quad(ox.NamedNode("a:s"), ox.NamedNode("a:p"), ox.Literal("in g"), ox.NamedNode("a:g"))],
    )
    settings = {
        "workers": 3,
        "query_seconds": SECONDS,
        "quick_seconds": 0.5,
        "memory_bytes": 400 << 20,
        "body_bytes": 1 << 20,
    }
    with running(folder / "store", folder, **settings) as server:
        yield server


@contextmanager
def second_client(server: Server) -> Iterator[list[str]]:
    """Ask a quick query again and again until the block ends; the list has the answers that have come so far."""
    answers: list[str] = []
    stop = threading.Event()

    def ask() -> None:
        with httpx.Client() as client:
            while not stop.is_set():
                answer = client.get(server.sparql, params={"query": 'ASK { ?case imr:caseNumber "CM99-0000007" }'})
                right = answer.status_code == 200 and answer.json()["boolean"] is True
                answers.append("" if right else f"{answer.status_code} {answer.text}")
                time.sleep(0.01)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        wait_for(lambda: answers)
        yield answers
    finally:
        stop.set()
        thread.join()
    assert not any(answers), answers


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_query_ends_while_another_client_is_served(server: Server, name: str) -> None:
    query, statuses = HOSTILE[name]
    with second_client(server) as answers:
        before = len(answers)
        response = httpx.post(server.sparql, content=query, headers={"content-type": "application/sparql-query"})
        meanwhile = len(answers) - before
    assert response.status_code in statuses, response.text[:200]
    assert "imr-cut" in response.headers or response.status_code != 200 or not name.startswith("cross product")
    assert meanwhile or response.status_code != 504, "the other client waited for all the time that the query had"


def test_more_long_queries_than_workers_do_not_keep_a_quick_one_from_its_answer(server: Server) -> None:
    statuses: list[int] = []

    def attack() -> None:
        statuses.append(server.ask(CROSS).status_code)

    with second_client(server) as answers:
        before = len(answers)
        threads = [threading.Thread(target=attack) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(answers) > before, "the quick query waited for all the time that the long ones had"
    assert set(statuses) <= {503, 504}
    assert 503 in statuses


def test_after_all_of_it_the_workers_are_whole_again_and_the_memory_is_bounded(server: Server) -> None:
    wait_for(lambda: server.metric("imr_workers_idle") == 3)
    assert len(server.children()) == 3
    for process in (server.process.pid, *server.children()):
        resident = int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        assert resident < 400 << 20
    assert server.value("SELECT (COUNT(*) AS ?n) WHERE { ?c a imr:Case }") == str(CASES)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Listen for connections that no query may make; fails the test where there was one."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.2)
        yield listening
        with pytest.raises(TimeoutError):
            listening.accept()


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * WHERE { SERVICE <URL> { ?s ?p ?o } }",
        "SELECT * WHERE { service silent <URL> { ?s ?p ?o } }",
        "SELECT * WHERE { OPTIONAL { SERVICE <URL> { ?s ?p ?o } } }",
        "ASK { FILTER EXISTS { SERVICE <URL> { ?s ?p ?o } } }",
        "SELECT * WHERE { { SELECT * WHERE { SERVICE <URL> {} } } }",
        "CONSTRUCT { ?s ?p ?o } WHERE { SERVICE <URL> { ?s ?p ?o } }",
        "SELECT * WHERE { BIND(<URL> AS ?u) SERVICE ?u { ?s ?p ?o } }",
        "SELECT * WHERE {SERVICE<URL>{?s ?p ?o}}",
        "SELECT * WHERE { \\u0053ERVICE <URL> { ?s ?p ?o } }",
        "SELECT * WHERE { SERV\\U00000049CE <URL> { ?s ?p ?o } }",
        "PREFIX x: <URL> SELECT * WHERE { VALUES ?x { 1e5 }SERVICE x: { ?s ?p ?o } }",
    ],
)
def test_service_is_refused_wherever_it_stands(server: Server, listener: socket.socket, query: str) -> None:
    response = server.ask(query.replace("URL", f"http://127.0.0.1:{listener.getsockname()[1]}/"))
    assert response.status_code == 400
    assert "SERVICE is not served here" in response.text


@pytest.mark.parametrize(
    "text", ['"SERVICE"', "<http://example.org/SERVICE>", "?service", "imr:service", "'x' # SERVICE\n"]
)
def test_the_word_service_is_no_offence_where_it_is_no_keyword(server: Server, text: str) -> None:
    assert server.ask(f"SELECT * WHERE {{ ?s ?p {text} }} LIMIT 9").status_code == 200


def test_from_and_the_dataset_of_a_request_fetch_nothing(
    server: Server, listener: socket.socket, tmp_path: Path
) -> None:
    (tmp_path / "secret.nt").write_text('<a:s> <a:p> "secret" .\n')
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/data.nt"
    for iri in (url, (tmp_path / "secret.nt").as_uri(), "file:///etc/passwd"):
        for query in (
            f"SELECT * FROM <{iri}> {{ ?s ?p ?o }}",
            f"SELECT * FROM NAMED <{iri}> {{ GRAPH ?g {{ ?s ?p ?o }} }}",
        ):
            assert server.ask(query).json()["results"]["bindings"] == []
        for name, query in (("default", "SELECT * { ?s ?p ?o }"), ("named", "SELECT * { GRAPH ?g { ?s ?p ?o } }")):
            answer = httpx.get(server.sparql, params={"query": query, f"{name}-graph-uri": iri})
            assert answer.json()["results"]["bindings"] == []


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run a server with little room: few rows, a short queue, few queries a client."""
    folder = tmp_path_factory.mktemp("narrow")
    write_cases(folder / "store")
    settings = {"workers": 2, "rows": 100, "result_bytes": 20_000, "hold_bytes": 20_000, "memory_bytes": 400 << 20}
    patience = {"queue": 2, "queue_seconds": 3, "quick_seconds": 600, "query_seconds": 600, "client_queries": 3}
    with running(folder / "store", folder, **settings, **patience) as server:
        yield server


@pytest.mark.parametrize("name", ["concatenation bomb", "replacement bomb"])
def test_a_query_that_takes_too_much_memory_is_ended_for_that(narrow: Server, name: str) -> None:
    assert narrow.ask(HOSTILE[name][0]).status_code == 507


def test_a_database_of_more_files_than_are_opened_at_first_is_read_whole(tmp_path: Path) -> None:
    with write_store(tmp_path / "store") as writing, writing.next() as draft:
        for load in range(3):  # each makes a file of its own for each order of the triples
            lines = (f'<a:{n}> <a:p{load}> "too long to lie in the number {n}" {{}} .\n' for n in range(load, 200))
            text = "".join(line.format("") + line.format("<a:g>") for line in lines)
            draft.graph.bulk_load(text.encode(), format=ox.RdfFormat.N_QUADS)
    assert len(list(tmp_path.glob("store/generations/*/*.sst"))) > 16, "RocksDB opens as many at once"
    with running(tmp_path / "store", tmp_path, workers=2) as server:
        for load in range(3):
            answer = server.ask(f"SELECT ?s {{ ?s <a:p{load}> ?o }} ORDER BY ?o")
            assert len(answer.json()["results"]["bindings"]) == 200 - load
            answer = server.ask(f'SELECT ?p {{ ?s ?p "too long to lie in the number {load}" }} ORDER BY ?p')
            assert len(answer.json()["results"]["bindings"]) == load + 1


def test_a_client_that_leaves_takes_its_query_with_it(narrow: Server) -> None:
    wait_for(lambda: narrow.metric("imr_workers_idle") == 2)
    with socket.create_connection(("127.0.0.1", narrow.port)) as client:
        client.sendall(f"GET /sparql?query={quote(CROSS)} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        wait_for(lambda: narrow.metric("imr_workers_idle") == 1)
    wait_for(lambda: narrow.metric("imr_workers_idle") == 2, 300)  # half of the time that the query would have had
    wait_for(lambda: [event for event in narrow.events("query") if event.get("failure") == "left"])


NUMBERS = "SELECT ?number WHERE { ?case imr:caseNumber ?number } ORDER BY ?number"


@pytest.mark.parametrize(
    ("media_type", "comment"),
    [
        ("application/sparql-results+json", b""),
        ("application/sparql-results+xml", b"<!-- Cut off after 100 rows: the limit of rows is met. -->"),
        ("text/csv", b""),
        ("text/tab-separated-values", b""),
    ],
)
def test_a_table_is_cut_after_a_whole_row_and_says_so(narrow: Server, media_type: str, comment: bytes) -> None:
    response = narrow.ask(NUMBERS, headers={"accept": media_type})
    assert response.headers["imr-cut"] == "rows"
    assert "rows=100" in response.headers["imr-limits"]
    assert response.content.endswith(comment)
    if media_type == "text/csv":
        numbers = response.text.splitlines()[1:]
    else:
        found = ox.parse_query_results(response.content, format=ox.QueryResultsFormat.from_media_type(media_type))
        numbers = [row["number"].value for row in found]  # type: ignore[union-attr]
    assert numbers == [f"CM99-{n:07}" for n in range(100)]
    wait_for(lambda: [event for event in narrow.events("query") if event.get("cut") == "rows"])


def test_a_table_that_just_fits_is_not_cut(narrow: Server) -> None:
    for media_type in ("application/sparql-results+json", "application/sparql-results+xml", "text/csv"):
        response = narrow.ask(f"{NUMBERS} LIMIT 100", headers={"accept": media_type})
        assert "imr-cut" not in response.headers
        assert response.text.count("CM99-") == 100


@pytest.mark.parametrize(
    "media_type", ["text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json"]
)
def test_a_graph_is_cut_and_says_so(narrow: Server, media_type: str) -> None:
    query = "CONSTRUCT { ?case imr:caseNumber ?number } WHERE { ?case imr:caseNumber ?number }"
    response = narrow.ask(query, headers={"accept": media_type})
    assert response.headers["imr-cut"] == "rows"
    assert (b"Cut off after 100 rows" in response.content) is (media_type != "application/ld+json")
    format = ox.RdfFormat.from_media_type(media_type)
    assert format is not None
    assert sum(1 for _ in ox.parse(response.content, format=format)) == 100


@pytest.mark.parametrize(
    "query", ["SELECT ?x WHERE { ?case imr:clinicalSummary ?x }", "CONSTRUCT WHERE { ?case imr:clinicalSummary ?x }"]
)
def test_an_answer_of_too_many_bytes_is_cut(narrow: Server, query: str) -> None:
    wider = query.replace("?x WHERE", "?x ?case ?y WHERE").replace("?x }", "?x BIND(CONCAT(?x, ?x) AS ?y) }")
    response = narrow.ask(wider if "SELECT" in query else query)
    assert response.headers.get("imr-cut") in ("bytes", "rows")
    assert len(response.content) < 21_000 + 300
    if "SELECT" in query:
        assert response.headers["imr-cut"] == "bytes"
        assert len(response.json()["results"]["bindings"]) > 10


def test_one_row_larger_than_the_limit_leaves_an_empty_table(narrow: Server) -> None:
    response = narrow.ask(f"SELECT ?x WHERE {{ BIND(CONCAT('{'a' * 15_000}', '{'b' * 15_000}') AS ?x) }}")
    assert response.headers["imr-cut"] == "bytes"
    assert response.json()["results"]["bindings"] == []


def test_a_greedy_client_and_a_full_queue_are_told_to_come_back(narrow: Server) -> None:
    answers: dict[str, list[httpx.Response]] = {"127.0.0.1": [], "127.0.0.2": []}

    def ask(address: str) -> None:
        transport = httpx.HTTPTransport(local_address=address)
        with suppress(httpx.ReadTimeout), httpx.Client(transport=transport, timeout=10) as client:
            answers[address].append(client.get(narrow.sparql, params={"query": CROSS}))

    for address in answers:
        threads = [threading.Thread(target=ask, args=(address,)) for _ in range(5)]
        for thread in threads:
            thread.start()
        if address == "127.0.0.1":
            wait_for(lambda: len(answers["127.0.0.1"]) >= 2)  # two run, one waits, two are too many
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers["127.0.0.1"]].count(429) == 2
    assert {answer.status_code for answer in answers["127.0.0.2"]} == {503}
    for answer in (*answers["127.0.0.1"], *answers["127.0.0.2"]):
        assert int(answer.headers["retry-after"]) >= 1
        assert answer.headers["content-type"].startswith("text/plain")
    wait_for(lambda: narrow.metric("imr_workers_idle") == 2)


def test_a_server_that_stops_leaves_nothing_running(tmp_path: Path) -> None:
    write_cases(tmp_path / "store", count=20)
    with running(tmp_path / "store", tmp_path, workers=2, stop_seconds=1) as server:
        threading.Thread(target=lambda: httpx.get(server.sparql, params={"query": CROSS}, timeout=300), daemon=True)
        started = [server.process.pid, *children_of(server.process.pid)]
        assert len(started) >= 3
    assert not [process for process in started if alive(process)]
    assert server.events("stopped")


def test_workers_end_with_a_server_that_was_killed(tmp_path: Path) -> None:
    write_cases(tmp_path / "store", count=20)
    with running(tmp_path / "store", tmp_path, workers=2) as server:
        workers = server.children()
        server.process.send_signal(signal.SIGKILL)
        wait_for(lambda: not any(alive(process) for process in workers))
