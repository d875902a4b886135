"""Good and hostile queries together for some time: how the good ones fare, and how much memory is taken."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import click
from load_client import Server, drive

__all__ = ["soak"]

HOSTILE = (
    "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "SELECT DISTINCT ?a ?d WHERE { ?a ?b ?c . ?d ?e ?f }",
    f"ASK {'{' * 9000}{'}' * 9000}",
    'SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f FILTER(REGEX(?c, CONCAT("(a+a+)+(.*){1,40}", ?f, "$"))) }',
    f"SELECT (STRLEN(?z) AS ?n) WHERE {{ BIND(REPLACE('{'a' * 9000}', 'a', '{'b' * 9000}') AS ?y) "
    f"BIND(REPLACE(?y, 'b', '{'c' * 9000}') AS ?z) }}",
    f"SELECT ({'9' * 10_000} AS ?x) WHERE {{}}",
    "SELECT * WHERE { ?s ?p ?o }",
)


def resident(process: int) -> int:
    """Return the memory of a process and its children in MB."""
    total, waiting = 0, [process]
    while waiting:
        pid = waiting.pop()
        try:
            total += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
            for task in Path(f"/proc/{pid}/task").glob("*/children"):
                waiting += [int(child) for child in task.read_text().split()]
        except OSError:
            continue
    return total >> 20


def soak(server: Server, good: Sequence[bytes], seconds: float) -> None:
    """Ask good and hostile queries together; print how the good ones fared and how much memory was taken."""
    stop, statuses, memory = threading.Event(), dict[str, int](), [resident(server.process.pid)]

    def attack(offset: int) -> None:
        number = offset
        while not stop.is_set():
            number += 1
            with socket.create_connection(("127.0.0.1", server.port)) as client:
                client.sendall(
                    server.request(HOSTILE[number % len(HOSTILE)]).replace(
                        b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"
                    )
                )
                first = client.recv(65536)
                while client.recv(1 << 20):
                    pass
            status = first[9:12].decode()
            statuses[status] = statuses.get(status, 0) + 1

    def watch() -> None:
        while not stop.wait(0.5):
            memory.append(resident(server.process.pid))

    threads = [threading.Thread(target=attack, args=(n,)) for n in range(3)] + [threading.Thread(target=watch)]
    for thread in threads:
        thread.start()
    try:
        rate, _, took = drive(server, good, seconds, 4)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    time.sleep(2)
    took.sort()
    third = len(memory) // 3
    click.echo(f"\n## {seconds:.0f} s of good (4 connections) and hostile queries (3 connections) together\n")
    middle, late = took[len(took) // 2] * 1000, took[int(len(took) * 0.99)] * 1000
    click.echo(f"- good: {len(took):,} answered, {rate:,.0f} a second, none failed")
    click.echo(f"- median {middle:.1f} ms, 99 of 100 within {late:.0f} ms, the slowest {took[-1]:.2f} s")
    click.echo(f"- hostile, by status: {json.dumps(dict(sorted(statuses.items())))}")
    click.echo(
        f"- memory of all processes: {memory[0]} MB before, at most {max(memory[:third])} MB in the first third and "
        f"{max(memory[-third:])} MB in the last, {resident(server.process.pid)} MB after"
    )
