"""Suggestions, the pair page, live counters and feedback."""

from matchhub.matches.views import counters, exports, feedback, lists, pairs, pushes, searches
from matchhub.matches.views.blueprint import bp

__all__ = ["bp", "counters", "exports", "feedback", "lists", "pairs", "pushes", "searches"]
