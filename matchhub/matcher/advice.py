"""For the one who writes a need: how many would fit, which missing fact would settle most, which number to move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matchhub.matcher.rules import FAIL, PASS
from matchhub.matcher.supposing import changes
from matchhub.matcher.table import Bools, Floats, Table

if TYPE_CHECKING:
    from matchhub.matcher.engine import Judged, Matcher
    from matchhub.matcher.features import Feature
    from matchhub.matcher.ranking import SideWeights

FARTHEST = 10
"""A lever moves an amount by at most this factor."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How pairs divide. Exact: who shows them to others rounds them."""

    fit: int
    maybe: int
    failed: int


@dataclass(frozen=True, slots=True)
class Addition:
    """A fact that the need does not tell: with it, `offers` more could be compared (or judged) on `feature`.

    weight: the mean share of all weight that would gain data there; effect: the order of advice: how many of the list's
    first ten places would be others', by what similar needs tell there (see `supposing`); without any to compare with,
    offers · weight.
    """

    feature: str
    offers: int
    weight: float
    effect: float


@dataclass(frozen=True, slots=True)
class Lever:
    """A number that could be moved: with `column` at `value` (元), `more` offers fit than now."""

    column: str
    value: float
    more: int


@dataclass(frozen=True, slots=True)
class Advice:
    """What would change the list of a need most."""

    additions: tuple[Addition, ...]
    levers: tuple[Lever, ...]


def divide(matcher: Matcher, judged: Judged) -> tuple[Bools, Bools]:
    """(n_needs, n_offers) masks: fits, and may fit.

    Fits: no rule fails or is open, enough is known to say so (coverage at least `fair`) and the score reaches 较契合: a
    count of all that is worth a look would count a broad offer for everybody. May fit: nothing speaks against it, but a
    rule is open or too little is known.
    """
    version = matcher.version
    known = judged.scores.coverage >= np.float32(version.fair)
    good = judged.scores.joint >= np.float32(version.cuts["good"])
    fit = (judged.verdict == PASS) & known & good
    return np.asarray(fit), np.asarray((judged.verdict != FAIL) & ~fit & (good | ~known))


def count(matcher: Matcher, needs: Table, offers: Table) -> Counts:
    """The live counter: one need against all offers, or all needs against one offer."""
    fit, maybe = divide(matcher, matcher.judge(needs, offers))
    fits, may = int(fit.sum()), int(maybe.sum())
    return Counts(fits, may, fit.size - fits - may)


def advise(matcher: Matcher, need: Table, offers: Table, most: int = 3, peers: Table | None = None) -> Advice:
    """The missing facts and the movable amounts of one need, each kind by what it would change. `peers`: other needs, from
    whom it is taken what the facts might be."""
    judged = matcher.judge(need, offers)
    open_to = judged.verdict[0] != FAIL
    sides = matcher.side_weights(offers)
    silent = [part for part in matcher.features_ if not part.needs_speak(need)[0]]
    additions = [_addition(part, offers, open_to, _share(part.name, sides)) for part in silent]
    if peers is not None:
        change = changes(matcher, need, offers, silent, peers)
        additions = [replace(one, effect=change.get(one.feature, 0.0)) for one in additions]
    useful = sorted((a for a in additions if a.offers), key=lambda addition: -addition.effect)
    return Advice(tuple(useful[:most]), tuple(_levers(matcher, need, offers, most)))


def _addition(part: Feature, offers: Table, open_to: Bools, weight: NDArray[np.float32]) -> Addition:
    speaking = part.offers_speak(offers) & open_to
    gained = weight[speaking]
    mean = float(gained.mean()) if len(gained) else 0.0
    return Addition(part.name, len(gained), mean, len(gained) * mean)


def _share(feature: str, sides: Sequence[SideWeights]) -> NDArray[np.float32]:
    """(n_offers,) a feature's share of all weight, both sides together."""
    whole = np.sum([side.total for side in sides], axis=0)
    own = np.sum([side.of.get(feature, np.zeros_like(whole)) for side in sides], axis=0)
    return np.asarray(np.divide(own, whole, out=np.zeros_like(whole), where=whole > 0), dtype=np.float32)


def _levers(matcher: Matcher, need: Table, offers: Table, most: int) -> list[Lever]:
    """Raise the upper end to a ticket's lower end, lower the lower end to a ticket's upper end."""
    if matcher.recipe.amount is None or matcher.recipe.ticket is None:
        return []
    (low, high), (least, largest) = matcher.recipe.amount, matcher.recipe.ticket
    fit, _ = divide(matcher, matcher.judge(need, offers))
    now = int(fit[0].sum())
    top, bottom = need.number(high)[0], need.number(low)[0]
    starts, ends = offers.number(least), offers.number(largest)
    up = _steps(starts[(starts > top) & (starts <= top * FARTHEST)], most)
    down = _steps(ends[(ends < bottom) & (ends >= bottom / FARTHEST)], most)[::-1]
    found = [*_tried(matcher, need, offers, high, up, now), *_tried(matcher, need, offers, low, down, now)]
    return sorted(found, key=lambda lever: -lever.more)[:most]


def _steps(ends: Floats, most: int) -> Floats:
    """A few of the ends, spread over their order."""
    different = np.unique(ends)
    at = np.unique(np.linspace(0, len(different) - 1, min(len(different), 4 * most)).astype(np.int64))
    return np.asarray(different[at], dtype=np.float64) if len(different) else different


def _tried(matcher: Matcher, need: Table, offers: Table, column: str, values: Floats, now: int) -> list[Lever]:
    """The need once with every value, as one block; a value that adds nothing to a nearer one is left out."""
    if len(values) == 0:
        return []
    variants = need.take([0] * len(values)).with_numbers(column, values)
    fit, _ = divide(matcher, matcher.judge(variants, offers))
    levers: list[Lever] = []
    for value, more in zip(values, fit.sum(axis=1) - now, strict=True):
        if more > (levers[-1].more if levers else 0):
            levers.append(Lever(column, float(value), int(more)))
    return levers
