"""How the matcher grows with its past: nested subsamples of the rounds, from none to all.

    python -m benchmarks.learning_curve [FOLDER] [--dataset vc_zh] [--sizes 0,10,30,100,300,1000,3000,all] [--queries 400]

Each size is measured with the declared wishes and text alone, with the first stage under the hand-set prior, and with all that
is learned. Prints a line a size and a JSON line last; exits non-zero where what is learned falls below the prior beyond the
interval of the difference.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from matchhub.matcher import Matcher, Training
from matchhub.matcher.evaluation.dataset import Dataset, load
from matchhub.matcher.evaluation.metrics import Bootstrap, per_query
from matchhub.matcher.evaluation.run import matchhub, recipe_for

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "bench" / "public"


def smaller(data: Dataset, size: int, order: np.ndarray[Any, Any]) -> Dataset:
    """The task with the first `size` rounds of a fixed random order as its past; larger ones hold the smaller."""
    kept = np.zeros(len(data.history), dtype=bool)
    kept[order[:size]] = True
    return replace(data, history=data.history.only(kept))


def prior(data: Dataset) -> Matcher:
    """The same matcher with nothing learned: hand-set weights of attention, no second stage."""
    recipe = recipe_for(data, training=Training(windows=0), second=None)
    return Matcher(recipe).fit(data.needs, data.offers, data.history)


def measured(data: Dataset, sizes: Sequence[int], bootstrap: Bootstrap) -> Iterator[dict[str, Any]]:
    """For every size: recall@10 of the prior and of what is learned, and the interval of their difference."""
    order = np.random.default_rng(0).permutation(len(data.history))
    for size in sizes:
        part = smaller(data, size, order)
        before = per_query(matchhub(part, prior(part)), part.truth)["recall@10"]
        after = per_query(matchhub(part), part.truth)["recall@10"]
        counts = bootstrap.counts(len(before))
        low, high = np.percentile(counts @ (after - before) / len(before), [2.5, 97.5])
        yield {
            "rounds": min(size, len(data.history)),
            "prior": round(float(before.mean()), 4),
            "learned": round(float(after.mean()), 4),
            "difference": [round(float(low), 4), round(float(high), 4)],
        }


def main() -> int:
    """Print the curve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    parser.add_argument("--dataset", default="vc_zh")
    parser.add_argument("--sizes", default="0,10,30,100,300,1000,3000,all")
    parser.add_argument("--queries", type=int, default=400)
    asked = parser.parse_args()
    if not asked.folder.exists():
        print(f"no records in {asked.folder}: give their folder")
        return 0
    data = load(asked.folder, asked.dataset, "dev", "cold")
    rows = np.sort(np.random.default_rng(1).permutation(len(data.needs))[: asked.queries])
    data = replace(data, needs=data.needs.take(rows), truth=tuple(data.truth[row] for row in rows))
    sizes = [len(data.history) if size == "all" else int(size) for size in asked.sizes.split(",")]
    curve = []
    for line in measured(data, sizes, Bootstrap()):
        curve.append(line)
        print(f"{line['rounds']:>7} rounds: prior {line['prior']:.3f}, learned {line['learned']:.3f}", flush=True)
    print(json.dumps({"learning_curve": curve}))
    return int(any(line["difference"][1] < 0 for line in curve))


if __name__ == "__main__":
    sys.exit(main())
