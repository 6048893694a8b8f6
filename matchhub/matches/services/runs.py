"""Runs: asked for in a transaction, claimed once, computed outside any transaction, published by one pointer a list."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import islice

import structlog
from sqlalchemy import select, update

from matchhub.core.db import db, finish, unit_of_work, writes
from matchhub.listings.enums import PairingKind
from matchhub.listings.models import Need, Offer
from matchhub.matches import engine
from matchhub.matches.engine import Market, Scorer
from matchhub.matches.enums import RunState, Side
from matchhub.matches.models import MatchingModel, MatchRun
from matchhub.matches.services import publishing
from matchhub.matches.services.versions import ensure_model

log = structlog.get_logger(__name__)
LEASE = timedelta(minutes=30)
MOST_ATTEMPTS = 3
ASKED = publishing.LIST_LENGTH + 10
AFFECTED = 200
LISTS_A_BLOCK = 256
Progress = Callable[[int, int], None]


@writes
def request_run(
    need_id: int | None = None,
    offer_id: int | None = None,
    *,
    kind: PairingKind = PairingKind.EQUITY,
    now: datetime,
) -> MatchRun:
    """Queue a comparison of one need, of one offer (whose kinds are their own) or, with neither, of everything of `kind`;
    one waiting row a subject."""
    if need_id is not None:
        kind = db.session.scalars(select(Need.kind).where(Need.id == need_id)).one()
    elif offer_id is not None:
        kind = db.session.scalars(select(Offer.kind).where(Offer.id == offer_id)).one()
    waiting = db.session.scalar(
        select(MatchRun).where(
            MatchRun.state == RunState.QUEUED,
            MatchRun.kind == kind,
            MatchRun.need_id.is_(None) if need_id is None else MatchRun.need_id == need_id,
            MatchRun.offer_id.is_(None) if offer_id is None else MatchRun.offer_id == offer_id,
        )
    )
    if waiting is not None:
        return waiting
    run = MatchRun(kind=kind, need_id=need_id, offer_id=offer_id, queued_at=now)
    db.session.add(run)
    db.session.flush()
    return run


@writes
def request_full_runs(*, now: datetime) -> list[MatchRun]:
    """Queue a comparison of everything, kind by kind."""
    return [request_run(kind=kind, now=now) for kind in PairingKind]


def claim(*, now: datetime) -> int | None:
    """Take the oldest waiting run by a conditional update; None when there is none or another worker was faster."""
    with unit_of_work() as session:
        _take_back_abandoned(now)
        waiting = session.execute(
            select(MatchRun.id, MatchRun.kind).where(MatchRun.state == RunState.QUEUED).order_by(MatchRun.id).limit(1)
        ).one_or_none()
        if waiting is None:
            return None
        run_id, kind = waiting
        taken = session.execute(
            update(MatchRun)
            .where(MatchRun.id == run_id, MatchRun.state == RunState.QUEUED)
            .values(
                state=RunState.RUNNING,
                started_at=now,
                attempts=MatchRun.attempts + 1,
                model_id=ensure_model(kind, now=now).id,
            )
            .execution_options(synchronize_session=False)
        )
        return run_id if taken.rowcount else None  # type: ignore[attr-defined]


def _take_back_abandoned(now: datetime) -> None:
    """Runs whose worker died have failed; a fresh row takes the place of each until three attempts were made."""
    lost = db.session.scalars(
        select(MatchRun).where(MatchRun.state == RunState.RUNNING, MatchRun.started_at < now - LEASE)
    ).all()
    for run in lost:
        run.state, run.finished_at, run.error = RunState.FAILED, now, "abandoned"
        if run.attempts < MOST_ATTEMPTS:
            request_run(run.need_id, run.offer_id, kind=run.kind, now=now).attempts = run.attempts


def run_next(*, now: datetime, progress: Progress | None = None) -> int | None:
    """Claim and compute one run; None when nothing waits. A failure is written down and the last list stays."""
    run_id = claim(now=now)
    if run_id is None:
        return None
    try:
        with _rest_set_aside():
            _compute(run_id, now=now, progress=progress)
    except Exception as error:
        finish(commit=False)
        log.exception("match run failed", run=run_id)
        _end(run_id, RunState.FAILED, now=now, error=f"{type(error).__name__}: {error}"[:300])
        publishing.remove_superseded()
    return run_id


@contextmanager
def _rest_set_aside() -> Iterator[None]:
    """The collector of garbage looks through what is made meanwhile alone, not again and again through the whole program; where
    a process has settled that at its start, it stays as it is."""
    if gc.get_freeze_count():
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _end(run_id: int, state: RunState, *, now: datetime, error: str = "") -> None:
    with unit_of_work() as session:
        run = session.get_one(MatchRun, run_id)
        run.state, run.finished_at, run.error = state, now, error


def _note(run_id: int, compared: int, total: int) -> None:
    with unit_of_work() as session:
        run = session.get_one(MatchRun, run_id)
        run.compared, run.total = compared, total


def _compute(run_id: int, *, now: datetime, progress: Progress | None) -> None:
    session = db.session()
    run = session.get_one(MatchRun, run_id)
    need_id, offer_id, kind = run.need_id, run.offer_id, run.kind
    spec = _spec_of(run)
    is_full = need_id is None and offer_id is None
    scorer = None if is_full else engine.store(session, kind).load()
    if scorer is None:
        _compare_all(run_id, kind, spec, now=now, progress=progress)
    else:
        side = Side.NEED if need_id is not None else Side.OFFER
        _compare_one(run_id, side, need_id or offer_id or 0, scorer, spec, now=now)
    _end(run_id, RunState.DONE, now=now)
    publishing.remove_superseded()


def _spec_of(run: MatchRun) -> dict[str, object]:
    """The weights that a run was claimed with."""
    model = db.session.get(MatchingModel, run.model_id)
    return dict(model.spec) if model is not None and model.spec else engine.default_spec(run.kind)


def _compare_all(
    run_id: int, kind: PairingKind, spec: dict[str, object], *, now: datetime, progress: Progress | None
) -> None:
    session = db.session()
    market = Market.read(session, kind, now=now, with_past=True)
    scorer = engine.fitted(session, market, spec)
    finish(commit=False)  # no transaction is open while everything is compared
    total = len(market.needs)
    _note(run_id, 0, total)
    hidden = publishing.hidden_pairs(now=now)
    best, speaker = publishing.BestOf(publishing.LIST_LENGTH, hidden), scorer.speaker(market.needs, market.offers)
    finish(commit=False)
    for done, by_need, by_offer in scorer.ranked(
        market.needs, market.offers, ASKED, market.exclusions, length=publishing.LIST_LENGTH
    ):
        lists = publishing.as_lists(by_need, Side.NEED, hidden)
        _write(run_id, Side.NEED, lists, speaker, now=now)
        best.add(by_offer)
        _note(run_id, done, total)
        if progress is not None:
            progress(done, total)
    _write(run_id, Side.OFFER, best.lists, speaker, now=now)
    publishing.publish(run_id, Side.NEED, market.needs.ids, compared=len(market.offers), now=now)
    publishing.publish(run_id, Side.OFFER, market.offers.ids, compared=len(market.needs), now=now)
    engine.save(scorer, engine.store(session, kind).folder, run_id)
    scorer.forget()


def _write(run_id: int, side: Side, lists: publishing.Lists, speaker: engine.Speaker, *, now: datetime) -> None:
    """Store lists, and with every new row what it may speak of; a block of lists at a time."""
    waiting = iter(lists.values())
    while block := list(islice(waiting, LISTS_A_BLOCK)):
        fresh = [pair for held in block for pair in held if pair.told is None]
        told = {(pair.need_id, pair.offer_id): pair for pair in speaker.told(fresh)}
        whole = [[told.get((pair.need_id, pair.offer_id), pair) for pair in held] for held in block]
        publishing.write(run_id, speaker.kind, side, whole, now=now)


def _compare_one(
    run_id: int, side: Side, subject_id: int, loaded: Scorer, spec: dict[str, object], *, now: datetime
) -> None:
    session, scorer = db.session(), loaded.under(spec)
    market = Market.read(
        session,
        scorer.kind,
        now=now,
        need_id=subject_id if side is Side.NEED else None,
        offer_id=subject_id if side is Side.OFFER else None,
    )
    if side is Side.NEED:
        market.offers = loaded.settled("open offers", market.offers)
    else:
        market.needs = loaded.settled("open needs", market.needs)
    others = market.offers if side is Side.NEED else market.needs
    subjects = market.needs if side is Side.NEED else market.offers
    finish(commit=False)
    _note(run_id, 0, len(others))
    found = []
    for _, by_need, by_offer in scorer.ranked(
        market.needs, market.offers, min(len(others), AFFECTED), market.exclusions
    ):
        found += by_need if side is Side.NEED else by_offer
    found = scorer.ordered(side, found)
    hidden = publishing.hidden_pairs(now=now)
    own = publishing.as_lists(found, side, hidden)
    other = Side.OFFER if side is Side.NEED else Side.NEED
    changed = publishing.merged(other, subject_id, found[:AFFECTED], scorer, hidden)
    speaker = scorer.speaker(market.needs, market.offers)
    _write(run_id, side, own, speaker, now=now)
    _write(run_id, other, changed, speaker, now=now)
    publishing.publish(run_id, side, subjects.ids, compared=len(others), now=now)
    publishing.publish(run_id, other, list(changed), compared=None, now=now)
    _note(run_id, len(others), len(others))
