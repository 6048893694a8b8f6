"""今日 of those who hold events and of those who were there."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from matchhub.accounts.enums import OrganizationKind
from matchhub.console.queries.today import Row
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.events import queries as events
from matchhub.events import services as event_services
from matchhub.events.models import FollowUp
from matchhub.events.queries.asked import Asked
from matchhub.events.queries.contacts import ANSWERED_WITHIN
from matchhub.events.queries.feedback import Waiting
from matchhub.events.queries.finding import NearPlace
from matchhub.events.queries.wording import other_name, other_organization

NEAR_EVENTS = timedelta(days=4)


def organizer_rows(session: Session, actor: Actor, now: datetime) -> list[Row]:
    """What the organization has to do about the events that it holds."""
    return [
        Row(
            step.what, step.button, step.endpoint, {"event_id": step.event_id},
            words=step.title, words_en=step.title_en, count=step.count, due=step.due,
            tone="amber" if step.is_urgent else None,
        )
        for step in events.next_steps(session, actor.organization_id or 0, now=now)
    ]  # fmt: skip


def guest_rows(session: Session, actor: Actor, now: datetime) -> list[Row]:
    """What a party has before it: seats, what to judge, calls to pitch, what an event was like, and what became of the people
    met."""
    user_id, own_id = actor.user_id or 0, actor.organization_id
    asked = events.asked_of_person(session, user_id, own_id, before=now + NEAR_EVENTS, now=now)
    met = events.follow_ups_waiting(session, user_id, own_id, now=now) if asked.has_follow_ups else []
    return [*_seats(asked.places), *judge_rows(session, actor, now), *_pitching(session, actor, now),
            *_feedback(asked.feedback), *_follow_ups(met)]  # fmt: skip


def judge_rows(session: Session, actor: Actor, now: datetime) -> list[Row]:
    """What somebody was asked to judge, whoever the person acts for."""
    return [_asked(one) for one in events.asked_to_judge(session, actor.user_id or 0, now=now)]


def _pitching(session: Session, actor: Actor, now: datetime) -> list[Row]:
    if actor.organization_kind != OrganizationKind.ENTERPRISE.value:
        return []
    return [_asked(one) for one in events.asked_of_firm(session, actor.organization_id or 0, now=now)]


def _asked(one: Asked) -> Row:
    return Row(
        one.what, one.button, one.endpoint, one.values, words=one.title, words_en=one.title_en, count=one.count,
        due=one.due,
    )  # fmt: skip


def _seats(places: Sequence[NearPlace]) -> list[Row]:
    """A seat that was offered and is kept for some hours, and the events of the next days."""
    found = []
    for row in places:
        kept = row.offered_until is not None
        found.append(
            Row(
                N_("确认席位") if kept else N_("参加活动"), N_("去确认") if kept else N_("看票"), "events.registration",
                {"registration_id": row.registration_id}, words=row.title, words_en=row.title_en,
                due=row.offered_until or row.starts_at, tone="red" if kept else None,
            )
        )  # fmt: skip
    return found


def _feedback(questions: Sequence[Waiting]) -> list[Row]:
    return [
        Row(
            N_("说说这场活动"), N_("一分钟答完"), "events.registration", {"registration_id": row.registration_id},
            words=row.title, words_en=row.title_en, due=row.closes_at,
        )
        for row in questions
    ]  # fmt: skip


def _follow_ups(rows: Sequence[FollowUp]) -> list[Row]:
    return [
        Row(
            N_("后来怎么样了"), N_("点一下回答"), "events.follow_up_question", {"token": code},
            other_organization(row), "" if other_organization(row) else other_name(row, "zh"),
            row.asked_at + ANSWERED_WITHIN,
        )
        for row in rows
        if (code := event_services.follow_up_code(row)) is not None
    ]  # fmt: skip
