"""Telling everyone concerned, in chunks: changes in the order in which they were made, reminders when they are due."""

from datetime import datetime, timedelta

from sqlalchemy import update

from matchhub.accounts.models import User
from matchhub.accounts.queries import recipient, recipients_of
from matchhub.core import news
from matchhub.core.db import db, writes
from matchhub.core.outbox import MailState, Notice, Recipient
from matchhub.events import queries
from matchhub.events.enums import AnnouncementKind
from matchhub.events.models import Announcement, Event, EventInvitation, Registration
from matchhub.events.news import CallDue, ChangeDue, REMINDER_KIND, ReminderDue

CHUNK = 40


@writes
def tell_change(announcement: Announcement, *, now: datetime) -> bool:
    """Tell the next chunk of those concerned; whether all have been told. How far it came is part of the same write."""
    values = dict(announcement.values)
    if announcement.kind is AnnouncementKind.CALL:
        return _tell_call(announcement, after=values.get("told_up_to", 0), now=now)
    rows = queries.concerned(db.session(), announcement.event_id, after=values.get("told_up_to", 0), limit=CHUNK)
    for row in rows:
        news.publish(ChangeDue(announcement, recipient_for(row), f"/registrations/{row.id}"), now=now)
    if len(rows) == CHUNK:
        announcement.values = values | {"told_up_to": rows[-1].id}
        return False
    for told in _others(announcement):
        news.publish(ChangeDue(announcement, told, f"/events/{announcement.event_id}"), now=now)
    announcement.told_at = now
    return True


def _tell_call(announcement: Announcement, *, after: int, now: datetime) -> bool:
    """The next firms that could apply hear of the call, each once; nobody after it has closed."""
    session = db.session()
    call = queries.call_of(session, announcement.event_id)
    if call is None or not call.is_open(now):
        announcement.told_at = now
        return True
    firms = queries.firms_to_call(session, call, after=after, now=now, limit=CHUNK)
    for organization_id in firms:
        for told in recipients_of(session, organization_id):
            news.publish(CallDue(call, told), now=announcement.made_at)
    if len(firms) == CHUNK:
        announcement.values = announcement.values | {"told_up_to": firms[-1]}
        return False
    announcement.told_at = now
    return True


def _others(announcement: Announcement) -> list[Recipient]:
    """Firms that pitch (of another order each hears its own time), people who are invited, and whose room it is; who is
    registered too is told once."""
    session, event = db.session(), announcement.event
    is_order = announcement.kind is AnnouncementKind.LINEUP
    organizations = [] if is_order else queries.pitching_organizations(session, event.id)
    if event.room is not None and event.room.venue.organization_id != event.host_id:
        organizations.append(event.room.venue.organization_id)
    found = [told for organization_id in organizations for told in recipients_of(session, organization_id)]
    return found + [_invited(row) for row in queries.open_invitations(session, event.id)]


def _invited(row: EventInvitation) -> Recipient:
    if row.user_id is not None:
        return recipient(db.session.get_one(User, row.user_id), row.organization_id)
    return Recipient(address=row.email)


def recipient_for(registration: Registration) -> Recipient:
    """The person with an account, or the address that a guest left."""
    if registration.user_id is not None:
        return recipient(db.session.get_one(User, registration.user_id), registration.organization_id)
    return Recipient(address=registration.email, locale=registration.locale)


def due_reminder(event: Event, *, now: datetime) -> datetime | None:
    """The moment of the nearest reminder whose time has come; None before the first, once it began, or when called off.

    What was due before the present leads were set is not made up for.
    """
    if not event.is_ahead(now):
        return None
    since = event.reminders_since
    moments = (event.starts_at - timedelta(hours=hours) for hours in event.reminder_hours)
    return max((moment for moment in moments if moment <= now and (since is None or since <= moment)), default=None)


@writes
def remind(event: Event, *, now: datetime) -> int:
    """Remind the next chunk of those who hold a seat and had it when the reminder was due; how many."""
    due_at = due_reminder(event, now=now)
    if due_at is None:
        return 0
    rows = queries.to_remind(db.session(), event.id, due_at=due_at, limit=CHUNK)
    for row in rows:
        news.publish(ReminderDue(row, due_at), now=now)
    return len(rows)


@writes
def hold_reminders(event: Event) -> int:
    """The event is moved or called off: reminders that have not left yet do not leave. How many."""
    mine = queries.registration_ids(event.id)
    held = db.session.execute(
        update(Notice)
        .where(
            Notice.kind == REMINDER_KIND,
            Notice.object_type == Registration.__tablename__,
            Notice.object_id.in_(mine),
            Notice.mail_state == MailState.PENDING,
        )
        .values(mail_state=MailState.CANCELLED, bell=False)
        .execution_options(synchronize_session=False)
    )
    return held.rowcount  # type: ignore[attr-defined]
