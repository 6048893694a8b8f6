"""All needs against all offers, every feature: time, memory and what is missed, beside faiss' flat search on 256 dimensions.

    .venv/bin/python -m benchmarks.scale [--full] [--processes 2] [--svg docs/pictures/scale.svg]

The market is invented (`benchmarks/invented.py`). faiss-cpu, which is not part of MatchHub, has to be installed; it searches
random vectors of 256 numbers for the same top 50 with as many threads as there are processes. Both are linear in the needs, so
each is timed on a part of them and told for one need; `--full` times all 500,000 needs against 20,000 offers. The sketch and the
reading of the texts are part of our time, learning from the past is not. Times are the processor's, children included, so that
they hold on a machine that others use; the clock is told beside.

Recall is the share of the exact 50 best (plain judge of every pair) that the lists hold. The bar: under 4 times faiss, under
3 GB, recall@50 of at least .95.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import faiss
import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.invented import Invented, invented
from matchhub.matcher import equity, Matcher, Training
from matchhub.matcher.shortlist import Sketch

K, DIMENSIONS = 50, 256
ROUNDS = 8_000
MOST = 200
SIZES = ((2_000, 200), (2_000, 2_000), (200, 20_000), (2_000, 20_000), (8_000, 20_000))


@dataclass(slots=True)
class Spent:
    """Seconds of the processor (children included) and of the clock."""

    cpu: float = 0.0
    wall: float = 0.0


@contextmanager
def spending() -> Iterator[Spent]:
    """What a block takes."""
    spent, wall, cpu = Spent(), time.perf_counter(), _cpu()
    yield spent
    spent.wall, spent.cpu = time.perf_counter() - wall, _cpu() - cpu


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main() -> int:
    """Print figures and a JSON line; the exit status tells whether the bars were met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="500,000 needs against 20,000 offers")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--svg", type=Path, help="write the growth of the cost of one need as a picture")
    arguments = parser.parse_args()
    needs = 500_000 if arguments.full else 8_000
    market, matcher = market_of(needs, 20_000, arguments.processes)
    head = against_faiss(market, matcher, arguments.processes)
    told("needs × offers", f"{needs:,} × 20,000")
    for key, value in head.items():
        told(key, value)
    growth = [cost_of_one(market, matcher, *size) for size in SIZES]
    for needs_, offers, sketched, exact in growth:
        told(f"{needs_:,} × {offers:,}", f"{sketched:.3f} ms a need by the sketch, {exact:.3f} ms judged in full")
    if arguments.svg:
        arguments.svg.write_text(picture(growth), encoding="utf-8")
    met = head["ratio"] < 4 and head["peak_mb"] < 3_000 and head["recall@50"] >= 0.95
    print(json.dumps({"benchmark": "scale", "needs": needs, "offers": 20_000, **head, "growth": growth, "met": met}))
    return 0 if met else 1


def told(name: str, value: object) -> None:
    """One line of the table."""
    print(f"{name:>28}  {value}")


def market_of(needs: int, offers: int, processes: int = 1) -> tuple[Invented, Matcher]:
    """A market, and a matcher that has learned from its past."""
    market = invented(needs, offers, ROUNDS)
    few = market.needs.take(slice(0, 5_000))
    matcher = Matcher(equity(training=Training(queries=100), second=None), block=128, compute=str(processes))
    return market, matcher.fit(few, market.offers, market.history)


def against_faiss(market: Invented, matcher: Matcher, processes: int) -> dict[str, float]:
    """Ours and theirs, one after the other; the ratio for 500,000 needs counts what is done once."""
    needs, offers = len(market.needs), len(market.offers)
    rules = matcher.rules()
    with spending() as learning:
        sketch = Sketch().fit(matcher, market.needs, market.offers, rules)
    with spending() as ours:
        lists = np.full((needs, K), -1, dtype=np.int32)
        for pairs in matcher.shortlisted(market.needs, market.offers, K, sketch=sketch, most=MOST):
            lists[pairs.need, pairs.place - 1] = pairs.offer
    theirs = flat(needs if needs <= 20_000 else 100_000, offers, processes)
    many = 500_000
    ours_s = learning.cpu + ours.cpu / needs * many
    return {
        "sketch_cpu_s": round(learning.cpu, 1),
        "ours_ms_a_need": round(1000 * ours.cpu / needs, 3),
        "faiss_ms_a_need": round(1000 * theirs, 3),
        "ours_cpu_s_for_500k": round(ours_s, 1),
        "faiss_cpu_s_for_500k": round(theirs * many, 1),
        "ratio": round(ours_s / (theirs * many), 2),
        "ratio_without_sketch": round(ours.cpu / needs / theirs, 2),
        "wall_s": round(learning.wall + ours.wall, 1),
        "peak_mb": round(max(resource.getrusage(who).ru_maxrss for who in (0, -1)) / 1e3),
        "recall@50": round(recall(matcher, market, lists), 4),
    }


def flat(needs: int, offers: int, threads: int) -> float:
    """Seconds of the processor that faiss' exact search takes for one need."""
    random = np.random.default_rng(0)
    index = faiss.IndexFlatIP(DIMENSIONS)
    index.add(random.standard_normal((offers, DIMENSIONS), dtype=np.float32))
    asked = random.standard_normal((needs, DIMENSIONS), dtype=np.float32)
    faiss.omp_set_num_threads(threads)
    with threadpool_limits(threads), spending() as spent:
        index.search(asked, K)
    return spent.cpu / needs


def recall(matcher: Matcher, market: Invented, lists: np.ndarray, sample: int = 256) -> float:
    """The share of the exact best that the lists of a sample of needs hold; equal keys count as found."""
    rows = np.random.default_rng(1).choice(len(lists), sample, replace=False)
    found = []
    for first in range(0, sample, 64):
        part = rows[first : first + 64]
        keys = matcher.judge(market.needs.take(part), market.offers, matcher.rules()).key
        for row, key in zip(part, keys, strict=True):
            held, best = lists[row][lists[row] >= 0], np.sort(key[np.isfinite(key)])[-K:]
            found.append(np.sum(key[held] >= best[0] - 1e-6) / len(best))
    return float(np.mean(found))


def cost_of_one(market: Invented, matcher: Matcher, needs: int, offers: int) -> tuple[int, int, float, float]:
    """Milliseconds of the processor for one need in a run of so many: by the sketch (learned apart), and judged in full."""
    asked, offered = market.needs.take(slice(0, needs)), market.offers.take(slice(0, offers))
    sketch = Sketch(sample=min(1_000, needs)).fit(matcher, asked, offered, matcher.rules())
    some = asked.take(slice(0, min(needs, 256)))
    sketched = seconds(lambda: list(matcher.shortlisted(asked, offered, K, sketch=sketch, most=MOST)))
    exact = seconds(lambda: matcher.rank(some, offered, K))
    return needs, offers, round(1000 * sketched / needs, 3), round(1000 * exact / len(some), 3)


def seconds(work: Callable[[], object]) -> float:
    """Of the processor."""
    with spending() as spent:
        work()
    return spent.cpu


def picture(growth: list[tuple[int, int, float, float]]) -> str:
    """The cost of one need against the number of offers, both on logarithmic axes."""
    by_offers = [(offers, sketched, exact) for needs, offers, sketched, exact in growth if needs == 2_000]

    def at(offers: float, cost: float) -> tuple[float, float]:
        return 70 + 150 * (np.log10(offers) - 2), 240 - 60 * (np.log10(max(cost, 1e-3)) + 2)

    lines = []
    for series, colour, label in ((1, "#0052D9", "sketch, then judge"), (2, "#8A5A00", "judge every pair")):
        points = [at(row[0], row[series]) for row in by_offers]
        path = " ".join(f"{x:.0f},{y:.0f}" for x, y in points)
        lines.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        x, y = points[-1]
        lines.append(f'<text x="{x + 8:.0f}" y="{y + 4:.0f}" fill="{colour}">{label}</text>')
    for cost in (0.01, 0.1, 1, 10):
        _, y = at(100, cost)
        lines.append(f'<text x="60" y="{y + 4:.0f}" text-anchor="end">{cost:g} ms</text>')
        lines.append(f'<line x1="66" x2="440" y1="{y:.0f}" y2="{y:.0f}" stroke="#D9D9D9"/>')
    for offers in (200, 2_000, 20_000):
        x, _ = at(offers, 1)
        lines.append(f'<text x="{x:.0f}" y="280" text-anchor="middle">{offers:,} offers</text>')
    body = "\n".join(lines)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 300" font-family="sans-serif" font-size="12" role="img">\n'
        f"<title>What one need costs as the offers grow</title>\n{body}\n</svg>\n"
    )


if __name__ == "__main__":
    sys.exit(main())
