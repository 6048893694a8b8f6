"""Pages of deals, results and the tracker."""

from matchhub.pipelines.views import boards, deals, figures, outcomes, own_stages, tracker
from matchhub.pipelines.views.blueprint import bp

__all__ = ["boards", "bp", "deals", "figures", "outcomes", "own_stages", "tracker"]
