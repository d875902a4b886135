"""Questions of the graph: dimensions, queries, search, statistics, precedents, networks, charts."""
