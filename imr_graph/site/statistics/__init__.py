"""Statistics as a form."""
