"""One call that measures the matcher and its baselines on one retrieval task."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from matchhub.matcher.attention import Training
from matchhub.matcher.engine import Matcher
from matchhub.matcher.evaluation import baselines
from matchhub.matcher.evaluation.dataset import Dataset, load, PLACES, ROUNDS, WINDOW_DAYS
from matchhub.matcher.evaluation.metrics import Bootstrap, DEPTH, measure, Ranking
from matchhub.matcher.recipes import equity, Recipe

METHODS: Mapping[str, Callable[[Dataset], Ranking]] = {
    "recent-popularity": baselines.recent_popularity,
    "popularity": baselines.popularity,
    "tfidf-cosine": baselines.text_cosine,
    "random": baselines.chance,
}


def recipe_for(dataset: str) -> Recipe:
    """The product's equity recipe with the data set's own rounds and places."""
    training = Training(window_days=WINDOW_DAYS[dataset])
    return equity(regions=PLACES, rounds=ROUNDS[dataset], training=training, region_levels=3)


def matchhub(data: Dataset) -> Ranking:
    """The product's own ranking: fit, rank, and nothing besides."""
    matcher = Matcher(recipe_for(data.name)).fit(data.needs, data.offers, data.history)
    exclusions = [(data.needs.ids[need], data.offers.ids[offer], "known") for need, offer in data.known]
    best = matcher.rank(data.needs, data.offers, DEPTH, exclusions).by_need
    ranking = np.full((len(data.needs), DEPTH), -1, dtype=np.int64)
    ranking[best.need, best.place - 1] = best.offer
    return ranking


def evaluate(
    folder: Path, dataset: str, window: str = "dev", task: str = "cold", *, draws: int = 1000, seed: int = 0
) -> dict[str, Any]:
    """Measure all methods on one task: {"methods": {method: {metric: {"mean", "low", "high"}}}, and facts of the run}.

    The figures depend on the data and the seed only; `seconds` and `peak_memory_mb` on the machine.
    Raises FileNotFoundError where the data is absent and ValueError for an unknown data set or task.
    """
    started = time.perf_counter()
    data = load(folder, dataset, window, task)
    bootstrap = Bootstrap(draws, seed)
    rankings = {"matchhub": matchhub(data)} | {name: method(data) for name, method in METHODS.items()}
    return {
        "dataset": dataset,
        "window": window,
        "task": task,
        "queries": len(data.needs),
        "candidates": len(data.offers),
        "past_rounds": len(data.history),
        "methods": {
            name: measure(ranking, data.truth, len(data.offers), bootstrap) for name, ranking in rankings.items()
        },
        "seconds": round(time.perf_counter() - started, 1),
        "peak_memory_mb": round(peak_memory_mb()),
    }


def peak_memory_mb() -> float:
    """The most memory that this process has held, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)
