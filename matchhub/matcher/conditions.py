"""Evidence that loans and advice need beside codes and ranges: conditions met, rates, first loans, topics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from matchhub.matcher.features import CodeFit, Feature, SILENT
from matchhub.matcher.kinship import same
from matchhub.matcher.rules import FAIL, PASS, Rule
from matchhub.matcher.table import Block, Bools, Floats, Table

RATE_FOR = "rate_for."
"""Offer columns with the rate for the holders of a qualification: rate_for.hnte."""


@dataclass
class Conditions(Feature):
    """What the offer would rather see: the share of its conditions that the need meets, among those that can be judged."""

    rules: tuple[Rule, ...]

    def compare(self, needs: Table, offers: Table) -> Block:
        """(n_needs, n_offers) float32 block in [0, 1]; NaN where nothing is asked for, or nothing of it can be judged."""
        met, judged = (np.zeros((len(needs), len(offers)), np.float32) for _ in range(2))
        for rule in self._stated(offers):
            outcome, stated = rule.judge(needs, offers), rule.offers_speak(offers)[None, :]
            met += (outcome == PASS) & stated
            judged += ((outcome == PASS) | (outcome == FAIL)) & stated
        return np.divide(met, judged, out=np.full(met.shape, SILENT), where=judged > 0)

    def _stated(self, offers: Table) -> list[Rule]:
        return [rule for rule in self.rules if rule.offers_speak(offers).any()]

    def offer_columns(self) -> tuple[str, ...] | None:
        """Those of all conditions; None where one reads more."""
        read = [rule.offer_columns() for rule in self.rules]
        return None if None in read else tuple(name for names in read for name in names or ())

    def needs_speak(self, needs: Table) -> Bools:
        """(n_needs,) whether any fact that could be asked for is filled in."""
        return np.logical_or.reduce([rule.needs_speak(needs) for rule in self.rules])

    def offers_speak(self, offers: Table) -> Bools:
        """(n_offers,) whether anything is asked for."""
        return np.logical_or.reduce([rule.offers_speak(offers) for rule in self.rules])

    def evidence(self, need: Table, offer: Table) -> Mapping[str, Any]:
        """Names of the conditions that are met and not met, with what the offer asks for."""
        told: dict[str, list[tuple[str, Any]]] = {"met": [], "unmet": []}
        for rule in self._stated(offer):
            outcome = rule.judge(need, offer)[0, 0]
            if outcome in (PASS, FAIL):
                told["met" if outcome == PASS else "unmet"].append((rule.name, rule.cause(need, offer)["offer"]))
        return {name: tuple(found) for name, found in told.items()}


@dataclass
class RateFit(Feature):
    """The lowest rate that the need's owner can get against the highest that it accepts, in basis points.

    1 at or below it, falling as exp(-gap / tolerance). A qualification may bring a better rate than the ordinary one.
    """

    need: str
    offer: str
    qualifications: str = "qualifications"
    tolerance: float = 100.0

    def compare(self, needs: Table, offers: Table) -> Block:
        """(n_needs, n_offers) float32 block in [0, 1], NaN where a side is silent."""
        gap = np.maximum(0, self._rates(needs, offers) - needs.number(self.need)[:, None])
        return np.asarray(np.exp(-gap / self.tolerance), dtype=np.float32)

    def _rates(self, needs: Table, offers: Table) -> Floats:
        """(n_needs, n_offers) the rate for each need."""
        rates = np.repeat(offers.number(self.offer)[None, :], len(needs), axis=0)
        holders = needs.codes(self.qualifications)
        for code, better in self._better(offers):
            rates = np.fmin(rates, np.where(holders.has(code)[:, None], better[None, :], np.nan))
        return rates

    def _better(self, offers: Table) -> list[tuple[str, Floats]]:
        return [
            (name.removeprefix(RATE_FOR), rates) for name, rates in offers.numbers.items() if name.startswith(RATE_FOR)
        ]

    def offer_columns(self) -> tuple[str, ...] | None:
        """The ordinary rate and those for holders of a qualification."""
        return (self.offer, f"{RATE_FOR}*")

    def needs_speak(self, needs: Table) -> Bools:
        """(n_needs,) whether a highest rate is stated."""
        return ~np.isnan(needs.number(self.need))

    def offers_speak(self, offers: Table) -> Bools:
        """(n_offers,) whether a rate is stated that anybody can get."""
        return ~np.isnan(offers.number(self.offer))

    def evidence(self, need: Table, offer: Table) -> Mapping[str, Any]:
        """The rate accepted, the rate offered, and the qualification that brings it ("" for the ordinary one)."""
        rate = float(self._rates(need, offer)[0, 0])
        held = need.codes(self.qualifications)
        ordinary = float(offer.number(self.offer)[0])
        by = [
            code for code, rates in self._better(offer) if held.has(code)[0] and rates[0] == rate and rate != ordinary
        ]
        most = float(need.number(self.need)[0])
        return {
            "need": None if np.isnan(most) else most,
            "offer": None if np.isnan(rate) else rate,
            "by": by[0] if by else "",
        }


@dataclass
class FirstLoan(Feature):
    """Whether a first borrower meets a lender that welcomes one.

    A first borrower: 1 where welcome, 0 where not. Another one: 1 where first loans are no aim, 1/2 where they are.
    """

    need: str
    offer: str

    def compare(self, needs: Table, offers: Table) -> Block:
        """(n_needs, n_offers) float32 block in [0, 1], NaN where a side is silent."""
        first, welcome = needs.number(self.need)[:, None], offers.number(self.offer)[None, :]
        value = np.where(first == 1, welcome, 1 - welcome / 2)
        return np.where(np.isnan(first) | np.isnan(welcome), SILENT, value).astype(np.float32)

    def offer_columns(self) -> tuple[str, ...] | None:
        """The offer's answer."""
        return (self.offer,)

    def needs_speak(self, needs: Table) -> Bools:
        """(n_needs,) whether it is known."""
        return ~np.isnan(needs.number(self.need))

    def offers_speak(self, offers: Table) -> Bools:
        """(n_offers,) whether it is known."""
        return ~np.isnan(offers.number(self.offer))

    def evidence(self, need: Table, offer: Table) -> Mapping[str, Any]:
        """Both answers, 1 or 0."""
        return {"need": _plain(need, self.need), "offer": _plain(offer, self.offer)}


@dataclass
class TopicFit(CodeFit):
    """How much of what is asked about the offer covers: 0 without a common topic, else 0.6 and up to 1 with all.

    The first common topic is what a talk needs; each further one is a bonus.
    """

    first: float = 0.6

    def compare(self, needs: Table, offers: Table) -> Block:
        """(n_needs, n_offers) float32 block in [0, 1], NaN where a side is silent."""
        block = super().compare(needs, offers)
        asked, offered = needs.codes(self.need), offers.codes(self.offer)
        reached = offered.hot @ same(asked.codes, offered.codes).T
        common = np.asarray(asked.hot @ np.ascontiguousarray(reached.T))
        share = common / np.maximum(np.asarray(asked.hot.sum(axis=1)).reshape(-1, 1), 1)
        partial = (common > 0) & ~asked.anything[:, None] & ~offered.anything[None, :]
        return np.where(partial, self.first + (1 - self.first) * share, block).astype(np.float32)


def _plain(table: Table, name: str) -> float | None:
    value = float(table.number(name)[0])
    return None if np.isnan(value) else value
