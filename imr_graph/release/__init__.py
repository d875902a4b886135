"""The data as a dataset: a folder for repositories, and its metadata."""
