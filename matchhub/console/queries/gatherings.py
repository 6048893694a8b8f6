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
            words=f"{step.title} · {step.count}" if step.count else step.title, due=step.due,
            tone="amber" if step.is_urgent else None,
        )
        for step in events.next_steps(session, actor.organization_id or 0, now=now)
    ]  # fmt: skip


def guest_rows(session: Session, actor: Actor, now: datetime) -> list[Row]:
    """What a guest is asked: to score what is pitched, what it was like, and what became of the people met."""
    return [*_juries(session, actor, now), *_feedback(session, actor, now), *_follow_ups(session, actor, now)]


def _juries(session: Session, actor: Actor, now: datetime) -> list[Row]:
    return [
        Row(
            N_("当路演评委"), N_("去打分"), "events.scoring", {"member_id": task.member_id},
            words=f"{task.title} · {task.left}" if task.left else task.title, due=task.due,
        )
        for task in events.jury_tasks(session, actor.user_id or 0, now=now)
    ]  # fmt: skip


def _feedback(session: Session, actor: Actor, now: datetime) -> list[Row]:
    return [
        Row(
            N_("说说这场活动"), N_("一分钟答完"), "events.registration", {"registration_id": row.registration_id},
            words=row.title, due=row.closes_at,
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
