"""Introductions that something else has to be done with: a date that has passed, a consent, a need or an owner that ended."""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from matchhub.introductions.enums import IntroductionState, OPEN_STATES
from matchhub.introductions.models import Introduction, Meeting, Message
from matchhub.introductions.queries.finding import of_party, whole


def awaiting_claim(session: Session, organization_id: int) -> list[Introduction]:
    """Requests to an organization that had nobody to answer them."""
    return list(
        session.scalars(
            whole().where(
                Introduction.recipient_id == organization_id,
                Introduction.awaits_claim,
                Introduction.state == IntroductionState.REQUESTED,
            )
        )
    )


def overdue(session: Session, *, now: datetime, limit: int = 100) -> list[Introduction]:
    """Requests whose time to answer is over."""
    return list(
        session.scalars(
            whole()
            .where(
                Introduction.state == IntroductionState.REQUESTED,
                Introduction.expires_at <= now,
                ~Introduction.awaits_claim,
            )
            .order_by(Introduction.id)
            .limit(limit)
        )
    )


def silent(session: Session, *, before: datetime, limit: int = 100) -> list[Introduction]:
    """Agreed introductions in which nothing has happened since then."""
    return list(
        session.scalars(
            whole()
            .where(Introduction.state == IntroductionState.ACCEPTED, Introduction.last_activity_at < before)
            .order_by(Introduction.id)
            .limit(limit)
        )
    )


def resting_on(session: Session, consent_id: int) -> Introduction | None:
    """The open introduction that a consent belongs to."""
    return session.scalar(
        whole().where(
            or_(Introduction.requester_consent_id == consent_id, Introduction.recipient_consent_id == consent_id),
            Introduction.state.in_(OPEN_STATES),
        )
    )


def all_with(session: Session, organization_id: int) -> list[Introduction]:
    """Every introduction that an organization has a part in, whatever its state."""
    return list(session.scalars(of_party(organization_id)))


def written_by(session: Session, organization_id: int) -> list[Message]:
    """Every message of an organization."""
    return list(session.scalars(select(Message).where(Message.organization_id == organization_id)))


def proposed_by(session: Session, organization_id: int) -> list[Meeting]:
    """Every meeting that an organization proposed."""
    return list(session.scalars(select(Meeting).where(Meeting.proposed_by_id == organization_id)))


def waiting_for_need(session: Session, need_id: int) -> list[Introduction]:
    """Requests about a need that nobody has answered yet."""
    waiting = (Introduction.need_id == need_id, Introduction.state == IntroductionState.REQUESTED)
    return list(session.scalars(whole().where(*waiting).order_by(Introduction.id)))


def waiting_for_offer(session: Session, offer_id: int) -> list[Introduction]:
    """The same for an offer."""
    waiting = (Introduction.offer_id == offer_id, Introduction.state == IntroductionState.REQUESTED)
    return list(session.scalars(whole().where(*waiting).order_by(Introduction.id)))


def open_of(session: Session, organization_id: int) -> list[Introduction]:
    """The open introductions of an organization."""
    return list(session.scalars(of_party(organization_id).where(Introduction.state.in_(OPEN_STATES))))
