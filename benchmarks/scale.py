"""All needs against all offers, every feature: time, memory and what is missed, beside faiss' flat search on 256 dimensions;
what one need costs as both grow; and what more processors bring.

    .venv/bin/python -m benchmarks.scale [--part faiss|growth|scaling|city|all] [--blocks 150 | --full] [--processes 2]
                                         [--svg docs/pictures/scale.svg]

The market is invented (`benchmarks/invented.py`). faiss-cpu, which is not part of MatchHub, has to be installed; it searches
random vectors of 256 numbers for the same top 50 with as many threads as there are processes. Times are the processor's, children
included, so that they hold on a machine that others use; the clock is told beside.

`faiss`: 500,000 needs against 20,000 offers. A run goes block by block of needs that ask for alike, each block alone, so its time
is told from every so many-th block (`--blocks`), or from all of them (`--full`). The sketch and the reading of the texts are part
of our time, learning from the past is not. Recall is the share of the exact 50 best (plain judge of every pair) that the lists
hold. The bar: under 4 times faiss, under 3 GB, recall@50 of at least .95.

`growth`: the same for 10 and 100 times as many needs and offers, and judged in full; `--svg` draws it.

`scaling`: 16,384 needs in one process, in two, and on a Dask cluster of two local workers: the same lists, or the status is not
0. Two blocks go ahead: what it takes until processes have started, imported and read the market is told apart.

`city`: a full run of all kinds on the demo city (built, or copied from `--city`), read and learned and written. The bar: 2 s.
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
from tempfile import TemporaryDirectory
from typing import Any

import faiss
import numpy as np
from joblib.externals.loky import get_reusable_executor
from threadpoolctl import threadpool_limits

from benchmarks.drawing import picture
from benchmarks.invented import Invented, invented
from benchmarks.searching import app_of, demo
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.matcher import equity, Matcher, Training
from matchhub.matcher.shortlist import side_by_side, Sketch
from matchhub.matcher.table import Table
from matchhub.matches.services.runs import request_full_runs, run_next

K, DIMENSIONS = 50, 256
MANY, OFFERS, ROUNDS = 500_000, 20_000, 8_000
MOST, BLOCK = 200, 128
SIZES = tuple((needs, offers) for offers in (200, 2_000, 20_000) for needs in (2_000, 20_000, 200_000))
SCALED = 16_384
NEEDED = {"faiss": MANY, "growth": max(needs for needs, _ in SIZES), "scaling": SCALED}
CITY_S = 2.0
GROWN = 12
"""Blocks that are timed for each size."""


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
    parser.add_argument("--part", choices=("faiss", "growth", "scaling", "city", "all"), default="faiss")
    parser.add_argument("--full", action="store_true", help="time every block of the 500,000 needs")
    parser.add_argument("--blocks", type=int, default=150, help="how many of them to time otherwise")
    parser.add_argument("--processes", type=int, default=1, help="for --full")
    parser.add_argument("--city", type=Path, help="a demo city that is there, for --part city")
    parser.add_argument("--svg", type=Path, help="where to draw the growth of the cost of one need")
    arguments = parser.parse_args()
    parts = ("faiss", "growth", "scaling", "city") if arguments.part == "all" else (arguments.part,)
    found: dict[str, Any] = {"benchmark": "scale"}
    if "city" in parts:
        found |= city_matched(arguments.city)
    found |= on_a_market(arguments, [part for part in parts if part in NEEDED])
    met = found.get("ratio", 0) < 4 and found.get("peak_mb", 0) < 3_000 and found.get("recall@50", 1) >= 0.95
    found["met"] = bool(met and found.get("same_lists", True) and found.get("city_cpu_s", 0) < CITY_S)
    print(json.dumps(found))
    return 0 if found["met"] else 1


def on_a_market(arguments: argparse.Namespace, parts: list[str]) -> dict[str, Any]:
    """What is measured on the invented market."""
    if not parts:
        return {}
    found: dict[str, Any] = {}
    market, matcher = market_of(max(NEEDED[part] for part in parts))
    if "faiss" in parts:
        matcher.compute = str(arguments.processes)
        found |= against_faiss(market, matcher, None if arguments.full else arguments.blocks, arguments.processes)
    if "growth" in parts:
        found["growth"] = [cost_of_one(market, matcher, *size) for size in SIZES]
    if arguments.svg and "growth" in parts:
        arguments.svg.write_text(picture(found["growth"]), encoding="utf-8")
    if "scaling" in parts:
        found |= scaled(market, matcher)
    return found


def city_matched(ready: Path | None) -> dict[str, Any]:
    """A full run of every kind, the third after two that warm up: seconds of the clock and of the processor."""
    with TemporaryDirectory() as held:
        demo(Path(held), ready)
        with app_of(Path(held)).app_context():
            for _ in range(3):
                with spending() as spent:
                    with unit_of_work():
                        runs = len(request_full_runs(now=utcnow()))
                    while run_next(now=utcnow()) is not None:
                        pass
            db.session.remove()
            db.engine.dispose()
    found = {"city_wall_s": round(spent.wall, 2), "city_cpu_s": round(spent.cpu, 2)}
    told(f"demo city, {runs} kinds", f"{found['city_wall_s']} s by the clock, {found['city_cpu_s']} s of the processor")
    return found


def told(name: str, value: object) -> None:
    """One line of the table."""
    print(f"{name:>28}  {value}", flush=True)


def market_of(needs: int) -> tuple[Invented, Matcher]:
    """A market, and a matcher that has learned from its past."""
    market = invented(needs, OFFERS, ROUNDS)
    few = market.needs.take(slice(0, 5_000))
    matcher = Matcher(equity(training=Training(queries=100), second=None), block=BLOCK)
    return market, matcher.fit(few, market.offers, market.history)


def blocks_of(needs: Table, count: int | None) -> list[Table]:
    """Blocks of needs as a run makes them: all, or so many evenly spaced ones."""
    order = side_by_side(needs)
    starts = np.arange(0, len(order), BLOCK)
    if count is not None and count < len(starts):
        starts = starts[np.linspace(0, len(starts) - 1, count).astype(int)]
    return [needs.take(order[first : first + BLOCK]) for first in starts.tolist()]


def lists_of(matcher: Matcher, needs: Table, offers: Table, sketch: Sketch) -> np.ndarray:
    """(n_needs, K) offers of each list, -1 beyond its end."""
    lists = np.full((len(needs), K), -1, dtype=np.int32)
    for pairs in matcher.shortlisted(needs, offers, K, sketch=sketch, most=MOST):
        lists[pairs.need, pairs.place - 1] = pairs.offer
    return lists


def against_faiss(market: Invented, matcher: Matcher, count: int | None, processes: int) -> dict[str, Any]:
    """Ours and theirs, one after the other; the ratio for 500,000 needs counts what is done once."""
    with spending() as learning:
        sketch = Sketch().fit(matcher, market.needs, market.offers, matcher.rules())
    blocks = [market.needs] if count is None else blocks_of(market.needs, count)
    matcher.judge(market.needs.take([0]), market.offers, matcher.rules())
    with spending() as ours:
        lists = [lists_of(matcher, block, market.offers, sketch) for block in blocks]
    timed = sum(len(block) for block in blocks)
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1e3
    theirs = flat(50_000, OFFERS, processes)
    ours_s = learning.cpu + ours.cpu / timed * MANY
    found = {
        "needs": MANY,
        "needs_timed": timed,
        "sketch_cpu_s": round(learning.cpu, 1),
        "ours_ms_a_need": round(1000 * ours.cpu / timed, 3),
        "faiss_ms_a_need": round(1000 * theirs, 3),
        "ours_cpu_s_for_500k": round(ours_s, 1),
        "faiss_cpu_s_for_500k": round(theirs * MANY, 1),
        "ratio": round(ours_s / (theirs * MANY), 2),
        "wall_s": round(learning.wall + ours.wall, 1),
        "peak_mb": round(peak),
        "recall@50": round(recall(matcher, market.offers, blocks, lists), 4),
    }
    for key, value in found.items():
        told(key, value)
    return found


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


def recall(matcher: Matcher, offers: Table, blocks: list[Table], lists: list[np.ndarray], sample: int = 256) -> float:
    """The share of the exact best that the lists of a sample of needs hold; equal keys count as found."""
    random, found = np.random.default_rng(1), []
    each = max(1, sample // len(blocks))
    for at in random.choice(len(blocks), min(len(blocks), sample), replace=False).tolist():
        rows = random.choice(len(blocks[at]), min(each, len(blocks[at])), replace=False)
        keys = matcher.judge(blocks[at].take(rows), offers, matcher.rules()).key
        for row, key in zip(rows, keys, strict=True):
            held, best = lists[at][row][lists[at][row] >= 0], np.sort(key[np.isfinite(key)])[-K:]
            found.append(np.sum(key[held] >= best[0] - 1e-6) / len(best))
    return float(np.mean(found))


def cost_of_one(market: Invented, matcher: Matcher, needs: int, offers: int) -> tuple[int, int, float, float]:
    """Milliseconds of the processor for one need in a run of so many: by the sketch (learned apart), and judged in full."""
    asked, offered = market.needs.take(slice(0, needs)), market.offers.take(slice(0, offers))
    sketch = Sketch(sample=1_000).fit(matcher, asked, offered, matcher.rules())
    blocks = blocks_of(asked, GROWN)
    timed = sum(len(block) for block in blocks)
    sketched = seconds(lambda: [lists_of(matcher, block, offered, sketch) for block in blocks]) / timed
    few = blocks[:2]
    exact = seconds(lambda: [matcher.rank(block, offered, K) for block in few]) / sum(len(block) for block in few)
    found = needs, offers, round(1000 * sketched, 3), round(1000 * exact, 3)
    told(f"{needs:,} × {offers:,}", f"{found[2]} ms a need by the sketch, {found[3]} ms judged in full")
    return found


def seconds(work: Callable[[], object]) -> float:
    """Of the processor."""
    with spending() as spent:
        work()
    return spent.cpu


def scaled(market: Invented, matcher: Matcher) -> dict[str, Any]:
    """Where the work is done: the clock, the processor, and whether the lists are the same to the bit."""
    needs, offers = market.needs.take(slice(0, SCALED)), market.offers
    sketch = Sketch(sample=1_000).fit(matcher, needs, offers, matcher.rules())
    found: dict[str, Any] = {}
    lists, few = [], needs.take(side_by_side(needs)[: 2 * BLOCK])
    for name, place in (("one", here), ("two", here), ("dask", cluster)):
        with spending() as whole:
            with place("2" if name == "two" else "1") as where:
                matcher.compute = where
                with spending() as start:
                    lists_of(matcher, few, offers, sketch)
                with spending() as work:
                    lists.append(lists_of(matcher, needs, offers, sketch))
            get_reusable_executor().shutdown(wait=True)
        taken = {"start_wall_s": start.wall, "wall_s": work.wall, "cpu_s": whole.cpu}
        found |= {f"{name}_{what}": round(spent, 1) for what, spent in taken.items()}
        told(
            f"{name}: {len(needs):,} needs",
            f"{work.wall:.1f} s by the clock after {start.wall:.1f} s to start, {whole.cpu:.1f} s of the processor in all",
        )
    found["same_lists"] = all(np.array_equal(lists[0], other) for other in lists[1:])
    told("the same lists", found["same_lists"])
    return found


@contextmanager
def here(processes: str) -> Iterator[str]:
    """In processes of this machine."""
    yield processes


@contextmanager
def cluster(_: str) -> Iterator[str]:
    """On a Dask cluster of two local workers of one thread each."""
    from distributed import LocalCluster  # noqa: PLC0415 -- an optional extra

    build: Any = LocalCluster
    with build(n_workers=2, threads_per_worker=1, dashboard_address=None) as held:
        yield f"dask://{held.scheduler_address.removeprefix('tcp://')}"


if __name__ == "__main__":
    sys.exit(main())
