"""The settings of the server: every limit by its name, with its default and a sentence that says what it does."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Final, get_type_hints

from imr_graph.errors import UnknownNameError, UsageError

__all__ = ["PREFIX", "ServerSettings", "describe_settings", "settings_from"]

PREFIX: Final = "IMR_GRAPH_SERVE_"
"""What the names of environment variables begin with: `IMR_GRAPH_SERVE_QUERY_SECONDS` sets `query_seconds`."""

_MIB = 1 << 20
# A worker takes 100 MB before its first query.
_LEAST: Final = {
    "workers": 2,
    "query_seconds": 0.1,
    "rows": 1,
    "connections": 2,
    "client_connections": 1,
    "memory_bytes": 256 * _MIB,
}
_TRUE, _FALSE = frozenset(("1", "true", "yes", "on")), frozenset(("0", "false", "no", "off"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """How a store is served; `describe_settings()` gives the sentence of each setting."""

    store: Annotated[Path, "Folder of the store that is served."] = Path("imr-store")
    endpoint: Annotated[str, "URL of an external SPARQL store that answers the queries instead; see publish."] = ""
    endpoint_graph: Annotated[str, "Graph of the external store; empty: the one that its publication names."] = ""
    endpoint_unlimited: Annotated[bool, "Whether an external store that does not end long queries is served."] = False
    host: Annotated[str, "Address to listen on; the default reaches this machine only."] = "127.0.0.1"
    port: Annotated[int, "Port to listen on; 0 takes a free one."] = 8000
    public_url: Annotated[str, "Where people reach the server (https://imr.example.org); empty: as they asked."] = ""
    hosts: Annotated[
        tuple[str, ...], "Names that requests may be addressed to, besides this machine's own; * for any."
    ] = ()
    cors: Annotated[tuple[str, ...], "Web origins whose scripts may read answers; * for all; never with cookies."] = ()
    proxies: Annotated[tuple[str, ...], "Addresses of reverse proxies whose X-Forwarded-For is believed."] = ()

    workers: Annotated[int, "Processes that evaluate queries, one query at a time each; at least 2."] = 4
    query_seconds: Annotated[float, "Wall-clock time of one query, after which its process is ended."] = 20.0
    quick_seconds: Annotated[float, "How long the last free process may be held while others wait."] = 1.0
    memory_bytes: Annotated[int, "Memory that the process of one query may take."] = 1024 * _MIB
    rows: Annotated[int, "Rows or triples of one answer; more are cut off, which the answer says."] = 100_000
    result_bytes: Annotated[int, "Bytes of one answer before compression; more are cut off likewise."] = 32 * _MIB
    hold_bytes: Annotated[
        int, "Bytes held back of formats without comments (JSON, CSV), so that their header can announce a cut."
    ] = 32 * _MIB
    buffer_bytes: Annotated[int, "Bytes of all answers that wait in the server for slow readers."] = 128 * _MIB
    queue: Annotated[int, "Queries that may wait for a process; the next is told to come back later (503)."] = 64
    queue_seconds: Annotated[float, "How long a query may wait for a process before it is told so too."] = 10.0
    client_queries: Annotated[int, "Queries of one client address that may run or wait at a time (429)."] = 16

    body_bytes: Annotated[int, "Bytes of a request's body; more are refused (413)."] = 256 * 1024
    header_bytes: Annotated[int, "Bytes of a request's line and headers; more are refused (431)."] = 64 * 1024
    header_seconds: Annotated[float, "Time in which a client must have sent a request's headers."] = 10.0
    body_seconds: Annotated[float, "Time in which a client must have sent a request's body."] = 10.0
    stall_seconds: Annotated[float, "Time without progress after which a client that reads slowly is dropped."] = 15.0
    keep_alive_seconds: Annotated[int, "Time that an idle connection is kept."] = 15
    connections: Annotated[int, "Connections at a time; further ones are told to come back later (503)."] = 1000
    client_connections: Annotated[int, "Connections of one client address at a time, proxies' aside (429)."] = 128
    stop_seconds: Annotated[int, "Time that requests under way are given when the server stops."] = 10
    watch_seconds: Annotated[float, "How often the store is looked at for a new generation."] = 1.0

    downloads: Annotated[str, "Folder that keeps the files for download; empty: a temporary one."] = ""
    download_seconds: Annotated[float, "Time in which the files of one generation may be made; 0 makes none."] = 900.0
    download_bytes: Annotated[int, "Bytes of one file for download; a larger one is not made, which the page says."] = (
        8192 * _MIB
    )

    patterns: Annotated[bool, "Whether /patterns shows the components of the pages to their developers."] = False
    metrics: Annotated[bool, "Whether /metrics answers."] = True
    log_queries: Annotated[bool, "Whether the log holds the text of queries."] = False
    log_clients: Annotated[bool, "Whether the log holds the addresses of clients."] = False

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if isinstance(value, int | float) and not 0 <= value < math.inf:  # "nan" is neither less nor more
                raise UsageError(f"The setting {one.name} is {value}: it must be a number from 0 on.")
        for name, least in _LEAST.items():
            if getattr(self, name) < least:
                raise UsageError(f"The setting {name} is {getattr(self, name)}: it must be at least {least}.")
        if "@" in self.endpoint.partition("://")[2].partition("/")[0]:  # workers are told it on their command lines
            raise UsageError(
                "The setting endpoint holds a name or password: put these into IMR_GRAPH_ENDPOINT_USER and "
                "IMR_GRAPH_ENDPOINT_PASSWORD."
            )
        if self.public_url and not self.public_url.startswith(("http://", "https://")):
            raise UsageError(f"The setting public_url is {self.public_url!r}: it must begin with https:// or http://.")


def describe_settings() -> Mapping[str, tuple[Any, str]]:
    """Return the default and the sentence of each setting, by name.

    >>> describe_settings()["queue"][0]
    64
    """
    hints = get_type_hints(ServerSettings, include_extras=True)
    return {one.name: (one.default, hints[one.name].__metadata__[0]) for one in fields(ServerSettings)}


def settings_from(environ: Mapping[str, str] = os.environ, **given: Any) -> ServerSettings:
    """Return the settings: what is given, else the environment's variables (`PREFIX`), else the defaults.

    Values given as text are read by the type of the setting; a list's members are parted by commas; None counts as
    not given. Raises UnknownNameError for a name that is no setting, UsageError for a value that cannot be read.

    >>> settings_from({"IMR_GRAPH_SERVE_HOSTS": "imr.example.org,www.example.org"}, workers="2").hosts
    ('imr.example.org', 'www.example.org')
    """
    known = describe_settings()
    asked = {key.removeprefix(PREFIX).lower(): value for key, value in environ.items() if key.startswith(PREFIX)}
    asked |= {name: value for name, value in given.items() if value is not None}
    for name in asked:
        if name not in known:
            raise UnknownNameError("setting of the server", name, known)
    return ServerSettings(**{name: _parse_value(name, value, known[name][0]) for name, value in asked.items()})


def _parse_value(name: str, value: Any, default: Any) -> Any:
    if not isinstance(value, str) or isinstance(default, str):
        return value
    try:
        if isinstance(default, bool):
            return _parse_bool(value)
        if isinstance(default, tuple):
            return tuple(part for part in (piece.strip() for piece in value.split(",")) if part)
        return type(default)(value) if not isinstance(default, Path) else Path(value)
    except ValueError:
        raise UsageError(f"The setting {name} is {value!r}: it must be like {default!r}.") from None


def _parse_bool(value: str) -> bool:
    if value.lower() not in _TRUE | _FALSE:
        raise ValueError(value)
    return value.lower() in _TRUE
