"""Mentoring after an introduction: engagements, sessions, what the firm confirms."""
