"""Pages of deals, results and the tracker."""

from matchhub.pipelines.views import boards, cases, deals, figures, outcomes, own_stages, payouts, tracker
from matchhub.pipelines.views.blueprint import bp

__all__ = ["boards", "bp", "cases", "deals", "figures", "outcomes", "own_stages", "payouts", "tracker"]
