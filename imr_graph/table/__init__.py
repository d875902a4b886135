"""The table of disputed items and the full-text index, kept beside the store and derived from its determinations.

Both are answers made ready, never a second truth: each row comes from one determination, each generation of the store
has its own view of them, and `follow.rebuild` derives everything again from the graph.
"""

__all__: list[str] = []
