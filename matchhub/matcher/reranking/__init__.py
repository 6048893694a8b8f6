"""The second stage: learned corrections of the first stage's lists, additive over named topics."""

from matchhub.matcher.reranking.applied import Applied, PAST
from matchhub.matcher.reranking.lists import from_odds, Lists
from matchhub.matcher.reranking.reranker import heads_of, Reranker, Schedule

__all__ = ["PAST", "Applied", "Lists", "Reranker", "Schedule", "from_odds", "heads_of"]
