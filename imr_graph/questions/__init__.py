"""Questions: the query library, SPARQL, networks and shares over a graph of determinations."""

__all__: list[str] = []
