"""What everybody may see without signing in: the front page, the guides, pictures to share, what search engines read."""
