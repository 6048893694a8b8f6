"""Learning from answers, yes and no: which of the pairs that were proposed are accepted.

log odds = log odds of the declared score + Σ w · facts, with a Gaussian prior at hand-set w: ten answers hardly move it. A no
lowers its pair's offer for needs like this one, and less for others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse

from matchhub.matcher.reranking.lists import log_odds
from matchhub.matcher.table import Bools, Rows, Table

if TYPE_CHECKING:
    from matchhub.matcher.engine import Matcher

Numbers = NDArray[np.float64]
BLOCK = 512
PRIOR = (0.7, 0.0, 1.0, 1.0, 1.0)
"""Weights before anything is learned: of the log odds of the offer's rate, of how many it answered, of its rate among like
needs at three widths."""

POWERS = (1, 3, 8)
"""How narrow the three widths of likeness are: powers of the cosine."""

STRENGTH = 5.0
"""Answers of an offer that weigh as much as the mean of all."""


@dataclass
class Answers:
    """Corrects the declared score of a pair by what was answered before.

    `sets`: the columns of codes, the same on both sides, by which needs are alike. Facts of a pair: the features of the
    matcher, the offer's share of yes (smoothed; without the pair itself while learning), how many it answered, and its
    share of yes among the needs most like this one, at three widths. Where there are many answers, `Foretelling` orders pairs
    better.
    """

    matcher: Matcher
    sets: Sequence[str]
    ridge: float = 20.0
    weights_: Numbers = field(default_factory=lambda: np.zeros(0), init=False)
    mean_: Numbers = field(default_factory=lambda: np.zeros(0), init=False)
    scale_: Numbers = field(default_factory=lambda: np.zeros(0), init=False)
    codes_: dict[str, int] = field(default_factory=dict, init=False)
    known_: tuple[Rows, Rows, Bools] | None = field(default=None, init=False)
    needs_: Table | None = field(default=None, init=False)
    base_: float = field(default=0.5, init=False)
    answered_: sparse.csr_matrix | None = field(default=None, init=False)

    @staticmethod
    def priors(matcher: Matcher, needs: Table, offers: Table, rows: Rows, columns: Rows) -> Numbers:
        """(n_pairs,) the declared scores."""
        return _gathered(matcher, needs, offers, rows, columns)[:, 0]

    def fit(self, needs: Table, offers: Table, rows: Rows, columns: Rows, right: Bools) -> Answers:
        """Learn from pairs (row of needs, row of offers) and whether each was accepted."""
        self.known_, self.needs_ = (rows, columns, right), needs
        self.base_ = float((right.sum() + 1) / (len(right) + 2))
        codes = dict.fromkeys(f"{name}:{code}" for name in self.sets for code in needs.codes(name).codes)
        self.codes_ = {code: at for at, code in enumerate(codes)}
        self.answered_ = self._unit(needs)[rows]
        facts, start = self._facts(needs, offers, rows, columns, itself=True)
        self.mean_, self.scale_ = facts.mean(axis=0), facts.std(axis=0) + 1e-6
        prior = np.append(np.zeros(facts.shape[1] - len(PRIOR)), PRIOR) * self.scale_
        self.weights_ = _fitted((facts - self.mean_) / self.scale_, start, right, rows, self.ridge, prior)
        return self

    def scores(self, needs: Table, offers: Table, rows: Rows, columns: Rows) -> Numbers:
        """(n_pairs,) log odds of a yes."""
        facts, start = self._facts(needs, offers, rows, columns, itself=False)
        return np.asarray(start + ((facts - self.mean_) / self.scale_) @ self.weights_)

    def correction(self, needs: Table, part: sparse.csr_matrix, yes: sparse.csr_matrix) -> Numbers:
        """(n_needs, n_offers) what the answers of some offers (columns of `part`, (n_answers, n_offers); `yes`: those of
        them that were a yes) add to the log odds of a pair: nothing for an offer that answers as all do. A yes never lowers
        and a no never raises, whatever else was learned."""
        rate = (yes.sum(axis=0) + STRENGTH * self.base_) / (part.sum(axis=0) + STRENGTH)
        told = np.asarray(log_odds(np.asarray(rate, np.float32)) - log_odds(np.array([self.base_], np.float32)))
        weights = np.maximum(self.weights_[-len(PRIOR) :] / self.scale_[-len(PRIOR) :], 0)
        found = np.repeat(weights[0] * told.reshape(1, -1), len(needs), axis=0)
        alike = self.likeness(needs)
        for weight, power in zip(weights[2:], POWERS, strict=True):
            near = alike**power
            above = np.asarray(near @ yes) - self.base_ * np.asarray(near @ part)
            found += weight * above / (np.asarray(near @ part) + 1)
        return found

    def likeness(self, needs: Table) -> Numbers:
        """(n_needs, n_answers) cosine of the codes of needs and of those that were answered."""
        assert self.answered_ is not None
        return np.asarray((self._unit(needs) @ self.answered_.T).toarray())

    def forget_tables(self) -> None:
        """Keep what `correction` needs and let go of the matcher and the tables, which are large."""
        self.matcher = self.needs_ = None  # type: ignore[assignment]

    def rates(self, columns: Rows) -> Numbers:
        """(n_pairs,) the smoothed share of yes of each pair's offer."""
        assert self.known_ is not None
        _, known, right = self.known_
        size = int(max(columns.max(initial=0), known.max(initial=0))) + 1
        yes, all_ = np.bincount(known, right, size), np.bincount(known, minlength=size)
        return np.asarray((yes + STRENGTH * self.base_) / (all_ + STRENGTH))[columns]

    def _facts(
        self, needs: Table, offers: Table, rows: Rows, columns: Rows, *, itself: bool
    ) -> tuple[Numbers, Numbers]:
        assert self.known_ is not None
        declared = _gathered(self.matcher, needs, offers, rows, columns)
        _, known, right = self.known_
        size = int(max(columns.max(initial=0), known.max(initial=0))) + 1
        yes, all_ = np.bincount(known, right, size)[columns], np.bincount(known, minlength=size)[columns]
        if itself:
            yes, all_ = yes - right, all_ - 1
        rate = (yes + STRENGTH * self.base_) / (all_ + STRENGTH)
        near = self._alike(needs, rows, columns, itself=itself)
        start = log_odds(declared[:, 0].astype(np.float32)).astype(np.float64)
        return np.column_stack([declared, log_odds(rate.astype(np.float32)), np.log1p(all_), near]), start * 0.1

    def _alike(self, needs: Table, rows: Rows, columns: Rows, *, itself: bool) -> Numbers:
        """(n_pairs, 3) how far above the mean the offer's yes among like needs is, near ones counting most."""
        assert self.known_ is not None and self.needs_ is not None
        theirs, (known_rows, known_columns, right) = self._unit(self.needs_), self.known_
        ours = self._unit(needs)
        order = np.argsort(known_columns, kind="stable")
        ends = np.searchsorted(known_columns[order], np.arange(int(columns.max(initial=-1)) + 2))
        found = np.zeros((len(rows), 3))
        for column in np.unique(columns):
            pairs, past = np.flatnonzero(columns == column), order[ends[column] : ends[column + 1]]
            if len(past) == 0:
                continue
            alike = np.asarray((ours[rows[pairs]] @ theirs[known_rows[past]].T).toarray())
            if itself:
                alike[pairs[:, None] == past[None, :]] = 0
            for at, power in enumerate(POWERS):
                weight = alike**power
                found[pairs, at] = weight @ (right[past] - self.base_) / (weight.sum(axis=1) + 1)
        return found

    def _unit(self, table: Table) -> sparse.csr_matrix:
        """(n, n_codes) rows of length one over the codes of all sets."""
        parts = []
        for name in self.sets:
            column = table.codes(name)
            pairs = [
                (at, self.codes_[key])
                for at, code in enumerate(column.codes)
                if (key := f"{name}:{code}") in self.codes_
            ]
            at, to = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
            links = sparse.csr_matrix((np.ones(len(at)), (at, to)), shape=(len(column.codes), len(self.codes_)))
            parts.append(column.hot @ links)
        whole = sparse.csr_matrix(sum(parts))
        length = np.sqrt(np.asarray(whole.multiply(whole).sum(axis=1)).ravel())
        return sparse.csr_matrix(sparse.diags(1 / np.maximum(length, 1e-9)) @ whole)


def _gathered(matcher: Matcher, needs: Table, offers: Table, rows: Rows, columns: Rows) -> Numbers:
    """(n_pairs, 1 + n_features) the declared score and the features of pairs; silence is 1/2."""
    found = np.zeros((len(rows), 1 + len(matcher.features_)))
    asked = np.unique(rows)
    for first in range(0, len(asked), BLOCK):
        block = asked[first : first + BLOCK]
        here = np.flatnonzero((rows >= block[0]) & (rows <= block[-1]))
        judged = matcher.judge(needs.take(block), offers, ())
        at = np.searchsorted(block, rows[here]), columns[here]
        found[here, 0] = judged.scores.joint[at]
        for place, part in enumerate(matcher.features_):
            found[here, place + 1] = np.nan_to_num(judged.values[part.name][at], nan=0.5)
    return found


def _fitted(facts: Numbers, start: Numbers, right: Bools, groups: Rows, ridge: float, prior: Numbers) -> Numbers:
    """Weights by L-BFGS: logistic loss around each need's own mean, so that a need with many pairs does not lead."""
    weight = evened(groups)
    held = np.column_stack([facts, np.ones(len(facts))])

    def loss(weights: Numbers) -> tuple[float, Numbers]:
        odds = held @ weights + start
        chance = 1 / (1 + np.exp(-odds))
        value = weight @ (np.logaddexp(0, odds) - right * odds)
        away = weights - np.append(prior, 0)
        pulled = away * np.append(np.full(facts.shape[1], ridge), 0)
        return float(value) + float(pulled @ away) / 2, held.T @ (weight * (chance - right)) + pulled

    found = optimize.minimize(loss, np.zeros(held.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 200})
    return np.asarray(found.x[:-1])


def evened(groups: Rows) -> Numbers:
    """(n_pairs,) weights that fall with the root of how many pairs the need has."""
    _, at, size = np.unique(groups, return_inverse=True, return_counts=True)
    return np.asarray(1 / np.sqrt(size[at]))
