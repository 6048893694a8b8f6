"""Homes, the review queue, the funnel, and the small switches of the page."""

import matchhub.console.views.firms
import matchhub.console.views.funnel
import matchhub.console.views.home
import matchhub.console.views.reviews
import matchhub.console.views.search
import matchhub.console.views.switches  # noqa: F401 -- the modules fill the blueprint
from matchhub.console.views.blueprint import bp

__all__ = ["bp"]
