"""One call that measures the matcher and its baselines on one retrieval task."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from matchhub.matcher.attention_learning import Training
from matchhub.matcher.engine import Matcher
from matchhub.matcher.evaluation import baselines
from matchhub.matcher.evaluation.dataset import Dataset, load, PLACES, ROUNDS
from matchhub.matcher.evaluation.freshness import freshness, unfolding
from matchhub.matcher.evaluation.metrics import Bootstrap, Interval, measure, Ranking
from matchhub.matcher.evaluation.own import own, OwnHistory
from matchhub.matcher.history import History
from matchhub.matcher.recipes import equity, Recipe
from matchhub.matcher.reranking import heads_of, Lists, Schedule
from matchhub.matcher.rules import NotExcluded
from matchhub.matcher.table import Table

METHODS: Mapping[str, Callable[[Dataset], Ranking]] = {
    "content-knn": baselines.content_neighbours,
    "bm25": baselines.bm25,
    "recent-popularity": baselines.recent_popularity,
    "popularity": baselines.popularity,
    "tfidf-cosine": baselines.text_cosine,
    "field-and-place": baselines.place_and_field,
    "random": baselines.chance,
}
LONG_WINDOW = 250
FIRST_STAGE = 300
ROWS = 128


def recipe_for(data: Dataset, **changes: Any) -> Recipe:
    """The product's equity recipe with the data set's own rounds and places; it learns from windows as long as the task's:
    three where they are long, six overlapping ones where they are short; of first and later rounds it learns what the task asks
    for. `changes` replace arguments of the recipe."""
    days = min(max(data.days, 90), 366)
    long = days > LONG_WINDOW
    schedule = Schedule(days, days if long else days * 2 // 3, 3 if long else 6, heads=heads_of(data.needs))
    levels = max((code.count(".") + 1 for code in data.history.rounds.codes("region").codes), default=1)
    given = {"training": Training(window_days=days), "second": schedule, **changes}
    return equity(regions=PLACES, rounds=ROUNDS[data.name], region_levels=levels, **given)


def fitted(data: Dataset) -> Matcher:
    """The product's matcher, learned from what was before the cut."""
    return learned(data, recipe_for(data))


def learned(data: Dataset, recipe: Recipe) -> Matcher:
    """A recipe, learned from all that the task may know."""
    return Matcher(recipe).fit(data.needs, data.offers, data.history, data.answered)


def matchhub(data: Dataset, matcher: Matcher | None = None) -> Ranking:
    """The product's own ranking: fit, rank, and nothing besides."""
    return ranked(data, matcher or fitted(data))[0]


def ranked(data: Dataset, matcher: Matcher) -> tuple[Ranking, float]:
    """The order of `Matcher.rank` from the needs' side, and the mean share of a query's truth among the first stage's best
    FIRST_STAGE, which the second stage orders anew."""
    parts, shares = [], list[float]()
    rules = (*matcher.recipe.rules, NotExcluded.of(excluded(data)))
    for first in range(0, len(data.needs), ROWS):
        needs = data.needs.take(slice(first, first + ROWS))
        judged = matcher.judge(needs, data.offers, rules)
        columns = Lists.of(judged.key, FIRST_STAGE).columns.tolist()
        truth = data.truth[first : first + ROWS]
        shares += [len(right & set(row)) / len(right) for right, row in zip(truth, columns, strict=True)]
        parts.append(baselines.listed(matcher.refined(judged, needs, data.offers, rules).key))
    return np.vstack(parts), float(np.mean(shares))


def excluded(data: Dataset) -> list[tuple[Any, Any, str]]:
    """The pairs that need no suggestion, as exclusions."""
    return [(data.needs.ids[need], data.offers.ids[offer], "known") for need, offer in data.known]


def without_round_and_amount(data: Dataset) -> Dataset:
    """The task without what stands in for a need's round and amount, in the queries and in the past."""

    def silent(table: Table) -> Table:
        return table.without("amount_min", "amount_max", "round")

    past = History(silent(data.history.rounds), data.history.row, data.history.offer_ids)
    return replace(data, needs=silent(data.needs), history=past)


def without_accelerators(ranking: Ranking, data: Dataset, bootstrap: Bootstrap) -> dict[str, Interval]:
    """The metrics where accelerators count neither in the lists nor in the truth; queries with no other truth are left out."""
    kept_offers = ~data.accelerators
    place = np.where(kept_offers, np.cumsum(kept_offers) - 1, -1)
    left = [frozenset(int(place[o]) if o >= 0 else o for o in right if o < 0 or kept_offers[o]) for right in data.truth]
    kept = [row for row, right in enumerate(left) if right]
    shorter = np.full((len(kept), ranking.shape[1]), -1, dtype=np.int64)
    for line, row in enumerate(kept):
        offers = ranking[row][ranking[row] >= 0]
        offers = place[offers[kept_offers[offers]]]
        shorter[line, : len(offers)] = offers
    return measure(shorter, [left[row] for row in kept], int(kept_offers.sum()), bootstrap)


def _without_accelerators(rankings: Mapping[str, Ranking], data: Dataset, bootstrap: Bootstrap) -> dict[str, Any]:
    """The same without accelerators; an installation's own offers are not told apart by their names."""
    if data.taken is not None:
        return {}
    methods = {name: without_accelerators(ranking, data, bootstrap) for name, ranking in rankings.items()}
    return {"without_accelerators": {"accelerators": int(data.accelerators.sum()), "methods": methods}}


def evaluate(
    folder: Path,
    dataset: str,
    window: str = "dev",
    task: str = "cold",
    *,
    draws: int = 1000,
    seed: int = 0,
    bare: bool = False,
    fresh: bool = False,
) -> dict[str, Any]:
    """Measure all methods on one task: {"methods": {method: {metric: {"mean", "low", "high"}}}, and facts of the run}.

    `bare`: without round and amount. `fresh`: also how lists keep through the window and what new investors get (see
    `freshness`). The figures depend on the data and the seed only; `seconds`, `own_seconds` (fitting
    and ranking of ours alone), `own_cpu_seconds` and `peak_memory_mb` on the machine.
    Raises FileNotFoundError where the data is absent and ValueError for an unknown data set or task.
    """
    data = load(folder, dataset, window, task)
    if bare:
        data = without_round_and_amount(data)
    facts = {"dataset": dataset, "window": window, "task": task, "without_round_and_amount": bare}
    recipe, bootstrap = recipe_for(data), Bootstrap(draws, seed)
    result, matcher = compared(data, recipe, bootstrap)
    if fresh:
        told = unfolding(folder, dataset, window, task)
        result |= freshness(told, matcher, lambda past: learned(replace(data, history=past), recipe), bootstrap)
    return {**facts, **result}


def evaluate_own(
    held: OwnHistory, recipe: Recipe, task: str = "all", *, draws: int = 1000, seed: int = 0
) -> dict[str, Any]:
    """The same on an installation's own history under its own recipe. ValueError where there is too little of it."""
    data = own(held, task)
    facts = {"dataset": "own", "kind": held.kind, "window": f"from {data.cut}", "task": task}
    return {**facts, **compared(data, recipe, Bootstrap(draws, seed))[0]}


def compared(data: Dataset, recipe: Recipe, bootstrap: Bootstrap) -> tuple[dict[str, Any], Matcher]:
    """Ours, learned under this recipe, and the baselines on one task; and what was learned."""
    started = own_started = time.perf_counter()
    own_cpu = time.process_time()
    matcher = learned(data, recipe)
    own_ranking, share = ranked(data, matcher)
    rankings = {"matchhub": own_ranking}
    own = {
        "own_seconds": round(time.perf_counter() - own_started, 1),
        "own_cpu_seconds": round(time.process_time() - own_cpu, 1),
    }
    own["own_peak_memory_mb"] = round(peak_memory_mb())
    rankings |= {name: method(data) for name, method in METHODS.items()}
    candidates = len(data.offers)
    result = {
        "cut": data.cut.isoformat(),
        "queries": len(data.needs),
        "candidates": candidates,
        "past_rounds": len(data.history),
        "methods": {name: measure(ranking, data.truth, candidates, bootstrap) for name, ranking in rankings.items()},
        **_without_accelerators(rankings, data, bootstrap),
        "first_stage_share": {f"top{FIRST_STAGE}": round(share, 4)},
        "seconds": round(time.perf_counter() - started, 1),
        **own,
        "peak_memory_mb": round(peak_memory_mb()),
    }
    return result, matcher


def peak_memory_mb() -> float:
    """The most memory that this process has held, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)
