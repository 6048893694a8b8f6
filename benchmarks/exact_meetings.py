"""The rival of the plan of meetings: the whole question given to HiGHS at once, and the greedy planner that organizers use."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_matrix, csr_matrix, hstack, vstack

from matchhub.matcher.groups.choice import reward, worth_of
from matchhub.matcher.groups.programme import Programme


@dataclass(frozen=True, slots=True)
class Exact:
    """What HiGHS found, what it proved that nothing can exceed, and whether it ended by itself."""

    worth: float
    bound: float
    proved: bool


def exact(programme: Programme, *, seconds: float) -> Exact:
    """One binary variable for each pair and slot, one count for each person that reaches up to the least."""
    given = programme
    open_slots = given.tables > 0
    a, b, slot = np.nonzero(
        ~np.isnan(given.worth)[:, :, None] & given.a.free[:, None, :] & given.b.free[None, :, :] & open_slots
    )
    n, people = len(a), (len(given.a), len(given.b))
    if not n:
        return Exact(0.0, 0.0, True)
    at = np.arange(n)

    def counted(key: np.ndarray) -> csr_matrix:
        _, group = np.unique(key, return_inverse=True)
        return coo_matrix((np.ones(n), (group, at)), shape=(group.max() + 1, n)).tocsr()

    once = vstack([counted(a * given.slots + slot), counted(b * given.slots + slot), counted(a * people[1] + b)])
    per_slot = coo_matrix((np.ones(n), (slot, at)), shape=(given.slots, n)).tocsr()
    met = [
        coo_matrix((np.ones(n), (ends, at)), shape=(size, n)).tocsr() for ends, size in ((a, people[0]), (b, people[1]))
    ]
    extra = sum(people)
    meetings = vstack([once, per_slot, *met])
    most = np.concatenate([np.ones(once.shape[0]), given.tables, given.a.most, given.b.most])
    reached = hstack([-vstack(met), coo_matrix((np.ones(extra), (np.arange(extra), np.arange(extra))))])
    rows = vstack([hstack([meetings, csr_matrix((meetings.shape[0], extra))]), reached])
    least = np.concatenate([np.minimum(side.least, side.room) for side in (given.a, given.b)])
    found = milp(
        np.concatenate([-given.worth[a, b], np.full(extra, -reward(given))]),
        constraints=LinearConstraint(rows.tocsr(), -np.inf, np.concatenate([most, np.zeros(extra)])),
        integrality=np.concatenate([np.ones(n), np.zeros(extra)]),
        bounds=Bounds(0, np.concatenate([np.ones(n), least])),
        options={"time_limit": seconds},
    )
    value = -found.fun if found.fun is not None else 0.0
    return Exact(
        float(value), float(-(found.mip_dual_bound if found.mip_dual_bound is not None else -np.inf)), found.status == 0
    )


def greedy(programme: Programme) -> float:
    """Pairs by worth, each in the first slot that is free for both: what is done by hand today."""
    given = programme
    at_a, at_b = (np.zeros((len(side), given.slots), dtype=bool) for side in (given.a, given.b))
    used, met = np.zeros(given.slots, dtype=np.int64), np.zeros(given.worth.shape, dtype=bool)
    order = np.argsort(-np.nan_to_num(given.worth), axis=None, kind="stable")
    for a, b in (divmod(int(place), len(given.b)) for place in order):
        if np.isnan(given.worth[a, b]) or at_a[a].sum() >= given.a.room[a] or at_b[b].sum() >= given.b.room[b]:
            continue
        for slot in range(given.slots):
            both = given.a.free[a, slot] and given.b.free[b, slot] and not (at_a[a, slot] or at_b[b, slot])
            if both and used[slot] < given.tables[slot]:
                at_a[a, slot] = at_b[b, slot] = met[a, b] = True
                used[slot] += 1
                break
    return worth_of(given, met)
