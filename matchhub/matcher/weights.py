"""The model's numbers as versioned data: weights of both sides, how far history leads, cut points of the words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray


class Word(StrEnum):
    """What a score is called on a page."""

    STRONG = "strong"  # 很契合
    GOOD = "good"  # 较契合
    LOOK = "look"  # 可一试
    NO_FIT = "no_fit"  # 条件不符


@dataclass(frozen=True, slots=True)
class Lead:
    """How the weight of the past grows: its share of a side is `most` · rounds / (rounds + half) · own / (own + thin).

    `rounds` are all that were learned from, `own` those of the one offer: a thin record leaves the word to what the
    offer declares. The share never falls below the feature's own weight.
    """

    most_a: float = 0.5
    most_b: float = 0.85
    half: float = 300.0
    thin: float = 1.0

    def share(self, side: str, rounds: int, own: NDArray[np.int64]) -> NDArray[np.float64]:
        """(n_offers,) the share of all weight on a side ("a" or "b") that so many past rounds earn, by offer."""
        most = self.most_a if side == "a" else self.most_b
        held = np.asarray(own, dtype=np.float64)
        full = most * rounds / (rounds + self.half) if rounds else 0.0
        return np.asarray(full * held / np.maximum(held + self.thin, 1e-9))


@dataclass(frozen=True, slots=True)
class Exposure:
    """How far attention is spread.

    strength: what a doubling of the attention that an offer gets costs it, in standard deviations of a list (0: nothing);
    reserved: the share of each list's places kept for offers that would stand in no list at all; repeat: what each
    further offer of one house in a list loses.
    """

    strength: float = 0.1
    reserved: float = 0.1
    repeat: float = 0.5

    def check(self) -> None:
        """Raise ValueError for a part that is negative or takes more than half of a list."""
        if self.strength < 0 or self.repeat < 0 or not 0 <= self.reserved <= 0.5:
            raise ValueError("exposure is out of range")


@dataclass(frozen=True, slots=True)
class Weights:
    """A version of the model.

    `a`: what the need's owner wants of an offer; `b`: what the offer's owner wants of a need (feature name → weight).
    `cuts`: the lowest score of each word. `enough`, `fair`: the lowest coverage of 依据充分 and 一般.
    `silence_discount`: how far a pair without any data sinks in the order of a list; its score stays what the facts say.
    `exposure`: how far attention is spread over the offers.
    """

    version: str
    a: Mapping[str, float]
    b: Mapping[str, float]
    lead: Lead = field(default_factory=Lead)
    cuts: Mapping[str, float] = field(default_factory=lambda: {"strong": 0.8, "good": 0.6, "look": 0.35})
    enough: float = 0.8
    fair: float = 0.5
    silence_discount: float = 0.3
    exposure: Exposure = field(default_factory=Exposure)

    def word(self, score: float) -> Word:
        """The word for a score in [0, 1]."""
        for word in (Word.STRONG, Word.GOOD, Word.LOOK):
            if score >= self.cuts[word.value]:
                return word
        return Word.NO_FIT

    def to_json(self) -> str:
        """All numbers as JSON, keys sorted, so that equal versions have equal bytes."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote; ValueError where a part is missing, unknown or out of range."""
        data: dict[str, Any] = json.loads(text)
        try:
            exposure = Exposure(**data.get("exposure", {}))  # versions older than it have none
            weights = cls(**{**data, "lead": Lead(**data["lead"]), "exposure": exposure})
        except (KeyError, TypeError) as wrong:
            raise ValueError(f"not a version of weights: {wrong}") from wrong
        weights.check()
        return weights

    def check(self) -> None:
        """Raise ValueError for a negative weight, for cut points out of order or for a share that leaves no room."""
        if any(weight < 0 for side in (self.a, self.b) for weight in side.values()):
            raise ValueError("a weight is negative")
        if not 1 >= self.cuts["strong"] >= self.cuts["good"] >= self.cuts["look"] >= 0:
            raise ValueError("cut points are not in order")
        if not (0 <= self.lead.most_a < 1 and 0 <= self.lead.most_b < 1):
            raise ValueError("the past may lead, but not alone")
        self.exposure.check()
