"""What the engine tells of pairs, in plain values: nothing of the matcher's own classes leaves the engine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from matchhub.matches.enums import Evidence, Fit, Verdict

FAIR_FIT = 0.5


class RankedPair(NamedTuple):
    """One place in a list, as it is stored."""

    need_id: int
    offer_id: int
    key: float
    score: float
    score_a: float | None
    score_b: float | None
    coverage: float
    verdict: Verdict
    missing: int
    values: tuple[float, ...] = ()
    learned: float = 0.0
    heard: float = 0.0
    told: Sequence[Any] | None = None

    @property
    def figures(self) -> tuple[Any, ...]:
        """What makes two computations of one pair the same."""
        return self[:-4]


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing compared: its value in [0, 1] (None: silent), its part of the score, what both sides said."""

    topic: str
    value: float | None
    contribution: float
    evidence: Mapping[str, Any]
    silent: tuple[str, ...] = ()
    lost: float | None = None

    @property
    def matters(self) -> float:
        """How much the pair hangs on it: what it would lose without the data where that was tried out (`lost`), else what
        the fact adds."""
        return self.contribution if self.lost is None else self.lost


@dataclass(frozen=True, slots=True)
class Refusal:
    """A hard rule that fails: its name and what both sides said."""

    rule: str
    cause: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Check:
    """One hard rule of a pair: pass, maybe (not known) or fail, what both sides said, and whether the offer sets it."""

    rule: str
    outcome: str
    cause: Mapping[str, Any]
    is_stated: bool = True


@dataclass(frozen=True, slots=True)
class Comparison:
    """One pair. `points` are whole and add up to `total`, the score out of 100."""

    need_id: int
    offer_id: int
    verdict: Verdict
    score: float
    for_need: float | None
    for_offer: float | None
    coverage: float
    fit: Fit
    evidence: Evidence
    facts: tuple[Fact, ...]
    failed: tuple[Refusal, ...]
    missing: tuple[str, ...]
    points: Mapping[str, int]
    model: str
    checks: tuple[Check, ...] = ()

    @property
    def total(self) -> int:
        """The score in whole points."""
        return sum(self.points.values())

    @property
    def mutual(self) -> bool:
        """Whether both sides, taken alone, find the other a good fit."""
        return min(self.for_need or 0.0, self.for_offer or 0.0) >= FAIR_FIT


@dataclass(frozen=True, slots=True)
class Lever:
    """What would bring more: a fact to add (`topic`) or an amount to move to (`yuan`), and how many more, exactly."""

    topic: str
    more: int
    column: str = ""
    yuan: int | None = None


@dataclass(frozen=True, slots=True)
class Pool:
    """How many fit and may fit, exactly: whoever shows it rounds it."""

    fits: int
    may_fit: int
    levers: tuple[Lever, ...] = ()
