"""Drawings of pages."""
