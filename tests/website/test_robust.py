"""The site holds: while stores change under it, with parts of a store missing, and whatever requests come."""

from __future__ import annotations

import asyncio
import gzip
import os
import shutil
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from imr_graph.endpoint.observability import Log
from imr_graph.endpoint.settings import ServerSettings
from imr_graph.errors import StoreError, UsageError
from imr_graph.live_store import LiveStore, StoreSnapshot
from imr_graph.website import app as site_app
from imr_graph.website import urls
from imr_graph.website.page_cache import PageCache, RenderedPage
from imr_graph.website.rendering import PageHead, plain, render_template
from imr_graph.website.site import Page, PageRequest, Site, StoreRequest, site_of
from support.endpoint_server import Server
from support.letters import HEADER, item, letter
from support.site_server import build_site_store, get_page, serving_site
from support.waiting import wait_for


def numbered(number: int, **parts: str) -> str:
    """Return a letter of a case number."""
    return letter(
        item(f"MRI of the left knee, series {number}"), header=HEADER.replace("9990301", f"{number:07}"), **parts
    )


def asked(server: Server, path: str, **headers: str) -> httpx.Response:
    """Return the answer to a browser."""
    return httpx.get(f"{server.url}{path}", headers={"accept": "text/html", **headers}, timeout=300)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store of three letters, to be copied by those who change it."""
    return build_site_store(tmp_path_factory.mktemp("small"), {f"{n}": numbered(n) for n in range(3)})


# A new build


@pytest.mark.slow
def test_a_new_build_drops_no_request_for_a_page(tmp_path: Path) -> None:
    letters = {f"letter-{n}": numbered(n) for n in range(6)}
    store = build_site_store(tmp_path, letters)
    paths = (
        "/id/case-CM16-0000000",
        "/id/case-CM16-0000001.ttl",
        "/id/case-CM16-0000002-item-1",
        "/id/treatment-mri.html",
    )
    with serving_site(store, tmp_path, workers=2, watch_seconds=0.1, connections=200) as server:
        seen: Counter[tuple[str, int]] = Counter()
        summaries: list[str] = []
        stop, lock = threading.Event(), threading.Lock()

        def keep_asking(number: int) -> None:
            with httpx.Client(base_url=server.url, headers={"accept": "text/html"}, timeout=300) as client:
                while not stop.is_set():
                    answer = client.get(paths[number % len(paths)])
                    with lock:
                        seen[(paths[number % len(paths)], answer.status_code)] += 1
                        if number == 0:
                            summaries.append("changed" if "changed for" in answer.text else "first")

        threads = [threading.Thread(target=keep_asking, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for generation in (2, 3):
            text = numbered(0, summary=f"This 44-year-old man changed for generation {generation}.")
            more = {f"letter-{generation}00": numbered(generation * 100)}
            (tmp_path / "letters" / "letter-0.txt").unlink()
            build_site_store(tmp_path, {"letter-0": text, **more}, prune=True, keep_both=False)
            wait_for(lambda expected=generation: server.metric("imr_generation") == expected)
        wait_for(lambda: "generation 3" in asked(server, "/id/case-CM16-0000000").text)
        stop.set()
        for thread in threads:
            thread.join()
        assert {status for _, status in seen} == {200, 303}, seen
        assert len(seen) == len(paths)
        assert summaries.index("changed") > 0
        assert "first" not in summaries[summaries.index("changed") :]
        assert get_page(server, "/id/case-CM16-0000300").one("h1").text.startswith("CM16-0000300: ")
        assert [event for event in server.events() if event["event"] in ("request_failed", "store_unreadable")] == []


def test_an_etag_of_one_generation_is_not_that_of_the_next(tmp_path: Path, small: Path) -> None:
    store = Path(shutil.copytree(small.parent, tmp_path / "copy")) / "store"
    with serving_site(store, tmp_path, workers=2, watch_seconds=0.1) as server:
        mark = asked(server, "/id/case-CM16-0000001").headers["etag"]
        assert asked(server, "/id/case-CM16-0000001", **{"if-none-match": mark}).status_code == 304
        build_site_store(store.parent, {"more": numbered(7)})
        wait_for(lambda: server.metric("imr_generation") == 2)
        # A page that is made while the generations change has no mark; it may take until everything has changed.
        marks: list[str] = []

        def marked() -> bool:
            answer = asked(server, "/id/case-CM16-0000001", **{"if-none-match": mark})
            assert answer.status_code == 200
            marks.extend(answer.headers.get_list("etag"))
            return bool(marks)

        wait_for(marked)
        assert marks != [mark]


# Parts of a store are missing


def test_a_store_without_texts_shows_the_facts_and_says_why(tmp_path: Path, small: Path) -> None:
    store = Path(shutil.copytree(small, tmp_path / "store"))
    with closing(sqlite3.connect(store / "catalog.sqlite")) as catalog, catalog:
        catalog.execute("delete from text")
    with serving_site(store, tmp_path, workers=2) as server:
        page = get_page(server, "/id/case-CM16-0000001")
        assert "does not hold this letter’s text" in page.one(id="missing").text.replace("'", "’")
        assert "MRI of the left knee" in page.one("section", "item").text
        assert not [node for node in page.all("a") if node["href"].startswith("#at-")]
        assert not [script for script in page.all("script") if "case.js" in script.attributes.get("src", "")]
        letter_of = asked(server, "/id/case-CM16-0000001-item-1")
        assert letter_of.status_code == 303
        (store / "catalog.sqlite").write_bytes(b"no database" * 500)
        build = get_page(server, "/id/case-CM16-0000002")
        assert "cannot be read just now" in build.one(id="missing").text
        assert str(store) not in build.text


def test_a_store_without_tables_is_served_and_gets_them(tmp_path: Path, small: Path) -> None:
    store = Path(shutil.copytree(small, tmp_path / "store"))
    shutil.rmtree(store / "tables")
    with serving_site(store, tmp_path, workers=2) as server:
        assert get_page(server, "/id/case-CM16-0000001").all("mark")
        wait_for(lambda: (store / "tables").exists())


def test_tables_that_cannot_be_made_fail_only_what_needs_them(tmp_path: Path, small: Path) -> None:
    store = Path(shutil.copytree(small, tmp_path / "store"))
    shutil.rmtree(store / "tables")
    (store / "tables").write_text("in the way")
    with serving_site(store, tmp_path, workers=2) as server:
        assert asked(server, "/id/case-CM16-0000001.ttl").status_code == 200
        assert get_page(server, "/id/case-CM16-0000001").one("h1").text.startswith("CM16-0000001: ")
        for path in ("/search?q=knee", "/"):
            answer = asked(server, path)
            assert answer.status_code in (200, 503), path
            assert "Traceback" not in answer.text
        wait_for(lambda: server.events("store_unreadable"))


# Faults of ours


class _OddError(Exception):
    pass


def _handlers() -> dict[str, object]:
    async def broken(_asked: PageRequest) -> Page:
        raise _OddError("secret words of the program")

    async def template(_asked: PageRequest) -> Page:
        return Page("failure.html", title="x")  # lacks what the template asks for

    async def missing(_asked: PageRequest) -> Page:
        return Page("no-such-template.html", title="x")

    def slow(_asked: StoreRequest) -> Page:
        time.sleep(30)
        raise AssertionError

    async def wrong(_asked: PageRequest) -> Page:
        raise UsageError("The value 'x' is not a year: write it as 2016.")

    async def query(asked: PageRequest) -> Page:
        await asked.rows("SELECT ?s WHERE { ?s ?p")
        raise AssertionError

    async def other(_asked: PageRequest) -> Response:
        return Response("as it is", 200)

    return {"broken": broken, "template": template, "missing": missing, "slow": slow, "wrong": wrong, "query": query,
            "other": other}  # fmt: skip


@pytest.fixture(scope="module")
def faulty(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Return a client of a site with handlers that fail in each way."""
    settings = ServerSettings(store=small, workers=2, query_seconds=1.0, hosts=("testserver",), download_seconds=0)
    log = tmp_path_factory.mktemp("log") / "log"
    with log.open("w") as stream:
        app = site_app.create_site(settings, Log(stream))
        site = site_of(app)
        for name, handler in _handlers().items():
            app.router.routes.insert(0, Route(f"/{name}", site.endpoint(handler)))  # type: ignore[arg-type]
        with TestClient(app, headers={"accept": "text/html"}) as client:
            client.log = log  # type: ignore[attr-defined]
            yield client


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/broken", 500, "The server failed to make this page"),
        ("/template", 500, "The server failed to make this page"),
        ("/missing", 500, "The server failed to make this page"),
        ("/slow", 503, "This page took longer than a page may take"),
        ("/wrong", 400, "The value 'x' is not a year"),
        ("/query", 503, "expected"),
        ("/nowhere", 404, "There is no page of that address"),
    ],
)
def test_a_failure_is_a_page_with_a_sentence(faulty: TestClient, path: str, status: int, says: str) -> None:
    answer = faulty.get(path)
    assert answer.status_code == status
    assert answer.headers["cache-control"] == "no-store"
    assert says in answer.text.replace("&#39;", "'")
    for betrayed in ("Traceback", "secret words", "File ", "jinja", "/home", "site-packages"):
        assert betrayed not in answer.text
    if status == 503:
        assert answer.headers["retry-after"]
    program = faulty.get(path, headers={"accept": "text/turtle"})
    assert (program.status_code, program.headers["content-type"]) == (status, "text/plain; charset=utf-8")


def test_faults_are_in_the_log_and_nothing_of_them_is_kept(faulty: TestClient) -> None:
    for _ in range(2):
        assert faulty.get("/broken").status_code == 500
    log = faulty.log.read_text()  # type: ignore[attr-defined]
    assert log.count("secret words of the program") >= 2
    assert faulty.get("/other").text == "as it is"


@pytest.mark.slow
def test_slow_verbs_never_hold_more_than_the_threads(faulty: TestClient) -> None:
    before = threading.active_count()
    for _ in range(6):
        assert faulty.get("/slow").status_code == 503
    assert threading.active_count() <= before + 4


# Requests


@pytest.mark.parametrize("path", ["/", "/id/case-CM16-9990321", "/id/case-CM16-9990321.ttl", "/static/base.css"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused_in_a_sentence(site_server: Server, path: str, method: str) -> None:
    answer = httpx.request(method, f"{site_server.url}{path}", content=b"x", headers={"accept": "text/html"})
    assert answer.status_code == 405
    assert "Traceback" not in answer.text
    if not path.startswith("/static"):
        assert f"This address takes no {method} requests" in answer.text
        assert set(answer.headers["allow"].replace(" ", "").split(",")) == {"GET", "HEAD"}


def test_options_says_which_methods_there_are(site_server: Server) -> None:
    for path in ("/", "/id/case-CM16-9990321"):
        answer = httpx.options(f"{site_server.url}{path}")
        assert (answer.status_code, answer.content) == (204, b"")
        assert set(answer.headers["allow"].replace(" ", "").split(",")) == {"GET", "HEAD", "OPTIONS"}


def test_pages_are_compressed_for_those_who_take_it(site_server: Server) -> None:
    for path in ("/id/case-CM16-9990321", "/id/case-CM16-9990321.ttl", "/static/base.css"):
        whole = asked(site_server, path, **{"accept-encoding": "identity"})
        assert "content-encoding" not in whole.headers
        with httpx.stream(
            "GET", f"{site_server.url}{path}", headers={"accept": "text/html", "accept-encoding": "gzip"}
        ) as packed:
            assert packed.headers["content-encoding"] == "gzip"
            raw = b"".join(packed.iter_raw())
        assert gzip.decompress(raw) == whole.content
        assert len(raw) < len(whole.content) / 2
        assert "accept-encoding" in packed.headers["vary"].lower()
        refused = asked(site_server, path, **{"accept-encoding": "gzip;q=0, identity"})
        assert refused.content == whole.content


def test_every_answer_has_the_headers_that_contain_a_page(site_server: Server) -> None:
    for path in ("/id/case-CM16-9990321", "/nowhere", "/id/no-such-thing", "/static/case.js"):
        headers = asked(site_server, path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in headers


@pytest.mark.parametrize(
    "path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2f..%2fstore.json", "/static/"]
)
def test_static_files_are_only_those(site_server: Server, path: str) -> None:
    answer = httpx.get(f"{site_server.url}{path}", follow_redirects=True)
    assert answer.status_code in (404, 405)
    assert "import" not in answer.text


def test_a_page_that_is_kept_is_the_same_for_everybody(site_server: Server) -> None:
    first, second = (asked(site_server, "/id/case-CM16-9990008") for _ in range(2))
    assert first.content == second.content
    assert "as it is" not in first.text


# What is kept


def test_kept_pages_take_no_more_room_than_allowed() -> None:
    keeper = PageCache(1 << 20)
    for number in range(5_000):
        page = RenderedPage(b"x" * 900 if number % 2 else os.urandom(1_500), 200, {})
        keeper.put(("/id/x", "q" * (number % 3_000), number), page)
        assert keeper.size <= keeper.limit
    assert keeper.size > keeper.limit // 2
    assert keeper.get(("/id/x", "q" * (4_999 % 3_000), 4_999)) is not None
    assert keeper.get(("/id/x", "", 0)) is None
    before = keeper.size
    keeper.put("huge", RenderedPage(os.urandom(1 << 19), 200, {}))
    assert keeper.get("huge") is None
    keeper.put("twice", RenderedPage(b"x", 200, {}))
    size = keeper.size
    keeper.put("twice", RenderedPage(b"x", 200, {}))
    assert keeper.size == size <= before + 2_000
    keeper.clear()
    assert keeper.size == 0


@pytest.mark.parametrize("body", [b"", b"short", b"<p>long</p>" * 500])
def test_a_kept_page_is_the_one_that_was_made(body: bytes) -> None:
    keeper = PageCache(100_000)
    keeper.put("x", RenderedPage(body, 200, {"etag": "y"}))
    found = keeper.get("x")
    assert found is not None
    assert (found.body, found.status, found.headers) == (body, 200, {"etag": "y"})
    assert gzip.decompress(found.gzipped) == body if found.gzipped is not None else len(body) < 1_000


def test_the_page_asked_for_last_stays_longest() -> None:
    keeper = PageCache(100_000)
    for number in range(200):
        keeper.put(number, RenderedPage(b"x" * 100, 200, {}))
        assert keeper.get(0) is not None
    assert keeper.get(1) is None


# What is open


def test_what_is_replaced_stays_open_while_it_is_used(small: Path) -> None:
    live_store = LiveStore(small)
    entered, go = threading.Event(), threading.Event()
    found: list[object] = []

    def use(snapshot: StoreSnapshot) -> None:
        entered.set()
        go.wait(180)
        found.append(snapshot.table.rows("select count(*) from items"))

    thread = threading.Thread(target=lambda: live_store.use(use))
    thread.start()
    entered.wait(180)
    first = live_store.use(lambda snapshot: snapshot)
    live_store.refresh()
    assert live_store.use(lambda snapshot: snapshot) is not first
    go.set()
    thread.join()
    assert found == [[(3,)]]
    assert not first.enter()
    live_store.close()


def test_many_who_come_first_open_the_store_once(small: Path) -> None:
    live_store = LiveStore(small)
    seen: list[StoreSnapshot] = []
    threads = [
        threading.Thread(target=lambda: seen.append(live_store.use(lambda snapshot: snapshot))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, seen))) == 1
    assert live_store.version == 1
    made: list[int] = []
    assert [seen[0].once("x", lambda: made.append(1) or len(made)) for _ in range(3)] == [1, 1, 1]
    live_store.close()


def test_a_store_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="There is no store at"):
        LiveStore(tmp_path / "nowhere").use(lambda snapshot: snapshot)


# Rendering


def test_what_is_printed_is_escaped_and_without_unseen_characters() -> None:
    hostile = "<b>\x00\u202e'\"&\ufffe\ud800"
    page = render_template(
        "failure.html",
        {
            **dict.fromkeys(("title", "sentence", "status", "path", "generation"), hostile),
            "page_head": PageHead(description=hostile),
        },
    )
    assert "<b>" not in page
    assert not set("\x00\u202e\ufffe\ud800") & set(page)
    assert plain(3) == 3
    assert len(plain(hostile)) == len(hostile)


def test_the_addresses_of_resources_keep_hostile_names_in_their_place() -> None:
    assert urls.resource('https://w3id.org/imr-graph/id/x"><script>') == "/id/x%22%3E%3Cscript%3E"
    assert urls.resource("https://w3id.org/imr-graph/id//evil.example.org") == "/id/%2Fevil.example.org"


def test_the_event_loop_is_free_while_a_verb_runs(small: Path) -> None:
    async def run() -> bool:
        site = Site(ServerSettings(store=small, workers=2), None, Log())  # type: ignore[arg-type]
        loop_went_on = threading.Event()
        verb = asyncio.ensure_future(site.run_in_thread(lambda _snapshot: loop_went_on.wait(180)))
        await asyncio.sleep(0.01)
        loop_went_on.set()
        seen = await verb
        site.close()
        return bool(seen)

    assert asyncio.run(run())


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/search/?q=a%20b&year=2016", "/search?q=a+b&year=2016"),
        ("/id/treatment-mri/", "/id/treatment-mri"),
        ("//example.com/", "/example.com"),
        ("/%5Cexample.com/", "/%5Cexample.com"),
        ("/treatments//", "/treatments"),
    ],
)
def test_a_slash_at_the_end_of_an_address_is_dropped_and_never_leads_elsewhere(
    site_server: Server, path: str, target: str
) -> None:
    answer = asked(site_server, path)
    assert (answer.status_code, answer.headers["location"]) == (308, target)
