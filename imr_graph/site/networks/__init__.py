"""Networks that can be walked."""
