"""What a need's list would be if it told a fact that it does not tell: tried with what similar needs tell."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from matchhub.matcher.deletion import read_of_need
from matchhub.matcher.features import Feature
from matchhub.matcher.ranking import top
from matchhub.matcher.table import Floats, Rows, Table

if TYPE_CHECKING:
    from matchhub.matcher.engine import Matcher

TRIED, FIRST, MOST_OFFERS = 5, 10, 2000


def changes(matcher: Matcher, need: Table, offers: Table, parts: list[Feature], peers: Table) -> dict[str, float]:
    """feature → how many of the first FIRST places would be other offers, on average over what the TRIED most similar of
    the peers (other needs, as plain columns) tell there. Features on which no peer speaks are left out.

    Of very many offers every nth is looked at. The variants of a need are judged as one block.
    """
    sample = offers.take(slice(None, None, max(1, -(-len(offers) // MOST_OFFERS))))
    drawn = {part.name: (part, _similar(need, peers, np.flatnonzero(part.needs_speak(peers)))) for part in parts}
    drawn = {name: (part, rows) for name, (part, rows) in drawn.items() if len(rows)}
    if not drawn:
        return {}
    now = _first(matcher, need, sample)
    return {
        name: _others(_first(matcher, filled(need, part, peers, rows), sample), now)
        for name, (part, rows) in drawn.items()
    }


def filled(need: Table, part: Feature, peers: Table, rows: Rows) -> Table:
    """The need once for each row of the peers, with what that peer tells on this feature."""
    variants, told = need.take([0] * len(rows)), peers.take(rows)
    names = read_of_need(part)
    return replace(
        variants,
        numbers={**variants.numbers, **{name: told.numbers[name] for name in names if name in told.numbers}},
        sets={**variants.sets, **{name: told.sets[name] for name in names if name in told.sets}},
        texts={**variants.texts, **{name: told.texts[name] for name in names if name in told.texts}},
    )


def _similar(need: Table, peers: Table, among: Rows) -> Rows:
    """The TRIED of these peers that share most codes with the need; ties to the earlier row."""
    shared = np.zeros(len(peers))
    for name, column in need.sets.items():
        for code in column.row(0):
            shared += peers.codes(name).has(code)
    return among[np.argsort(-shared[among], kind="stable")[:TRIED]]


def _first(matcher: Matcher, needs: Table, offers: Table) -> Floats:
    """(n_needs, n_offers) 1 where an offer is among the FIRST of a need."""
    keys = matcher.judge(needs, offers).key
    listed = np.zeros(keys.shape)
    listed[top(keys, FIRST)] = 1
    return listed


def _others(then: Floats, now: Floats) -> float:
    """The mean number of places that others take."""
    return float(np.maximum(then - now, 0).sum(axis=1).mean())
