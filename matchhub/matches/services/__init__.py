"""What changes suggestions: models, runs, feedback, exclusions."""
