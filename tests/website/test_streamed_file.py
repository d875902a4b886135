"""Files that are made while they are sent: whole, guarded, compressed, and closed whoever leaves first."""

from __future__ import annotations

import csv
import io
import socket

import httpx
import pytest

from imr_graph.analysis.search.results import hit_records
from imr_graph.analysis.search.search import open_hits
from imr_graph.record_files import FORMULA_STARTS, stream_records
from imr_graph.store.changes import add
from imr_graph.store.graph_store import memory_store
from imr_graph.store.table import open_table
from imr_graph.website.files import MOST_AT_A_TIME
from support.endpoint_server import Server
from support.records import determination, item
from support.waiting import wait_for

PATHS = (
    "/search.csv?q=pain",
    "/precedents.csv?q=MRI",
    "/questions/overturn-rate-by-year.csv",
    "/statistics?format=csv",
)


@pytest.mark.parametrize("path", PATHS)
def test_a_byte_order_mark_stands_where_it_is_asked_for(site_server: Server, path: str) -> None:
    plain, marked = (
        httpx.get(f"{site_server.url}{path}{more}") for more in ("", f"{'&' if '?' in path else '?'}bom=1")
    )
    assert plain.status_code == 200
    assert marked.content == b"\xef\xbb\xbf" + plain.content
    assert plain.content.count(b"\r\n") > 1


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_what_a_letter_says_is_never_a_formula(start: str) -> None:
    store = memory_store()
    said = f"{start}HYPERLINK(1)"
    add(store, [determination("CM20-0000001", item(said, rationale=said))])
    with open_table(store) as table, open_hits(store) as found:
        text = "".join(stream_records(hit_records(table, found), "csv"))
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert (row["heading"], row["rationale"]) == (f"'{said}", f"'{said}")


def test_a_file_comes_compressed_where_that_is_taken(site_server: Server) -> None:
    plain, packed = (
        httpx.get(f"{site_server.url}/search.csv", headers={"accept-encoding": each}) for each in ("identity", "gzip")
    )
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.text == plain.text
    assert int(packed.num_bytes_downloaded) < int(plain.num_bytes_downloaded) / 2


def test_a_file_that_is_known_is_not_sent_again(site_server: Server) -> None:
    first = httpx.get(f"{site_server.url}/precedents.json?q=MRI")
    again = httpx.get(f"{site_server.url}/precedents.json?q=MRI", headers={"if-none-match": first.headers["etag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    head = httpx.head(f"{site_server.url}/precedents.json?q=MRI")
    assert (head.status_code, head.headers["etag"], head.content) == (200, first.headers["etag"], b"")


def test_readers_who_leave_make_room_for_others(site_server: Server) -> None:
    host, port = site_server.url.removeprefix("http://").split(":")
    for _ in range(2 * MOST_AT_A_TIME):
        with socket.create_connection((host, int(port))) as client:
            client.sendall(f"GET /search.json HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            assert client.recv(15) == b"HTTP/1.1 200 OK"
    wait_for(lambda: httpx.get(f"{site_server.url}/search.csv?q=knee").status_code == 200)


def test_a_file_that_cannot_be_made_says_why(site_server: Server) -> None:
    for path, sentence in {
        "/precedents.csv": "what is requested",
        "/precedents.csv?q=zzyzx": "zzyzx",
        "/search.json?treatment=naproxne": "naproxen",
    }.items():
        answer = httpx.get(f"{site_server.url}{path}")
        assert answer.status_code in (400, 404), path
        assert sentence in answer.text, path
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
