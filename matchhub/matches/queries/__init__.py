"""What is read of suggestions, and the plain columns that the matcher compares."""
