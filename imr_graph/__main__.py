"""`python -m imr_graph` is the command `imr-graph`."""

from imr_graph.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    main()
