"""The command line: each command parses, calls one verb of the library, and prints."""

from imr_graph.cli.app import main

__all__ = ["main"]
