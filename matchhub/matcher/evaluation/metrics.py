"""How good a list is and how it spreads attention, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Ranking: TypeAlias = NDArray[np.int64]
"""(n_queries, DEPTH or more) offer rows, the best first, -1 where the list is shorter."""

Interval: TypeAlias = dict[str, float]

DEPTH = 50
DEEP = 100
"""Lists are made so long, so that DEPTH are left where some offers are not counted."""
RECALL_AT, NDCG_AT, EXPOSURE_AT = (10, 20, 50), (10, 20), 10


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """Resamples of the queries: `draws` times, with a seed, so that two runs give the same bytes."""

    draws: int = 1000
    seed: int = 0

    def counts(self, queries: int) -> NDArray[np.float64]:
        """(draws, n_queries) how often each query is drawn."""
        random = np.random.default_rng(self.seed)
        return random.multinomial(queries, np.full(queries, 1 / queries), size=self.draws).astype(np.float64)


def measure(
    ranking: Ranking, truth: Sequence[frozenset[int]], candidates: int, bootstrap: Bootstrap
) -> dict[str, Interval]:
    """Every metric as mean, low and high (95 % of the resampled queries), rounded to four decimals."""
    if not truth:
        raise ValueError("nothing to measure: no queries")
    counts = bootstrap.counts(len(truth))
    found = {name: _interval(values, counts) for name, values in per_query(ranking, truth).items()}
    return found | exposure(ranking, candidates, counts)


def per_query(ranking: Ranking, truth: Sequence[frozenset[int]]) -> Mapping[str, NDArray[np.float64]]:
    """(n_queries,) each of recall@k, nDCG@k (binary gain, ideal of min(k, right) hits) and MRR."""
    hit = np.array(
        [[row in right for row in listed] for listed, right in zip(ranking[:, :DEPTH].tolist(), truth, strict=True)]
    )
    size = np.array([len(right) for right in truth], dtype=np.float64)
    discount = 1 / np.log2(np.arange(2, DEPTH + 2))
    ideal = np.concatenate([[0.0], np.cumsum(discount)])
    first = np.where(hit.any(axis=1), 1 / (hit.argmax(axis=1) + 1), 0.0)
    recall = {f"recall@{k}": hit[:, :k].sum(axis=1) / size for k in RECALL_AT}
    gains = {
        f"ndcg@{k}": (hit[:, :k] * discount[:k]).sum(axis=1) / ideal[np.minimum(size, k).astype(np.int64)]
        for k in NDCG_AT
    }
    return {**recall, **gains, "mrr": first}


def _interval(values: NDArray[np.float64], counts: NDArray[np.float64]) -> Interval:
    resampled = counts @ values / len(values)
    return told(float(values.mean()), resampled)


def exposure(ranking: Ranking, candidates: int, counts: NDArray[np.float64]) -> dict[str, Interval]:
    """coverage@10, the share of candidates in any top ten, and gini@10, how unequally places there are given.

    Resampled queries repeat, which lowers coverage whatever the method: the resamples are moved to the measured value, so
    that the interval tells the spread only.
    """
    listed = ranking[:, :EXPOSURE_AT]
    places = np.zeros((len(listed), candidates), dtype=np.float32)
    rows, columns = np.nonzero(listed >= 0)
    places[rows, listed[rows, columns]] = 1
    total = places.sum(axis=0, dtype=np.float64)
    shown = np.asarray(counts.astype(np.float32) @ places, dtype=np.float64)
    measured = {"coverage": float((total > 0).mean()), "gini": float(gini(total[None, :])[0])}
    resampled = {"coverage": (shown > 0).mean(axis=1), "gini": gini(shown)}
    return {
        f"{name}@{EXPOSURE_AT}": told(value, resampled[name] - resampled[name].mean() + value)
        for name, value in measured.items()
    }


def gini(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """(rows,) Gini coefficient of each row: 0 all equal, towards 1 one has all; 0 for a row of zeros."""
    ordered = np.sort(counts, axis=1)
    n = ordered.shape[1]
    total = ordered.sum(axis=1)
    weighed = ordered @ (2 * np.arange(1, n + 1) - n - 1)
    return np.asarray(np.divide(weighed, n * total, out=np.zeros(len(ordered)), where=total > 0))


def told(value: float, resampled: NDArray[np.float64]) -> Interval:
    low, high = np.clip(np.percentile(resampled, [2.5, 97.5]), 0, 1)
    return {"mean": round(value, 4), "low": round(float(low), 4), "high": round(float(high), 4)}
