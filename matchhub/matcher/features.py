"""Soft evidence: each feature compares a block of needs with a block of offers and says when it has nothing to say."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self, TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matchhub.matcher.estimator import Estimator
from matchhub.matcher.table import Block, Bools, Floats, Rows, SetColumn, Table

if TYPE_CHECKING:
    from matchhub.matcher.history import History
    from matchhub.matcher.kinship import Kinship

SILENT = np.float32(np.nan)


@dataclass
class Feature(Estimator):
    """One named comparison. Values are float32 in [0, 1]; NaN says that a side is silent.

    `by_side`: the value is NaN exactly where a side does not speak, and `near` tells it for one need.
    """

    name: str
    by_side: ClassVar[bool] = False

    def fit(self, needs: Table, offers: Table, history: History | None) -> Self:
        """Learn what the comparison needs to know of all rows; most need nothing."""
        return self

    def compare(self, needs: Table, offers: Table) -> Block:
        """(n_needs, n_offers) float32 block in [0, 1], NaN where a side is silent."""
        raise NotImplementedError

    def near(self, need: Table, offers: Table) -> NDArray[np.float32]:
        """(n_offers,) the values of one need that speaks (a table of one row), 0 where an offer is silent."""
        return np.nan_to_num(self.compare(need, offers)[0])

    def spoken(self, need: Table, offers: Table) -> tuple[Rows, NDArray[np.float32]]:
        """The offers for which it speaks to one need (a table of one row), and the values there."""
        values = self.compare(need, offers)[0]
        speaks = np.flatnonzero(~np.isnan(values))
        return speaks, values[speaks]

    def lend(self, whole: Table, part: Table, rows: Rows) -> None:
        """Remember of `part`, the `rows` of `whole`, what was made of all offers; most make nothing of them."""

    def renew(self, before: Table, now: Table) -> None:
        """Remember of `now` what was made of the rows of `before` that are in it unchanged; most make nothing of rows."""

    def offer_columns(self) -> tuple[str, ...] | None:
        """The offers' numbers and sets that `compare` reads, so that equal offers are compared once (a name that ends in *
        stands for all that begin so); None where it reads texts or ids."""
        return None

    def needs_speak(self, needs: Table) -> Bools:
        """(n_needs,) whether the need's side of the comparison is filled in."""
        return np.ones(len(needs), dtype=bool)

    def offers_speak(self, offers: Table) -> Bools:
        """(n_offers,) whether the offer's side of the comparison is filled in."""
        return np.ones(len(offers), dtype=bool)

    def evidence(self, need: Table, offer: Table) -> Mapping[str, Any]:
        """What both sides said, for one need and one offer (tables of one row), in machine-readable values."""
        return {}

    def evidences(self, needs: Table, offers: Table, pairs: Sequence[tuple[int, int]]) -> list[Mapping[str, Any]]:
        """The evidence of many pairs of rows: of lists that are stored."""
        ours = {row: needs.one(row) for row in {row for row, _ in pairs}}
        theirs = {row: offers.one(row) for row in {row for _, row in pairs}}
        return [self.evidence(ours[need], theirs[offer]) for need, offer in pairs]


@dataclass
class CodeFit(Feature):
    """How near the best of the need's codes comes to one of the offer's: industry, round, region, instrument.

    1 where either says 不限; a set that is not filled in is silent.
    """

    need: str
    offer: str
    kinship: Kinship

    def compare(self, needs: Table, offers: Table) -> Block:
        """(n_needs, n_offers) float32 block in [0, 1], NaN where a side is silent."""
        asked, offered = needs.codes(self.need), offers.codes(self.offer)
        best = best_pair(asked, offered, self._near(asked.codes, offered.codes))
        best[asked.anything, :] = 1
        best[:, offered.anything] = 1
        best[~asked.known[:, None] & ~offered.anything[None, :]] = SILENT
        best[~offered.known[None, :] & ~asked.anything[:, None]] = SILENT
        return best

    def _near(self, asked: tuple[str, ...], offered: tuple[str, ...]) -> Block:
        return self.kept((asked, offered), lambda: self.kinship.nearness(asked, offered))

    def offer_columns(self) -> tuple[str, ...] | None:
        """The offered set."""
        return (self.offer,)

    def needs_speak(self, needs: Table) -> Bools:
        """(n_needs,) whether the set is filled in."""
        return needs.codes(self.need).known

    def offers_speak(self, offers: Table) -> Bools:
        """(n_offers,) whether the set is filled in and asks for something: 不限 needs nothing of the need."""
        column = offers.codes(self.offer)
        return column.known & ~column.anything

    def evidence(self, need: Table, offer: Table) -> Mapping[str, Any]:
        """Both sets, and the pairs of codes that are nearest."""
        return self.evidences(need, offer, [(0, 0)])[0]

    def evidences(self, needs: Table, offers: Table, pairs: Sequence[tuple[int, int]]) -> list[Mapping[str, Any]]:
        """The evidence of many pairs of rows; the same two sets are compared once."""
        asked, offered = needs.codes(self.need), offers.codes(self.offer)
        ours = {row: asked.row(row) for row in {row for row, _ in pairs}}
        theirs = {row: offered.row(row) for row in {row for _, row in pairs}}
        near = {asked_: self._nearest(asked_, set(theirs.values())) for asked_ in set(ours.values())}
        return [near[ours[need]][theirs[offer]] for need, offer in pairs]

    def _nearest(
        self, asked: tuple[str, ...], sets: Collection[tuple[str, ...]]
    ) -> dict[tuple[str, ...], Mapping[str, Any]]:
        """What is told of one asked set and each of the offered ones: their codes are compared all at once."""
        offered = tuple(dict.fromkeys(code for held in sets for code in held))
        columns = dict(zip(offered, self.kinship.nearness(asked, offered).T.tolist(), strict=True))
        return {held: _told(asked, held, [columns[code] for code in held]) for held in sets}


def _told(asked: tuple[str, ...], offered: tuple[str, ...], near: list[list[float]]) -> Mapping[str, Any]:
    """Both sets and their nearest pairs; `near[j][i]` is the nearness of the i-th asked code to the j-th offered one."""
    top = max((value for column in near for value in column), default=0)
    common = [
        (code, offered[j]) for i, code in enumerate(asked) for j, column in enumerate(near) if column[i] == top > 0
    ]
    return {"need": asked, "offer": offered, "nearest": tuple(common)}


def best_pair(asked: SetColumn, offered: SetColumn, near: Block) -> Block:
    """(n_asked, n_offered) float32: the nearest pair of codes of the two sets, 0 where there is none.

    `near` is the nearness of their codes. It takes few values, so the maximum over pairs is one sparse product a value,
    nearest last.
    """
    best = np.zeros((asked.hot.shape[0], offered.hot.shape[0]), dtype=np.float32)
    if len(best) == 1:
        _nearest_of(near[asked.hot.indices], offered.hot, best[0])
        return best
    used, at = np.unique(asked.hot.indices, return_inverse=True)
    ours = sparse.csr_matrix((asked.hot.data, at, asked.hot.indptr), shape=(len(best), len(used)))
    near = near[used]
    for level in np.unique(near[near > 0]):
        reached = offered.hot @ (near >= level).T.astype(np.float32)
        hit = ours @ np.ascontiguousarray(reached.T)
        best[hit > 0] = level
    return best


def _nearest_of(near: Block, offered: sparse.csr_matrix, best: NDArray[np.float32]) -> None:
    """Put the nearest pair of one set (near: its codes by all codes) and each offered set into `best`."""
    if len(near) and len(offered.indices):
        filled = np.diff(offered.indptr) > 0
        best[filled] = np.maximum.reduceat(near.max(axis=0)[offered.indices], offered.indptr[:-1][filled])


@dataclass
class RangeFit(Feature):
    """How well the amount asked for meets the range offered (元).

    1 where the two ranges overlap, falling as exp(-d / tolerance) with the log distance d between their nearer ends.
    A missing end is open, a range with neither end is silent.
    """

    need: tuple[str, str]
    offer: tuple[str, str]
    tolerance: float = 0.7

    def compare(self, needs: Table, offers: Table) -> Block:
        """(n_needs, n_offers) float32 block in [0, 1], NaN where a side is silent."""
        gap = range_gap(needs, offers, self.need, self.offer)
        fit: Block = np.exp(-gap / self.tolerance).astype(np.float32)
        fit[~self.needs_speak(needs), :] = SILENT
        fit[:, ~self.offers_speak(offers)] = SILENT
        return fit

    def offer_columns(self) -> tuple[str, ...] | None:
        """Both ends of the offered range."""
        return self.offer

    def needs_speak(self, needs: Table) -> Bools:
        """(n_needs,) whether an end of the range is filled in."""
        return range_known(needs, self.need)

    def offers_speak(self, offers: Table) -> Bools:
        """(n_offers,) whether an end of the range is filled in."""
        return range_known(offers, self.offer)

    def evidence(self, need: Table, offer: Table) -> Mapping[str, Any]:
        """Both ranges as (low, high), None for an open end."""
        return self.evidences(need, offer, [(0, 0)])[0]

    def evidences(self, needs: Table, offers: Table, pairs: Sequence[tuple[int, int]]) -> list[Mapping[str, Any]]:
        """The evidence of many pairs of rows."""
        ours = {row: range_of(needs, self.need, row) for row in {row for row, _ in pairs}}
        return [{"need": ours[need], "offer": range_of(offers, self.offer, offer)} for need, offer in pairs]


def range_gap(needs: Table, offers: Table, need: tuple[str, str], offer: tuple[str, str]) -> Block:
    """(n_needs, n_offers) float32 log distance between two ranges, 0 where they overlap; open ends reach everywhere."""
    ask_low, ask_high = _ends(needs, need)
    low, high = _ends(offers, offer)
    below = low[None, :] - ask_high[:, None]
    above = ask_low[:, None] - high[None, :]
    return np.asarray(np.maximum(0, np.maximum(below, above)), dtype=np.float32)


def range_known(table: Table, names: tuple[str, str]) -> Bools:
    """(n,) whether at least one end of the range is filled in."""
    return np.asarray(~(np.isnan(table.number(names[0])) & np.isnan(table.number(names[1]))))


def range_of(table: Table, names: tuple[str, str], row: int = 0) -> tuple[float | None, float | None]:
    """The two ends in a row of a table, None for an open end."""
    low, high = (float(table.number(name)[row]) for name in names)
    return (None if np.isnan(low) else low, None if np.isnan(high) else high)


def _ends(table: Table, names: tuple[str, str]) -> tuple[Floats, Floats]:
    """(n,) natural logs of the two ends, infinite where open; 0 元 counts as 1."""
    low, high = (np.log(np.maximum(table.number(name), 1)) for name in names)
    return np.where(np.isnan(low), -np.inf, low), np.where(np.isnan(high), np.inf, high)


@dataclass
class Promptness(Feature):
    """How soon the offer's owner usually answers: 1 / (1 + days / half), so that `half` days give one half."""

    days: str
    half: float = 7.0

    def compare(self, needs: Table, offers: Table) -> Block:
        """(n_needs, n_offers) float32 block, the same in every row; NaN where no answer was ever measured."""
        prompt = 1 / (1 + np.maximum(offers.number(self.days), 0) / self.half)
        return np.repeat(prompt.astype(np.float32)[None, :], len(needs), axis=0)

    def offer_columns(self) -> tuple[str, ...] | None:
        """The days."""
        return (self.days,)

    def offers_speak(self, offers: Table) -> Bools:
        """(n_offers,) whether answers were measured."""
        return ~np.isnan(offers.number(self.days))

    def evidence(self, need: Table, offer: Table) -> Mapping[str, Any]:
        """The days measured."""
        return self.evidences(need, offer, [(0, 0)])[0]

    def evidences(self, needs: Table, offers: Table, pairs: Sequence[tuple[int, int]]) -> list[Mapping[str, Any]]:
        """The evidence of many pairs of rows."""
        days = offers.number(self.days)
        return [{"offer": None if np.isnan(days[row]) else float(days[row])} for _, row in pairs]
