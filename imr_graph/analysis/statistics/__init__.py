"""Shares, times, agreement, recurring rationales, data quality, profiles of concepts."""
