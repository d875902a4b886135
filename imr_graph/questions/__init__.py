"""Questions: the query library, SPARQL, networks and shares over a graph of determinations."""
