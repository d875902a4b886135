"""Projections of the graph to networks, with measures and pictures."""
