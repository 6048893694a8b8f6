"""今日 of those who hold events and of those who were there."""

from datetime import datetime

from sqlalchemy.orm import Session

from matchhub.console.queries.today import Row
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.events import queries as events
from matchhub.events import services as event_services
from matchhub.events.queries.contacts import ANSWERED_WITHIN
from matchhub.events.queries.wording import other_name, other_organization


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
    """What a guest is asked: what was it like, and what became of the people met."""
    return [*_feedback(session, actor, now), *_follow_ups(session, actor, now)]


def _feedback(session: Session, actor: Actor, now: datetime) -> list[Row]:
    return [
        Row(
            N_("说说这场活动"), N_("一分钟答完"), "events.registration", {"registration_id": row.registration_id},
            words=row.title, words_en=row.title_en, due=row.closes_at,
        )
        for row in events.feedback_waiting(session, actor.user_id or 0, now=now)
    ]  # fmt: skip


def _follow_ups(session: Session, actor: Actor, now: datetime) -> list[Row]:
    rows = events.follow_ups_waiting(session, actor.user_id or 0, actor.organization_id, now=now)
    return [
        Row(
            N_("后来怎么样了"), N_("点一下回答"), "events.follow_up_question", {"token": code},
            other_organization(row), "" if other_organization(row) else other_name(row, "zh"),
            row.asked_at + ANSWERED_WITHIN,
        )
        for row in rows
        if (code := event_services.follow_up_code(row)) is not None
    ]  # fmt: skip
