"""The endpoint and the pages: a built graph served over HTTP, read-only and within limits."""

__all__: list[str] = []
