"""Dry runs of weights: the same needs under both versions, and what would change in their lists."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import select

from matchhub.core.db import db, finish, unit_of_work
from matchhub.matches import engine
from matchhub.matches.engine import Market, Scorer
from matchhub.matches.enums import RunState
from matchhub.matches.models import MatchingModel, ModelTrial

log = structlog.get_logger(__name__)
MOST_NEEDS, LISTED, SAMPLES = 600, 10, 5
Lists = dict[int, list[int]]


def run_next_trial(*, now: datetime) -> int | None:
    """Compute the oldest waiting trial; None when none waits. A failure is written down."""
    with unit_of_work() as session:
        trial = session.scalar(
            select(ModelTrial).where(ModelTrial.state == RunState.QUEUED).order_by(ModelTrial.id).limit(1)
        )
        if trial is None:
            return None
        trial.state, trial_id = RunState.RUNNING, trial.id
    try:
        result = _compared(trial_id, now=now)
        _end(trial_id, RunState.DONE, now=now, result=result)
    except Exception as error:
        finish(commit=False)
        log.exception("trial of weights failed", trial=trial_id)
        _end(trial_id, RunState.FAILED, now=now, error=f"{type(error).__name__}: {error}"[:300])
    return trial_id


def _end(
    trial_id: int, state: RunState, *, now: datetime, result: dict[str, Any] | None = None, error: str = ""
) -> None:
    with unit_of_work() as session:
        trial = session.get_one(ModelTrial, trial_id)
        trial.state, trial.finished_at, trial.result, trial.error = state, now, result or {}, error


def _compared(trial_id: int, *, now: datetime) -> dict[str, Any]:
    """The same needs (at most MOST_NEEDS, spread over all) under the version in use and under the trial's."""
    session = db.session()
    trial = session.get_one(ModelTrial, trial_id)
    kind, spec = trial.kind, dict(trial.spec)
    base = dict(session.get_one(MatchingModel, trial.base_id).spec)
    scorer = engine.store(session, kind).load()
    market = Market.read(session, kind, now=now, with_past=scorer is None)
    scorer = scorer or engine.fitted(session, market, base)
    finish(commit=False)  # no transaction is open while lists are compared
    step = max(1, -(-len(market.needs) // MOST_NEEDS))
    needs = market.needs.take(slice(None, None, step))
    _note(trial_id, 0, 2 * len(needs))
    before = _lists(scorer.aside(base), market, needs)
    _note(trial_id, len(needs), 2 * len(needs))
    after = _lists(scorer.aside(spec), market, needs)
    return difference(before, after, list(needs.ids))


def _note(trial_id: int, compared: int, total: int) -> None:
    with unit_of_work() as session:
        trial = session.get_one(ModelTrial, trial_id)
        trial.compared, trial.total = compared, total


def _lists(scorer: Scorer, market: Market, needs: Any) -> Lists:
    found: Lists = {}
    for _, by_need, _ in scorer.ranked(needs, market.offers, LISTED, market.exclusions, length=LISTED):
        for pair in by_need:
            found.setdefault(pair.need_id, []).append(pair.offer_id)
    return found


def difference(before: Lists, after: Lists, need_ids: Sequence[int]) -> dict[str, Any]:
    """How many lists there are, how many get another first place, which share of the pairs comes and goes, and the lists
    that change most, both ways."""
    first = came = went = kept = 0
    moved: list[tuple[int, int]] = []
    for need_id in need_ids:
        old, new = before.get(need_id, []), after.get(need_id, [])
        first += old[:1] != new[:1]
        came, went, kept = (
            came + len(set(new) - set(old)),
            went + len(set(old) - set(new)),
            kept + len(set(old) & set(new)),
        )
        if old != new:
            moved.append((-len(set(old) ^ set(new)), need_id))
    return {
        "lists": len(need_ids), "first": first, "came": came, "went": went, "kept": kept,
        "shown_before": len({one for held in before.values() for one in held}),
        "shown_after": len({one for held in after.values() for one in held}),
        "sample": [
            {"need": need_id, "before": before.get(need_id, []), "after": after.get(need_id, [])}
            for _, need_id in sorted(moved)[:SAMPLES]
        ],
    }  # fmt: skip
