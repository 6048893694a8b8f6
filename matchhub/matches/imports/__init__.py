"""Bringing in public records."""
