"""Attention is scarce: lists are filled together, so that nobody stands in more of them than can be answered, and nobody
who is worth a look in none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from matchhub.matcher.ranking import Pairs
from matchhub.matcher.table import Bools, Floats, Rows, Table
from matchhub.matcher.weights import Exposure

SWEEPS = 8
SPREAD_OVER = 50
"""The standing of a pair is told in standard deviations of its list's first pairs."""
LEAST_SPREAD = 0.01
NEAR = 5
NOWHERE = -1


def attention(place: Rows, length: int) -> Floats:
    """(n,) how far a place is read: 1 the first one, 1 / log2(1 + place) the others (the discount of DCG), 0 beyond `length`."""
    return np.where(place <= length, 1 / np.log2(1 + place), 0.0)


def standing(owner: Rows, key: NDArray[np.float32], place: Rows) -> Floats:
    """(n_pairs,) how far each pair falls behind the best of its owner's list, in standard deviations of the list's first
    SPREAD_OVER log keys: the same step means the same in lists of any scale. `place` must follow from the keys."""
    logs = np.log(np.maximum(key.astype(np.float64), 1e-9))
    _, list_of = np.unique(owner, return_inverse=True)
    best = np.full(int(list_of.max(initial=-1)) + 1, -np.inf)
    np.maximum.at(best, list_of, logs)
    behind, near = logs - best[list_of], place <= SPREAD_OVER
    count = np.maximum(np.bincount(list_of, near), 1)
    mean = np.bincount(list_of, np.where(near, behind, 0)) / count
    variance = np.bincount(list_of, np.where(near, (behind - mean[list_of]) ** 2, 0)) / count
    return np.asarray(behind / np.maximum(np.sqrt(variance), LEAST_SPREAD)[list_of])


def shares(capacity: Floats, total: float) -> Floats:
    """(n_offers,) the attention that each offer can take: its capacity where there is room for all, else its part of
    `total` by capacity."""
    whole = float(capacity.sum())
    return np.maximum(capacity * max(1.0, total / whole), 1e-9) if whole else np.ones_like(capacity)


def prices(pairs: Pairs, capacity: Floats, exposure: Exposure, length: int) -> Floats:
    """(n_offers,) what standing in a list costs each offer, in standard deviations: strength · log(1 + attention / share).

    Attention follows from the lists and the lists from the prices: SWEEPS half steps towards the balance of both. What
    stands far below a list's end draws nothing and is left out.
    """
    pairs = pairs.at(np.flatnonzero(pairs.place <= NEAR * length))
    stands, nothing = standing(pairs.need, pairs.key, pairs.place), np.zeros(len(capacity))
    drawn = _drawn(pairs, stands, nothing, length)
    share = shares(capacity, float(drawn.sum()))
    for _ in range(SWEEPS):
        cost = exposure.strength * np.log1p(drawn / share)
        drawn = (drawn + _drawn(pairs, stands, cost, length)) / 2
    return np.asarray(exposure.strength * np.log1p(drawn / share))


def _drawn(pairs: Pairs, stands: Floats, cost: Floats, length: int) -> Floats:
    """(n_offers,) the attention that each offer gets at these prices."""
    place = places(pairs.need, stands - cost[pairs.offer])
    return np.bincount(pairs.offer, attention(place, length), minlength=len(cost)).astype(np.float64)


def places(owner: Rows, key: Floats) -> Rows:
    """(n,) the place of each pair in its owner's list by falling key, from 1; ties stay in the given order."""
    order = np.lexsort((-key, owner))
    starts = np.flatnonzero(np.diff(owner[order], prepend=NOWHERE))
    place = np.empty(len(owner), dtype=np.int64)
    place[order] = np.arange(len(owner)) - np.repeat(starts, np.diff([*starts, len(owner)])) + 1
    return place


def spread(
    pairs: Pairs,
    price: Floats,
    exposure: Exposure,
    length: int,
    *,
    houses: Rows | None = None,
    seen: Bools | None = None,
    eligible: Bools | None = None,
) -> Pairs:
    """The needs' lists in the order that they are shown: prices taken off, houses spread, places kept for the unseen.

    pairs: the best of every need, deeper than `length`, as `best` leaves them; houses: (n_offers,) whose offer it is;
    seen: (n_offers,) who stands in another list already; eligible: (n_pairs,) who may be given a kept place.
    The key of the result is minus the place; scores are untouched.
    """
    stands = standing(pairs.need, pairs.key, pairs.place) - price[pairs.offer]
    if houses is not None and exposure.repeat:
        stands = stands - exposure.repeat * repeats(pairs.need, houses[pairs.offer], stands)
    place = places(pairs.need, stands).astype(np.float64)
    kept = round(exposure.reserved * length)
    if kept:
        at, turn = reserve(pairs, place.astype(np.int64), length, kept, len(price), seen, eligible)
        place[at] = np.ceil((turn + 1) * length / kept) - turn - 0.5
    order = np.lexsort((place, pairs.need))
    final = places(pairs.need[order], -place[order])
    return replace(pairs.at(order), place=final, key=(-final).astype(np.float32))


def repeats(owner: Rows, house: Rows, key: Floats) -> Rows:
    """(n_pairs,) how many offers of the same house stand above in the same list."""
    _, of_house = np.unique(np.column_stack([owner, house]), axis=0, return_inverse=True)
    return places(of_house.reshape(-1), key) - 1


def reserve(
    pairs: Pairs,
    place: Rows,
    length: int,
    kept: int,
    offers: int,
    seen: Bools | None = None,
    eligible: Bools | None = None,
) -> tuple[Rows, Rows]:
    """Which pairs get the `kept` last places of the lists, and which of them (0 the first): offers that stand in no list,
    each in the list in which it stands highest. Rounds of proposals, so that nothing loops over pairs."""
    shown = np.zeros(offers, dtype=bool) if seen is None else seen.copy()
    shown[pairs.offer[place <= length - kept]] = True
    room = np.full(int(pairs.need.max(initial=0)) + 1, kept)
    open_ = ~shown[pairs.offer] & (place > length - kept)
    if eligible is not None:
        open_ &= eligible
    waiting = np.flatnonzero(open_)
    waiting = waiting[np.lexsort((pairs.need[waiting], place[waiting]))]
    chosen: list[Rows] = []
    while len(waiting):
        _, first = np.unique(pairs.offer[waiting], return_index=True)  # each offer asks where it stands highest
        asks = waiting[np.sort(first)]
        granted = asks[places(pairs.need[asks], -place[asks].astype(np.float64)) <= room[pairs.need[asks]]]
        chosen.append(granted)
        room -= np.bincount(pairs.need[granted], minlength=len(room))
        shown[pairs.offer[granted]] = True
        waiting = waiting[~shown[pairs.offer[waiting]] & (room[pairs.need[waiting]] > 0)]
    at = np.concatenate([np.zeros(0, np.int64), *chosen])
    return at, places(pairs.need[at], -place[at].astype(np.float64)) - 1


def capped(pairs: Pairs, most: NDArray[np.int64], length: int) -> Pairs:
    """Lists in which no offer stands more than `most` times ((n_offers,)): deferred acceptance of whole lists.

    Every need asks for its best `length` offers; an offer over its limit keeps those lists in which it stands best; who is
    refused asks the next. The result is stable; a list may end up shorter.
    """
    stands = standing(pairs.need, pairs.key, pairs.place)
    free = np.ones(len(pairs), dtype=bool)
    while True:
        alive = np.flatnonzero(free)
        asking = alive[places(pairs.need[alive], stands[alive]) <= length]
        order = places(pairs.offer[asking], stands[asking])
        refused = asking[order > most[pairs.offer[asking]]]
        if not len(refused):
            held = pairs.at(asking)
            place = places(held.need, stands[asking])
            return replace(held, place=place, key=(-place).astype(np.float32))
        free[refused] = False


@dataclass(frozen=True, slots=True)
class Spreading:
    """What a market's offers pay for the attention they get, as the last comparison of everything found it, and whose each
    offer is: for lists that are made or changed one at a time until everything is compared again."""

    exposure: Exposure
    price: Mapping[Any, float]
    house: Mapping[Any, int]

    @classmethod
    def of(cls, pairs: Pairs, offers: Table, exposure: Exposure, length: int, share: float = 1.0) -> Self:
        """From the lists of a sample of the needs (`share` of all), deeper than `length`. Columns of the offers that are
        read: capacity (NaN: as the others in the middle), house (NaN: its own)."""
        capacity = capacity_of(offers) * share
        price = prices(pairs, capacity, exposure, length)
        return cls(exposure, dict(zip(offers.ids, price.tolist(), strict=True)), _houses(offers))

    def priced(self, ids: Sequence[Any]) -> Floats:
        """(n,) the price of each offer; who is new pays nothing yet."""
        return np.array([self.price.get(one, 0.0) for one in ids], dtype=np.float64)

    def order(self, keys: Sequence[float], ids: Sequence[Any]) -> Rows:
        """The order of one list of offers with these keys, as positions in it."""
        key, owner = np.array(keys, dtype=np.float32), np.zeros(len(keys), dtype=np.int64)
        stands = standing(owner, key, places(owner, key.astype(np.float64))) - self.priced(ids)
        house = np.array([self.house.get(one, -1 - at) for at, one in enumerate(ids)], dtype=np.int64)
        stands = stands - self.exposure.repeat * repeats(owner, house, stands)
        return np.asarray(np.argsort(-stands, kind="stable"), dtype=np.int64)


USUAL_CAPACITY = 20.0


def capacity_of(offers: Table) -> Floats:
    """(n_offers,) the capacity that each declares, at least a little; who declares none has the median of the others."""
    declared = offers.number("capacity")
    known = declared[~np.isnan(declared)]
    usual = float(np.median(known)) if len(known) else USUAL_CAPACITY
    return np.maximum(np.where(np.isnan(declared), usual, declared), 0.5)


def houses_of(offers: Table) -> Rows:
    """(n_offers,) whose offer each is; one that is nobody's known is a house of its own."""
    house = offers.number("house")
    return np.where(np.isnan(house), -1 - np.arange(len(offers)), np.nan_to_num(house)).astype(np.int64)


def _houses(offers: Table) -> dict[Any, int]:
    return dict(zip(offers.ids, houses_of(offers).tolist(), strict=True))
