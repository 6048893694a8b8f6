"""Events, on both databases."""
