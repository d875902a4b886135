"""What questions group, filter and name by."""
