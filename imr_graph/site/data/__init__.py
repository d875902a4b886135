"""The data itself: files, columns, ontology, shapes, quality."""
