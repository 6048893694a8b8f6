"""今日 of those who hold events and of those who were there."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from matchhub.console.queries.today import Row
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.events import queries as events
from matchhub.events import services as event_services
from matchhub.events.models import FollowUp
from matchhub.events.queries.contacts import ANSWERED_WITHIN
from matchhub.events.queries.feedback import Waiting
from matchhub.events.queries.finding import NearPlace
from matchhub.events.queries.jury import JuryTask
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
    """What a guest has before it: seats, scores to give for what is pitched, what it was like, and what became of the people
    met."""
    user_id, own_id = actor.user_id or 0, actor.organization_id
    asked = events.asked_of_person(session, user_id, own_id, before=now + NEAR_EVENTS, now=now)
    juries = events.jury_tasks(session, user_id, now=now) if asked.is_on_jury else []
    met = events.follow_ups_waiting(session, user_id, own_id, now=now) if asked.has_follow_ups else []
    return [*_seats(asked.places), *_juries(juries), *_feedback(asked.feedback), *_follow_ups(met)]


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


def _juries(tasks: Sequence[JuryTask]) -> list[Row]:
    return [
        Row(
            N_("当路演评委"), N_("去打分"), "events.scoring", {"member_id": task.member_id},
            words=task.title, words_en=task.title_en, count=task.left, due=task.due,
        )
        for task in tasks
    ]  # fmt: skip


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
