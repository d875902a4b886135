"""A new build is picked up by a running server without a request being lost."""

from __future__ import annotations

import asyncio
import io
import shutil
import threading
import time
from pathlib import Path

import httpx
import pytest

from imr_graph.endpoint.http import QueryError
from imr_graph.endpoint.observability import Log
from imr_graph.endpoint.server import create_app
from imr_graph.endpoint.settings import ServerSettings
from imr_graph.endpoint.sparql import FetchedAnswer, fetch
from support.endpoint_server import Server, alive, running, write_cases
from support.waiting import wait_for

COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?case a imr:Case }"


@pytest.mark.slow
def test_a_new_generation_is_served_without_dropping_requests(tmp_path: Path) -> None:
    write_cases(tmp_path / "store", count=50)
    with running(tmp_path / "store", tmp_path, workers=2, watch_seconds=0.1) as server:
        old = server.children()
        seen: list[list[str]] = [[], [], []]
        stop = threading.Event()
        threads = [threading.Thread(target=_keep_asking, args=(server, stop, answers)) for answers in seen]
        for thread in threads:
            thread.start()
        for generation in (2, 3):
            write_cases(tmp_path / "store", start=50 * generation, count=50)
            wait_for(lambda expected=generation: server.metric("imr_generation") == expected)
        time.sleep(0.1)
        stop.set()
        for thread in threads:
            thread.join()
        for answers in seen:
            assert set(answers) <= {"50", "100", "150"}, set(answers)
            assert [int(n) for n in answers] == sorted(int(n) for n in answers)
        assert server.value(COUNT) == "150"
        wait_for(lambda: not any(alive(process) for process in old))
        wait_for(lambda: len(server.children()) == 2)
        wait_for(lambda: "150" in httpx.get(server.sparql, headers={"accept": "application/n-triples"}).text)


def test_a_query_that_runs_when_the_generation_changes_is_answered_from_the_old_one(tmp_path: Path) -> None:
    write_cases(tmp_path / "store", count=150)
    slow = "SELECT (COUNT(*) AS ?n) WHERE { ?a imr:caseNumber ?x . ?b imr:caseNumber ?y . ?c imr:caseNumber ?z }"
    with running(tmp_path / "store", tmp_path, workers=2, watch_seconds=0.1) as server:
        answers: list[str] = []
        thread = threading.Thread(target=lambda: answers.append(server.value(slow)))
        thread.start()
        wait_for(lambda: server.metric("imr_workers_busy") == 1)
        write_cases(tmp_path / "store", start=150, count=1)
        wait_for(lambda: server.metric("imr_generation") == 2)
        assert server.value(COUNT) == "151"
        thread.join()
        assert answers == [str(150**3)]


def test_a_store_that_becomes_unreadable_is_served_on_as_it_was(tmp_path: Path) -> None:
    write_cases(tmp_path / "store", count=5)
    with running(tmp_path / "store", tmp_path, workers=2, watch_seconds=0.1) as server:
        (tmp_path / "store" / "store.json").write_text("{")
        wait_for(lambda: server.events("store_unreadable"))
        assert server.value(COUNT) == "5"
        assert httpx.get(f"{server.url}/readyz").status_code == 200


def _keep_asking(server: Server, stop: threading.Event, answers: list[str]) -> None:
    with httpx.Client() as client:
        while not stop.is_set():
            response = client.get(server.sparql, params={"query": COUNT})
            bindings = response.json()["results"]["bindings"] if response.status_code == 200 else []
            answers.append(bindings[0]["n"]["value"] if bindings else f"{response.status_code} {response.text}")


def test_a_store_that_was_built_anew_is_noticed_though_it_counts_from_one_again(tmp_path: Path) -> None:
    store = tmp_path / "store"
    write_cases(store, count=5)
    with running(store, tmp_path, workers=2, watch_seconds=0.1) as server:
        shutil.rmtree(store)
        write_cases(store, count=7)
        wait_for(lambda: server.value(COUNT) == "7")
        assert server.metric("imr_generation") == 1


def test_a_page_gets_the_answer_of_a_worker_within_the_limits(tmp_path: Path) -> None:
    write_cases(tmp_path / "store", count=20)
    settings = ServerSettings(store=tmp_path / "store", workers=2, rows=10, query_seconds=1, watch_seconds=0.1)

    async def ask() -> list[FetchedAnswer | BaseException]:
        app = create_app(settings, Log(io.StringIO()))
        async with app.router.lifespan_context(app):
            queries = (
                "SELECT ?n { ?case imr:caseNumber ?n }",
                "ASK {",
                "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c",
            )
            asked = (fetch(app.state.pool, query, "http://localhost/", "csv") for query in queries)
            return [(await asyncio.gather(one, return_exceptions=True))[0] for one in asked]

    cut, wrong, endless = asyncio.run(ask())
    assert isinstance(cut, FetchedAnswer)
    assert (cut.cut, cut.body.count(b"\r\n")) == ("rows", 11)
    assert isinstance(wrong, QueryError)
    assert (wrong.status, "line 1" in wrong.message) == (400, True)
    assert isinstance(endless, QueryError)
    # "lost": its process is gone, and another part of the test run had already taken its exit code.
    assert endless.code in ("time", "memory", "lost")
