"""Clients that ask a server again and again over some connections, and how long its answers take."""

from __future__ import annotations

import dataclasses
import selectors
import socket
import subprocess
import time
from collections.abc import Sequence
from urllib.parse import quote

__all__ = ["CONNECTIONS", "Server", "drive", "once"]

CONNECTIONS = 8


@dataclasses.dataclass(frozen=True)
class Server:
    """A server that runs: its name, port, path of queries, and process."""

    name: str
    port: int
    path: str
    process: subprocess.Popen[bytes]

    def request(self, query: str) -> bytes:
        """Return the bytes of a GET request."""
        return (
            f"GET {self.path}?query={quote(query)} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
            "Accept: application/sparql-results+json\r\n\r\n"
        ).encode()


def drive(
    server: Server, requests: Sequence[bytes], seconds: float, connections: int = CONNECTIONS
) -> tuple[float, float, list[float]]:
    """Ask again and again over some connections; return requests/s, bytes/s and the seconds of each request.

    The requests under way when the time is up are waited for: no server is left with work that nobody wants.
    Raises RuntimeError on an answer other than 200.
    """
    selector, sent, size = selectors.DefaultSelector(), 0, 0
    took: list[float] = []
    begun = time.perf_counter()
    for _ in range(connections):
        client = socket.create_connection(("127.0.0.1", server.port))
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.sendall(requests[sent % len(requests)])
        selector.register(client, selectors.EVENT_READ, [bytearray(), time.perf_counter()])
        sent += 1
    while selector.get_map():
        for key, _ in selector.select(1):
            client, state = key.fileobj, key.data
            assert isinstance(client, socket.socket)
            state[0] += client.recv(1 << 20)
            if not whole(state[0]):
                continue
            if not state[0].startswith(b"HTTP/1.1 200"):
                raise RuntimeError(bytes(state[0][:200]).decode(errors="replace"))
            now = time.perf_counter()
            took.append(now - state[1])
            size += len(state[0])
            if now - begun > seconds:
                selector.unregister(client)
                client.close()
                continue
            state[:] = [bytearray(), now]
            client.sendall(requests[sent % len(requests)])
            sent += 1
    elapsed = time.perf_counter() - begun
    return len(took) / elapsed, size / elapsed, took


def whole(received: bytearray) -> bool:
    """Return whether a response is complete."""
    end = received.find(b"\r\n\r\n", 0, 8192)
    if end < 0:
        return False
    head = bytes(received[:end]).lower()
    at = head.find(b"content-length:")
    if at >= 0:
        return len(received) >= end + 4 + int(head[at + 15 :].split(b"\r\n", 1)[0])
    return received.endswith(b"0\r\n\r\n")


def once(server: Server, requests: Sequence[bytes]) -> list[float]:
    """Ask each request once, over some connections at a time, and return the seconds of each."""
    took: list[float] = []
    for start in range(0, len(requests), CONNECTIONS):
        took += drive(server, requests[start : start + CONNECTIONS], 0.0)[2]
    return took
