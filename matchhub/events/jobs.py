"""What the worker does for events: seats pass on, changes are told, reminders go out, times run out."""

from datetime import datetime

from matchhub.core.db import db, unit_of_work
from matchhub.core.jobs import Job
from matchhub.core.labels import N_
from matchhub.core.policy import SYSTEM
from matchhub.events import queries, services
from matchhub.events.models import Announcement, Event


def pass_seats_on(now: datetime) -> int:
    """End offers that nobody took, a few to a write; how many."""
    total = 0
    while True:
        with unit_of_work():
            done = services.lapse_offers(now=now, limit=10)
        total += done
        if done < 10:
            return total


def tell_changes(now: datetime) -> int:
    """Tell everyone concerned, a chunk to a write; how many changes are told."""
    waiting = queries.untold(db.session())
    for announcement_id in waiting:
        told = False
        while not told:
            with unit_of_work() as session:
                told = services.tell_change(session.get_one(Announcement, announcement_id), now=now)
    return len(waiting)


def remind(now: datetime) -> int:
    """Send the reminders that are due, a chunk to a write; how many."""
    due = [event.id for event in queries.soon(db.session(), now=now) if services.due_reminder(event, now=now)]
    total = 0
    for event_id in due:
        done = -1
        while done:
            with unit_of_work() as session:
                done = services.remind(session.get_one(Event, event_id), now=now)
            total += done
    return total


def run_out(now: datetime) -> int:
    """Close registrations and note what took place; how many events changed."""
    closing, holding = queries.to_close(db.session(), now=now), queries.to_hold(db.session(), now=now)
    for event_id in closing:
        with unit_of_work() as session:
            services.close(session.get_one(Event, event_id), actor=SYSTEM, now=now)
    for event_id in holding:
        with unit_of_work() as session:
            services.mark_held(session.get_one(Event, event_id), actor=SYSTEM, now=now)
    return len(closing) + len(holding)


def ask_feedback(now: datetime) -> int:
    """Ask those who came, a chunk to a write; how many."""
    total = 0
    for event_id in queries.asking(db.session(), now=now):
        done = -1
        while done:
            with unit_of_work() as session:
                done = services.ask_feedback(session.get_one(Event, event_id), now=now)
            total += done
    return total


def follow_up(now: datetime) -> int:
    """Write down who found whom, ask both what became of it, end what needs no more asking; how many questions."""
    for event_id in queries.to_gather(db.session(), now=now):
        with unit_of_work() as session:
            services.gather(session.get_one(Event, event_id), now=now)
    total, done = 0, -1
    while done:
        with unit_of_work():
            done = services.ask_follow_ups(now=now)
        total += done
    for event_id in queries.to_finish(db.session(), now=now):
        with unit_of_work() as session:
            services.finish_follow_up(session.get_one(Event, event_id), actor=SYSTEM, now=now)
    return total


def forget_guests(now: datetime) -> int:
    """Delete what visitors asked and never confirmed, a chunk to a write; how many."""
    total, done = 0, -1
    while done:
        with unit_of_work():
            done = services.forget_unconfirmed(now=now, limit=100)
        total += done
    return total


def invite(now: datetime) -> int:
    """Remind who has not answered an invitation, and end what can no longer be answered, a chunk to a write; how many."""
    total = 0
    for step in (services.remind_invited, services.lapse_invitations):
        done = -1
        while done:
            with unit_of_work():
                done = step(now=now)
            total += done
    return total


JOBS = (
    Job("event_invitations", invite, N_("活动邀请和提醒"), every_seconds=600),
    Job("event_offers", pass_seats_on, N_("空出的席位给候补"), every_seconds=30),
    Job("event_changes", tell_changes, N_("活动改动通知到人"), every_seconds=10),
    Job("event_reminders", remind, N_("活动提醒"), every_seconds=60),
    Job("event_times", run_out, N_("报名截止和活动结束"), every_seconds=60),
    Job("event_feedback", ask_feedback, N_("邀请评价活动"), every_seconds=300),
    Job("event_follow_ups", follow_up, N_("活动后跟进"), every_seconds=900),
    Job("event_guests", forget_guests, N_("删除没有确认的来宾"), hour=3),
)
