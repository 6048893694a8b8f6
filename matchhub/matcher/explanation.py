"""Why a pair stands where it stands, as values; the sentences are made elsewhere, in two languages."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from matchhub.matcher.weights import Word


class Outcome(StrEnum):
    """What a rule says of a pair, and what all rules say together."""

    PASS = "pass"
    MAYBE = "maybe"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """One rule and what both sides said to it (`cause`: usually "need" and "offer")."""

    name: str
    outcome: Outcome
    cause: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Item:
    """One feature on one side.

    side: "a" what the need's owner wants, "b" what the offer's owner wants; weight: its share of that side's whole weight;
    value in [0, 1] or NaN (silent); contribution: its part of the joint score; silent: who says nothing ("need", "offer").
    """

    feature: str
    side: str
    weight: float
    value: float
    contribution: float
    evidence: Mapping[str, Any]
    silent: tuple[str, ...]

    @property
    def speaks(self) -> bool:
        """Whether there was something to compare."""
        return not math.isnan(self.value)


@dataclass(frozen=True, slots=True)
class Explanation:
    """One pair. `score` is the sum of the items' contributions (to 1e-6); sides are NaN when silent.

    `missing` names the facts not known: rules that could not be judged and features that are silent.
    """

    need: Any
    offer: Any
    verdict: Outcome
    score: float
    score_a: float
    score_b: float
    coverage: float
    word: Word
    rules: tuple[RuleOutcome, ...]
    items: tuple[Item, ...]
    missing: tuple[str, ...]
    weights_version: str

    @property
    def failed(self) -> tuple[RuleOutcome, ...]:
        """The rules that removed the pair."""
        return tuple(rule for rule in self.rules if rule.outcome is Outcome.FAIL)

    def points(self) -> dict[str, int]:
        """Whole points per feature (both sides together) that add up to round(100 · score)."""
        parts: dict[str, float] = {}
        for item in self.items:
            if item.speaks:
                parts[item.feature] = parts.get(item.feature, 0.0) + 100 * item.contribution
        return dict(zip(parts, whole_points(list(parts.values())), strict=True))


def whole_points(parts: Sequence[float]) -> list[int]:
    """Parts as whole numbers that add up to their rounded sum, by the largest remainder; ties go to the earlier part."""
    whole = [math.floor(part) for part in parts]
    left = round(sum(parts)) - sum(whole)
    order = sorted(range(len(parts)), key=lambda at: (whole[at] - parts[at], at))
    for at in order[:left]:
        whole[at] += 1
    return whole
