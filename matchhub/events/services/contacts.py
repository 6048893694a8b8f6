"""Contacts of an event: gathered, asked after, ended. What becomes of them is written in the pipelines, never here."""

from dataclasses import replace
from datetime import datetime, timedelta

from matchhub.core import audit, errors, news
from matchhub.core.db import db, hold, writes
from matchhub.core.labels import N_
from matchhub.core.links import LINKS
from matchhub.core.policy import ANONYMOUS
from matchhub.events import queries
from matchhub.events.enums import ContactEnd, ContactSource, FollowUpAnswer, MeetingSide
from matchhub.events.models import Event, EventContact, FollowUp
from matchhub.events.news import FollowUpDue
from matchhub.events.queries.contacts import AGREED, ANSWERED_WITHIN, Made
from matchhub.introductions.enums import IntroductionState
from matchhub.introductions.news import Ending, IntroductionDeclined, IntroductionEnded
from matchhub.pipelines import services as pipelines
from matchhub.pipelines.news import OutcomeConfirmed

PURPOSE = "event follow-up"
CHUNK = 20
FINAL = (Ending.REVOKED, Ending.CLOSED)


@writes
def gather(event: Event, *, now: datetime) -> int:
    """Write down who found whom, one row for a pair; point those there are to their newest introduction. How many are new."""
    session = db.session()
    held = {(row.giver_id or -row.giver_place_id, row.firm_id or -(row.firm_place_id or 0)): row
            for row in queries.contacts_of(session, event.id)}  # fmt: skip
    made: dict[tuple[int, int], Made] = {}
    for one in queries.made_at(session, event):
        if one.pair[0] != one.pair[1]:
            first = made.setdefault(one.pair, one)
            if first.pitch is None and one.pitch is not None:  # sat at a table and pitched: one contact
                made[one.pair] = replace(first, pitch=one.pitch)
    between = queries.introductions_between(session, held.keys() | made.keys(), since=event.starts_at)
    for pair, row in held.items():
        if row.ended_at is None and pair in between:
            row.introduction_id = between[pair].id
    fresh = [one for pair, one in made.items() if pair not in held]
    for one in fresh:
        known = between.get(one.pair)
        session.add(
            EventContact(
                event_id=event.id, source=one.source, giver_place_id=one.giver.id, met_at=event.ends_at,
                firm_place_id=one.firm.id if one.firm else None, pitch_id=one.pitch.id if one.pitch else None,
                introduction_id=known.id if known else one.introduction_id,
            )
        )  # fmt: skip
    return len(fresh)


@writes
def ask_follow_ups(*, now: datetime) -> int:
    """Ask the next chunk of contacts what became of them, both sides; how many questions. For the worker."""
    asked = 0
    for contact, day in queries.contacts_to_ask(db.session(), now=now, limit=CHUNK):
        for side in sides_asked(contact):
            nonce, token_hash = LINKS.new_code(PURPOSE)
            row = FollowUp(
                contact=contact, side=side, day=day, due_at=contact.met_at + timedelta(days=day), asked_at=now,
                nonce=nonce, token_hash=token_hash,
            )  # fmt: skip
            db.session.add(row)
            db.session.flush()
            news.publish(FollowUpDue(row), now=now)
            asked += 1
    return asked


def sides_asked(contact: EventContact) -> tuple[MeetingSide, ...]:
    """Both, where both know of each other: a firm does not learn who was interested before that one asks."""
    introduction = contact.introduction
    known = introduction is not None and introduction.state in AGREED
    if contact.source is ContactSource.INTEREST and not known:
        return (MeetingSide.GIVER,)
    return (MeetingSide.GIVER, MeetingSide.FIRM)


def follow_up_code(row: FollowUp) -> str | None:
    """What the personal address carries; None where the installation's secret was lost."""
    return LINKS.code(PURPOSE, row.nonce, row.token_hash)


def is_answerable(row: FollowUp, *, now: datetime) -> bool:
    """Not answered, not over, and still of use."""
    return row.answered_at is None and row.contact.ended_at is None and now < row.asked_at + ANSWERED_WITHIN


@writes
def answer_follow_up(row: FollowUp, answer: FollowUpAnswer, *, user_id: int | None, now: datetime) -> None:
    """Keep one side's word. Talks move the deal from the first contact; a no ends the questions to both. Raises Conflict."""
    hold(row.contact)
    hold(row)
    if row.answered_at is not None:
        raise errors.Conflict(N_("已经处理过了，请看最新情况"))
    if not is_answerable(row, now=now):
        raise errors.Conflict(N_("这件事已经有结果，或过了回答的时间"))
    row.answer, row.answered_at, row.answered_by_id = answer, now, user_id
    audit.record(ANONYMOUS, "follow_up:answer", row.event, contact=row.contact_id, day=row.day, side=row.side.value)
    introduction = row.contact.introduction
    if answer is FollowUpAnswer.NOTHING:
        end_contact(row.contact, ContactEnd.DECLINED, now=now)
    goes_on = answer in (FollowUpAnswer.TALKING, FollowUpAnswer.AGREED)
    if goes_on and introduction is not None and introduction.state is IntroductionState.ACCEPTED:
        introduction.last_activity_at = now
        pipelines.note_meeting(introduction.id, now=now)


@writes
def end_contact(contact: EventContact, how: ContactEnd, *, now: datetime) -> None:
    """Nobody is asked any more."""
    contact.ended_at, contact.ended_as = now, how


@writes
def follow_result(item: OutcomeConfirmed, *, now: datetime) -> None:
    """Both have confirmed what came of it: the contacts behind it have their result."""
    for contact in queries.contacts_about(db.session(), item.outcome.introduction_id):
        end_contact(contact, ContactEnd.RESULT, now=now)


@writes
def follow_ending(item: IntroductionEnded | IntroductionDeclined, *, now: datetime) -> None:
    """A no, or an end without a result, ends the contacts too; what merely ran out may be asked for again."""
    if isinstance(item, IntroductionEnded) and item.how not in FINAL:
        return
    for contact in queries.contacts_about(db.session(), item.introduction.id):
        end_contact(contact, ContactEnd.DECLINED, now=now)
