"""Suggestions: runs, reasons, exclusions, feedback; the live counter."""
