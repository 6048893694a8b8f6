"""What the homes and the review queue read from the features."""
