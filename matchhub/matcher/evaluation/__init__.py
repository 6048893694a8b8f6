"""Measuring the matcher on public records, against what it has to beat, on a split in time."""

from matchhub.matcher.evaluation.answers import evaluate_mentors
from matchhub.matcher.evaluation.likeness import evaluate_texts
from matchhub.matcher.evaluation.own import Asked, OwnHistory, Rounds
from matchhub.matcher.evaluation.report import render
from matchhub.matcher.evaluation.run import evaluate, evaluate_own

__all__ = ["Asked", "OwnHistory", "Rounds", "evaluate", "evaluate_mentors", "evaluate_own", "evaluate_texts", "render"]
