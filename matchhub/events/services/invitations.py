"""Inviting people in waves: at most so many a person and month, never twice, and none to whoever wants none.

Who holds the personal address answers without signing in; the token is derived with the installation's secret and never
stored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from matchhub.core import audit, errors, news, outbox
from matchhub.core.db import db, hold, writes
from matchhub.core.labels import N_
from matchhub.core.links import LINKS
from matchhub.core.policy import Actor, SYSTEM
from matchhub.core.uploads import CheckedUpload, keep, StoredFile
from matchhub.events import queries
from matchhub.events.enums import AHEAD_STATES, InvitationState, OPEN_REGISTRATIONS, RegistrationSource, SeatRole
from matchhub.events.models import Event, EventInvitation, InvitationStop, InvitationWave, Registration
from matchhub.events.news import InvitationDue, RegistrationChanged
from matchhub.events.policy import Permission, POLICY
from matchhub.events.queries.invitations import CAP_PER_MONTH, Invitee
from matchhub.events.services.registrations import Applicant, leave, take_place

PURPOSE = "invitation"
ANSWERABLE = (InvitationState.SENT, InvitationState.ACCEPTED, InvitationState.DECLINED)


@dataclass(frozen=True, slots=True)
class OutsideGuest:
    """A guest without account, as a table names the person."""

    name: str
    email: str
    organization: str = ""
    mobile: str = ""
    role: SeatRole = SeatRole.GUEST
    locale: str = "zh"

    @property
    def key(self) -> str:
        """The person at any event."""
        return f"mail:{self.email.casefold()}"


def invitation_code(invitation: EventInvitation) -> str | None:
    """What the personal address carries; None where the installation's secret was lost."""
    return LINKS.code(PURPOSE, invitation.nonce, invitation.token_hash)


@writes
def send_wave(
    event: Event, people: Sequence[Invitee | OutsideGuest], *, actor: Actor, now: datetime
) -> tuple[InvitationWave, int]:
    """Invite these people together; the wave, and how many were left out because they have a place or an invitation, want
    none, or were invited often enough this month. Raises Forbidden, Conflict (not ahead, nobody is left)."""
    POLICY.check(Permission.ORGANIZE, actor, event)
    hold(event)
    if event.state not in AHEAD_STATES or not event.takes_registrations(now):
        raise errors.Conflict(N_("报名开放时才能邀请"))
    keys = [one.key for one in people]
    gone = queries.persons_asked(db.session(), event.id) | queries.stopped(db.session(), keys)
    month = queries.sent_this_month(db.session(), keys, now=now)
    fresh = {one.key: one for one in people if one.key not in gone and month[one.key] < CAP_PER_MONTH}
    if not fresh:
        raise errors.Conflict(
            N_("没有可以邀请的人：都邀请过、报了名、不想再收，或本月已邀满 %(cap)s 次"), cap=CAP_PER_MONTH
        )
    wave = InvitationWave(
        event=event, number=queries.last_wave(db.session(), event.id) + 1, sent_at=now, sent_by_id=actor.user_id
    )
    db.session.add(wave)
    for one in fresh.values():
        invitation = _invitation(event, wave, one, now=now)
        db.session.add(invitation)
        db.session.flush()
        news.publish(InvitationDue(invitation), now=now)
    audit.record(actor, "invitation_wave:send", event, wave=wave.number, people=len(fresh))
    return wave, len(people) - len(fresh)


def _invitation(event: Event, wave: InvitationWave, one: Invitee | OutsideGuest, *, now: datetime) -> EventInvitation:
    nonce, hashed = LINKS.new_code(PURPOSE)
    who: dict[str, Any]
    if isinstance(one, Invitee):
        why = {"code": "fits", "count": one.count, "of": one.of, "industries": list(one.industries)}
        who = {"user_id": one.user_id, "organization_id": one.organization.id, "reasons": [why]}
    else:
        who = {"organization_name": one.organization, "email": one.email, "mobile": one.mobile, "locale": one.locale}
    return EventInvitation(
        event=event, wave=wave, person_key=one.key, name=one.name, role=one.role, state=InvitationState.SENT,
        nonce=nonce, token_hash=hashed, sent_at=now, **who,
    )  # fmt: skip


def invited_role(invitation: EventInvitation) -> SeatRole | None:
    """As what the invited person would take part: as what invited, else as a guest, else as one of the public."""
    seats = {pool.role for pool in queries.pools_of(db.session(), invitation.event_id)}
    return next((role for role in (invitation.role, SeatRole.GUEST, SeatRole.PUBLIC) if role in seats), None)


@writes
def accept_invitation(
    invitation: EventInvitation, answers: Mapping[str, Any] | None = None, *, now: datetime
) -> Registration:
    """Yes: a seat, or a place in the line. `answers`: to the event's own questions, checked.

    Raises Conflict (over, withdrawn, registration closed), Invalid (no such seats).
    """
    _answerable(invitation)
    event = invitation.event
    if not event.takes_registrations(now):
        raise errors.Conflict(N_("报名已截止"))
    held = queries.registration_of(db.session(), event.id, invitation.person_key)
    if held is None or held.state not in OPEN_REGISTRATIONS:
        role = invited_role(invitation)
        if role is None:
            raise errors.Invalid(N_("这场活动没有留给你这类机构的席位"))
        held = take_place(event, role, _applicant(invitation, answers), actor=SYSTEM, now=now, approved=True)
    invitation.state, invitation.answered_at = InvitationState.ACCEPTED, now
    audit.record(SYSTEM, "event_invitation:accept", invitation)
    return held


def _applicant(invitation: EventInvitation, answers: Mapping[str, Any] | None) -> Applicant:
    return Applicant(
        invitation.person_key, invitation.name, invitation.user_id, invitation.organization_id,
        invitation.organization_name, invitation.email, invitation.mobile, invitation.locale,
        verified=invitation.organization_id is not None, source=RegistrationSource.INVITATION,
        invitation_id=invitation.id, answers=answers or {},
    )  # fmt: skip


def _answerable(invitation: EventInvitation) -> None:
    hold(invitation)
    if invitation.state not in ANSWERABLE:
        raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=invitation.state)


@writes
def decline_invitation(invitation: EventInvitation, *, now: datetime) -> None:
    """No: a seat that was taken is given back. Raises Conflict."""
    _answerable(invitation)
    held = queries.registration_of(db.session(), invitation.event_id, invitation.person_key)
    if held is not None and held.state in OPEN_REGISTRATIONS:
        leave(held, actor=SYSTEM, now=now)
    invitation.state, invitation.answered_at = InvitationState.DECLINED, now
    outbox.cancel(invitation)
    audit.record(SYSTEM, "event_invitation:decline", invitation)


@writes
def stop_invitations(invitation: EventInvitation, *, now: datetime) -> None:
    """No more invitations to this person, whoever sends them; this one is declined where it was not answered."""
    if invitation.state is InvitationState.SENT:
        decline_invitation(invitation, now=now)
    if not queries.stopped(db.session(), [invitation.person_key]):
        db.session.add(InvitationStop(person_key=invitation.person_key, invitation_id=invitation.id, at=now))
    audit.record(SYSTEM, "event_invitation:stop", invitation)


@writes
def withdraw_invitation(invitation: EventInvitation, *, actor: Actor) -> None:
    """The organizer takes an unanswered one back: its reminder does not leave. Raises Forbidden, Conflict."""
    POLICY.check(Permission.ORGANIZE, actor, invitation)
    hold(invitation)
    if invitation.state is not InvitationState.SENT:
        raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=invitation.state)
    invitation.state = InvitationState.WITHDRAWN
    outbox.cancel(invitation)
    audit.record(actor, "event_invitation:withdraw", invitation)


@writes
def remind_invited(*, now: datetime, limit: int = 40) -> int:
    """Remind the next of those who have not answered, each once for all; how many. For the worker, in chunks."""
    due = queries.invitations_to_remind(db.session(), now=now, limit=limit)
    wanted = {row.person_key for row in due} - queries.stopped(db.session(), [row.person_key for row in due])
    for row in due:
        row.reminded_at = now
        if row.person_key in wanted:
            news.publish(InvitationDue(row, is_reminder=True), now=now)
    return len(due)


@writes
def lapse_invitations(*, now: datetime, limit: int = 100) -> int:
    """End unanswered ones once nobody can register; how many. For the worker, in chunks."""
    due = queries.invitations_to_lapse(db.session(), now=now, limit=limit)
    for row in due:
        row.state = InvitationState.LAPSED
        audit.record(SYSTEM, "event_invitation:lapse", row)
    return len(due)


@writes
def follow_registration(item: RegistrationChanged, *, now: datetime) -> None:
    """Who was invited and registers by another way has accepted: no reminder, and the place knows where it came from."""
    row = item.registration
    invitation = queries.invitation_to(db.session(), row.event_id, row.person_key)
    if invitation is not None and item.action == "register" and invitation.state is InvitationState.SENT:
        invitation.state, invitation.answered_at = InvitationState.ACCEPTED, now
        row.invitation_id = invitation.id


@writes
def keep_guest_table(event: Event, upload: CheckedUpload, *, actor: Actor, now: datetime) -> StoredFile:
    """Keep an uploaded table of guests until it is confirmed: what was checked is what will be read again."""
    POLICY.check(Permission.ORGANIZE, actor, event)
    stored = keep(upload, organization_id=actor.organization_id, user_id=actor.user_id, now=now)
    audit.record(actor, "guest_table:upload", stored, event=event.id, size=stored.size)
    return stored
