"""What it costs to spread attention: recall against coverage and Gini, with prices, kept places and hard limits; houses; joins.

    .venv/bin/python -m benchmarks.exposure [FOLDER] [--dataset vc_cb] [--task cold]
    .venv/bin/python -m benchmarks.exposure --joins-in-city [--city FOLDER]

FOLDER holds public records of rounds (default ../shared/bench/public). The matcher is fitted and every query's list ranked
once; then the lists are filled together under different settings, the product's default among them. `random` and
`popularity` stand beside. The bar: the default at least doubles coverage@10 (or reaches .9, where twice is more than all)
for at most 5 % of recall@10, and two runs give the same lists.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.listings.enums import PairingKind
from matchhub.matcher import Matcher, Pairs
from matchhub.matcher.evaluation import baselines
from matchhub.matcher.evaluation.dataset import Dataset, load, read
from matchhub.matcher.evaluation.metrics import Bootstrap, DEPTH, measure, Ranking
from matchhub.matcher.evaluation.run import recipe_for
from matchhub.matcher.exposure import capped, prices, spread
from matchhub.matcher.table import Rows
from matchhub.matcher.weights import Exposure
from matchhub.matches import engine

DEFAULT = Path(__file__).resolve().parents[2] / "shared" / "bench" / "public"
LENGTH, DEEP, AT_MOST_LOST, HOUSE = 10, 300, 0.05, 5
STRENGTHS, KEPT, LIMITS = (0.0, 0.1, 0.2, 0.4, 0.8), (0.0, 0.1, 0.2), (300, 100, 50)


def ranked(data: Dataset) -> Pairs:
    """The best DEEP offers of every query, as the product ranks them."""
    matcher = Matcher(recipe_for(data)).fit(data.needs, data.offers, data.history)
    known = [(data.needs.ids[need], data.offers.ids[offer], "known") for need, offer in data.known]
    return matcher.rank(data.needs, data.offers, DEEP, known).by_need


def ranking(pairs: Pairs, queries: int) -> Ranking:
    """Lists as the metrics read them."""
    found = np.full((queries, DEPTH), -1, dtype=np.int64)
    first = pairs.at(np.flatnonzero(pairs.place <= DEPTH))
    found[first.need, first.place - 1] = first.offer
    return found


def houses(folder: Path, data: Dataset) -> Rows:
    """Which investors bear the same first word of a name: funds of one house, as far as names tell (Chinese: two letters)."""
    names = {row["investor_id"]: row["name"] for row in read(folder / f"{data.name}_investors.csv.gz")}
    heads = [names[one].split()[0][:2] if data.name == "vc_zh" else names[one].split()[0] for one in data.offers.ids]
    return np.unique(heads, return_inverse=True)[1]


def settings(pairs: Pairs, data: Dataset, house: Rows) -> Iterator[tuple[str, Pairs]]:
    """Every way of filling the lists, by name."""
    even = np.ones(len(data.offers))
    yield "as ranked", pairs
    for kept in KEPT:
        for strength in STRENGTHS:
            exposure = Exposure(strength, kept, 0)
            price = prices(pairs, even, exposure, LENGTH)
            yield f"price {strength} kept {kept}", spread(pairs, price, exposure, LENGTH)
    exposure = Exposure()
    price = prices(pairs, even, exposure, LENGTH)
    yield "default", spread(pairs, price, exposure, LENGTH, houses=house)
    yield "houses only", spread(pairs, 0 * price, Exposure(0, 0), LENGTH, houses=house)
    near = pairs.at(np.flatnonzero(pairs.place <= 100))
    for most in LIMITS:
        yield f"hard limit {most}", capped(near, np.full(len(data.offers), most), LENGTH)


def crowded(found: Ranking, house: Rows) -> float:
    """The share of lists whose first five places hold two offers of one house."""
    first = np.where(found[:, :HOUSE] >= 0, house[found[:, :HOUSE]], -1 - np.arange(HOUSE))
    return float(np.mean([np.unique(row, return_counts=True)[1].max() >= 2 for row in first]))


def figures(found: Ranking, data: Dataset, house: Rows) -> dict[str, float]:
    told = measure(found, data.truth, len(data.offers), Bootstrap(200))
    kept = {name: told[name]["mean"] for name in ("recall@10", "ndcg@10", "coverage@10", "gini@10")}
    shown = found[:, :LENGTH]
    return {
        **kept,
        "low": told["recall@10"]["low"],
        "high": told["recall@10"]["high"],
        "most_lists": int(np.bincount(shown[shown >= 0]).max()),
        "crowded": round(crowded(found, house), 4),
    }


def joins(pairs: Pairs) -> Iterator[tuple[str, Pairs]]:
    """The same candidates ordered by one side alone or by other ways to join both; a silent side is the other's."""
    a = np.where(np.isnan(pairs.score_a), pairs.score_b, pairs.score_a)
    b = np.where(np.isnan(pairs.score_b), pairs.score_a, pairs.score_b)
    known = pairs.key / np.maximum(pairs.score, 1e-9)  # the discount for what is not known
    ways = {
        "only what the need's owner wants": a,
        "only what the offer's owner wants": b,
        "geometric mean (ours)": np.sqrt(a * b),
        "product": a * b,
        "arithmetic mean": (a + b) / 2,
        "harmonic mean": 2 * a * b / np.maximum(a + b, 1e-9),
        "the lesser": np.minimum(a, b),
    }
    for name, joint in ways.items():
        keys = np.nan_to_num(joint * known)
        order = np.lexsort((-keys, pairs.need))
        place = pairs.place[np.lexsort((pairs.place, pairs.need))]
        best = pairs.at(order)
        object.__setattr__(best, "place", place)
        yield name, best


def of_city(ready: Path | None) -> list[dict[str, Any]]:
    """On a demo city, where both sides say what they want: how many of the first ten places are one-sided (a side below
    可一试), and how good the lesser and the better side are, under each join."""
    from benchmarks.walking import build  # noqa: PLC0415 -- the whole product is only needed for a city

    found = []
    with tempfile.TemporaryDirectory() as folder:
        app = build(Path(folder) / "city", ready)
        with app.app_context():
            for kind in PairingKind:
                market = engine.Market.read(db.session(), kind, now=utcnow(), with_past=True)
                matcher = engine.fitted(db.session(), market, engine.default_spec(kind)).matcher
                pairs = matcher.rank(market.needs, market.offers, DEEP, market.exclusions).by_need
                for name, held in joins(pairs):
                    first = held.at(np.flatnonzero(held.place <= LENGTH))
                    sides = np.column_stack([first.score_a, first.score_b])
                    row = {
                        "kind": kind.value,
                        "join": name,
                        "one_sided": round(float((np.nanmin(sides, axis=1) < matcher.version.cuts["look"]).mean()), 4),
                        "lesser": round(float(np.nanmin(sides, axis=1).mean()), 4),
                        "better": round(float(np.nanmax(sides, axis=1).mean()), 4),
                    }
                    print(" ".join(f"{part:>12}" for part in map(str, row.values())), flush=True)
                    found.append(row)
            db.session.remove()
    return found


def table(rows: dict[str, dict[str, float]], base: dict[str, float]) -> None:
    print(f"{'':36}recall@10            lost  nDCG   coverage@10   gini@10  most lists  crowded")
    for name, row in rows.items():
        print(
            f"{name:36}{row['recall@10']:.4f} [{row['low']:.3f} {row['high']:.3f}] "
            f"{100 * (1 - row['recall@10'] / base['recall@10']):+5.1f}% {row['ndcg@10']:.4f} "
            f"{row['coverage@10']:.3f} ×{row['coverage@10'] / base['coverage@10']:.2f}   {row['gini@10']:.3f}    "
            f"{row['most_lists']:6}      {row['crowded']:.3f}"
        )


def met(rows: dict[str, dict[str, float]]) -> bool:
    base, ours = rows["as ranked"], rows["default"]
    wide = ours["coverage@10"] >= min(2 * base["coverage@10"], 0.9)
    return wide and ours["recall@10"] >= (1 - AT_MOST_LOST) * base["recall@10"]


def run(folder: Path, dataset: str, task: str) -> dict[str, Any]:
    started = time.perf_counter()
    data = load(folder, dataset, "dev", task)
    pairs, house = ranked(data), houses(folder, data)
    fitted = time.perf_counter() - started
    rows = {name: figures(ranking(held, len(data.needs)), data, house) for name, held in settings(pairs, data, house)}
    for name, other in (("popularity", baselines.popularity(data)), ("random", baselines.chance(data))):
        rows[name] = figures(other, data, house)
    even, ours = np.ones(len(data.offers)), Exposure()
    twice = [spread(pairs, prices(pairs, even, ours, LENGTH), ours, LENGTH, houses=house).offer for _ in range(2)]
    print(
        f"{dataset} {task}: {len(data.needs)} lists of {LENGTH}, {len(data.offers)} offers; fitted and ranked in {fitted:.0f} s"
    )
    table(rows, rows["as ranked"])
    joined = {name: figures(ranking(held, len(data.needs)), data, house) for name, held in joins(pairs)}
    print(f"\nThe first {DEEP} of each list, joined otherwise:")
    table(joined, joined["geometric mean (ours)"])
    same = bool(np.array_equal(*twice))
    return {"dataset": dataset, "task": task, "spread": rows, "joins": joined, "same": same, "ok": met(rows) and same}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=DEFAULT)
    parser.add_argument("--dataset", default="vc_cb", choices=("vc_cb", "vc_zh"))
    parser.add_argument("--task", default="cold", choices=("cold", "warm"))
    parser.add_argument("--joins-in-city", action="store_true", help="only the joins, on a demo city")
    parser.add_argument("--city", type=Path, help="the data folder of a demo city, copied; without it one is built")
    asked = parser.parse_args()
    if asked.joins_in_city:
        print(json.dumps({"joins": of_city(asked.city)}))
        return 0
    if not (asked.folder / f"{asked.dataset}_startups.csv.gz").exists():
        print(f"public records are absent: looked in {asked.folder}")
        return 2
    result = run(asked.folder, asked.dataset, asked.task)
    print(json.dumps(result, sort_keys=True))
    return 0 if result["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
