"""Named SPARQL queries and their answers."""
