"""Full-text search with facets."""
