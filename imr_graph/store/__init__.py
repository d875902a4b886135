"""A store on disk: generations of a graph with its table, search index and texts."""
