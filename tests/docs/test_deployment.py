"""What docs/deployment/ holds works: nginx before two real replicas, the systemd unit, and the container's command."""

from __future__ import annotations

import json
import re
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from imr_graph.endpoint.settings import PREFIX, describe_settings
from support.components import require_program
from support.endpoint_server import Server, running, write_cases
from support.paths import PROJECT
from support.processes import free_port

PLACE = PROJECT / "docs" / "deployment"
NAME = "imr.example.org"
ASK = {"query": "ASK {}"}


@dataclass
class Proxied:
    """nginx with our configuration before two replicas."""

    url: str
    replicas: tuple[Server, Server]
    client: httpx.Client

    def get(self, path: str, **more: object) -> httpx.Response:
        """Get a path as a client who knows the server by its name."""
        return self.client.get(f"{self.url}{path}", headers={"host": NAME, **dict(more.pop("headers", {}))}, **more)  # type: ignore[arg-type, call-overload]


def certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for the name, signed by itself."""
    found = folder / "cert.pem", folder / "key.pem"
    command = [require_program("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
    command += ["-out", str(found[0]), "-keyout", str(found[1])]
    subprocess.run(command, check=True, capture_output=True)
    return found


def configured(folder: Path, port: int, ports: tuple[int, int]) -> Path:
    """Return the configuration with the ports and the certificate of this test; nothing else is changed."""
    cert, key = certificate(folder)
    text = (PLACE / "nginx.conf").read_text()
    for old, new in (
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("127.0.0.1:8001", f"127.0.0.1:{ports[0]}"),
        ("127.0.0.1:8002", f"127.0.0.1:{ports[1]}"),
        (f"/etc/ssl/certs/{NAME}.pem", str(cert)),
        (f"/etc/ssl/private/{NAME}.key", str(key)),
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    file = folder / "nginx.conf"
    file.write_text(text)
    return file


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    nginx = require_program("nginx")
    folder = tmp_path_factory.mktemp("proxied")
    write_cases(folder / "store")
    settings = {"hosts": NAME, "public_url": f"https://{NAME}", "proxies": "127.0.0.1", "log_clients": True}
    with running(folder / "store", folder, **settings) as one, running(folder / "store", folder, **settings) as two:
        port = free_port()
        command = [nginx, "-p", str(folder), "-c", str(configured(folder, port, (one.port, two.port)))]
        log = folder / "nginx.log"
        with log.open("wb") as stream:
            process = subprocess.Popen([*command, "-g", "daemon off;"], stderr=stream)
        try:
            trusting = ssl.create_default_context()
            trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
            with httpx.Client(verify=trusting, timeout=300) as client:
                found = Proxied(f"https://127.0.0.1:{port}", (one, two), client)
                wait_until_up(found, process, log)
                yield found
        finally:
            process.terminate()
            process.wait(180)


def wait_until_up(proxied: Proxied, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(100):
        assert process.poll() is None, log.read_text()
        try:
            proxied.get("/sparql", params=ASK)
            return
        except httpx.ConnectError:
            time.sleep(0.1)
    raise AssertionError("nginx does not answer")


def test_queries_and_pages_arrive_through_the_proxy(proxied: Proxied) -> None:
    assert proxied.get("/sparql", params=ASK).json()["boolean"] is True
    description = proxied.get("/sparql", headers={"accept": "text/turtle"})
    assert f"https://{NAME}/sparql" in description.text


def test_what_is_for_monitoring_stays_inside(proxied: Proxied) -> None:
    assert {proxied.get(path).status_code for path in ("/metrics", "/readyz", "/healthz")} == {404}
    assert httpx.get(f"{proxied.replicas[0].url}/readyz").status_code == 200


def test_a_body_that_is_too_large_is_refused_at_the_door(proxied: Proxied) -> None:
    body = {"query": "ASK {} #" + "a" * 300_000}
    found = proxied.client.post(f"{proxied.url}/sparql", data=body, headers={"host": NAME})
    assert found.status_code == 413


def test_a_client_is_known_by_the_address_that_the_proxy_saw(proxied: Proxied) -> None:
    """Neither the proxy's own address nor what the client claims counts."""
    proxied.get("/sparql", params={"query": "ASK { <urn:claimed> ?p ?o }"}, headers={"x-forwarded-for": "203.0.113.9"})
    clients = {event["client"] for one in proxied.replicas for event in one.events("query")}
    assert clients == {"127.0.0.1"}


def test_another_name_is_not_answered(proxied: Proxied) -> None:
    found = proxied.client.get(f"{proxied.url}/sparql", params=ASK, headers={"host": "other.example.org"})
    assert found.status_code == 421


def test_one_replica_may_go_and_no_request_fails(proxied: Proxied) -> None:
    proxied.replicas[1].process.terminate()
    proxied.replicas[1].process.wait(180)
    statuses = [proxied.get("/sparql", params=ASK).status_code for _ in range(30)]
    assert set(statuses) == {200}


def test_the_unit_is_one_that_systemd_takes(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd is not installed here")
    unit = tmp_path / "imr-graph@.service"
    program = tmp_path / "imr-graph"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    text = (PLACE / "imr-graph@.service").read_text()
    unit.write_text(text.replace("/opt/imr-graph/bin/imr-graph", str(program)))
    instance = tmp_path / "imr-graph@8001.service"
    instance.symlink_to(unit)
    found = subprocess.run([analyze, "verify", str(instance)], capture_output=True, text=True, timeout=300, check=False)
    ours = [line for line in found.stderr.splitlines() if "imr-graph@" in line]
    assert ours == []


@pytest.mark.parametrize("file", ["imr-graph@.service", "Containerfile"])
def test_settings_that_are_given_exist(file: str) -> None:
    given = re.findall(rf"{PREFIX}(\w+)=", (PLACE / file).read_text())
    assert given
    assert {name.lower() for name in given} <= set(describe_settings())


def test_the_commands_of_unit_and_container_are_options_of_serve() -> None:
    from imr_graph.cli.serve import serve

    options = {name for parameter in serve.params for name in parameter.opts}
    command = json.loads(re.findall(r"^CMD (\[.*\])$", (PLACE / "Containerfile").read_text(), re.MULTILINE)[0])
    line = re.findall(r"^ExecStart=(.*)$", (PLACE / "imr-graph@.service").read_text(), re.MULTILINE)[0]
    for words in (command, line.split()):
        assert words[1] == "serve"
        assert {word for word in words if word.startswith("--")} <= options
