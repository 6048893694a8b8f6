"""What the past tells of every offer: where, in what, when, how much and with whom its owner took part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from matchhub.matcher.affinity import Affinity, Encoded, Vector
from matchhub.matcher.arrays import csr, one_hot
from matchhub.matcher.history import History
from matchhub.matcher.reranking.joining import Joining
from matchhub.matcher.reranking.shares import Shares
from matchhub.matcher.reranking.telling import Telling
from matchhub.matcher.table import Block, Rows

HALF_LIVES = {"": 2000.0, "_lately": 365.0}
"""Days in which a round counts half, by the ending of the fact's name."""

BINS = np.log(np.array([1e4, 3e4, 1e5, 3e5, 1e6, 2e6, 4e6, 8e6, 1.6e7, 3.2e7, 6.4e7, 1.3e8, 5e8]))


@dataclass(frozen=True, slots=True)
class Crossing:
    """How often an offer took two codes together: those of two columns of an encoded table."""

    one: str
    other: str
    shares: Shares

    def lift(self, needs: Encoded) -> Block:
        """(n_needs, n_offers) as of `Shares`."""
        return self.shares.lift(together(needs, self.one, self.other))


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that is known of the offers with a past, as of the end of that past."""

    affinity: Affinity
    part: sparse.csr_matrix
    levels: dict[str, Shares]
    steps: dict[str, Shares]
    bins: dict[str, Shares]
    starts: Shares
    openings: Shares
    sums: Shares
    months: Shares
    crossings: dict[str, Crossing]
    company: sparse.csr_matrix
    subsets: dict[str, Vector]
    words: sparse.csr_matrix
    near: sparse.csr_matrix
    after: sparse.csr_matrix
    kin: sparse.csr_matrix
    joining: Joining
    telling: Telling
    traits: dict[str, Vector]
    middle: Vector
    spread: Vector
    rung: Vector

    @classmethod
    def of(cls, history: History, offer_ids: Sequence[Any], affinity: Affinity) -> Dossier:
        """Read the past; `affinity` knows its codes."""
        rounds, part = affinity.encode(history.rounds), history.participation(offer_ids)
        turned = sparse.csr_matrix(part.T)
        age = np.maximum(affinity.today_ - rounds.day, 0)
        decayed = {end: sparse.csr_matrix(turned.multiply(_decay(age, end)[None, :])) for end in HALF_LIVES}
        amounts = one_hot(bins(rounds.amount), len(BINS) + 1)
        starts = one_hot(np.where(rounds.debut > 0.5, 1, 0), 2)
        levels = {
            f"{name}{end}": Shares.of(weighed, hot[rounds.cell])
            for (name, hot) in zip(level_names(affinity), rounds.levels, strict=True)
            for end, weighed in decayed.items()
        }
        middle, spread = moments(turned, rounds.amount)
        words = sparse.csr_matrix(turned @ rounds.text)
        near = sparse.csr_matrix(decayed[""] @ rounds.members)
        return cls(
            affinity,
            part,
            levels,
            {end: Shares.of(weighed, rounds.steps[rounds.step]) for end, weighed in decayed.items()},
            {end: Shares.of(weighed, amounts) for end, weighed in decayed.items()},
            Shares.of(decayed[""], starts),
            Shares.of(decayed[""], one_hot((rounds.opening > 0).astype(np.int64), 2)),
            Shares.of(decayed[""], one_hot(sums(rounds.amount), SUMS)),
            Shares.of(decayed[""], one_hot(rounds.month, 12)),
            _crossings(affinity, decayed[""], rounds),
            _company(part, turned),
            {"first": (rounds.debut > 0.5).astype(np.float32), "lately": np.exp(-age / 365).astype(np.float32)},
            unit(words),
            near,
            sparse.csr_matrix(turned @ rounds.backers, dtype=np.float32),
            _per_member(near, rounds.members),
            Joining.of(affinity, rounds, part, _decay(age, "_lately"), offer_ids),
            Telling.of(affinity, decayed[""], rounds),
            _traits(turned, decayed, age, rounds),
            middle,
            spread,
            moments(turned, rounds.rung[rounds.step])[0],
        )


def _decay(age: Vector, end: str) -> Vector:
    """What rounds of an age in days count, by the ending of the fact's name."""
    return np.asarray(0.5 ** (age / HALF_LIVES[end]), dtype=np.float32)


def _per_member(near: sparse.csr_matrix, members: sparse.csr_matrix) -> sparse.csr_matrix:
    """`near` with each member's column as shares of that member's rounds."""
    rounds = np.asarray(members.sum(axis=0)).ravel()
    return sparse.csr_matrix(near @ sparse.diags(1 / (rounds + 2)), dtype=np.float32)


def _company(part: sparse.csr_matrix, turned: sparse.csr_matrix) -> sparse.csr_matrix:
    """(n_offers, n_offers) of whose company an offer's rounds are: shares of those it was in rounds with, towards less where
    it had little company."""
    shared = sparse.coo_matrix(turned @ part)
    away = shared.coords[0] != shared.coords[1]
    rows, columns, times = shared.coords[0][away], shared.coords[1][away], shared.data[away]
    whole = np.bincount(rows, times, part.shape[1]) + 2
    held = (times / whole[rows]).astype(np.float32)
    return sparse.csr_matrix((held, (rows, columns)), shape=shared.shape)


def _crossings(affinity: Affinity, weighed: sparse.csr_matrix, rounds: Encoded) -> dict[str, Crossing]:
    """Field with place, and step with either."""
    trees = list(affinity.facts.trees.items())
    names = [f"{name}{level}" for name, (_, depth) in trees for level in range(depth)]
    if len(trees) < 2:
        return {}
    (field, _), (place, (_, depth)) = trees[0], trees[1]
    first = names.index(f"{field}0")
    levels = [names.index(f"{place}{level}") for level in range(1, min(depth, 3))]
    pairs = {f"field_place{at}": (f"level{first}", f"level{level}") for at, level in enumerate(levels)}
    pairs["round_field"] = ("step", f"level{first}")
    if levels:
        pairs["round_place"] = ("step", f"level{levels[0]}")
    return {
        name: Crossing(one, other, Shares.of(weighed, together(rounds, one, other)))
        for name, (one, other) in pairs.items()
    }


def together(rows: Encoded, one: str, other: str) -> sparse.csr_matrix:
    """(n, n_codes · n_other_codes) ones where a row has both codes."""
    left, right = (
        of_rows(rows.steps, rows.step)
        if name == "step"
        else of_rows(rows.levels[int(name.removeprefix("level"))], rows.cell)
        for name in (one, other)
    )
    counts = np.diff(right.indptr)
    line = np.repeat(np.arange(left.shape[0]), np.diff(left.indptr))
    times = counts[line]
    codes = np.repeat(left.indices.astype(np.int64), times) * right.shape[1]
    within = np.arange(int(times.sum())) - np.repeat(np.cumsum(times) - times, times)
    codes += right.indices[np.repeat(right.indptr[line].astype(np.int64), times) + within]
    shape = (left.shape[0], left.shape[1] * right.shape[1])
    if len(rows) == 1:
        return csr(np.ones(len(codes), np.float32), codes, np.array([0, len(codes)]), shape)
    return sparse.csr_matrix((np.ones(len(codes), np.float32), (np.repeat(line, times), codes)), shape=shape)


def of_rows(distinct: sparse.csr_matrix, place: Rows) -> sparse.csr_matrix:
    """(n, codes) of each row, from the distinct ones and the place of each row among them."""
    return distinct if len(place) == distinct.shape[0] == 1 else distinct[place]


def level_names(affinity: Affinity) -> list[str]:
    """The names of the levels of places and fields."""
    return [f"{name}{level}" for name, (_, depth) in affinity.facts.trees.items() for level in range(depth)]


def bins(amounts: Vector) -> Rows:
    """(n,) the size class of each log amount, -1 where it is not known."""
    return np.where(np.isnan(amounts), -1, np.searchsorted(BINS, np.nan_to_num(amounts))).astype(np.int64)


SUMS = 700


def sums(amounts: Vector) -> Rows:
    """(n,) each log amount to about 4 %, as one of SUMS: some always give the same sum; -1 where it is not known."""
    held = np.clip(np.round(np.nan_to_num(amounts) * 25), 0, SUMS - 1)
    return np.where(np.isnan(amounts), -1, held).astype(np.int64)


def unit(rows: sparse.csr_matrix) -> sparse.csr_matrix:
    """Rows of length one; empty ones stay empty."""
    length = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    return sparse.csr_matrix(sparse.diags(1 / np.maximum(length, 1e-9)) @ rows, dtype=np.float32)


def moments(turned: sparse.csr_matrix, values: Vector) -> tuple[Vector, Vector]:
    """(n_offers,) mean and spread of a number over an offer's rounds; the mean of all where it has none."""
    known = ~np.isnan(values)
    held, ones = np.nan_to_num(values).astype(np.float64), known.astype(np.float64)
    whole = float(held.sum() / max(ones.sum(), 1))
    count = turned @ ones
    mean = (turned @ held + whole) / (count + 1)
    square = (turned @ (held**2 * ones) + (whole**2 + 1)) / (count + 1)
    return mean.astype(np.float32), np.sqrt(np.maximum(square - mean**2, 0.05)).astype(np.float32)


def _traits(
    turned: sparse.csr_matrix, decayed: dict[str, sparse.csr_matrix], age: Vector, rounds: Encoded
) -> dict[str, Vector]:
    """(n_offers,) numbers of the offer alone."""
    ones = np.ones(turned.shape[1], dtype=np.float32)
    count = turned @ ones
    lately = decayed["_lately"] @ ones
    last = np.full(turned.shape[0], 40.0, np.float32)
    first = np.zeros(turned.shape[0], np.float32)
    filled = np.flatnonzero(np.diff(turned.indptr))
    years = age[turned.indices] / np.float32(365.25)
    last[filled] = np.minimum.reduceat(years, turned.indptr[filled]) if len(filled) else 0
    first[filled] = np.maximum.reduceat(years, turned.indptr[filled]) if len(filled) else 0
    debuts = turned @ rounds.debut
    return {
        "rounds": np.log1p(count),
        "rounds_lately": np.log1p(lately),
        "rounds_quarter": np.log1p(turned @ (0.5 ** (age / 90))),
        "share_lately": np.log((lately + 0.2) / (count + 1)),
        "last": np.log1p(last),
        "first": np.log1p(first),
        "syndicate": np.asarray((turned @ rounds.syndicate + 1) / (count + 1)),
        "debuts": np.log1p(debuts),
    }
