"""The processes that evaluate queries, and what the server knows of them."""
