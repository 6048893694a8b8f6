"""What they ask for and what they offer."""
