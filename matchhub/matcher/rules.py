"""Hard rules: what is impossible, forbidden, or marked "must" by its owner. Everything else is evidence, a feature."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from matchhub.matcher.estimator import Estimator
from matchhub.matcher.features import Feature
from matchhub.matcher.kinship import Tree
from matchhub.matcher.table import Bools, Floats, SetColumn, Table

Outcomes: TypeAlias = NDArray[np.int8]
Exclusion: TypeAlias = tuple[Hashable, Hashable, str]
"""A pair that must not be suggested: need id, offer id, machine-readable reason (blocked, cooling_off, …)."""

LARGE = 4096
"""From so many rows on, all excluded offers are looked for at once."""

_KNOWN: WeakKeyDictionary[Table, dict[Hashable, list[int]]] = WeakKeyDictionary()

FAIL, UNKNOWN, PASS = np.int8(-1), np.int8(0), np.int8(1)


@dataclass
class Rule(Estimator):
    """One named condition of a pair."""

    name: str

    def judge(self, needs: Table, offers: Table) -> Outcomes:
        """(n_needs, n_offers) int8 block of PASS, UNKNOWN and FAIL."""
        raise NotImplementedError

    def offer_columns(self) -> tuple[str, ...] | None:
        """The offers' numbers and sets that `judge` reads (see `Feature.offer_columns`); None where it reads ids."""
        return None

    def needs_speak(self, needs: Table) -> Bools:
        """(n_needs,) whether the need's side is filled in."""
        return np.ones(len(needs), dtype=bool)

    def offers_speak(self, offers: Table) -> Bools:
        """(n_offers,) whether the offer sets the condition at all."""
        return np.ones(len(offers), dtype=bool)

    def cause(self, need: Table, offer: Table) -> Mapping[str, Any]:
        """What both sides said, for one need and one offer (tables of one row)."""
        return self.causes(need, offer, (0,))[0]

    def causes(self, need: Table, offers: Table, columns: Sequence[int]) -> list[Mapping[str, Any]]:
        """The same for one need and these rows of a table of offers."""
        return [{}] * len(columns)


@dataclass
class Standing(Rule):
    """The offer is open: fails where `column` is 0 (paused, expired, not yet published). The system knows it, so a
    missing value is no silence of anybody and passes."""

    column: str

    def judge(self, needs: Table, offers: Table) -> Outcomes:
        """(n_needs, n_offers) int8 block."""
        return _everyone(needs, np.where(offers.number(self.column) == 0, FAIL, PASS))

    def offer_columns(self) -> tuple[str, ...] | None:
        """The flag."""
        return (self.column,)

    def causes(self, need: Table, offers: Table, columns: Sequence[int]) -> list[Mapping[str, Any]]:
        """The flag."""
        return [{"offer": said} for said in _numbers(offers, self.column, columns)]


@dataclass
class Room(Standing):
    """The offer's owner can take one more: fails where no capacity is left; who states none sets no limit."""

    def judge(self, needs: Table, offers: Table) -> Outcomes:
        """(n_needs, n_offers) int8 block."""
        return _everyone(needs, np.where(offers.number(self.column) <= 0, FAIL, PASS))


@dataclass
class Proven(Standing):
    """What the offer's owner has to prove (such as a registration in date): fails where it is known not to hold, unknown
    where nobody knows."""

    def judge(self, needs: Table, offers: Table) -> Outcomes:
        """(n_needs, n_offers) int8 block."""
        held = offers.number(self.column)
        return _everyone(needs, np.where(np.isnan(held), UNKNOWN, np.where(held > 0, PASS, FAIL)))


@dataclass
class Excluded(Rule):
    """The offer rules out industries: fails where the need lies in one, unknown where the need's code is wider than an
    excluded one or is not filled in."""

    need: str
    offer: str
    tree: Tree

    def judge(self, needs: Table, offers: Table) -> Outcomes:
        """(n_needs, n_offers) int8 block."""
        asked, out = needs.codes(self.need), offers.codes(self.offer)
        inside, around = self._within(asked, out), self._within(out, asked).T
        unsure = around | (~asked.known[:, None] & out.known[None, :])
        return np.where(inside, FAIL, np.where(unsure, UNKNOWN, PASS)).astype(np.int8)

    def _within(self, inner: SetColumn, outer: SetColumn) -> NDArray[np.bool_]:
        """(n_inner, n_outer) whether a code of one set lies in a code of the other."""
        lies = self.kept((inner.codes, outer.codes), lambda: self._lies(inner.codes, outer.codes))
        reached = outer.hot @ lies.T
        return np.asarray(inner.hot @ np.ascontiguousarray(reached.T)) > 0

    def _lies(self, inner: tuple[str, ...], outer: tuple[str, ...]) -> NDArray[np.float32]:
        """(len(inner), len(outer)) 1 where the inner code lies in the outer one."""
        paths = [set(self.tree.path(code)) for code in inner]
        lies = np.array([[code in path for code in outer] for path in paths], dtype=np.float32)
        return lies.reshape(len(inner), len(outer))

    def offer_columns(self) -> tuple[str, ...] | None:
        """What is ruled out."""
        return (self.offer,)

    def offers_speak(self, offers: Table) -> Bools:
        """(n_offers,) whether anything is ruled out."""
        return offers.codes(self.offer).known

    def causes(self, need: Table, offers: Table, columns: Sequence[int]) -> list[Mapping[str, Any]]:
        """Both sets of codes."""
        asked, out = need.codes(self.need).row(0), offers.codes(self.offer)
        return [{"need": asked, "offer": out.row(column)} for column in columns]


@dataclass
class Clash(Rule):
    """The need rules out terms (such as control) that the offer insists on; who rules out nothing accepts all."""

    need: str
    offer: str

    def judge(self, needs: Table, offers: Table) -> Outcomes:
        """(n_needs, n_offers) int8 block."""
        refused, demanded = needs.codes(self.need), offers.codes(self.offer)
        clash = np.zeros((len(needs), len(offers)), dtype=bool)
        for code in set(refused.codes) & set(demanded.codes):
            clash |= refused.has(code)[:, None] & demanded.has(code)[None, :]
        return np.where(clash, FAIL, PASS).astype(np.int8)

    def offer_columns(self) -> tuple[str, ...] | None:
        """What is insisted on."""
        return (self.offer,)

    def causes(self, need: Table, offers: Table, columns: Sequence[int]) -> list[Mapping[str, Any]]:
        """Both sets and what clashes."""
        ours, column = need.codes(self.need).row(0), offers.codes(self.offer)
        told = [(theirs, tuple(sorted(set(ours) & set(theirs)))) for theirs in map(column.row, columns)]
        return [{"need": ours, "offer": theirs, "common": common} for theirs, common in told]


@dataclass
class Bound(Rule):
    """What the offer asks of a number of the need. The number may be known as a band only: `need` names the columns of its
    two ends (the same twice where it is exact), a missing end is open. Passes where the offer asks for nothing, unknown
    where the need says nothing or the band lies on both sides of what is asked for."""

    need: tuple[str, str]
    offer: str

    def judge(self, needs: Table, offers: Table) -> Outcomes:
        """(n_needs, n_offers) int8 block."""
        low, high = (needs.number(name)[:, None] for name in self.need)
        asked = offers.number(self.offer)[None, :]
        silent = np.isnan(low) & np.isnan(high)
        fails, holds = self.against(
            np.where(np.isnan(low), -np.inf, low), np.where(np.isnan(high), np.inf, high), asked
        )
        outcome = np.where(fails & ~silent, FAIL, np.where(holds & ~silent, PASS, UNKNOWN))
        return np.where(np.isnan(asked), PASS, outcome).astype(np.int8)

    def against(self, low: Floats, high: Floats, asked: Floats) -> tuple[Bools, Bools]:
        """Where the whole band is out of the question, and where the whole band will do."""
        raise NotImplementedError

    def offer_columns(self) -> tuple[str, ...] | None:
        """What is asked for."""
        return (self.offer,)

    def needs_speak(self, needs: Table) -> Bools:
        """(n_needs,) whether an end is known."""
        return np.asarray(~np.isnan(needs.number(self.need[0])) | ~np.isnan(needs.number(self.need[1])))

    def offers_speak(self, offers: Table) -> Bools:
        """(n_offers,) whether something is asked for."""
        return np.asarray(~np.isnan(offers.number(self.offer)))

    def causes(self, need: Table, offers: Table, columns: Sequence[int]) -> list[Mapping[str, Any]]:
        """Both ends of the need's number, and what is asked for."""
        ends = tuple(_numbers(need, name, (0,))[0] for name in self.need)
        return [{"need": ends, "offer": asked} for asked in _numbers(offers, self.offer, columns)]


@dataclass
class AtLeast(Bound):
    """The need's number has to reach the offer's."""

    def against(self, low: Floats, high: Floats, asked: Floats) -> tuple[Bools, Bools]:
        """Where the whole band is too low, and where none of it is."""
        return np.asarray(high < asked), np.asarray(low >= asked)


@dataclass
class AtMost(Bound):
    """The need's number must not pass the offer's."""

    def against(self, low: Floats, high: Floats, asked: Floats) -> tuple[Bools, Bools]:
        """Where the whole band is too high, and where none of it is."""
        return np.asarray(low > asked), np.asarray(high <= asked)


@dataclass
class InReach(Bound):
    """Any number of the need's range will do for its owner; impossible is only that even the least is more than the
    offer's most."""

    def against(self, low: Floats, high: Floats, asked: Floats) -> tuple[Bools, Bools]:
        """Where even the least is too much, and where it is not."""
        return np.asarray(low > asked), np.asarray(low <= asked)


@dataclass
class SameAnswer(Rule):
    """The offer asks for an answer to a yes-or-no question (1 or 0); unknown where the need gives none."""

    need: str
    offer: str

    def judge(self, needs: Table, offers: Table) -> Outcomes:
        """(n_needs, n_offers) int8 block."""
        said, asked = needs.number(self.need)[:, None], offers.number(self.offer)[None, :]
        outcome = np.where(np.isnan(said), UNKNOWN, np.where(said == asked, PASS, FAIL))
        return np.where(np.isnan(asked), PASS, outcome).astype(np.int8)

    def offer_columns(self) -> tuple[str, ...] | None:
        """The answer that is asked for."""
        return (self.offer,)

    def needs_speak(self, needs: Table) -> Bools:
        """(n_needs,) whether there is an answer."""
        return np.asarray(~np.isnan(needs.number(self.need)))

    def offers_speak(self, offers: Table) -> Bools:
        """(n_offers,) whether an answer is asked for."""
        return np.asarray(~np.isnan(offers.number(self.offer)))

    def causes(self, need: Table, offers: Table, columns: Sequence[int]) -> list[Mapping[str, Any]]:
        """Both answers."""
        (said,) = _numbers(need, self.need, (0,))
        return [{"need": said, "offer": asked} for asked in _numbers(offers, self.offer, columns)]


@dataclass
class Required(Rule):
    """A condition by its nature, marked or not: where the offer states it, the feature has to reach `at_least`.

    Unknown where the need is silent; an offer that states nothing, or 不限, sets no condition.
    """

    feature: Feature
    at_least: float = 1.0

    def judge(self, needs: Table, offers: Table) -> Outcomes:
        """(n_needs, n_offers) int8 block."""
        stated = self.offers_speak(offers)[None, :]
        if not stated.any():
            return np.full((len(needs), len(offers)), PASS)
        value = self.feature.compare(needs, offers)
        outcome = np.where(np.isnan(value), UNKNOWN, np.where(value >= self.at_least, PASS, FAIL))
        return np.where(stated, outcome, PASS).astype(np.int8)

    def offer_columns(self) -> tuple[str, ...] | None:
        """Those of the feature."""
        return self.feature.offer_columns()

    def needs_speak(self, needs: Table) -> Bools:
        """(n_needs,) whether the need's side is filled in."""
        return self.feature.needs_speak(needs)

    def offers_speak(self, offers: Table) -> Bools:
        """(n_offers,) whether the condition is stated."""
        return self.feature.offers_speak(offers)

    def causes(self, need: Table, offers: Table, columns: Sequence[int]) -> list[Mapping[str, Any]]:
        """What the feature saw."""
        return self.feature.evidences(need, offers, [(0, column) for column in columns])


@dataclass
class Must(Rule):
    """A wish that its owner marked "must" in the set column `must`: its feature has to reach `at_least`.

    Not marked by either owner: passes. Marked and a side silent: unknown.
    """

    feature: Feature
    at_least: float = 1.0
    must: str = "must"

    def judge(self, needs: Table, offers: Table) -> Outcomes:
        """(n_needs, n_offers) int8 block."""
        marked = needs.codes(self.must).has(self.name)[:, None] | offers.codes(self.must).has(self.name)[None, :]
        if not marked.any():
            return np.full(marked.shape, PASS)
        value = self.feature.compare(needs, offers)
        outcome = np.where(np.isnan(value), UNKNOWN, np.where(value >= self.at_least, PASS, FAIL))
        return np.where(marked, outcome, PASS).astype(np.int8)

    def offer_columns(self) -> tuple[str, ...] | None:
        """Those of the feature, and the marks."""
        read = self.feature.offer_columns()
        return None if read is None else (*read, self.must)

    def offers_speak(self, offers: Table) -> Bools:
        """(n_offers,) whether the offer's owner marked it."""
        return offers.codes(self.must).has(self.name)

    def causes(self, need: Table, offers: Table, columns: Sequence[int]) -> list[Mapping[str, Any]]:
        """What the feature saw, and whose must it is."""
        ours, theirs = need.codes(self.must).has(self.name)[0], offers.codes(self.must).has(self.name)
        seen = self.feature.evidences(need, offers, [(0, column) for column in columns])
        owners = [
            tuple(side for side, marks in (("need", ours), ("offer", theirs[column])) if marks) for column in columns
        ]
        return [{**told, "must_of": of} for told, of in zip(seen, owners, strict=True)]


@dataclass
class NotExcluded(Rule):
    """The pair is on no list of exclusions (blocked, an open or just refused introduction)."""

    pairs: Mapping[tuple[Hashable, Hashable], str]

    @classmethod
    def of(cls, exclusions: Iterable[Exclusion]) -> NotExcluded:
        """From (need id, offer id, reason) triples."""
        return cls("exclusion", {(need, offer): reason for need, offer, reason in exclusions})

    def judge(self, needs: Table, offers: Table) -> Outcomes:
        """(n_needs, n_offers) int8 block."""
        outcome = np.full((len(needs), len(offers)), PASS)
        rows = _places(needs.ids) if self.pairs else {}
        asked = [(i, offer) for need, offer in self.pairs for i in rows.get(need, ())]
        if asked:
            names = {offer for _, offer in asked} if len(offers) < LARGE else {offer for _, offer in self.pairs}
            columns = _found(offers, names)
            hits = [(i, j) for i, offer in asked for j in columns.get(offer, ())]
            at = np.array(hits, dtype=np.int64).reshape(-1, 2)
            outcome[at[:, 0], at[:, 1]] = FAIL
        return outcome

    def causes(self, need: Table, offers: Table, columns: Sequence[int]) -> list[Mapping[str, Any]]:
        """The reason on the list."""
        reasons = [self.pairs.get((need.ids[0], offers.ids[column])) for column in columns]
        return [{} if reason is None else {"reason": reason} for reason in reasons]


def _found(table: Table, names: set[Hashable]) -> dict[Hashable, list[int]]:
    """Where these ids stand in a table, remembered while it lives: a million ids are not looked through for each need."""
    known = _KNOWN.setdefault(table, {})
    missing = names - known.keys()
    if missing:
        known.update({name: [] for name in missing})
        for row, name in enumerate(table.ids):
            if name in missing:
                known[name].append(row)
    return known


def _places(ids: Sequence[Hashable]) -> dict[Hashable, list[int]]:
    places: dict[Hashable, list[int]] = {}
    for row, name in enumerate(ids):
        places.setdefault(name, []).append(row)
    return places


def _everyone(needs: Table, outcomes: NDArray[np.int8]) -> Outcomes:
    return np.repeat(outcomes.astype(np.int8)[None, :], len(needs), axis=0)


def _numbers(table: Table, name: str, rows: Sequence[int]) -> list[float | None]:
    """A column of numbers in some rows, None where it is silent."""
    values = table.number(name)
    return [None if np.isnan(values[row]) else float(values[row]) for row in rows]
