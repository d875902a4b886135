"""The graph for assistants: a server of the Model Context Protocol with read-only, bounded tools.

The server needs the package `mcp` (the extra `assistants`); `tools` works without it.
"""

__all__: list[str] = []
