"""Whether an external store ends a query by itself: whoever breaks a request off does not end it there.

Virtuoso takes the time from each request (and its `MaxQueryExecutionTime` holds beside it), Oxigraph from its option
`--timeout-s`. No protocol tells the limit, so the store is asked something that takes long.
"""

from __future__ import annotations

from typing import Final

import httpx

from imr_graph.errors import StoreError
from imr_graph.external_store.http import RequestRefusedError, StoreClient, find_row_limit, timeout_form
from imr_graph.external_store.publication import Publication

__all__ = ["describe_missing_limit", "has_time_limit"]

# So many rows are counted in a second by no store (Oxigraph counts about 10 million on one core), so that a store with
# a limit always meets it; without one the question takes a few times as long.
_ROWS_IN_A_SECOND: Final = 30_000_000


def describe_missing_limit(client: StoreClient, publication: Publication, seconds: float) -> str | None:
    """Return what is wrong and how to mend it where a store has no limit of time; None where it has one."""
    if has_time_limit(client, publication, seconds):
        return None
    return (
        f"{client.name} does not end queries that take longer than {seconds:g} seconds: start it with such a limit "
        "(--timeout-s of Oxigraph, MaxQueryExecutionTime of Virtuoso)"
    )


def has_time_limit(client: StoreClient, publication: Publication, seconds: float) -> bool:
    """Tell whether a store ends a query that takes longer than `seconds` by itself; that is how long it takes to know.

    `client` has to wait longer than that. The question ends even where the store has no limit. A store too small for
    any such question to take long cannot be told, and counts as one with a limit.
    """
    rows = max(1, round(seconds * _ROWS_IN_A_SECOND / max(1, publication.triples)))
    if rows > publication.triples:
        return True
    query = f"SELECT (COUNT(*) AS ?n) WHERE {{ {{ SELECT ?a WHERE {{ ?a ?b ?c }} LIMIT {rows} }} ?d ?e ?f }}"
    form = {"query": query, **timeout_form(seconds)}
    if publication.graph:
        form["default-graph-uri"] = publication.graph
    accept = {"accept": "application/sparql-results+xml"}
    try:
        response = client.send("POST", client.address.url, form=form, headers=accept)
        try:
            return find_row_limit(response) is not None or not response.read().rstrip().endswith(b"</sparql>")
        finally:
            response.close()
    except httpx.TimeoutException:
        return False
    except (httpx.HTTPError, RequestRefusedError):
        return True  # it broke off, or refused what it takes for too long
    except StoreError as error:
        return not isinstance(error.__context__, httpx.TimeoutException)
