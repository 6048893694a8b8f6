"""What came of an event, from the invitation to the money: each figure counts rows that lie in the features below.

Nothing is typed in here. An outcome counts when both sides have confirmed it, in the introduction of a contact that the event
made. Two events that brought the same two together both count it; the city's own figures count it once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, Session

from matchhub.core.labels import Labelled, N_
from matchhub.core.policy import Actor
from matchhub.events.enums import ContactSource, InvitationState, PitchState, RegistrationState, SeatRole
from matchhub.events.models import CheckIn, Event, EventContact, EventInvitation, Pitch, Registration, SeatPool
from matchhub.events.queries.contacts import AGREED
from matchhub.introductions.models import Introduction
from matchhub.introductions.queries import in_stewards_scope
from matchhub.listings.models import Need
from matchhub.mentoring.models import Engagement
from matchhub.pipelines.enums import APPROVED_STAGES, CaseStage, DealStage, OutcomeState
from matchhub.pipelines.models import CreditCase, Deal, Outcome
from matchhub.profiles.models import Profile

SHOWN_FROM = 5
"""A count of what others do is not shown below this, and by fives above it; nor is a sum of money over fewer results."""
HELD_STATES = (RegistrationState.REGISTERED, RegistrationState.ATTENDED, RegistrationState.NO_SHOW)
EARLY_CASES = (CaseStage.CLAIMED, CaseStage.RETURNED, CaseStage.WITHDRAWN, CaseStage.REFUSED)
SIGNED_DEALS = (DealStage.SIGNED, DealStage.FUNDED)
SIGNED_CASES = (*APPROVED_STAGES, CaseStage.DISBURSED)


class LedgerStage(Labelled):
    """From interest to money, in order."""

    AGREED = "agreed", N_("双方同意对接")
    MOVING = "moving", N_("在推进")
    SIGNED = "signed", N_("已签约或批复")
    CONFIRMED = "confirmed", N_("成果（双方确认）")


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one contact, without names: an introduction, and how far it has come."""

    introduction: Introduction
    stages: frozenset[LedgerStage]
    state: Labelled | None
    outcome: Outcome | None
    is_seen: bool = False  # lies in the reader's scope

    @property
    def yuan(self) -> int:
        """The money that both have confirmed."""
        return (self.outcome.amount_yuan or 0) if self.outcome is not None else 0


@dataclass(frozen=True, slots=True)
class Count:
    """A figure: `exact` where the reader may count every row, else rounded, or None where it is too small to be told."""

    exact: int | None
    rounded: int | None

    @property
    def told(self) -> int | None:
        """What is shown; None for too few."""
        return self.exact if self.exact is not None else self.rounded


def protected(total: int, *, is_open: bool = False) -> Count:
    """A count as a reader may know it."""
    if is_open or total == 0:
        return Count(total, total)
    return Count(None, total - total % SHOWN_FROM if total >= SHOWN_FROM else None)


@dataclass(frozen=True, slots=True)
class Ledger:
    """All that came of an event. `came` is None where the door kept no list."""

    invited: int
    registered: int
    came: int | None
    by_role: dict[SeatRole, int]
    pitches: int
    contacts: dict[ContactSource, int]
    lines: list[Line]
    industries: list[tuple[str | None, int]]

    def count(self, stage: LedgerStage, *, for_all: bool = False) -> Count:
        """How many have come so far; exact where all of them lie in the reader's scope, and never `for_all`."""
        rows = [line for line in self.lines if stage in line.stages]
        return protected(len(rows), is_open=not for_all and all(line.is_seen for line in rows))

    def seen(self, stage: LedgerStage) -> list[Line]:
        """The rows behind the figure that the reader may see."""
        return [line for line in self.lines if stage in line.stages and line.is_seen]

    @property
    def yuan(self) -> int | None:
        """The confirmed money; None where fewer than five results would tell single amounts."""
        rows = [line for line in self.lines if line.yuan]
        return sum(line.yuan for line in rows) if len(rows) >= SHOWN_FROM else None

    @property
    def met(self) -> int:
        """How many contacts the event made."""
        return sum(self.contacts.values())


def ledger_of(session: Session, actor: Actor, event: Event) -> Ledger:
    """The ledger of an event as an actor may read it; a constant number of queries."""
    by_role = _came_by_role(session, event.id)
    kept = session.scalar(select(CheckIn.id).where(CheckIn.event_id == event.id).limit(1)) is not None
    sources = session.execute(
        select(EventContact.source, func.count()).where(EventContact.event_id == event.id).group_by(EventContact.source)
    )
    return Ledger(
        invited=_number(
            session, select(func.count(EventInvitation.id)).where(
                EventInvitation.event_id == event.id, EventInvitation.state != InvitationState.DRAFT
            )
        ),
        registered=_number(
            session, select(func.count(Registration.id)).where(
                Registration.event_id == event.id, Registration.state.in_(HELD_STATES)
            )
        ),
        came=sum(by_role.values()) if kept or by_role else None,
        by_role=by_role,
        pitches=_number(
            session, select(func.count(Pitch.id)).where(
                Pitch.event_id == event.id, Pitch.state.in_((PitchState.CONFIRMED, PitchState.PRESENTED))
            )
        ),
        contacts={source: number for source, number in sources},  # noqa: C416 -- rows, not pairs
        lines=lines_of(session, actor, event),
        industries=_industries(session, event.id),
    )  # fmt: skip


def _number(session: Session, statement: object) -> int:
    return session.scalar(statement) or 0  # type: ignore[call-overload]


def _came_by_role(session: Session, event_id: int) -> dict[SeatRole, int]:
    rows = session.execute(
        select(SeatPool.role, func.count(Registration.id))
        .join(Registration, Registration.pool_id == SeatPool.id)
        .where(Registration.event_id == event_id, Registration.state == RegistrationState.ATTENDED)
        .group_by(SeatPool.role)
    )
    found = {role: number for role, number in rows}  # noqa: C416 -- rows, not pairs
    return {role: found[role] for role in SeatRole if role in found}


def _industries(session: Session, event_id: int) -> list[tuple[str | None, int]]:
    """Fields of the firms that took part, by their public profiles, the most first."""
    firms = (
        select(Registration.organization_id)
        .join(SeatPool, SeatPool.id == Registration.pool_id)
        .where(
            Registration.event_id == event_id,
            SeatPool.role == SeatRole.ENTERPRISE,
            Registration.state.in_(HELD_STATES),
        )
    )
    pitching = select(Pitch.organization_id).where(
        Pitch.event_id == event_id, Pitch.state.in_((PitchState.CONFIRMED, PitchState.PRESENTED))
    )
    rows = session.execute(
        select(Profile.__table__.c.lead_industry, func.count())
        .where(Profile.__table__.c.organization_id.in_(firms.union(pitching)))
        .group_by(Profile.__table__.c.lead_industry)
    )
    return sorted(((row[0], row[1]) for row in rows), key=lambda row: (row[0] is None, -row[1], row[0] or ""))


def lines_of(session: Session, actor: Actor, event: Event) -> list[Line]:
    """What became of each contact that both agreed to go on with, the furthest first: six queries however many there are."""
    ids = select(EventContact.introduction_id).where(
        EventContact.event_id == event.id, EventContact.introduction_id.is_not(None)
    )
    introductions = list(
        session.scalars(
            select(Introduction)
            .join(Introduction.need)
            .options(contains_eager(Introduction.need))
            .where(Introduction.id.in_(ids), Introduction.state.in_(AGREED))
            .order_by(Introduction.id)
        )
    )
    known = [row.id for row in introductions]
    seen = _in_scope(session, actor, known)
    progress = _progress(session, known)
    outcomes = {
        row.introduction_id: row
        for row in session.scalars(
            select(Outcome).where(
                Outcome.introduction_id.in_(known), Outcome.state == OutcomeState.CONFIRMED,
                Outcome.received_on >= _day_of(event),
            )
        )
    }  # fmt: skip
    found = [_line(row, progress.get(row.id), outcomes.get(row.id), row.id in seen) for row in introductions]
    return sorted(found, key=lambda line: (-len(line.stages), line.introduction.id))


def _in_scope(session: Session, actor: Actor, introduction_ids: Sequence[int]) -> set[int]:
    """Those that lie in what the actor looks after."""
    if actor.organization_id is None:
        return set()
    statement = (
        select(Introduction.id)
        .join(Need, Need.id == Introduction.need_id)
        .where(Introduction.id.in_(introduction_ids), *in_stewards_scope(actor))  # type: ignore[arg-type]
    )
    return set(session.scalars(statement))


def _day_of(event: Event) -> date:
    return event.starts_at.astimezone(event.tz).date()


def _progress(session: Session, introduction_ids: Sequence[int]) -> dict[int, Labelled]:
    """introduction id → the stage of its deal or case, or the state of its engagement."""
    found: dict[int, Labelled] = {}
    for model, state in ((Deal, Deal.stage), (CreditCase, CreditCase.stage), (Engagement, Engagement.state)):
        statement = select(model.introduction_id, state).where(model.introduction_id.in_(introduction_ids))
        found |= {row[0]: row[1] for row in session.execute(statement)}
    return found


def _line(introduction: Introduction, state: Labelled | None, outcome: Outcome | None, is_seen: bool) -> Line:
    stages = {LedgerStage.AGREED}
    if isinstance(state, DealStage):
        moving, signed = state not in (DealStage.CONTACTED, DealStage.ENDED), state in SIGNED_DEALS
    elif isinstance(state, CaseStage):
        moving, signed = state not in EARLY_CASES, state in SIGNED_CASES
    else:
        moving, signed = state is not None and state.value != "ended", outcome is not None
    stages |= {LedgerStage.MOVING} if moving or outcome is not None else set()
    stages |= {LedgerStage.SIGNED} if signed or outcome is not None else set()
    stages |= {LedgerStage.CONFIRMED} if outcome is not None else set()
    return Line(introduction, frozenset(stages), state, outcome, is_seen)
