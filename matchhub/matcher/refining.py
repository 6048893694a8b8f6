"""The second stage of a matcher: learned from the lists of earlier windows, laid over what the first stage judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import replace
from typing import Any, TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matchhub.matcher.explanation import Item
from matchhub.matcher.reranking import Applied, from_odds, PAST, Reranker
from matchhub.matcher.reranking.dossier import Dossier
from matchhub.matcher.rules import NotExcluded, Rule

if TYPE_CHECKING:
    from matchhub.matcher.attention import Attention
    from matchhub.matcher.engine import Judged, Matcher
    from matchhub.matcher.history import History
    from matchhub.matcher.table import Block, Rows, Table


def reranker(matcher: Matcher, history: History | None) -> Reranker | None:
    """What the lists of earlier windows teach; None without a past, or with too little of one."""
    record, schedule = matcher.record, matcher.recipe.second
    if schedule is None or history is None or record is None or record.attention_ is None:
        return None
    learned = Reranker(schedule).fit(history, record.attention_, tuple(record.offers_), _keys_then(matcher))
    return learned if learned.heads_ else None


def _keys_then(matcher: Matcher) -> Callable[[Attention, Table, Sequence[Any]], Block]:
    """The first stage's keys under an earlier past, for the second stage to learn from."""
    offers, record = matcher.offers_, matcher.record
    assert offers is not None

    def keys(attention: Attention, needs: Table, ids: Sequence[Any]) -> Block:
        then = copy(matcher)
        assert record is not None
        earlier = record.standing_on(attention, ids)
        then.features_ = tuple(earlier if part is record else part for part in matcher.features_)
        columns = earlier.columns(offers)
        found = np.full((len(needs), len(ids)), -np.inf, dtype=np.float32)
        found[:, columns[columns >= 0]] = then.judge(needs, offers, ()).key[:, columns >= 0]
        return found

    return keys


def as_of(matcher: Matcher, history: History, offers: Table) -> Matcher:
    """The same learned weights over another past and other offers: as on an earlier day, or with what came since."""
    record, ids = matcher.record, tuple(dict.fromkeys(history.offer_ids))
    assert record is not None and record.attention_ is not None
    attention = record.attention_.standing_on(history, ids)
    standing, then = record.standing_on(attention, ids), copy(matcher)
    then.forget()
    then.features_ = tuple(standing if part is record else part for part in matcher.features_)
    then.offers_ = offers
    if matcher.second_ is not None and attention.affinity_ is not None:
        then.second_ = copy(matcher.second_)
        then.second_.dossier_ = Dossier.of(history, ids, attention.affinity_)
    return then


def refined(
    matcher: Matcher,
    judged: Judged,
    needs: Table,
    offers: Table,
    rules: tuple[Rule, ...] | None = None,
    keys: Block | None = None,
) -> Judged:
    """Scores and order of the pairs in each need's list corrected; others as they were.

    A list is the first stage's best among all fitted offers with a past, whatever part of them is asked about here, so
    that a pair has the same score alone and in a run. `keys`: (n_needs, n_offers with a past) of the first stage where they
    are known already.
    """
    record = matcher.record
    if matcher.second_ is None or record is None or record.attention_ is None:
        return judged
    columns = record.columns(offers)
    here = np.flatnonzero(columns >= 0)
    if keys is None:
        keys = _context(matcher, needs, rules, len(here))
        keys[:, columns[here]] = judged.key[:, here]
    applied = Applied(matcher.second_, columns, matcher.second_.correct(record.attention_, needs, keys))
    joint, key = applied.rescored(judged.scores.joint, judged.key)
    scores = replace(judged.scores, joint=joint)
    return replace(judged, scores=scores, key=key, first=judged.scores.joint, applied=applied)


def _context(matcher: Matcher, needs: Table, rules: tuple[Rule, ...] | None, here: int) -> Block:
    """Keys of the fitted offers with a past; nothing where all of them are asked about anyway."""
    record, offers = matcher.record, matcher.offers_
    assert record is not None and offers is not None
    keys = np.full((len(needs), len(record.offers_)), -np.inf, dtype=np.float32)
    if here < len(record.offers_):
        fitted = record.columns(offers)
        keys[:, fitted[fitted >= 0]] = _keys_of(matcher, needs, offers, rules)[:, fitted >= 0]
    return keys


def _keys_of(matcher: Matcher, needs: Table, offers: Table, rules: tuple[Rule, ...] | None) -> Block:
    """Remembered with the needs, but where pairs are excluded."""
    if rules is None or all(not isinstance(rule, NotExcluded) or not rule.pairs for rule in rules):
        return matcher.remembered("keys", needs, lambda asked: matcher.judge(asked, offers).key)
    return matcher.judge(needs, offers, rules).key


def by_past(matcher: Matcher, keys: NDArray[np.float32], offers: Table) -> Block | None:
    """(n_needs, n_offers with a past) the first stage's keys, (n_offers,) of one need or (n_needs, n_offers), as the context of
    lists; None without a second stage."""
    if matcher.second_ is None or matcher.record is None:
        return None
    columns, past = matcher.record.columns(offers), matcher.record.with_past(offers)
    held = np.atleast_2d(keys)
    found = np.full((len(held), len(matcher.record.offers_)), -np.inf, dtype=np.float32)
    found[:, columns[past]] = held[:, past]
    return found


def learned(judged: Judged, rows: Rows, columns: Rows) -> NDArray[np.float64]:
    """(n_pairs, n_topics) what the second stage adds to the scores of these pairs; no topics without one."""
    if judged.applied is None or judged.first is None:
        return np.zeros((len(rows), 0))
    return judged.applied.contributions(rows, columns, judged.first[rows, columns])


def learned_items(judged: Judged, columns: Rows) -> Iterator[list[Item]]:
    """For each of these columns of what was judged for one need: an item a topic of what the second stage adds."""
    given = learned(judged, np.zeros(len(columns), dtype=np.int64), columns)
    topics = judged.applied.topics if judged.applied is not None else ()
    for row in given:
        yield [
            Item(PAST + topic, "past", 0.0, float(from_odds(part)), float(part), {}, ())
            for topic, part in zip(topics, row, strict=True)
            if part
        ]
