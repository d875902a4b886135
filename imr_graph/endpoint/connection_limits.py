"""Connections with limits: uvicorn's HTTP protocol, and what it lets clients do that a public server cannot."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import struct
from collections import Counter
from collections.abc import Sequence
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from imr_graph.endpoint.settings import ServerSettings

__all__ = ["is_proxy", "limited_protocol"]


_RESET = struct.pack("ii", 1, 0)  # linger for no time at all


class _Connection(HttpToolsProtocol):
    """One connection: headers of bounded size and within bounded time, no reader without progress, not one too many."""

    settings: ServerSettings
    clients: Counter[str]
    _client = ""  # whose connections it counts among; none where it comes from a proxy
    _in_head = True  # between the beginning of a request and the end of its headers, or before the first
    _head_size = 0
    _refused = False
    _head_timer: asyncio.TimerHandle | None = None
    _stall_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._head_timer = self.loop.call_later(self.settings.header_seconds, self._too_slow)
        address = transport.get_extra_info("peername")
        if address and not is_proxy(address[0], self.settings.proxies):
            self._client = address[0]
            self.clients[self._client] += 1
            if self.clients[self._client] > self.settings.client_connections:
                self._refuse(429, "There are too many connections from this address: close some, or come back later.")

    def connection_lost(self, exc: Exception | None) -> None:
        if self._client:
            self.clients[self._client] -= 1
            if not self.clients[self._client]:
                del self.clients[self._client]
        for timer in (self._head_timer, self._stall_timer):
            if timer is not None:
                timer.cancel()
        self._head_timer = self._stall_timer = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        if self._in_head:
            self._head_size += len(data)
        super().data_received(data)
        if self._in_head and not self._refused:
            if self._head_size > self.settings.header_bytes:
                self._refuse(431, "The request's line and headers are too long.")
            elif self._head_timer is None:
                self._head_timer = self.loop.call_later(self.settings.header_seconds, self._too_slow)

    def on_message_begin(self) -> None:
        self._in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        if self._refused:
            return
        self._in_head = False
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
        size, self._head_size = self._head_size, 0
        if size > self.settings.header_bytes and self._size_of_headers() > self.settings.header_bytes:
            self._refuse(431, "The request's line and headers are too long.")
            return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if not self._refused:
            super().on_message_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stall_timer = self.loop.call_later(self.settings.stall_seconds, self._drop)

    def resume_writing(self) -> None:
        if self._stall_timer is not None:
            self._stall_timer.cancel()
            self._stall_timer = None
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        # Closing would wait until the client has read what was written: one that does not read is dropped.
        if self.transport.get_write_buffer_size():
            self._drop()
        else:
            super().timeout_keep_alive_handler()

    def _size_of_headers(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _too_slow(self) -> None:
        self._head_timer = None
        if self._head_size:
            self._refuse(408, "The request's headers did not come in time.")
        else:
            self._drop()

    def _refuse(self, status: int, sentence: str) -> None:
        self._refused = True
        if not self.transport.is_closing():
            body = sentence.encode() + b"\n"
            self.transport.write(
                STATUS_LINE[status]
                + b"content-type: text/plain; charset=utf-8\r\nx-content-type-options: nosniff\r\n"
                + b"connection: close\r\ncontent-length: %d\r\n\r\n" % len(body)
                + body
            )
            self.transport.close()

    def _drop(self) -> None:
        """Reset the connection: what waits for the client in the system's buffers is thrown away as well."""
        self._stall_timer = None
        found = self.transport.get_extra_info("socket")
        if found is not None and not self.transport.is_closing():
            found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.transport.abort()


def limited_protocol(settings: ServerSettings) -> type[asyncio.Protocol]:
    """Return the class of connections with these settings."""
    return type("Connection", (_Connection,), {"settings": settings, "clients": Counter()})


def is_proxy(address: str, proxies: Sequence[str]) -> bool:
    """Tell whether an address is one of those whose X-Forwarded-For is believed: many clients come from there."""
    if "*" in proxies or address in proxies:
        return True
    networks = [proxy for proxy in proxies if "/" in proxy]
    return any(ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False) for network in networks)
