"""What the homes, the review queue and the funnel read from the features."""
