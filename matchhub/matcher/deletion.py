"""What a pair would lose without the data behind each of its reasons: the order in which reasons are told.

What a feature adds to a mean does not tell what would be missed: a fact of great weight and middling value adds much, and
without it the mean rises. And a fact is read more than once: the need's field is compared with what the offer declares and
with what its owner did before. So the data themselves are taken out, and the pair is judged anew.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from matchhub.matcher.conditions import Conditions
from matchhub.matcher.features import Feature, Promptness
from matchhub.matcher.hearing import ANSWERS
from matchhub.matcher.table import Floats, Table
from matchhub.matcher.track_record import TrackRecord

if TYPE_CHECKING:
    from matchhub.matcher.engine import Matcher

Both = tuple[Table, Table]


def lost(matcher: Matcher, need: Table, offers: Table) -> dict[str, Floats]:
    """feature → (n_offers,) how much the standing of each pair falls (negative: rises) without the data behind it.

    One need (a table of one row). The standing is the key of the order, second stage included; rules do not count.
    """
    whole = _standing(matcher, need, offers)
    found = {
        part.name: whole - _standing(matcher, *deleted(part)(need, offers))
        for part in matcher.features_
        if matcher.version.a.get(part.name) or matcher.version.b.get(part.name)
    }
    if matcher.hearing_ is not None:
        deaf = copy(matcher)
        deaf.hearing_ = None
        found[ANSWERS] = whole - _standing(deaf, need, offers)
    return found


def deleted(part: Feature) -> Callable[[Table, Table], Both]:
    """Takes out what stands behind a feature: the need's columns, or what only the offer's side has (a past, days to answer,
    conditions that it would rather see)."""
    if isinstance(part, TrackRecord):
        return lambda need, offers: (need, replace(offers, ids=tuple(("nobody", one) for one in offers.ids)))
    if isinstance(part, Promptness):
        return lambda need, offers: (need, without(offers, {part.days}))
    if isinstance(part, Conditions):
        return lambda need, offers: (need, without(offers, {rule.name for rule in part.rules}))
    names = read_of_need(part)
    return lambda need, offers: (without(need, names), offers)


def read_of_need(part: Feature) -> tuple[str, ...]:
    """The need's columns that a feature compares; none where it compares only what the offer's side has."""
    columns = getattr(part, "need", ())
    return (columns,) if isinstance(columns, str) else tuple(columns)


def without(table: Table, names: Collection[str]) -> Table:
    """A table in which these columns are silent."""

    return Table(
        table.ids,
        {name: column for name, column in table.numbers.items() if name not in names},
        {name: column for name, column in table.sets.items() if name not in names},
        {name: column for name, column in table.texts.items() if name not in names},
        {name: column for name, column in table.days.items() if name not in names},
    )


def _standing(matcher: Matcher, need: Table, offers: Table) -> Floats:
    return np.asarray(matcher.refined(matcher.judge(need, offers, ()), need, offers, ()).key[0], dtype=np.float64)
