"""Clients that misbehave on the wire: slow, endless, malformed; each is dropped and the server goes on."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from imr_graph.endpoint.connection_limits import is_proxy, limited_protocol
from imr_graph.endpoint.settings import ServerSettings
from support.endpoint_server import Server, running, write_cases
from support.waiting import wait_for

HEAD = b"POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/sparql-query\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("connections")
    write_cases(folder / "store")
    settings = {"workers": 2, "header_seconds": 0.5, "body_seconds": 0.5, "stall_seconds": 0.7, "header_bytes": 8000}
    with running(
        folder / "store", folder, keep_alive_seconds=1, quick_seconds=60, connections=40, **settings
    ) as server:
        yield server
        assert server.ask("ASK {}").status_code == 200
        assert not [event for event in server.events("server") if "Exception" in event["message"]]


def test_the_callbacks_with_limits_are_those_of_uvicorn() -> None:
    """Connections override callbacks that uvicorn keeps to itself: a version that calls others must not pass unseen."""
    limited = limited_protocol(ServerSettings())
    own, base = limited.__mro__[1:3]
    assert base is HttpToolsProtocol
    added = {"settings", "clients", "_size_of_headers", "_too_slow", "_refuse", "_drop"}
    overridden = {name for name, value in vars(own).items() if callable(value)} - added
    assert len(overridden) >= 10
    assert {name for name in overridden if not hasattr(base, name)} == set()


def connection(server: Server) -> socket.socket:
    found = socket.create_connection(("127.0.0.1", server.port))
    found.settimeout(180)
    return found


def rest(client: socket.socket) -> bytes:
    """Return what comes until the server closes the connection."""
    received = b""
    with suppress(ConnectionResetError):
        while piece := client.recv(65536):
            received += piece
    return received


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"", b""),
        (b"GET /sparql HTTP/1.1\r\nHost: loc", b"408"),
        (HEAD + b"Content-Length: 50\r\n\r\nASK", b"408"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nASK", b"408"),
    ],
)
def test_a_client_that_sends_too_slowly_is_dropped(server: Server, sent: bytes, status: bytes) -> None:
    with connection(server) as client:
        client.sendall(sent)
        assert rest(client)[9:12] == status


def test_a_client_that_sends_its_headers_byte_by_byte_is_dropped(server: Server) -> None:
    with connection(server) as client:
        client.sendall(b"GET ")
        sent = 0
        with suppress(BrokenPipeError, ConnectionResetError):
            while sent < 4000:  # fewer than headers may be long, and they would take much longer than headers may
                sent += client.send(b"/")
                time.sleep(0.05)
        assert sent < 4000


def test_a_client_that_does_not_read_its_answer_is_dropped_and_holds_no_worker(server: Server) -> None:
    query = b"SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 90000"
    clients = [connection(server) for _ in range(3)]
    for client in clients:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall(HEAD + b"Accept: text/csv\r\nContent-Length: %d\r\n\r\n" % len(query) + query)
    wait_for(lambda: len([e for e in server.events("query") if e.get("rows") == 90000 or e.get("failure")]) >= 3)
    wait_for(lambda: server.metric("imr_buffered_bytes") == 0)
    wait_for(lambda: server.metric("imr_workers_idle") == 2)
    for client in clients:
        received = rest(client)
        assert b"200 OK" in received
        assert len(received) < 1_000_000  # of ten million: the rest was thrown away
        client.close()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET /sparql HTTP/9.9\r\nHost: localhost\r\n\r\n", b"400"),
        (b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: localhost\r\nbad header\r\n\r\n", b"400"),
        (b"GET /sparql HTTP/1.1\r\nHost: localhost\r\nX: \x00\r\n\r\n", b"400"),
        (HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nASK {}", b"400"),
        (HEAD + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\nASK {}", b"400"),
        (HEAD + b"Content-Length: -1\r\n\r\n", b"400"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nnot hex\r\n", b"400"),
        (b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\n\r\n", b"421"),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", b"431"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 5000, b"431"),
        (b"\x16\x03\x01\x02\x00\x01\x00", b"400"),
    ],
)
def test_malformed_http_is_refused(server: Server, sent: bytes, status: bytes) -> None:
    with connection(server) as client:
        client.sendall(sent)
        with suppress(OSError):
            client.shutdown(socket.SHUT_WR)
        assert rest(client)[9:12] == status


def test_a_body_is_not_read_past_its_limit(server: Server) -> None:
    with connection(server) as client:
        client.sendall(HEAD + b"Content-Length: 900000000\r\n\r\n")
        assert rest(client)[9:12] == b"413"


def test_many_connections_do_not_make_the_server_unreachable_for_long(server: Server) -> None:
    clients = [connection(server) for _ in range(60)]
    try:
        time.sleep(0.2)
        assert httpx.get(f"{server.url}/healthz").status_code in (200, 503)
        wait_for(lambda: httpx.get(f"{server.url}/healthz").status_code == 200)  # the idle ones are dropped
    finally:
        for client in clients:
            client.close()


def test_idle_connections_of_one_client_leave_room_for_others(tmp_path: Path) -> None:
    write_cases(tmp_path / "store")
    with running(
        tmp_path / "store", tmp_path, workers=2, connections=60, client_connections=20, header_seconds=60.0
    ) as server:
        idle = [connect_from("127.0.0.2", server) for _ in range(100)]
        assert httpx.get(f"{server.url}/healthz").status_code == 200
        with connect_from("127.0.0.2", server) as one_more:
            assert rest(one_more)[9:12] == b"429"
        for client in idle:
            client.close()
        wait_for(lambda: is_answered(server))


def connect_from(address: str, server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=60, source_address=(address, 0))


def is_answered(server: Server) -> bool:
    with connect_from("127.0.0.2", server) as client, suppress(ConnectionError):
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return rest(client)[9:12] == b"200"
    return False


@pytest.mark.parametrize(("address", "believed"), [("10.1.2.3", True), ("192.0.2.7", True), ("192.0.2.8", False)])
def test_connections_of_a_proxy_are_not_counted_as_those_of_one_client(address: str, believed: bool) -> None:
    assert is_proxy(address, ("10.0.0.0/8", "192.0.2.7")) is believed


def test_requests_on_one_connection_are_answered_in_order(server: Server) -> None:
    with connection(server) as client:
        for number in range(5):
            query = f"SELECT%20({number}%20AS%20%3Fx)%20%7B%7D"
            last = b"Connection: close\r\n" if number == 4 else b""
            client.sendall(f"GET /sparql?query={query} HTTP/1.1\r\nHost: localhost\r\n".encode() + last + b"\r\n")
        received = rest(client)
    assert [received.find(f'"value":"{number}"'.encode()) > 0 for number in range(5)] == [True] * 5
    assert received.count(b"HTTP/1.1 200 OK") == 5
