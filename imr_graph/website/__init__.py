"""The site: pages for people over a built graph, around the SPARQL endpoint."""
