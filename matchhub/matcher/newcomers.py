"""Who has no past yet, put in order among those who have one.

A newcomer is judged by what it declares alone, and a few wishes that meet a need agree fully, where a record only does so in
part: among the first ten of a list newcomers would stand far more often than they are taken. So their keys (the order, not the
score) are multiplied by one number, learned from the lists of earlier windows: as large a part of the first ten places is
theirs as of the hits that the ten best newcomers and the ten best others of every list made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self, TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matchhub.matcher.ranking import top
from matchhub.matcher.refining import as_of
from matchhub.matcher.table import Block, Bools, DAYS_UNKNOWN, Rows, Table

if TYPE_CHECKING:
    from matchhub.matcher.engine import Matcher
    from matchhub.matcher.history import History

FIRST = 10
"""How many places of a list are counted."""

QUERIES = 120
"""Rounds of each window that are asked about."""

LEAST = 0.4
"""The factor never falls below it: a newcomer whose wishes meet the need stays above a record that has nothing to do with it."""

DOUBT = 10.0
"""Hits that weigh as much as the belief that newcomers stand rightly where declared wishes put them."""


@dataclass(frozen=True, slots=True)
class Bests:
    """The best of the known (or of the newcomers) in lists: (n_lists, FIRST) keys, best first, -inf where there are
    fewer, and how many of them were hits."""

    keys: Block
    hits: int

    @classmethod
    def of(cls, keys: Block, right: Bools) -> Self:
        """Of (n_lists, n_offers) keys and who was really taken."""
        rows, columns = top(keys, FIRST)
        order = np.lexsort((columns, -keys[rows, columns], rows))
        rows, columns = rows[order], columns[order]
        found = np.full((len(keys), FIRST), -np.inf, dtype=np.float32)
        found[rows, np.arange(len(rows)) - np.searchsorted(rows, rows)] = keys[rows, columns]
        return cls(found, int(right[rows, columns].sum()))


@dataclass(frozen=True, slots=True)
class Newcomers:
    """How newcomers stand. factor: what their keys are multiplied with; lists: how many earlier ones that was learned from;
    before, after: their share of the first places of those, at 1 and at `factor`."""

    factor: float = 1.0
    lists: int = 0
    before: float = 0.0
    after: float = 0.0

    @classmethod
    def learned(cls, matcher: Matcher, history: History | None) -> Self:
        """From the lists of earlier windows; newcomers stand where declared wishes put them while there are too few."""
        schedule = matcher.recipe.second
        if schedule is None or history is None or matcher.record is None or matcher.record.attention_ is None:
            return cls()
        held = list(_windows(matcher, history))
        if sum(len(known.keys) for known, _ in held) < schedule.fewest:
            return cls()
        return cls.among(held)

    @classmethod
    def among(cls, held: list[tuple[Bests, Bests]]) -> Self:
        """From the best of the known and of the newcomers.

        The j-th newcomer is among the first n where factor · its key is above the key of the (n + 1 - j)-th other. So the
        factors from which on places are taken are ratios of keys, and the one sought is a quantile of them.
        """
        known, new = (np.concatenate([pair[side].keys for pair in held]) for side in (0, 1))
        takes = np.full(new.shape, np.inf)
        np.divide(np.maximum(known[:, ::-1], 0), new, out=takes, where=new > 0)
        hits, all_hits = sum(pair[1].hits for pair in held), sum(one.hits for pair in held for one in pair)
        before = float((takes < 1).mean())
        share = min(before, (hits + DOUBT * before) / (all_hits + DOUBT))
        factor = max(LEAST, _quantile(takes.ravel(), share)) if share < before else 1.0
        return cls(factor, len(known), before, float((takes < factor).mean()))


def _quantile(takes: NDArray[np.float64], share: float) -> float:
    """The largest factor that gives no more than this share of the places."""
    return float(np.sort(takes)[int(share * len(takes))])


def _windows(matcher: Matcher, history: History) -> Iterator[tuple[Bests, Bests]]:
    """Of every earlier window in which there were both: the best known and the best newcomers of its rounds."""
    schedule, record, offers = matcher.recipe.second, matcher.record, matcher.offers_
    assert schedule is not None and record is not None and record.attention_ is not None and offers is not None
    facts, random = record.attention_.facts, np.random.default_rng(schedule.seed)
    days, part = history.rounds.day(facts.day), history.participation(offers.ids)
    end = int(days.max(initial=DAYS_UNKNOWN)) + 1
    for back in range(schedule.windows):
        stop = end - back * schedule.step_days
        past = history.only(days < stop - schedule.window_days)
        asked = np.flatnonzero((days >= stop - schedule.window_days) & (days < stop))
        if not len(past) or not len(asked):
            continue
        then, rows = as_of(matcher, past, offers), np.sort(random.permutation(asked)[:QUERIES])
        assert then.record is not None
        known = then.record.columns(offers) >= 0
        if known.any() and not known.all():
            needs, right = history.rounds.take(rows), part[rows].toarray() > 0
            keys = then.refined(then.judge(needs, offers, ()), needs, offers, ()).key.copy()
            keys[_backed(needs, offers, facts.backers)] = -np.inf
            yield Bests.of(keys[:, known], right[:, known]), Bests.of(keys[:, ~known], right[:, ~known])


def _backed(needs: Table, offers: Table, backers: str) -> tuple[Rows, Rows]:
    """Rows and columns of those who had backed the firm before: nobody proposes them again."""
    place = {str(offer): column for column, offer in enumerate(offers.ids)}
    held = needs.codes(backers)
    pairs = [(row, place[one]) for row in range(len(needs)) for one in held.row(row) if one in place]
    rows, columns = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return rows, columns
