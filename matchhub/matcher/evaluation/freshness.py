"""How lists keep as time goes on: weights fixed at the cut, while the past that they read moves on as in the running product.

Later queries may simply be harder. So the same is asked of weights that were learned anew as each quarter began: what those lose
too is no matter of freshness.

For a query nothing on or after the first day of its step is seen. New investors, who took no part before the cut, are offers
too: they have registered, and have a past only from their first round on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matchhub.matcher.engine import Matcher
from matchhub.matcher.evaluation.dataset import before, Dataset, history_of, load, offers_table, read, Record
from matchhub.matcher.evaluation.metrics import Bootstrap, DEPTH, Interval
from matchhub.matcher.history import History
from matchhub.matcher.refining import as_of

QUARTERS = 4
KEEPING = ("fixed", "moving", "relearned")
TOP = 10


@dataclass(frozen=True, slots=True, eq=False)
class Unfolding:
    """A task with what came after its cut: all rounds up to the window's end with their days, the day of every query, and per
    query who really took part, new investors (rows of `offers` from len(data.offers) on) among them."""

    data: Dataset
    rounds: Sequence[Record]
    firms: dict[str, Record]
    offers: Any
    asked_on: Sequence[date]
    truth: Sequence[frozenset[int]]


def unfolding(folder: Path, dataset: str, window: str, task: str) -> Unfolding:
    """Read a task and what followed; only for measuring how lists keep."""
    data = load(folder, dataset, window, task)
    investments = read(folder / f"{dataset}_investments.csv.gz")
    queries = {row["startup_id"]: row for row in read(folder / f"{dataset}_{window}_{task}_queries.csv.gz")}
    path = folder / f"{dataset}_mandates.csv.gz"
    asked_on = [date.fromisoformat(queries[need]["date"]) for need in data.needs.ids]
    last = max(asked_on)
    rounds = before(investments, lambda row: date.fromisoformat(row["date"]), last + timedelta(days=1))
    rounds.sort(key=lambda row: row["date"])
    old = set(data.offers.ids)
    ids = [*data.offers.ids, *sorted({row["investor_id"] for row in rounds} - old)]
    place, row_of = ({one: at for at, one in enumerate(them)} for them in (ids, data.needs.ids))
    truth: list[set[int]] = [{offer for offer in right if offer >= 0} for right in data.truth]
    for row in rounds:
        at = row_of.get(row["startup_id"])
        if at is not None and row["investor_id"] not in old and row["date"] == asked_on[at].isoformat():
            truth[at].add(place[row["investor_id"]])
    firms = {row["startup_id"]: row for row in read(folder / f"{dataset}_startups.csv.gz")}
    offers = offers_table(ids, read(path) if path.exists() else [])
    return Unfolding(data, rounds, firms, offers, asked_on, [frozenset(right) for right in truth])


def steps(asked_on: Sequence[date], start: date, every: int) -> Iterator[tuple[date, list[int]]]:
    """(first day, rows of the queries) of each step of so many days that has queries."""
    found: dict[int, list[int]] = {}
    for row, day in enumerate(asked_on):
        found.setdefault((day - start).days // every, []).append(row)
    for step in sorted(found):
        yield start + timedelta(days=step * every), found[step]


def freshness(
    told: Unfolding, matcher: Matcher, learn: Callable[[History], Matcher], bootstrap: Bootstrap, every: int = 7
) -> dict[str, Any]:
    """recall@10 by quarter of the window with the past of the cut, with one that moves, and with weights learned anew from a
    past (`learn`) at each quarter's first step; what the last quarter keeps of the first, with its interval; and new investors:
    their share of all pairs, how many have a past by then, and recall on them."""
    start, data = told.data.cut, told.data
    fixed, anew, of_quarter = as_of(matcher, _history(told, start), told.offers), matcher, 0
    lists: dict[str, list[list[int]]] = {name: [[] for _ in data.needs.ids] for name in KEEPING}
    with_past: list[set[Any]] = [set() for _ in data.needs.ids]
    for day, rows in steps(told.asked_on, start, every):
        history = _history(told, day)
        known = set(history.offer_ids)
        reached = max(_quarter(told, told.asked_on[row]) for row in rows)
        if reached > of_quarter:
            of_quarter, anew = reached, learn(history)
        models = (fixed, as_of(matcher, history, told.offers), as_of(anew, history, told.offers))
        for name, model in zip(KEEPING, models, strict=True):
            for row, listed in zip(rows, _lists(model, told, rows), strict=True):
                lists[name][row], with_past[row] = listed, known
    old = len(data.offers)
    reachable = [frozenset(offer for offer in right if offer < old) for right in told.truth]
    return {
        "freshness": _by_quarter(told, reachable, lists, bootstrap),
        "new_investors": _new(told, lists["moving"], with_past, old),
    }


def _history(told: Unfolding, day: date) -> History:
    """The rounds before a day."""
    return history_of(before(told.rounds, _day, day), told.firms)


def _quarter(told: Unfolding, day: date) -> int:
    """Which quarter of the window's days, from 0."""
    return min(QUARTERS - 1, QUARTERS * (day - told.data.cut).days // max(told.data.days, 1))


def _day(row: Record) -> date:
    return date.fromisoformat(row["date"])


def _lists(matcher: Matcher, told: Unfolding, rows: Sequence[int]) -> list[list[int]]:
    needs = told.data.needs.take(list(rows))
    known = {row: at for at, row in enumerate(rows)}
    excluded = [
        (told.data.needs.ids[row], told.data.offers.ids[offer], "known")
        for row, offer in told.data.known
        if row in known
    ]
    best = matcher.rank(needs, told.offers, DEPTH, excluded).by_need
    return [best.offer[best.need == at].tolist() for at in range(len(rows))]


def _by_quarter(
    told: Unfolding, truth: Sequence[frozenset[int]], lists: dict[str, list[list[int]]], bootstrap: Bootstrap
) -> dict[str, Any]:
    """Quarters are of the window's days; new investors do not count here, so that it is the figure of the task."""
    held = [(at, right, _quarter(told, told.asked_on[at])) for at, right in enumerate(truth) if right]
    found: dict[str, Any] = {"queries": [sum(where == one for *_, where in held) for one in range(QUARTERS)]}
    for name, listed in lists.items():
        recall = [
            np.array([len(right & set(listed[at][:TOP])) / len(right) for at, right, where in held if where == one])
            for one in range(QUARTERS)
        ]
        found[name] = [round(float(part.mean()), 4) if len(part) else None for part in recall]
        found[f"{name}_kept"] = _kept(recall[0], recall[-1], bootstrap)
    return found


def _kept(first: NDArray[np.float64], last: NDArray[np.float64], bootstrap: Bootstrap) -> Interval | None:
    """What the last quarter's mean is of the first's, with the interval of both drawn anew. None where nothing can be kept."""
    if not len(last) or not first.sum():
        return None
    means = [bootstrap.counts(len(part)) @ part / len(part) for part in (first, last)]
    drawn = means[1][means[0] > 0] / means[0][means[0] > 0]
    low, high = np.quantile(drawn, (0.025, 0.975))
    return {"mean": round(float(last.mean() / first.mean()), 3), "low": round(low, 3), "high": round(high, 3)}


def _new(told: Unfolding, lists: Sequence[Sequence[int]], with_past: Sequence[set[Any]], old: int) -> dict[str, Any]:
    pairs = [(at, offer) for at, right in enumerate(told.truth) for offer in right]
    new = [(at, offer) for at, offer in pairs if offer >= old]
    known = [told.offers.ids[offer] in with_past[at] for at, offer in new]

    def recall(k: int) -> float:
        return round(float(np.mean([offer in lists[at][:k] for at, offer in new])), 4) if new else 0.0

    places = [sum(offer >= old for offer in listed[:TOP]) for listed in lists]
    return {
        "pairs": len(new),
        "share": round(len(new) / max(1, len(pairs)), 4),
        "with_a_past_by_then": int(sum(known)),
        "recall@10": recall(TOP),
        "recall@50": recall(DEPTH),
        "share_of_places@10": round(float(np.sum(places)) / max(1, sum(len(one[:TOP]) for one in lists)), 4),
    }
