"""Serving a store as a SPARQL endpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from imr_graph.cli.options import store
from imr_graph.errors import UsageError

__all__ = ["serve"]


@click.command()
@store
@click.option("--host", help="Address to listen on; this machine only without it.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 8000 without it, 0 for a free one.")
@click.option(
    "--set", "given", metavar="NAME=VALUE", multiple=True, help="Any other setting; may be given more than once."
)
@click.option("--settings", "listed", is_flag=True, help="List the settings with their defaults instead.")
def serve(store: Path, host: str | None, port: int | None, given: tuple[str, ...], listed: bool) -> None:
    """Serve a store as a read-only SPARQL endpoint with limits, until it is stopped.

    Each setting can also stand in the environment: IMR_GRAPH_SERVE_QUERY_SECONDS sets query_seconds.

    \b
    imr-graph serve
    imr-graph serve --port 9000 --set query_seconds=5 --set hosts=imr.example.org
    imr-graph serve --settings
    """
    try:
        from imr_graph.site.app import create_site
        from imr_graph.web.serving import serve as run
        from imr_graph.web.settings import described, settings_from
    except ImportError:
        raise UsageError("Serving needs more libraries: install them with pip install 'imr-graph[serve]'.") from None
    if listed:
        for name, (default, sentence) in described().items():
            click.echo(f"{name:20} {default!s:14} {sentence}")
        return
    values: dict[str, Any] = {}
    for written in given:
        name, mark, value = written.partition("=")
        if not mark:
            raise UsageError(f"--set {written}: write it as NAME=VALUE.")
        values[name.strip()] = value
    run(settings_from(store=store, host=host, port=port, **values), create_site)
