"""What the tests share: records, letters, stores, servers, a browser."""
