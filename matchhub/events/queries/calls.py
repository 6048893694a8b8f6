"""Calls to pitch and who applies: as the organizer, the firm and its carrier find them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, Integer, Select, select
from sqlalchemy.orm import joinedload, selectinload, Session

from matchhub.accounts.models import Organization
from matchhub.core.db import db
from matchhub.core.policy import Actor
from matchhub.events.enums import ApplicationState, APPLIED_STATES, EventState
from matchhub.events.models import Event, PitchApplication, PitchCall
from matchhub.events.queries.finding import own_event, visible_event
from matchhub.listings.enums import NeedState
from matchhub.listings.models import Need
from matchhub.listings.queries.needs import EVERY_KIND
from matchhub.profiles.models import Profile
from matchhub.profiles.queries import profiles_of


def call_of(session: Session, event_id: int) -> PitchCall | None:
    """The call of an event."""
    statement = select(PitchCall).options(joinedload(PitchCall.event, innerjoin=True))
    return session.scalar(statement.where(PitchCall.event_id == event_id))


def own_call(actor: Actor, event_id: int) -> PitchCall | None:
    """The call of an event that the actor's organization holds."""
    return None if own_event(actor, event_id) is None else call_of(db.session(), event_id)


def called_event(actor: Actor, event_id: int) -> PitchCall | None:
    """The call of an event that is out and that the actor finds."""
    event = visible_event(actor, event_id)
    return None if event is None or event.state is EventState.DRAFT else call_of(db.session(), event_id)


def _applications() -> Select[PitchApplication]:
    return select(PitchApplication).options(
        joinedload(PitchApplication.event, innerjoin=True).joinedload(Event.host, innerjoin=True),
        joinedload(PitchApplication.organization, innerjoin=True),
        joinedload(PitchApplication.need, innerjoin=True).options(EVERY_KIND),
        selectinload(PitchApplication.recommended_by),  # may be missing: a row joined to it cannot be held
    )


def applications_of(
    session: Session, event_id: int, *, states: Sequence[ApplicationState] = ()
) -> list[PitchApplication]:
    """Who applied, in the order of applying; what still waits for a firm's word is not the organizer's to see."""
    statement = _applications().where(
        PitchApplication.event_id == event_id, PitchApplication.state.in_(states or APPLIED_STATES)
    )
    return list(session.scalars(statement.order_by(PitchApplication.applied_at, PitchApplication.id)))


def application_of(session: Session, event_id: int, organization_id: int | None) -> PitchApplication | None:
    """The open application of a firm, agreed or still only recommended."""
    return session.scalar(
        _applications().where(
            PitchApplication.event_id == event_id,
            PitchApplication.organization_id == organization_id,
            PitchApplication.state != ApplicationState.WITHDRAWN,
        )
    )


def visible_application(actor: Actor, application_id: int) -> PitchApplication | None:
    """One of the actor's firm, one that the actor's carrier recommended, or one at an event of the own organization."""
    row = db.session.scalar(_applications().where(PitchApplication.id == application_id))
    if row is None or actor.organization_id is None:
        return None
    if actor.organization_id in (row.organization_id, row.recommended_by_id):
        return row
    return row if row.state in APPLIED_STATES and own_event(actor, row.event_id) is not None else None


def applications_of_firm(session: Session, organization_id: int) -> list[PitchApplication]:
    """All that a firm applied for or was recommended for, the nearest event last."""
    statement = _applications().join(Event, Event.id == PitchApplication.event_id)
    statement = statement.where(PitchApplication.organization_id == organization_id)
    return list(session.scalars(statement.order_by(Event.starts_at.desc(), PitchApplication.id.desc()).limit(50)))


TOLD = (
    select(
        PitchApplication.id, PitchApplication.event_id, PitchApplication.state, Event.title, Event.title_en,
        Event.starts_at, Event.state.label("event_state"), Organization.name, Organization.short_name, Organization.name_en,
    )
    .join(Event, Event.id == PitchApplication.event_id)
    .join(Organization, Organization.id == Event.host_id)
    .where(PitchApplication.organization_id == bindparam("own", type_=Integer))
    .order_by(Event.starts_at.desc(), PitchApplication.id.desc())
    .limit(50)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ToldApplication:
    """An application as a tracker tells of it: where it stands, the event, and its host by name."""

    id: int
    event_id: int
    state: ApplicationState
    title: str
    title_en: str
    starts_at: datetime
    event_state: EventState
    host: str
    host_en: str


def applications_told(session: Session, organization_id: int) -> list[ToldApplication]:
    """The same as `applications_of_firm`, only what a line tells."""
    rows = session.execute(TOLD, {"own": organization_id})
    return [ToldApplication(*row[:7], row.short_name or row.name, row.name_en) for row in rows]


def needs_to_pitch(session: Session, organization_id: int | None) -> list[Need]:
    """What a firm asks for at present: what it can pitch with."""
    statement = select(Need).where(Need.organization_id == organization_id, Need.state == NeedState.OPEN)
    return list(session.scalars(statement.options(EVERY_KIND).order_by(Need.published_at.desc(), Need.id)))


def needs_to_recommend(session: Session, carrier_id: int | None, event_id: int) -> list[Need]:
    """What the firms of a carrier ask for, of those that have not applied to this event."""
    applied = select(PitchApplication.id).where(
        PitchApplication.event_id == event_id,
        PitchApplication.organization_id == Need.organization_id,
        PitchApplication.state != ApplicationState.WITHDRAWN,
    )
    statement = select(Need).where(Need.carrier_id == carrier_id, Need.state == NeedState.OPEN, ~applied.exists())
    return list(session.scalars(statement.options(EVERY_KIND).order_by(Need.organization_id, Need.id)))


def recommended_by(session: Session, carrier_id: int | None, event_id: int) -> list[PitchApplication]:
    """Whom a carrier has recommended for an event, and what became of it."""
    statement = _applications().where(
        PitchApplication.event_id == event_id, PitchApplication.recommended_by_id == carrier_id
    )
    return list(session.scalars(statement.order_by(PitchApplication.id)))


def with_consent(session: Session, consent_id: int) -> list[PitchApplication]:
    """The applications that rest on a consent."""
    return list(session.scalars(_applications().where(PitchApplication.consent_id == consent_id)))


def firm_profiles(session: Session, rows: Sequence[PitchApplication]) -> dict[int, Profile]:
    """organization id → profile: one query for each kind."""
    return profiles_of(session, [row.organization_id for row in rows])
