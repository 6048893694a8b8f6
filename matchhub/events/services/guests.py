"""Visitors without an account: they ask by mail, confirm by the mailed address, and hold their place by it ever after.

A question holds no seat, so that nobody can fill a hall with made-up addresses; the place in the line counts from the
confirmation. What a stranger reads after asking is the same whoever the address belongs to; the letter says the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from matchhub.accounts.queries import user_by_address
from matchhub.core import audit, errors, news
from matchhub.core.addresses import Address
from matchhub.core.db import db, hold, writes
from matchhub.core.labels import N_
from matchhub.core.links import LINKS
from matchhub.core.policy import Actor, SYSTEM
from matchhub.events import queries
from matchhub.events.enums import AGAIN_STATES, SeatRole
from matchhub.events.models import Event, GuestPlace, Registration
from matchhub.events.news import GuestAnswer, GuestAsked
from matchhub.events.policy import Permission, POLICY
from matchhub.events.services.registrations import Applicant, held_pool, leave, take_place

PURPOSE = "guest place"
OPEN_FOR = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class GuestFacts:
    """What a visitor says; `text_id` is the privacy text that was agreed to."""

    name: str
    email: str
    text_id: int
    organization_name: str = ""
    mobile: str = ""
    locale: str = "zh"
    answers: Mapping[str, Any] = field(default_factory=dict)


@writes
def ask(event: Event, facts: GuestFacts, *, actor: Actor, now: datetime) -> None:
    """Mail the address what there is to do: confirm, look at the place that it has, or sign in.

    Raises Forbidden (not public), Conflict (closed), Invalid (no seats for the public).
    """
    POLICY.check(Permission.REGISTER_BY_MAIL, actor, event)
    if not event.takes_registrations(now):
        raise errors.Conflict(N_("报名已截止"))
    if queries.pool_of(db.session(), event.id, SeatRole.PUBLIC) is None:
        raise errors.Invalid(N_("这场活动没有留给公众的席位"))
    place = queries.guest_place_at(db.session(), event.id, facts.email)
    if place is None:
        nonce, token_hash = LINKS.new_code(PURPOSE)
        place = GuestPlace(event=event, email=facts.email, nonce=nonce, token_hash=token_hash)
        db.session.add(place)
    if place.confirmed_at is None:
        place.name, place.organization_name, place.mobile = facts.name, facts.organization_name, facts.mobile
        place.answers, place.locale, place.text_id = dict(facts.answers), facts.locale, facts.text_id
        place.asked_at, place.expires_at = now, min(now + OPEN_FOR, event.registration_closes_at)
    db.session.flush()
    audit.record(actor, "guest_place:ask", place)
    news.publish(GuestAsked(place, _answer(place)), now=now)


def _answer(place: GuestPlace) -> GuestAnswer:
    if place.ended_at is not None or user_by_address(db.session(), Address(place.email, True)) is not None:
        return GuestAnswer.SIGN_IN
    return GuestAnswer.CONFIRM if place.confirmed_at is None else GuestAnswer.LOOK


def guest_token(place: GuestPlace) -> str | None:
    """What stands in the mailed address; None where the installation's secret was lost."""
    return LINKS.code(PURPOSE, place.nonce, place.token_hash)


@writes
def confirm(place: GuestPlace, *, seen: int, actor: Actor, now: datetime) -> Registration:
    """The address is the visitor's: a seat, or a place in the line, from now on. `seen`: the version that was shown.

    Raises Conflict (too late, confirmed already, asked anew meanwhile).
    """
    hold(place)
    POLICY.check(Permission.REGISTER_BY_MAIL, actor, place.event)
    if place.confirmed_at is not None or place.ended_at is not None:
        raise errors.Conflict(N_("已经处理过了，请看最新情况"))
    if place.version != seen:
        raise errors.Conflict(N_("内容刚改过，看一眼再确认"))
    if place.expires_at <= now:
        raise errors.Conflict(N_("链接已经过期，请重新报名"))
    registration = take_place(place.event, SeatRole.PUBLIC, _applicant(place), actor=actor, now=now)
    db.session.flush()
    place.confirmed_at, place.registration_id = now, registration.id
    audit.record(actor, "guest_place:confirm", place)
    return registration


@writes
def come_again(place: GuestPlace, *, actor: Actor, now: datetime) -> Registration:
    """Who had left asks for a place anew, at the end of the line. Raises Conflict."""
    hold(place)
    POLICY.check(Permission.REGISTER_BY_MAIL, actor, place.event)
    if place.registration is None or place.registration.state not in AGAIN_STATES or place.ended_at is not None:
        raise errors.Conflict(N_("已经处理过了，请看最新情况"))
    return take_place(place.event, SeatRole.PUBLIC, _applicant(place), actor=actor, now=now)


def _applicant(place: GuestPlace) -> Applicant:
    return Applicant(
        f"mail:{place.email}", place.name, organization_name=place.organization_name, email=place.email,
        mobile=place.mobile, locale=place.locale, answers=place.answers,
    )  # fmt: skip


@writes
def take_over(place: GuestPlace, *, actor: Actor, now: datetime) -> bool:
    """The place goes over to the account of `actor`, who has opened its address or proved the mail address to be theirs.

    Where the account has a place of its own there, that one counts and the guest's is given back. False where the own one
    has ended: then the place stays with the address.
    """
    hold(place)
    registration = place.registration
    if registration is None or place.ended_at is not None or actor.user_id is None:
        raise errors.Conflict(N_("已经处理过了，请看最新情况"))
    own = queries.registration_of(db.session(), place.event_id, f"user:{actor.user_id}")
    if own is not None and own.state not in queries.HOLDING:
        return False
    if own is None:
        held_pool(registration)
        registration.person_key, registration.user_id = f"user:{actor.user_id}", actor.user_id
    elif registration.state in queries.HOLDING and place.event.is_ahead(now):
        leave(registration, actor=SYSTEM, now=now)
    place.ended_at = now
    audit.record(actor, "guest_place:take-over", place)
    return True


@writes
def take_over_all(user_id: int, email: str, *, now: datetime) -> int:
    """The person has proved the address to be theirs: what it holds as a guest goes over to the account. How many."""
    actor = Actor(user_id=user_id)
    return sum(take_over(place, actor=actor, now=now) for place in queries.guest_places_of(db.session(), email))


@writes
def forget_unconfirmed(*, now: datetime, limit: int = 100) -> int:
    """Delete what was asked and never confirmed: we keep no address without a reason. How many."""
    rows = queries.unconfirmed(db.session(), now=now, limit=limit)
    for row in rows:
        db.session.delete(row)
    return len(rows)
