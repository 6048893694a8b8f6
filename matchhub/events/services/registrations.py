"""Registering, waiting, being offered a seat, leaving. The pool is held before a registration is: one order of locks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from matchhub.accounts.enums import OrganizationKind
from matchhub.accounts.models import User
from matchhub.core import audit, errors, news
from matchhub.core.db import db, hold, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor, SYSTEM
from matchhub.events import queries
from matchhub.events.enums import (
    AGAIN_STATES,
    PriorityRule,
    RegistrationSource,
    RegistrationState,
    SeatRole,
)
from matchhub.events.models import Event, Registration, SeatPool
from matchhub.events.news import RegistrationChanged
from matchhub.events.policy import Permission, POLICY
from matchhub.events.services import seats, tickets
from matchhub.events.workflow import REGISTRATIONS

OWN_ROLES = {
    OrganizationKind.INVESTOR: SeatRole.INVESTOR,
    OrganizationKind.BANK: SeatRole.BANK,
    OrganizationKind.ENTERPRISE: SeatRole.ENTERPRISE,
    OrganizationKind.MENTOR: SeatRole.MENTOR,
    OrganizationKind.CARRIER: SeatRole.CARRIER,
    OrganizationKind.BUREAU: SeatRole.GUEST,
}


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who registers: a person with an account, or a guest whom an address names."""

    key: str
    name: str
    user_id: int | None = None
    organization_id: int | None = None
    organization_name: str = ""
    email: str = ""
    mobile: str = ""
    locale: str = "zh"
    verified: bool = False
    source: RegistrationSource = RegistrationSource.SELF
    invitation_id: int | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, actor: Actor, *, locale: str = "zh", answers: Mapping[str, Any] | None = None) -> "Applicant":
        """The person who acts, for the organization that the person acts for."""
        return cls(
            f"user:{actor.user_id}", actor.name, actor.user_id, actor.organization_id, locale=locale,
            verified=actor.organization_verified, answers=answers or {},
        )  # fmt: skip


def roles_for(actor: Actor) -> tuple[SeatRole, ...]:
    """As what the actor may take part: by the kind of organization, and as one of the public."""
    if not actor.organization_kind:
        return (SeatRole.PUBLIC,)
    return (OWN_ROLES[OrganizationKind(actor.organization_kind)], SeatRole.PUBLIC)


@writes
def register(event: Event, role: SeatRole, applicant: Applicant, *, actor: Actor, now: datetime) -> Registration:
    """Take a seat of `role`, or a place in its line, or ask for approval where the pool wants it.

    Raises Forbidden, Invalid (no such seats), Conflict (closed, registered already).
    """
    POLICY.check(Permission.REGISTER, actor, event)
    if role not in roles_for(actor):
        raise errors.Invalid(N_("请从列表里选"), field="role")
    return take_place(event, role, applicant, actor=actor, now=now)


@writes
def take_place(
    event: Event, role: SeatRole, applicant: Applicant, *, actor: Actor, now: datetime, approved: bool = False
) -> Registration:
    """A seat, a place in the line or a question to the organizer, for whom the caller has let in; as `register` raises.

    `approved`: there is nothing to ask, the organizer has invited the person.
    """
    if not event.takes_registrations(now):
        raise errors.Conflict(N_("报名已截止"))
    pool = queries.pool_of(db.session(), event.id, role)
    if pool is None:
        raise errors.Invalid(N_("请从列表里选"), field="role")
    with db.session.no_autoflush:  # all that can be read is read before the pool is held: others wait for it
        registration = _row_of(event, pool, applicant, now=now)
        registration.user = db.session.get(User, applicant.user_id) if applicant.user_id else None
        if pool.needs_approval and not approved:
            registration.state = RegistrationState.PENDING
        elif seats.enter(pool):
            _seated(registration, now=now)
        else:
            registration.state, registration.waiting_since = RegistrationState.WAITLISTED, now
    db.session.add(registration)
    since = registration.waiting_since
    audit.record(
        actor, "registration:register", registration, after=registration.state.value,
        since=since.isoformat() if since else None,
    )  # fmt: skip
    news.publish(RegistrationChanged(registration, "register"), now=now)
    if registration.state is RegistrationState.WAITLISTED:
        seats.fill(pool, event, now=now)
    return registration


def _row_of(event: Event, pool: SeatPool, applicant: Applicant, *, now: datetime) -> Registration:
    """A new row, or the old one of somebody who had left."""
    row = queries.registration_of(db.session(), event.id, applicant.key)
    if row is None:
        row = Registration(event=event, person_key=applicant.key)
    elif row.state not in AGAIN_STATES:
        raise errors.Conflict(N_("你已经报过名，现在是「%(state)s」"), state=row.state)
    row.pool_id, row.name, row.user_id = pool.id, applicant.name, applicant.user_id
    row.organization_id, row.organization_name = applicant.organization_id, applicant.organization_name
    row.email, row.mobile, row.locale = applicant.email, applicant.mobile, applicant.locale
    row.source, row.invitation_id, row.answers = applicant.source, applicant.invitation_id, dict(applicant.answers)
    row.joined_at, row.rank = now, _rank(event, applicant, now=now)
    row.seated_at = row.waiting_since = row.offered_at = row.offered_until = row.ended_at = None
    row.refusal_reason = ""
    return row


def _rank(event: Event, applicant: Applicant, *, now: datetime) -> int:
    """The place in the line by the event's declared rule: 0 goes before 1."""
    if event.priority is PriorityRule.VERIFIED:
        return 0 if applicant.verified else 1
    if event.priority is PriorityRule.FIRST_TIMERS:
        return int(queries.was_here_lately(db.session(), applicant.key, now=now))
    return 0


def _seated(registration: Registration, *, now: datetime) -> None:
    registration.state, registration.seated_at = RegistrationState.REGISTERED, now
    tickets.issue(registration, now=now)


@writes
def approve(registration: Registration, *, actor: Actor, now: datetime) -> None:
    """Let somebody in who asked: a seat where one is free and nobody waits, else a place in the line by the day of asking."""
    pool = held_pool(registration)
    if pool.waiting == 0 and seats.take(pool):
        REGISTRATIONS.advance(registration, "seat", actor=actor)
        _seated(registration, now=now)
    else:
        REGISTRATIONS.advance(registration, "queue", actor=actor)
        registration.waiting_since = registration.joined_at
        seats.join_line(pool)
    registration.decided_by_id = actor.user_id
    db.session.flush()
    news.publish(RegistrationChanged(registration, "approve"), now=now)
    seats.fill(pool, registration.event, now=now)


@writes
def refuse(registration: Registration, *, reason: str, actor: Actor, now: datetime) -> None:
    """Not this time; the reason goes to the person."""
    held_pool(registration)
    REGISTRATIONS.advance(registration, "refuse", actor=actor, reason=reason)
    registration.refusal_reason, registration.ended_at = reason.strip()[:300], now
    registration.decided_by_id = actor.user_id
    news.publish(RegistrationChanged(registration, "refuse"), now=now)


@writes
def accept_offer(registration: Registration, *, actor: Actor, now: datetime) -> None:
    """Keep the seat that was offered. Raises Conflict when the time is over."""
    held_pool(registration)
    until = registration.offered_until
    if registration.state is RegistrationState.OFFERED and until is not None and until <= now:
        raise errors.Conflict(N_("这个席位已经过了确认时间，可以重新候补"))
    REGISTRATIONS.advance(registration, "accept", actor=actor)
    registration.offered_until = None
    _seated(registration, now=now)
    news.publish(RegistrationChanged(registration, "accept"), now=now)


@writes
def decline_offer(registration: Registration, *, actor: Actor, now: datetime) -> None:
    """Not any more: the next in line is offered the seat."""
    give_up(registration, "decline", actor=actor, now=now)


@writes
def leave(registration: Registration, *, actor: Actor, now: datetime) -> None:
    """Cancel, whatever the state; a seat goes to the next in line."""
    if not registration.event.is_ahead(now):
        raise errors.Conflict(N_("活动已经开始或结束，不能再取消报名"))
    give_up(registration, "leave", actor=actor, now=now)


@writes
def lapse_offers(*, now: datetime, limit: int = 50) -> int:
    """End offers that nobody took in time and pass the seats on; how many. For the worker, in chunks."""
    due = queries.lapsed_offers(db.session(), now=now, limit=limit)
    for registration in due:
        give_up(registration, "lapse", actor=SYSTEM, now=now)
    return len(due)


@writes
def give_up(registration: Registration, action: str, *, actor: Actor, now: datetime) -> None:
    """End it by a transition; a seat that was held goes to the next in line, through the one service of seats."""
    pool = held_pool(registration)
    state = registration.state
    REGISTRATIONS.advance(registration, action, actor=actor)
    registration.offered_until, registration.ended_at = None, now
    db.session.flush()
    news.publish(RegistrationChanged(registration, action), now=now)
    if state is RegistrationState.WAITLISTED:
        seats.leave_line(pool)
    elif state in (RegistrationState.REGISTERED, RegistrationState.OFFERED):
        tickets.revoke(registration, now=now)
        seats.give_back(pool)
    seats.fill(pool, registration.event, now=now)


def held_pool(registration: Registration) -> SeatPool:
    """The pool, then the registration, both read anew and kept until the end."""
    pool = db.session.get_one(SeatPool, registration.pool_id)
    hold(pool)
    hold(registration)
    return pool
