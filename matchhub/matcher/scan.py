"""One need against very many offers: only the key of the order, in few passes over memory.

Every feature and rule that reads numbers and sets is compared with the kinds of offers that differ in them. What a feature adds
to the two sides (weight · value and weight that speaks, a and b) is a row of four numbers a kind; a rule that fails makes it
minus infinity. Bundles of them (`bundles`) are added up kind by kind, then offer by offer, a tile that fits the cache at a time.
The keys are those of `judge` to rounding; a test keeps them equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matchhub.matcher.bundles import added_up, Bundle, bundled
from matchhub.matcher.ranking import SideWeights
from matchhub.matcher.rules import FAIL
from matchhub.matcher.table import Bools, Rows

if TYPE_CHECKING:
    from matchhub.matcher.engine import Matcher
    from matchhub.matcher.features import Feature
    from matchhub.matcher.rules import Rule
    from matchhub.matcher.table import Table

TILE = 1 << 15
STEP, FEWEST = 16, 1 << 16
"""From so many keys on, the least of the best is guessed from every so many-th."""

Sums = NDArray[np.float32]
Sides = tuple[SideWeights, SideWeights]
Weighed = Sequence[NDArray[np.float32] | None]
SIDES = (0, 2)
"""Where a side's sum of weight · value stands; the weight that speaks stands after it."""


@dataclass(slots=True)
class Parts:
    """What all comparisons say of one need: `by_kind`, what each kind of offers is told; the sums of each bundle; (n_offers,)
    values that are weighed alike for every offer, with the weights of both sides; the sums of a few offers; and (n_offers,)
    whether a rule that sees no kinds fails."""

    by_kind: dict[str, list[Sums]] = field(default_factory=dict)
    bundles: list[tuple[Bundle, Sums]] = field(default_factory=list)
    dense: list[tuple[NDArray[np.float32], list[np.float32]]] = field(default_factory=list)
    few: list[tuple[Rows, Sums]] = field(default_factory=list)
    failing: Bools | None = None

    def told(self, name: str, sums: Sums) -> None:
        """Kinds by name are told something."""
        self.by_kind.setdefault(name, []).append(sums)

    def added(self, total: Sums, first: int) -> None:
        """Put the sums of a tile of offers that begins with `first` into `total`."""
        tile = slice(first, first + len(total))
        total[:] = 0
        for bundle, sums in self.bundles:
            total += np.take(sums, bundle.of[tile], axis=0, mode="clip")
        for values, weights in self.dense:
            for at, weight in zip(SIDES, weights, strict=True):
                if weight:
                    total[:, at] += values[tile] * weight
        for rows, sums in self.few:
            here = slice(*np.searchsorted(rows, [first, first + len(total)]))
            total[rows[here] - first] += sums[here]


def keys(matcher: Matcher, need: Table, offers: Table, rules: Sequence[Rule]) -> NDArray[np.float32]:
    """(n_offers,) float32 key of the order for one need (a table of one row), -inf where a rule fails."""
    sides, whole = matcher.remembered(f"sides {matcher.version.version}", offers, lambda table: _sides(matcher, table))
    parts = _parts(matcher, need, offers, rules, sides)
    discount = np.float32(matcher.version.silence_discount)
    found = np.empty(len(offers), dtype=np.float32)
    held = np.empty((min(TILE, len(offers)), 4), dtype=np.float32)
    for first in range(0, len(offers), TILE):
        tile = slice(first, min(first + TILE, len(offers)))
        total = held[: tile.stop - first]
        parts.added(total, first)
        found[tile] = _key(total, whole[tile], discount)
    if matcher.newcomers_.factor != 1:
        found *= matcher.remembered(f"standing {matcher.newcomers_.factor}", offers, matcher.standing)
    if parts.failing is not None:
        found[parts.failing] = -np.inf
    return found


def _sides(matcher: Matcher, offers: Table) -> tuple[Sides, NDArray[np.float32]]:
    """The weights of both sides, and (n_offers,) all weight."""
    sides = matcher.side_weights(offers)
    return sides, np.maximum(sides[0].total + sides[1].total, np.finfo(np.float32).tiny)


def _parts(matcher: Matcher, need: Table, offers: Table, rules: Sequence[Rule], sides: Sides) -> Parts:
    found = Parts()
    for feature in matcher.features_:
        _hear(found, matcher, feature, need, offers, [side.of.get(feature.name) for side in sides])
    for rule in rules:
        _obey(found, matcher, rule, need, offers)
    for bundle in _bundles(matcher, offers, rules):
        said = [(name, sums) for name in bundle.kinds for sums in found.by_kind.get(name, ())]
        if said:
            found.bundles.append((bundle, added_up(bundle, said)))
    return found


def _hear(found: Parts, matcher: Matcher, feature: Feature, need: Table, offers: Table, weights: Weighed) -> None:
    """Note what a feature says."""
    kinds, alike = matcher.kinds(feature, offers), [None if weight is None else weight[:1] for weight in weights]
    if kinds is not None:
        found.told(_reads(feature), _sums(feature.compare(need, kinds.rows)[0], alike))
    elif not feature.by_side:
        rows, values = feature.spoken(need, offers)
        found.few.append((rows, _sums(values, [None if weight is None else weight[rows] for weight in weights])))
    elif feature.needs_speak(need)[0]:
        found.dense.append((feature.near(need, offers), [np.float32(0) if one is None else one[0] for one in alike]))
        found.told(_speech(feature), _spoken(alike))


def _obey(found: Parts, matcher: Matcher, rule: Rule, need: Table, offers: Table) -> None:
    """Note where a rule fails."""
    kinds = matcher.kinds(rule, offers)
    fails = rule.judge(need, offers if kinds is None else kinds.rows)[0] == FAIL
    if fails.any() and kinds is not None:
        found.told(_reads(rule), _out(fails))
    elif fails.any():
        found.failing = fails if found.failing is None else found.failing | fails


def _bundles(matcher: Matcher, offers: Table, rules: Sequence[Rule]) -> tuple[Bundle, ...]:
    """Of all features and rules that see kinds, made once for a table of offers."""

    def build(table: Table) -> tuple[Bundle, ...]:
        kinds = {_reads(part): matcher.kinds(part, table) for part in parts}
        held = {name: of.of for name, of in kinds.items() if of is not None}
        for part in matcher.features_:
            if part.by_side:
                held[_speech(part)] = part.offers_speak(table).astype(np.int32)
        return bundled(held, len(table))

    parts: tuple[Feature | Rule, ...] = (*matcher.features_, *rules)
    return matcher.remembered(f"bundles of {sorted({_reads(part) for part in parts})}", offers, build)


def _reads(part: Feature | Rule) -> str:
    """What it reads of the offers: comparisons that read the same see the same kinds."""
    return ",".join(part.offer_columns() or ())


def _speech(feature: Feature) -> str:
    return f"whether {feature.name} speaks"


def _spoken(weights: Weighed) -> Sums:
    """(2, 4): of offers that are silent, and of those that speak."""
    sums = np.zeros((2, 4), dtype=np.float32)
    for at, weight in zip(SIDES, weights, strict=True):
        sums[1, at + 1] = 0 if weight is None else weight[0]
    return sums


def _out(fails: Bools) -> Sums:
    """(n, 4): minus infinity for the values of both sides where a rule fails."""
    sums = np.zeros((len(fails), 4), dtype=np.float32)
    for at in SIDES:
        sums[fails, at] = -np.inf
    return sums


def _sums(values: NDArray[np.float32], weights: Weighed) -> Sums:
    """(n, 4): weight · value and weight that speaks of side a, then of side b."""
    sums = np.zeros((len(values), 4), dtype=np.float32)
    speaks = ~np.isnan(values)
    told = np.where(speaks, values, np.float32(0))
    for at, weight in zip(SIDES, weights, strict=True):
        if weight is not None:
            np.multiply(weight, told, out=sums[:, at])
            np.multiply(weight, speaks, out=sums[:, at + 1])
    return sums


def _key(total: Sums, whole: NDArray[np.float32], discount: np.float32) -> NDArray[np.float32]:
    """The joint score of both sides, lowered by what is not known: `ranking.score` and the key of `judge`, fused. Where a rule
    failed both sums are minus infinity, and so their product is infinite."""
    told_a, spoken_a, told_b, spoken_b = (np.ascontiguousarray(column) for column in total.T)
    tiny = np.finfo(np.float32).tiny
    mean_a = np.minimum(told_a / np.maximum(spoken_a, tiny), 1)
    mean_b = np.minimum(told_b / np.maximum(spoken_b, tiny), 1)
    np.copyto(mean_a, mean_b, where=spoken_a == 0)
    np.copyto(mean_b, mean_a, where=spoken_b == 0)
    coverage = (spoken_a + spoken_b) / whole
    key: NDArray[np.float32] = np.sqrt(mean_a * mean_b) * (1 - discount * (1 - coverage))
    key[np.isinf(key)] = -np.inf
    return key


def top_rows(found: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """The k largest finite keys, largest first, ties to the lower row: by a partition, so that only few are sorted."""
    count = min(k, len(found))
    if count <= 0:
        return np.zeros(0, np.int64)
    chosen = np.flatnonzero((found >= _least(found, count)) & np.isfinite(found))
    return chosen[np.argsort(-found[chosen], kind="stable")][:count]


def _least(found: NDArray[np.float32], count: int) -> np.float32:
    """The least of the `count` largest keys."""
    if len(found) >= FEWEST:
        few = found[::STEP]
        near = min(len(few), 2 * (count // STEP) + STEP)
        hopeful = found[found >= np.partition(few, len(few) - near)[len(few) - near]]
        if len(hopeful) >= count:
            found = hopeful
    return np.float32(np.partition(found, len(found) - count)[len(found) - count])
