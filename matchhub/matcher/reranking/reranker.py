"""The second stage: re-ranks the first stage's best offers of a need with what earlier windows taught.

It corrects the log odds of the first stage's key. Without a past nothing is corrected; with a little, hardly anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matchhub.matcher.attention import Attention
from matchhub.matcher.history import History
from matchhub.matcher.reranking.dossier import Dossier
from matchhub.matcher.reranking.facts import facts, JOINS
from matchhub.matcher.reranking.head import Head, Learning, RECORD
from matchhub.matcher.reranking.lists import drawn, from_odds, in_their_list, Lists, Sample, with_ranks
from matchhub.matcher.table import Block, DAYS_UNKNOWN, Rows, Table

FIRST, LATER = "first", "later"
"""A firm's first round is learned apart from later ones: later ones have backers to tell of."""

ROWS = 128

Named = tuple[str, str]
"""The topic and the name of a fact."""

FirstStage = Callable[[Attention, Table, Sequence[Any]], Block]
"""(attention as of a day, needs, offer ids) → (n_needs, n_offers) keys of the first stage then."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Which lists to learn from: `windows` of `window_days`, their ends `step_days` apart, each with the past before it.

    `length`: how many of the first stage's best are re-ranked; `queries`: rounds a window and head at most; `fewest`: lists
    with a hit that a head needs; `heads`: which are learned (what one learns does not depend on the other).
    """

    window_days: int = 180
    step_days: int = 120
    windows: int = 4
    length: int = 300
    negatives: int = 60
    queries: int = 2200
    fewest: int = 30
    heads: tuple[str, ...] = (FIRST, LATER)
    seed: int = 0
    learning: Learning = field(default_factory=Learning)


@dataclass(frozen=True, slots=True)
class Correction:
    """(n_needs, length) corrections in log odds for the listed columns, and the facts behind them."""

    lists: Lists
    total: Block
    facts: NDArray[np.float32]

    @property
    def shares(self) -> Block:
        """(n_needs, length) the corrected keys."""
        return np.asarray(from_odds(self.lists.odds.astype(np.float64) + self.total), dtype=np.float32)


@dataclass
class Reranker:
    """Learned corrections for first and for later rounds, and the dossiers they read. `joining_`: whether it is read who joins
    where the round is a later one."""

    schedule: Schedule = field(default_factory=Schedule)
    heads_: dict[str, Head] = field(default_factory=dict, init=False)
    lists_: dict[str, int] = field(default_factory=dict, init=False)
    joining_: bool = field(default=False, init=False)
    dossier_: Dossier | None = field(default=None, init=False, repr=False)

    def fit(self, history: History, attention: Attention, ids: Sequence[Any], first: FirstStage) -> Reranker:
        """Learn from the lists that the first stage would have made at the start of earlier windows."""
        self.heads_, self.lists_, self.dossier_, self.joining_ = {}, {}, None, False
        learned: dict[str, list[Sample]] = {head: [] for head in self.schedule.heads}
        names: dict[str, tuple[Named, ...]] = {}
        for head, rows, past, random in self._asked(history, attention):
            for sample, named in self._samples(history, past, rows, head, first, random):
                learned[head].append(sample)
                names[head] = named
        for head, parts in learned.items():
            self.lists_[head] = sum(part.lists for part in parts)
            if self.lists_[head] >= self.schedule.fewest:
                self.heads_[head] = self._head(head, Sample.join(parts), names[head])
        if self.heads_ and attention.affinity_ is not None:
            self.dossier_ = Dossier.of(history, ids, attention.affinity_)
        return self

    def _asked(self, history: History, attention: Attention) -> Iterator[tuple[str, Rows, _Past, np.random.Generator]]:
        """Head, its past rounds of a window, what was known when the window began, and the chance that draws of them."""
        days = history.rounds.day(attention.facts.day)
        end = int(days.max(initial=DAYS_UNKNOWN)) + 1
        for back in range(self.schedule.windows if len(history) else 0):
            stop = end - back * self.schedule.step_days
            past = _Past.of(history, attention, days < stop - self.schedule.window_days)
            asked = np.flatnonzero((days >= stop - self.schedule.window_days) & (days < stop))
            if past is None:
                continue
            for order, (head, rows) in enumerate(_heads(history.rounds, asked, attention)):
                if head in self.schedule.heads:
                    yield head, rows, past, np.random.default_rng((self.schedule.seed, back, order))

    def _head(self, head: str, sample: Sample, names: Sequence[Named]) -> Head:
        """What lists teach; who joins is left out where there are few of them."""
        learning = self.schedule.learning
        joined = sample.lists >= learning.joined_from
        read = [at for at, (_, name) in enumerate(names) if joined or not name.startswith(JOINS)]
        if head == LATER:
            self.joining_ = joined
        if len(read) < len(names):
            sample = sample.reading(np.array(read, dtype=np.int64))
        return Head.fit(sample, [names[at][0] for at in read], learning, with_ranks(len(read)))

    def _samples(
        self, history: History, past: _Past, rows: Rows, head: str, first: FirstStage, random: np.random.Generator
    ) -> list[tuple[Sample, tuple[Named, ...]]]:
        """Lists of some past rounds as of the start of their window; who had backed the firm before is not in them."""
        found = []
        part = history.participation(past.ids)
        place = {str(offer): column for column, offer in enumerate(past.ids)}
        rows = random.permutation(rows)[: self.schedule.queries]
        for at in range(0, len(rows), ROWS):
            block = rows[at : at + ROWS]
            needs = history.rounds.take(block)
            known = needs.codes(past.attention.facts.backers)
            keys = first(past.attention, needs, past.ids).copy()
            right = part[block].toarray() > 0
            for line in range(len(block)):
                for offer in known.row(line):
                    if offer in place:
                        keys[line, place[offer]], right[line, place[offer]] = -np.inf, False
            hopeful = np.flatnonzero(right.any(axis=1))
            if len(hopeful) == 0:
                continue
            lists = Lists.of(keys[hopeful], self.schedule.length)
            values, names = read(past.attention, past.dossier, needs.take(hopeful), lists, head == LATER)
            hits = np.take_along_axis(right[hopeful], lists.columns, axis=1)
            sample = drawn(lists, values, hits & lists.filled, self.schedule.negatives, random)
            if sample.lists:
                found.append((sample, names))
        return found

    def correct(self, attention: Attention, needs: Table, keys: Block) -> list[tuple[Rows, str, Correction]]:
        """By head: the rows of the needs, the head's name, and the corrections of their lists.

        `keys`: (n_needs, n_offers with a past) of the first stage, not finite where a pair is out of the question.
        """
        found = []
        for head, rows in _heads(needs, np.arange(len(needs)), attention) if self.dossier_ is not None else ():
            if head in self.heads_ and len(rows):
                assert self.dossier_ is not None
                lists = Lists.of(keys[rows], self.schedule.length)
                those = needs if len(rows) == len(needs) else needs.take(rows)
                values, _ = read(attention, self.dossier_, those, lists, head == LATER and self.joining_)
                total = self.heads_[head].total(values.reshape(-1, values.shape[2]), lists.odds.ravel())
                found.append((rows, head, Correction(lists, total.reshape(lists.odds.shape), values)))
        return found


@dataclass(frozen=True, slots=True)
class _Past:
    """What was known on a day."""

    attention: Attention
    ids: tuple[Any, ...]
    dossier: Dossier

    @classmethod
    def of(cls, history: History, attention: Attention, before: NDArray[np.bool_]) -> _Past | None:
        held = history.only(before)
        ids = tuple(dict.fromkeys(held.offer_ids))
        if not ids:
            return None
        then = attention.standing_on(held, ids)
        assert then.affinity_ is not None
        return cls(then, ids, Dossier.of(held, ids, then.affinity_))


def _heads(needs: Table, rows: Rows, attention: Attention) -> list[tuple[str, Rows]]:
    """The rows of first rounds and those of later ones."""
    later = _later(needs, attention.facts.debut, attention.facts.backers)[rows]
    return [(FIRST, rows[~later]), (LATER, rows[later])]


def heads_of(needs: Table, debut: str = "debut", backers: str = "backers") -> tuple[str, ...]:
    """Which heads some needs ask for."""
    later = _later(needs, debut, backers)
    return tuple(head for head, asked in ((FIRST, ~later), (LATER, later)) if asked.any())


def _later(needs: Table, debut: str, backers: str) -> NDArray[np.bool_]:
    """(n_needs) whether the round is a later one: a need that does not say is a first one without known backers."""
    told = needs.number(debut)
    return (told == 0) | (np.isnan(told) & needs.codes(backers).known)


def read(
    attention: Attention, dossier: Dossier, needs: Table, lists: Lists, joining: bool
) -> tuple[NDArray[np.float32], tuple[Named, ...]]:
    """(n_needs, length, n_facts) facts of the listed pairs in their list, and what each is; `joining`: with who joins."""
    named = list(facts(attention, dossier, needs, lists.columns, joining))
    named.append((RECORD, "first", lists.odds))
    values = np.stack([value for *_, value in named], axis=2).astype(np.float32)
    return in_their_list(values, lists.filled), tuple((topic, name) for topic, name, _ in named) * 3
