"""Lists of suggestions for a crowd that is too large for the matcher to read within a few minutes.

Each open need is compared with some offers that share its field, its security or its topic, on the facts that the crowd knows
of both, and the best of them are stored as a run stores them; the offers get the best of the needs that met them. The matcher
reads all pairs on more facts: `matchhub match`, or the nightly run, replaces these lists.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from matchhub.demo.crowd.needs import Wish
from matchhub.demo.crowd.offerers import LADDER, Supply
from matchhub.demo.crowd.rows import Rows, Values
from matchhub.listings.enums import PairingKind
from matchhub.matches.enums import RunState, Side, Verdict
from matchhub.matches.models import MatchRun, PublishedRun, Suggestion

OF_A_NEED, OF_AN_OFFER = 12, 20
TOLERANCE = 0.7  # of the log distance of two amounts, as the matcher's
STRAYS = 4
Told = list[list[Any]]


@dataclass(frozen=True, slots=True)
class Compared:
    """A pair of the lists, with what can be told of it."""

    need_id: int
    offer_id: int
    score: float
    told: Told


def compared(wish: Wish, supply: Supply) -> Compared:
    """How a need and an offer agree on what the crowd knows of both: the weighted mean, and each fact's part in it."""
    facts = FACTS[wish.kind](wish, supply.values)
    whole = sum(weight for _, _, weight, _ in facts)
    told: Told = [
        [topic, round(value, 4), round(value * weight / whole, 4), [], said] for topic, value, weight, said in facts
    ]
    told.sort(key=lambda fact: -fact[2])
    return Compared(wish.id, supply.id, sum(fact[2] for fact in told), told)


Fact = tuple[str, float, float, Values]  # topic, value in [0, 1], weight, what both said


def _amount(asked: Sequence[int | None], offered: Sequence[int], weight: float) -> Fact:
    low, high = asked[0] or asked[1] or 1, asked[1] or 1
    away = max(0.0, math.log(offered[0] / high), math.log(low / offered[1]))
    return "amount", math.exp(-away / TOLERANCE), weight, {"need": list(asked), "offer": list(offered)}


def _shared(topic: str, asked: Iterable[str], offered: Iterable[str], value: float, weight: float) -> Fact:
    held, wanted = sorted(offered), sorted(asked)
    nearest = [[code, part] for code in wanted for part in held if part in (code, code.split(".")[0])]
    return topic, value, weight, {"need": wanted, "offer": held, "nearest": nearest[:1]}


def _industry(wish: Wish, offer: Mapping[str, Any], weight: float) -> Fact:
    code = wish.owner.line["industry"]
    return _shared("industry", [code], offer["industries"], float(code.split(".")[0] in offer["industries"]), weight)


def _equity(wish: Wish, offer: Mapping[str, Any]) -> list[Fact]:
    need = wish.values
    steps = min(abs(LADDER.index(need["round_code"]) - LADDER.index(code)) for code in offer["rounds"])
    place = wish.owner.district or wish.owner.region
    return [
        _industry(wish, offer, 0.4),
        _amount(
            (need["amount_min_yuan"], need["amount_max_yuan"]),
            (offer["ticket_min_yuan"], offer["ticket_max_yuan"]),
            0.3,
        ),
        _shared("round", [need["round_code"]], offer["rounds"], 0.5**steps if steps <= 2 else 0.0, 0.2),
        ("region", 1.0, 0.1, {"need": [place], "offer": offer["regions"], "nearest": [[place, offer["regions"][-1]]]}),
    ]


def _credit(wish: Wish, offer: Mapping[str, Any]) -> list[Fact]:
    need, accepted = wish.values, set(offer["guarantees"])
    asked = (None, need["amount_max_yuan"])
    return [
        _amount(asked, (offer["amount_min_yuan"], offer["amount_max_yuan"]), 0.5),
        _shared("guarantee", need["guarantees"], accepted, float(bool(accepted & set(need["guarantees"]))), 0.5),
    ]


def _mentoring(wish: Wish, offer: Mapping[str, Any]) -> list[Fact]:
    asked, known = wish.values["topics"], set(offer["topics"])
    common = len(known & set(asked))
    return [
        _shared("topic", asked, known, 0.6 + 0.4 * common / len(asked) if common else 0.0, 0.7),
        _industry(wish, offer, 0.3),
    ]


FACTS = {PairingKind.EQUITY: _equity, PairingKind.CREDIT: _credit, PairingKind.MENTORING: _mentoring}


@dataclass
class Lists:
    """Writes the lists of needs as they come, and those of the offers at the end. `models`: the weights in force, by kind."""

    rows: Rows
    rng: Random
    models: Mapping[PairingKind, int]
    now: datetime
    _runs: dict[PairingKind, int] = field(default_factory=dict)
    _seen: dict[PairingKind, int] = field(default_factory=lambda: defaultdict(int))
    _of_offers: dict[tuple[PairingKind, int], list[Compared]] = field(default_factory=lambda: defaultdict(list))

    def of(self, wish: Wish, suiting: Sequence[Supply], others: Sequence[Supply], asked: frozenset[int]) -> None:
        """The list of one open need, without those it has to do with."""
        drawn = [*self.rng.choices(suiting, k=OF_A_NEED), *self.rng.choices(others, k=STRAYS)]
        supplies = dict.fromkeys(s for s in drawn if s.is_open and s.id not in asked)
        pairs = sorted((compared(wish, supply) for supply in supplies), key=lambda pair: -pair.score)[:OF_A_NEED]
        self._seen[wish.kind] += 1
        self._write(Side.NEED, wish.kind, wish.id, pairs, len(others))
        for pair in pairs:
            held = self._of_offers[wish.kind, pair.offer_id]
            held.append(pair)
            if len(held) > 2 * OF_AN_OFFER:
                del _best(held)[OF_AN_OFFER:]

    def finish(self) -> None:
        """The lists of the offers, and the runs as they ended."""
        for (kind, offer_id), pairs in self._of_offers.items():
            self._write(Side.OFFER, kind, offer_id, _best(pairs)[:OF_AN_OFFER], self._seen[kind])
        self._of_offers.clear()

    def begin(self) -> None:
        """One run a kind, which began and ended at this moment."""
        for kind, model_id in self.models.items():
            self._runs[kind] = self.rows.add(
                MatchRun, kind=kind, model_id=model_id, need_id=None, offer_id=None, state=RunState.DONE, queued_at=self.now,
                started_at=self.now, finished_at=self.now, attempts=1,
            )  # fmt: skip

    def _write(self, side: Side, kind: PairingKind, subject_id: int, pairs: Sequence[Compared], looked_at: int) -> None:
        run_id = self._runs[kind]
        self.rows.extend(
            PublishedRun,
            side=side,
            subject_id=subject_id,
            run_id=run_id,
            compared=looked_at,
            fits=len(pairs),
            at=self.now,
        )
        for position, pair in enumerate(pairs, start=1):
            self.rows.add(
                Suggestion, run_id=run_id, side=side, kind=kind, need_id=pair.need_id, offer_id=pair.offer_id,
                position=position, score=pair.score, score_for_need=pair.score, score_for_offer=pair.score, coverage=0.8,
                verdict=Verdict.FITS, told=pair.told, created_at=self.now, first_at=self.now,
            )  # fmt: skip


def _best(pairs: list[Compared]) -> list[Compared]:
    """The same list, the best first."""
    pairs.sort(key=lambda pair: (-pair.score, pair.need_id))
    return pairs
