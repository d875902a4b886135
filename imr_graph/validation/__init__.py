"""Checking a graph against the SHACL shapes."""
