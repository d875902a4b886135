"""Charts of statistics."""
