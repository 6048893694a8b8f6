"""Plans of meetings one to one: time, distance from the best, and what they gain over the greedy planner, in one run.

    .venv/bin/python -m benchmarks.meetings [--seconds 60] [--people 20x8,60x30,200x100]

Makes its own programmes (12 slots, fewer tables than firms, one meeting at least and six at most for each investor, four at
least for each firm; wishes must / gladly / no; everybody there all the time, and a fifth of the slots away at random), plans
each, and asks two rivals: HiGHS with one binary variable for each pair and slot, given so many seconds, and the greedy
planner. HiGHS does not look at its clock while it solves its first relaxation: it is ended from outside, and that is told.
Then three people go missing after slot 4 and the plan is mended.

The bars: no plan breaks a rule, the stated gap is true (HiGHS proves nothing better than our bound), at most 1 % from the
best, 15 s for the largest, never worth less than greedy's.
"""

import argparse
import json
import multiprocessing
import sys
import time
from typing import Any

import numpy as np

from benchmarks.exact_meetings import Exact, exact, greedy
from matchhub.matcher.groups import Plan, plan, Programme, repair, Side

SLOTS, MOST_GAP, MOST_SECONDS = 12, 0.01, 15.0


def programme(investors: int, firms: int, away: float, seed: int) -> Programme:
    """Wishes as they come: a fifth of the pairs a no, one in twelve a must, the fit for the rest."""
    random = np.random.default_rng(seed)
    worth = random.random((investors, firms)) + 0.01
    worth[random.random(worth.shape) < 1 / 12] += 3.0
    worth[random.random(worth.shape) < 1 / 5] = np.nan
    free = [random.random((n, SLOTS)) >= away for n in (investors, firms)]
    tables = np.full(SLOTS, max(1, int(0.7 * firms)))
    least, most = np.ones(investors, dtype=np.int64), np.full(investors, 6)
    return Programme(
        worth, tables, Side(free[0], least, most), Side(free[1], np.full(firms, 4), np.full(firms, SLOTS - 1))
    )


def broken(given: Programme, found: Plan) -> list[str]:
    """Which rules a plan breaks."""
    meetings, wrong = found.meetings, []
    for side, people in (("a", given.a), ("b", given.b)):
        seen = [(getattr(m, side), m.slot) for m in meetings]
        wrong += ["twice in a slot"] * (len(set(seen)) < len(seen))
        wrong += ["away"] * (not all(people.free[who, slot] for who, slot in seen))
        wrong += ["too many"] * bool((np.bincount([who for who, _ in seen], minlength=len(people)) > people.most).any())
    wrong += ["pair twice"] * (len({(m.a, m.b) for m in meetings}) < len(meetings))
    wrong += ["table twice"] * (len({(m.slot, m.table) for m in meetings}) < len(meetings))
    wrong += ["no table"] * any(m.table is None or m.table >= given.tables[m.slot or 0] for m in meetings)
    wrong += ["a no"] * any(np.isnan(given.worth[m.a, m.b]) for m in meetings)
    return wrong


def asked_of_highs(given: Programme, seconds: float) -> Exact | None:
    """What HiGHS found within so many seconds, half as many more for what it does without looking at its clock."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        answer = pool.apply_async(exact, (given,), {"seconds": seconds})
        try:
            return answer.get(timeout=1.5 * seconds)
        except multiprocessing.TimeoutError:
            return None


def measured(investors: int, firms: int, away: float, seconds: float) -> dict[str, Any]:
    """One programme: ours, both rivals, and the repair."""
    given = programme(investors, firms, away, seed=investors)
    started = time.perf_counter()
    ours = plan(given)
    took = time.perf_counter() - started
    started = time.perf_counter()
    best = asked_of_highs(given, seconds)
    exact_took = time.perf_counter() - started
    by_hand = greedy(given)
    started = time.perf_counter()
    mended = repair(given, ours, now=4, a={0: 4, 1: 5}, b={2: 6})
    row = {
        "people": f"{investors}x{firms}",
        "away": away,
        "meetings": len(ours.meetings),
        "seconds": round(took, 2),
        "worth": round(ours.worth, 2),
        "bound": round(ours.bound, 2),
        "gap": round(ours.gap, 6),
        "highs_worth": round(best.worth, 2) if best else None,
        "highs_bound": round(best.bound, 2) if best and np.isfinite(best.bound) else None,
        "highs_proved": bool(best and best.proved),
        "highs_seconds": round(exact_took, 1),
        "over_greedy": round(ours.worth / by_hand - 1, 4),
        "repair_seconds": round(time.perf_counter() - started, 2),
        "repair_changes": len(mended.change),
        "repair_people": len(mended.change.people),
        "broken": broken(given, ours),
    }
    true_bound = best is None or best.worth <= ours.bound + 1e-4
    row["met"] = bool(
        not row["broken"]
        and true_bound
        and ours.gap <= MOST_GAP
        and took <= MOST_SECONDS
        and ours.worth >= by_hand - 1e-6
    )
    return row


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--seconds", type=float, default=60.0, help="how long HiGHS may look for each")
    parser.add_argument("--people", default="20x8,60x30,200x100", help="investors x firms, by commas")
    asked = parser.parse_args()
    rows = []
    for size in asked.people.split(","):
        investors, firms = map(int, size.split("x"))
        for away in (0.0, 0.2):
            row = measured(investors, firms, away, asked.seconds)
            rows.append(row)
            print(
                "{people:>8} away {away:.0%}: {meetings} meetings, {seconds} s, gap {gap:.4%} | HiGHS {highs_worth} of our "
                "{worth} in {highs_seconds} s, proved {highs_proved} | {over_greedy:+.1%} over greedy | mended in "
                "{repair_seconds} s: {repair_changes} changes, {repair_people} people".format(**row),
                flush=True,
            )
    met = all(row["met"] for row in rows)
    print(json.dumps({"met": met, "slots": SLOTS, "programmes": rows}))
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
