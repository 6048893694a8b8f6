"""How runs stand."""

from dataclasses import dataclass

from sqlalchemy import bindparam, func, Integer, Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session

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


def published(session: Session, side: Side, subject_id: int) -> PublishedRun | None:
    """Which run's list is shown for a need or offer."""
    return session.get(PublishedRun, (side, subject_id))


def latest_run(session: Session, side: Side, subject: Need | Offer) -> MatchRun | None:
    """The newest run that is about this need or offer, or about everything of its kind."""
    return session.scalar(LATEST[side], {"subject": subject.id, "kind": subject.kind})


def is_under_way(run: MatchRun | None) -> bool:
    """Whether a list is still being made."""
    return run is not None and run.state in (RunState.QUEUED, RunState.RUNNING)
