"""An installation's own history as a task: proposals and answers, cut at a day so that nothing of the future is seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from matchhub.matcher.evaluation.dataset import before, Dataset
from matchhub.matcher.hearing import Answered
from matchhub.matcher.history import History
from matchhub.matcher.table import day_numbers, day_of, Table

OWN_TASKS = ("all", "cold", "warm")
FUTURE = 0.3
"""The share of the agreed proposals that are foretold: the latest."""

FEWEST_KNOWN, FEWEST_ASKED = 10, 5
NOT_KNOWN_THEN = ("active", "capacity_left", "registered")
"""What a table tells of today and nobody wrote down for the day of the cut: rules that read it are left out."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One proposal: a need, an offer, the day on which it was made, the day of the answer and whether it was a yes."""

    need: Any
    offer: Any
    on: date
    answered_on: date | None = None
    agreed: bool | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Rounds:
    """Past rounds, one row per participant's offer, as `History.of` takes them; the day is the column updated_on."""

    rows: Table
    offer_ids: Sequence[Any]
    events: Sequence[Any]
    firms: Sequence[str]


@dataclass(frozen=True, slots=True, eq=False)
class OwnHistory:
    """All that an installation knows of one kind of pairing. `firms` (n_needs,) names the firm behind each need as in the
    rounds; `offered_on` (n_offers,) since when each offer is there, None for always."""

    kind: str
    needs: Table
    offers: Table
    firms: Sequence[str]
    offered_on: Sequence[date | None]
    asked: Sequence[Asked]
    rounds: Rounds | None = None


def own_cut(asked: Sequence[Asked]) -> date:
    """The day on which the last `FUTURE` of the agreed proposals begin. ValueError where there are too few."""
    days = sorted(one.on for one in asked if one.agreed)
    known = int(len(days) * (1 - FUTURE))
    if known < FEWEST_KNOWN or len(days) - known < FEWEST_ASKED:
        raise ValueError(f"too little history: {len(days)} agreed proposals")
    return days[known]


def own(held: OwnHistory, task: str = "all", cut: date | None = None) -> Dataset:
    """The task: for every need to which somebody agreed after the cut, who of the offers that were there before it.

    cold: needs that nobody was asked about before the cut; warm: the others. Pairs that were proposed before the cut are
    known and need no suggestion. What is learned from are rounds, answers and agreements before the cut. Needs and offers
    are told as they stand now: what they said on that day is not kept. ValueError for an unknown task or too little history.
    """
    if task not in OWN_TASKS:
        raise ValueError(f"no such task: own {task}")
    cut = cut or own_cut(held.asked)
    known = before(held.asked, lambda one: one.on, cut)
    later = [one for one in held.asked if one.on >= cut and one.agreed]
    offers = _offers(held, cut)
    if not len(offers):
        raise ValueError(f"too little history: no offers before {cut}")
    column = {offer: at for at, offer in enumerate(offers.ids)}
    right: dict[Any, set[int]] = {}
    for at, one in enumerate(later):
        right.setdefault(one.need, set()).add(column.get(one.offer, -2 - at))
    begun = {one.need for one in known}
    row = {need: at for at, need in enumerate(held.needs.ids)}
    asked = [need for need in right if need in row and (task == "all" or (need in begun) == (task == "warm"))]
    if len(asked) < FEWEST_ASKED:
        raise ValueError(f"too little history: {len(asked)} needs with an agreement after {cut}")
    place = {need: at for at, need in enumerate(asked)}
    return Dataset(
        f"own {held.kind}",
        _as_of(held, [row[need] for need in asked], {one.need: one.on for one in reversed(later)}, cut),
        offers,
        _past(held, cut),
        tuple(frozenset(right[need]) for need in asked),
        tuple(sorted({(place[o.need], column[o.offer]) for o in known if o.need in place and o.offer in column})),
        cut,
        (max(one.on for one in later) - cut).days + 1,
        np.zeros(len(offers), dtype=bool),
        _answered(held, cut),
        _taken(held, cut),
    )


def _offers(held: OwnHistory, cut: date) -> Table:
    there = [at for at, since in enumerate(held.offered_on) if since is None or since < cut]
    return held.offers.take(there).without(*NOT_KNOWN_THEN)


def _past(held: OwnHistory, cut: date) -> History:
    """The rounds before the cut; none where the kind has none. A round whose day is not known is left out."""
    if held.rounds is None:
        return History.of(held.needs.take([]), [])
    days, rounds = held.rounds.rows.day("updated_on").tolist(), held.rounds
    kept = before(range(len(days)), lambda at: day_of(days[at]), cut)
    return History.of(
        rounds.rows.take(kept),
        [rounds.offer_ids[at] for at in kept],
        [rounds.events[at] for at in kept],
        [rounds.firms[at] for at in kept],
    )


def _as_of(held: OwnHistory, rows: Sequence[int], asked_on: Mapping[Any, date], cut: date) -> Table:
    """The needs as they were asked about: the day of asking, and whether the firm had a round before the cut."""
    needs = held.needs.take(rows)
    dates = day_numbers([asked_on[need] for need in needs.ids])
    needs = replace(needs, days={**needs.days, "updated_on": dates})
    if held.rounds is None:
        return _with_profile(needs)
    days = held.rounds.rows.day("updated_on").tolist()
    funded = {held.rounds.firms[at] for at in before(range(len(days)), lambda at: day_of(days[at]), cut)}
    return _with_profile(needs.with_numbers("debut", [float(held.firms[row] not in funded) for row in rows]))


def _with_profile(table: Table) -> Table:
    return replace(table, texts={**table.texts, "profile": table.text("text")})


def _answered(held: OwnHistory, cut: date) -> Answered:
    told = before((one for one in held.asked if one.agreed is not None), lambda one: one.answered_on, cut)
    return Answered.of(held.needs, held.offers, [(one.need, one.offer, bool(one.agreed)) for one in told])


def _taken(held: OwnHistory, cut: date) -> History:
    """The agreements before the cut, one round each: what the baselines count."""
    row = {need: at for at, need in enumerate(held.needs.ids)}
    agreed = before((one for one in held.asked if one.agreed and one.need in row), lambda one: one.answered_on, cut)
    rows = _with_profile(held.needs.take([row[one.need] for one in agreed]))
    days = day_numbers([one.answered_on for one in agreed])
    return History.of(replace(rows, days={"updated_on": days}), [one.offer for one in agreed])
