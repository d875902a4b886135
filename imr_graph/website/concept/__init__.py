"""What determinations refer to: treatments, guidelines, pages, specialties, states."""
