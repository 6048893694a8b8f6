"""What the tracker tells beside introductions: needs that nobody has been asked about yet, and what introductions have led to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, UTC
from typing import Any

from sqlalchemy import bindparam, Integer, literal_column, null, Select, select, String, type_coerce, union_all
from sqlalchemy.orm import lazyload, load_only, Session

from matchhub.introductions.enums import MeetingState
from matchhub.introductions.models import Meeting
from matchhub.listings.enums import NeedState
from matchhub.listings.models import Need
from matchhub.pipelines.enums import CaseStage, DealStage, OutcomeState
from matchhub.pipelines.models import CreditCase, Deal, Outcome

UNDER_REVIEW = (NeedState.SUBMITTED, NeedState.RETURNED)
WITH_REVIEWERS = (
    select(Need)
    .options(load_only(Need.kind, Need.state, Need.code_name, Need.teaser, Need.teaser_en), lazyload(Need.organization))
    .where(Need.organization_id == bindparam("own", type_=Integer), Need.state.in_(UNDER_REVIEW))
    .order_by(Need.id.desc())
)


def needs_under_review(session: Session, organization_id: int) -> list[Need]:
    """The needs of every kind that wait for their review or came back from it, the newest first."""
    return list(session.scalars(WITH_REVIEWERS, {"own": organization_id}))


@dataclass(frozen=True, slots=True)
class Met:
    """A meeting, as the tracker looks at it."""

    state: MeetingState
    starts_at: datetime
    proposed_by_id: int


@dataclass(frozen=True, slots=True)
class Entered:
    """An outcome, as the tracker looks at it."""

    state: OutcomeState
    entered_by_id: int


@dataclass(slots=True)
class Behind:
    """What an agreed introduction has led to; meetings and outcomes the latest first."""

    meetings: Sequence[Met] = ()
    deal: DealStage | None = None
    case: CaseStage | None = None
    outcomes: Sequence[Entered] = ()


def _facts(of: type[Meeting | Deal | CreditCase | Outcome], state: Any, *more: Any) -> Select[Any]:
    """Rows of one table for the query of all four: which table, its id, the introduction, the state, when, by whom."""
    about = of.introduction_id
    which = literal_column(f"'{of.__tablename__}'", String).label("which")
    told = type_coerce(state, String).label("state")
    return select(which, of.id.label("id"), about.label("about"), told, *more).where(
        about.in_(bindparam("ids", expanding=True))
    )


LED_TO = union_all(
    _facts(Meeting, Meeting.state, Meeting.starts_at.label("at"), Meeting.proposed_by_id.label("by_id")),
    _facts(Deal, Deal.stage, null(), null()),
    _facts(CreditCase, CreditCase.stage, null(), null()),
    _facts(Outcome, Outcome.state, null(), Outcome.entered_by_id),
)


def led_to(session: Session, introduction_ids: Sequence[int]) -> dict[int, Behind]:
    """introduction id → what it has led to, where there is anything: one query, none without introductions."""
    if not introduction_ids:
        return {}
    found: dict[int, Behind] = {}
    rows: Sequence[Any] = session.execute(LED_TO, {"ids": introduction_ids}).all()
    never = datetime.min.replace(tzinfo=UTC)
    for which, _, about, state, at, by_id in sorted(rows, key=lambda row: (row.at or never, row.id), reverse=True):
        behind = found.setdefault(about, Behind())
        if which == Meeting.__tablename__:
            behind.meetings = [*behind.meetings, Met(MeetingState(state), at, by_id)]
        elif which == Deal.__tablename__:
            behind.deal = DealStage(state)
        elif which == CreditCase.__tablename__:
            behind.case = CaseStage(state)
        else:
            behind.outcomes = [*behind.outcomes, Entered(OutcomeState(state), by_id)]
    return found
