"""How runs stand."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchhub.core.db import db
from matchhub.listings.models import Need, Offer
from matchhub.matches.enums import RunState, Side
from matchhub.matches.models import MatchRun, PublishedRun, Suggestion


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
    column = MatchRun.need_id if side is Side.NEED else MatchRun.offer_id
    everything = MatchRun.need_id.is_(None) & MatchRun.offer_id.is_(None) & (MatchRun.kind == subject.kind)
    return session.scalar(
        select(MatchRun).where((column == subject.id) | everything).order_by(MatchRun.id.desc()).limit(1)
    )


def is_under_way(run: MatchRun | None) -> bool:
    """Whether a list is still being made."""
    return run is not None and run.state in (RunState.QUEUED, RunState.RUNNING)
