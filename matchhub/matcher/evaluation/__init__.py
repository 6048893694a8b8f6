"""Measuring the matcher on public records of rounds, against what it has to beat, on a split in time."""

from matchhub.matcher.evaluation.report import render
from matchhub.matcher.evaluation.run import evaluate

__all__ = ["evaluate", "render"]
