"""Who shall meet whom, slots aside: the best set of pairs under everybody's bounds, which also bounds every plan from above."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_matrix, hstack, vstack

from matchhub.matcher.groups.programme import Bools, Programme, Values, Whole


@dataclass(frozen=True, slots=True)
class Choice:
    """chosen: (n_a, n_b) who meets; bound: no plan's worth can be more (`worth_of` tells a plan's)."""

    chosen: Bools
    bound: float


def reward(programme: Programme) -> float:
    """What a meeting is worth to somebody who has fewer than the least, beside its own worth: more than any meeting."""
    return float(np.nanmax(programme.worth, initial=0.0)) + 1.0


def worth_of(programme: Programme, pairs: Bools) -> float:
    """What a set of pairs is worth: the meetings', and the reward for each that brings somebody nearer the least."""
    short = sum(
        int(np.minimum(pairs.sum(axis=axis), np.minimum(side.least, side.room)).sum())
        for axis, side in ((1, programme.a), (0, programme.b))
    )
    return float(np.nan_to_num(programme.worth)[pairs].sum()) + reward(programme) * short


def choose(programme: Programme) -> Choice:
    """The best pairs under most, least, tables · slots and locks.

    A flow from the first side to the second, each person's arc split in two: up to the least with the reward, beyond it
    without. Its matrix is a network's, so the vertex that the simplex method ends at is whole numbers (Hoffman and
    Kruskal 1956). Keeping a meeting of the current plan is worth `stay`; the bound is without it.
    """
    allowed = programme.allowed
    rows, columns = np.nonzero(allowed)
    if not len(rows):
        return Choice(allowed, 0.0)
    worth = np.nan_to_num(programme.worth)[rows, columns]
    bound, taken = _flow(programme, rows, columns, worth)
    kept = _kept(programme)[rows, columns]
    if kept.any():
        _, taken = _flow(programme, rows, columns, worth + programme.stay * kept)
    return Choice(_set(allowed, rows, columns, taken), bound)


def _kept(programme: Programme) -> Values:
    kept = np.zeros(programme.worth.shape)
    for meeting in programme.current:
        kept[meeting.a, meeting.b] = 1.0
    return kept


def _set(allowed: Bools, rows: Whole, columns: Whole, taken: Values) -> Bools:
    chosen = np.zeros_like(allowed)
    chosen[rows, columns] = taken > 0.5
    return chosen


def _flow(programme: Programme, rows: Whole, columns: Whole, worth: Values) -> tuple[float, Values]:
    """The most that can be had, and how much of each pair is taken."""
    sides = ((rows, programme.a), (columns, programme.b))
    pairs, extra = len(rows), reward(programme)
    least = [np.minimum(side.least, side.room) for _, side in sides]
    more = [side.room - part for (_, side), part in zip(sides, least, strict=True)]
    people = [len(side) for _, side in sides]
    cost = np.concatenate([-worth, *(np.repeat([-extra, 0.0], n) for n in people)])
    upper = np.concatenate([np.ones(pairs), least[0], more[0], least[1], more[1]])
    lower = np.zeros(len(cost))
    lower[:pairs] = _locked(programme)[rows, columns]
    upper[:pairs] = np.maximum(upper[:pairs], lower[:pairs])
    blocks = []
    for at, (ends, _) in enumerate(sides):
        met = coo_matrix((np.ones(pairs), (ends, np.arange(pairs))), shape=(people[at], pairs))
        arcs = [coo_matrix((people[at], 2 * n)) for n in people]
        arcs[at] = hstack([-_eye(people[at]), -_eye(people[at])])
        blocks.append(hstack([met, *arcs]))
    total = np.zeros((1, len(cost)))
    total[0, :pairs] = 1.0
    there = [side.free.sum(axis=0) for _, side in sides]
    room = float(np.minimum.reduce([programme.tables, *there]).sum())
    found = linprog(
        cost, A_ub=total, b_ub=[room], A_eq=vstack(blocks).tocsr(), b_eq=np.zeros(sum(people)),
        bounds=np.column_stack([lower, upper]), method="highs-ds",
    )  # fmt: skip
    if not found.success:
        raise ValueError("the locked meetings are more than slots, tables or bounds allow")
    return -float(found.fun), found.x[:pairs]


def _locked(programme: Programme) -> Values:
    locked = np.zeros(programme.worth.shape)
    for lock in programme.locks:
        locked[lock.a, lock.b] = 1.0
    return locked


def _eye(n: int) -> coo_matrix:
    return coo_matrix((np.ones(n), (np.arange(n), np.arange(n))), shape=(n, n))
