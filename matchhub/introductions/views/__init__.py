"""Pages of introductions."""

from matchhub.introductions.views import asking, lists, meetings, thread, undoing
from matchhub.introductions.views.blueprint import bp

__all__ = ["asking", "bp", "lists", "meetings", "thread", "undoing"]
