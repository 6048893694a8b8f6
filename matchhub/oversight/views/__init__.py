"""Targets, bulletins, silent pairs, and whom nobody answers."""

import matchhub.oversight.views.bulletin
import matchhub.oversight.views.silent_pairs
import matchhub.oversight.views.targets
import matchhub.oversight.views.unanswered  # noqa: F401 -- the modules fill the blueprint
from matchhub.oversight.views.blueprint import bp

__all__ = ["bp"]
