"""Cases: a determination laid out for reading, beside its letter."""
