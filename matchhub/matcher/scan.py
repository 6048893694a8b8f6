"""One need against very many offers: only the key of the order, in few passes over memory.

Every feature that reads numbers and sets is compared with the kinds of offers that differ in them; what it adds to the two
sides (weight · value and weight that speaks, a and b) is a row of four numbers a kind, which are added up offer by offer, a
tile that fits the cache at a time. The keys are those of `judge` to rounding; a test keeps them equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matchhub.matcher.ranking import SideWeights
from matchhub.matcher.rules import FAIL
from matchhub.matcher.table import Bools, Rows

if TYPE_CHECKING:
    from matchhub.matcher.engine import Matcher
    from matchhub.matcher.features import Feature
    from matchhub.matcher.rules import Rule
    from matchhub.matcher.table import Table

TILE = 1 << 15
Sums = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Part:
    """What a feature adds: (n, 4) sums by kind of offer (`of` is the kind of every offer), or by offer for the few offers
    `of` that it speaks for."""

    sums: Sums
    of: NDArray[np.int32] | Rows
    by_kind: bool

    def added(self, total: Sums, first: int, held: Sums) -> None:
        """Add a tile of offers that begins with `first` to their total, using `held` of the same shape."""
        if self.by_kind:
            tile = slice(first, first + len(total))
            total += np.take(self.sums, self.of[tile], axis=0, out=held[: len(total)], mode="clip")
        else:
            tile = slice(*np.searchsorted(self.of, [first, first + len(total)]))
            total[self.of[tile] - first] += self.sums[tile]


def keys(matcher: Matcher, need: Table, offers: Table, rules: Sequence[Rule]) -> NDArray[np.float32]:
    """(n_offers,) float32 key of the order for one need (a table of one row), -inf where a rule fails."""
    sides, whole = matcher.remembered(f"sides {matcher.version.version}", offers, lambda table: _sides(matcher, table))
    parts = [_part(matcher, feature, need, offers, sides) for feature in matcher.features_]
    discount = np.float32(matcher.version.silence_discount)
    found = np.empty(len(offers), dtype=np.float32)
    held = np.empty((min(TILE, len(offers)), 4), dtype=np.float32)
    for first in range(0, len(offers), TILE):
        tile = slice(first, min(first + TILE, len(offers)))
        total = np.zeros((tile.stop - first, 4), dtype=np.float32)
        for part in parts:
            part.added(total, first, held)
        found[tile] = _key(total, whole[tile], discount)
    found *= matcher.remembered(f"standing {matcher.newcomers_.factor}", offers, matcher.standing)
    found[_failing(matcher, need, offers, rules)] = -np.inf
    return found


def _sides(matcher: Matcher, offers: Table) -> tuple[tuple[SideWeights, SideWeights], NDArray[np.float32]]:
    """The weights of both sides, and (n_offers,) all weight."""
    sides = matcher.side_weights(offers)
    return sides, np.maximum(sides[0].total + sides[1].total, np.finfo(np.float32).tiny)


def _part(
    matcher: Matcher, feature: Feature, need: Table, offers: Table, sides: tuple[SideWeights, SideWeights]
) -> Part:
    kinds = matcher.kinds(feature, offers)
    weights = [side.of.get(feature.name) for side in sides]
    if kinds is not None:
        values = feature.compare(need, kinds.rows)[0]
        return Part(_sums(values, [None if weight is None else weight[:1] for weight in weights]), kinds.of, True)
    values = feature.compare(need, offers)[0]
    speaks = np.flatnonzero(~np.isnan(values))
    return Part(_sums(values[speaks], [None if w is None else w[speaks] for w in weights]), speaks, False)


def _sums(values: NDArray[np.float32], weights: Sequence[NDArray[np.float32] | None]) -> Sums:
    """(n, 4): weight · value and weight that speaks of side a, then of side b."""
    sums = np.zeros((len(values), 4), dtype=np.float32)
    speaks = ~np.isnan(values)
    told = np.where(speaks, values, np.float32(0))
    for at, weight in enumerate(weights):
        if weight is not None:
            np.multiply(weight, told, out=sums[:, 2 * at])
            np.multiply(weight, speaks, out=sums[:, 2 * at + 1])
    return sums


def _key(total: Sums, whole: NDArray[np.float32], discount: np.float32) -> NDArray[np.float32]:
    """The joint score of both sides, lowered by what is not known: `ranking.score` and the key of `judge`, fused."""
    told_a, spoken_a, told_b, spoken_b = (np.ascontiguousarray(column) for column in total.T)
    tiny = np.finfo(np.float32).tiny
    mean_a = np.minimum(told_a / np.maximum(spoken_a, tiny), 1)
    mean_b = np.minimum(told_b / np.maximum(spoken_b, tiny), 1)
    np.copyto(mean_a, mean_b, where=spoken_a == 0)
    np.copyto(mean_b, mean_a, where=spoken_b == 0)
    coverage = (spoken_a + spoken_b) / whole
    key: NDArray[np.float32] = np.sqrt(mean_a * mean_b) * (1 - discount * (1 - coverage))
    return key


def _failing(matcher: Matcher, need: Table, offers: Table, rules: Sequence[Rule]) -> Bools:
    """(n_offers,) whether a rule fails."""
    failing = np.zeros(len(offers), dtype=bool)
    for rule in rules:
        kinds = matcher.kinds(rule, offers)
        fails = rule.judge(need, offers if kinds is None else kinds.rows)[0] == FAIL
        if fails.any():
            failing |= fails if kinds is None else fails[kinds.of]
    return failing


def top_rows(found: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """The k largest finite keys, largest first, ties to the lower row: by a partition, so that only few are sorted."""
    count = min(k, len(found))
    if count <= 0:
        return np.zeros(0, np.int64)
    least = np.partition(found, len(found) - count)[len(found) - count]
    chosen = np.flatnonzero((found >= least) & np.isfinite(found))
    return chosen[np.argsort(-found[chosen], kind="stable")][:count]
