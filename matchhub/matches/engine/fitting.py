"""Weights as data, and a matcher learned from a market."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, TYPE_CHECKING

from sqlalchemy.orm import Session

from matchhub.core import dictionaries
from matchhub.listings.enums import PairingKind
from matchhub.matches.engine.tables import Market, table_of
from matchhub.matches.kinds import KINDS

if TYPE_CHECKING:
    from matchhub.matcher import Matcher, Weights


@cache
def _proposed(kind: PairingKind) -> str:
    return KINDS[kind].weights.read_text(encoding="utf-8")


def default_spec(kind: PairingKind) -> dict[str, Any]:
    """The library's proposed weights as data: readable without importing the library (a test keeps them equal)."""
    spec: dict[str, Any] = json.loads(_proposed(kind))
    return spec


def weights_of(spec: dict[str, Any]) -> Weights:
    """A stored version of the weights. Raises ValueError where it is not one."""
    from matchhub.matcher import Weights  # noqa: PLC0415 -- the matcher is imported late

    return Weights.from_json(json.dumps(spec))


def learned(session: Session, market: Market, spec: dict[str, Any]) -> Matcher:
    """Learn from the market and its past under a version of the weights."""
    from matchhub.matcher import History, Matcher, RECIPES  # noqa: PLC0415 -- the matcher is imported late

    recipe = RECIPES[market.kind.value](zones=zones(session), weights=weights_of(spec))
    history = None
    if market.past is not None and market.past.ids:
        history = History.of(table_of(market.past), market.past.offer_ids, market.past.events, market.past.firms)
    return Matcher(recipe).fit(market.needs, market.offers, history, market.answered)


def zones(session: Session) -> dict[str, str]:
    """Local codes placed in the regions of the standard, from the dictionary."""
    parents = dictionaries.snapshot(session).parents("regions")
    return {code: parent for code, parent in parents.items() if parent and not code.isdecimal()}
