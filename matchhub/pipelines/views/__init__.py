"""Pages of deals, results and the tracker."""

from matchhub.pipelines.views import deals, figures, outcomes, tracker
from matchhub.pipelines.views.blueprint import bp

__all__ = ["bp", "deals", "figures", "outcomes", "tracker"]
