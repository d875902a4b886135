"""The query library as forms."""
