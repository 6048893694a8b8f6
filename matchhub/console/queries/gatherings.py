"""今日 after an event: what somebody who was there is asked."""

from datetime import datetime

from sqlalchemy.orm import Session

from matchhub.console.queries.today import Row
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.events import queries as events


def guest_rows(session: Session, actor: Actor, now: datetime) -> list[Row]:
    """What a guest is asked: what was it like."""
    return [
        Row(
            N_("说说这场活动"), N_("一分钟答完"), "events.registration", {"registration_id": row.registration_id},
            words=row.title, due=row.closes_at,
        )
        for row in events.feedback_waiting(session, actor.user_id or 0, now=now)
    ]  # fmt: skip
