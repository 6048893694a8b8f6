"""Why pairs stand where they stand: the explanations of one need's list, made together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TYPE_CHECKING

import numpy as np

from matchhub.matcher.explanation import Explanation, Item, Outcome, RuleOutcome
from matchhub.matcher.hearing import heard_items
from matchhub.matcher.ranking import contributions, Shares
from matchhub.matcher.refining import learned_items
from matchhub.matcher.rules import FAIL, PASS, UNKNOWN

if TYPE_CHECKING:
    from matchhub.matcher.engine import Judged, Matcher
    from matchhub.matcher.rules import Rule
    from matchhub.matcher.table import Rows, Table

OUTCOMES = {int(PASS): Outcome.PASS, int(UNKNOWN): Outcome.MAYBE, int(FAIL): Outcome.FAIL}


def explained(
    matcher: Matcher,
    need: Table,
    offers: Table,
    rules: tuple[Rule, ...],
    judged: Judged | None = None,
    columns: Rows | None = None,
) -> Iterator[Explanation]:
    """One explanation an offer, in their order, or of some `columns` of what was judged already; values, evidence and
    silences are found for all of them at once."""
    judged = judged or matcher.refined(matcher.judge(need, offers, rules), need, offers, rules)
    columns = np.arange(len(offers)) if columns is None else columns
    parts = matcher.features_
    pairs = [(0, column) for column in columns.tolist()]
    evidence = [part.evidences(need, offers, pairs) for part in parts]
    spoken = [(bool(part.needs_speak(need)[0]), part.offers_speak(offers)) for part in parts]
    values = np.array([judged.values[part.name][0] for part in parts], dtype=np.float64).reshape(
        len(parts), len(offers)
    )
    weights = _weights(matcher, offers)
    heard = heard_items(matcher, judged, need, offers, columns)
    told = _told(judged, rules, need, offers, columns)
    for at, (column, learned) in enumerate(zip(columns.tolist(), learned_items(judged, columns), strict=True)):
        added = (*learned, *heard[at])
        joint, *given = contributions(values[:, column].tolist(), *(held[:, column].tolist() for held in weights))
        said = [
            (found[at], _silent(says, theirs[column])) for found, (says, theirs) in zip(evidence, spoken, strict=True)
        ]
        items = (*_items(matcher, values[:, column], [held[:, column] for held in weights], given, said), *added)
        joint += sum(item.contribution for item in added)
        yield _explanation(matcher, judged, (need.ids[0], offers.ids[column]), column, joint, told[at], items)


def _weights(matcher: Matcher, offers: Table) -> list[Shares]:
    """(n_features, n_offers) weight of every feature on each side, 0 where the side does not weigh it."""
    nothing = np.zeros(len(offers), dtype=np.float32)
    return [
        np.array([side.of.get(part.name, nothing) for part in matcher.features_], dtype=np.float64)
        for side in matcher.side_weights(offers)
    ]


def _silent(need_says: bool, offer_says: bool) -> tuple[str, ...]:
    """Which sides do not fill in their part of a comparison."""
    return tuple(side for side, says in (("need", need_says), ("offer", offer_says)) if not says)


def _items(
    matcher: Matcher,
    values: Shares,
    weights: list[Shares],
    given: list[Shares],
    said: list[tuple[Mapping[str, Any], tuple[str, ...]]],
) -> Iterator[Item]:
    """One item per side and feature that has weight there."""
    for side, held, shares in zip("ab", weights, given, strict=True):
        whole = float(held.sum()) or 1
        for at, part in enumerate(matcher.features_):
            if held[at]:
                value, (evidence, silent) = float(values[at]), said[at]
                who = silent if np.isnan(value) else ()
                yield Item(part.name, side, float(held[at]) / whole, value, float(shares[at]), evidence, who)


def _told(
    judged: Judged, rules: tuple[Rule, ...], need: Table, offers: Table, columns: Rows
) -> list[tuple[RuleOutcome, ...]]:
    """What each rule says of each of the columns."""
    said = [
        [
            RuleOutcome(rule.name, OUTCOMES[outcome], cause)
            for outcome, cause in zip(
                judged.outcomes[rule.name][0, columns].tolist(),
                rule.causes(need, offers, columns.tolist()),
                strict=True,
            )
        ]
        for rule in rules
    ]
    return list(zip(*said, strict=True)) if rules else [()] * len(columns)


def _explanation(
    matcher: Matcher,
    judged: Judged,
    names: tuple[Any, Any],
    column: int,
    joint: float,
    told: tuple[RuleOutcome, ...],
    items: tuple[Item, ...],
) -> Explanation:
    unknown = [rule.name for rule in told if rule.outcome is Outcome.MAYBE]
    scores = judged.scores
    return Explanation(
        *names,
        OUTCOMES[int(judged.verdict[0, column])],
        joint,
        float(scores.a[0, column]),
        float(scores.b[0, column]),
        float(scores.coverage[0, column]),
        matcher.version.word(joint),
        told,
        items,
        tuple(dict.fromkeys([*unknown, *(item.feature for item in items if not item.speaks)])),
        matcher.version.version,
    )
