"""What the two sides cite: statements, guidelines, sections, pages."""
