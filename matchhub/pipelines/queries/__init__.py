"""Deals, credit cases and outcomes as their parties find them, and the figures that stewards see."""

from matchhub.pipelines.queries.cases import (
    case_counts,
    cases_by_introduction,
    cases_of_bank,
    cases_with,
    history_of,
    open_cases_of,
    OpenCase,
    visible_case,
)
from matchhub.pipelines.queries.deals import (
    deals_by_introduction,
    deals_with,
    visible_deal,
)
from matchhub.pipelines.queries.outcomes import (
    confirmed_figures,
    current_outcome,
    outcomes_about,
    outcomes_entered_by,
    outcomes_of,
    visible_outcome,
    visible_payout,
    visible_result,
)

__all__ = [
    "OpenCase",
    "case_counts",
    "cases_by_introduction",
    "cases_of_bank",
    "cases_with",
    "confirmed_figures",
    "current_outcome",
    "deals_by_introduction",
    "deals_with",
    "history_of",
    "open_cases_of",
    "outcomes_about",
    "outcomes_entered_by",
    "outcomes_of",
    "visible_case",
    "visible_deal",
    "visible_outcome",
    "visible_payout",
    "visible_result",
]
