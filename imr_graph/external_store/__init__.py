"""Other people's SPARQL servers: a store that has outgrown one machine, published to, asked and served from."""
