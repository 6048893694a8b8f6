"""How runs stand."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, func, Integer, literal, Select, select, true
from sqlalchemy.orm import aliased, InstrumentedAttribute, Session

from matchhub.core.db import db
from matchhub.listings.models import Need, Offer
from matchhub.matches.enums import RunState, Side
from matchhub.matches.models import MatchRun, PublishedRun, Suggestion


def _latest(subject: InstrumentedAttribute[int | None]) -> Select[MatchRun]:
    everything = (
        MatchRun.need_id.is_(None) & MatchRun.offer_id.is_(None) & (MatchRun.kind == bindparam("kind", type_=KIND))
    )
    of_subject = subject == bindparam("subject", type_=Integer)
    return select(MatchRun).where(of_subject | everything).order_by(MatchRun.id.desc()).limit(1)


KIND = MatchRun.kind.type
LATEST = {Side.NEED: _latest(MatchRun.need_id), Side.OFFER: _latest(MatchRun.offer_id)}


@cache
def _runs_of(side: Side) -> Select[Any]:
    """One row: the pointer to the list of `subject` and its newest run, each where there is one."""
    newest = aliased(MatchRun, LATEST[side].subquery())
    subject = bindparam("subject", type_=Integer)
    pointed = and_(PublishedRun.side == side, PublishedRun.subject_id == subject)
    one = select(literal(1).label("one")).subquery()
    both: Any = select(PublishedRun, newest).select_from(one)
    runs: Select[Any] = both.outerjoin(PublishedRun, pointed).outerjoin(newest, true())
    return runs


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A run as the command line tells it."""

    state: str
    compared: int
    suggestions: int
    error: str


def run_facts(run_id: int) -> RunFacts:
    """State and figures of one run. `compared` counts what was compared."""
    run = db.session.get_one(MatchRun, run_id)
    count = db.session.scalar(select(func.count()).select_from(Suggestion).where(Suggestion.run_id == run_id)) or 0
    return RunFacts(run.state.value, run.compared, count, run.error)


def runs_of(session: Session, side: Side, subject: Need | Offer) -> tuple[PublishedRun | None, MatchRun | None]:
    """Which run's list is shown for a need or offer, and the newest run (see `latest_run`): one query."""
    row = session.execute(_runs_of(side), {"subject": subject.id, "kind": subject.kind}).one()
    return row[0], row[1]


def latest_run(session: Session, side: Side, subject: Need | Offer) -> MatchRun | None:
    """The newest run that is about this need or offer, or about everything of its kind."""
    return session.scalar(LATEST[side], {"subject": subject.id, "kind": subject.kind})


def is_under_way(run: MatchRun | None) -> bool:
    """Whether a list is still being made."""
    return run is not None and run.state in (RunState.QUEUED, RunState.RUNNING)
