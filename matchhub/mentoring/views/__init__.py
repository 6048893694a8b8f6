"""Pages of mentoring."""

from matchhub.mentoring.views import engagements, links, results, sessions
from matchhub.mentoring.views.blueprint import bp

__all__ = ["bp", "engagements", "links", "results", "sessions"]
