"""Records to triples, the store they live in, their validation and their export."""
