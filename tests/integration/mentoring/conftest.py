"""An engagement of the mentor 顾川 with 星河科技, and a session in its log."""

import pytest
from sqlalchemy import select

from matchhub.core.clock import city_date, utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.introductions.enums import MeetingMode
from matchhub.listings.enums import PairingKind
from matchhub.mentoring import services
from matchhub.mentoring.models import Engagement
from matchhub.mentoring.services import Entry
from tests.cast import Cast
from tests.integration.pairs import agreed, Scene, stage


@pytest.fixture
def scene(people: Cast) -> Scene:
    return stage(people, PairingKind.MENTORING)


@pytest.fixture
def engagement_id(scene: Scene) -> int:
    introduction_id = agreed(scene)
    return db.session.scalars(select(Engagement.id).where(Engagement.introduction_id == introduction_id)).one()


def entry(**more: object) -> Entry:
    """An hour about marketing, today."""
    facts = {
        "held_on": city_date(utcnow()), "minutes": 60, "mode": MeetingMode.ON_SITE, "topics": ("marketing",),
        "summary": "金丝雀：定了三家目标客户",
    }  # fmt: skip
    return Entry(**facts | more)  # type: ignore[arg-type]


def logged(scene: Scene, engagement_id: int, **more: object) -> int:
    """A session that waits for the firm."""
    with unit_of_work() as session:
        made = services.log_session(
            session.get_one(Engagement, engagement_id), entry(**more), actor=scene.fund, now=utcnow()
        )
        session.flush()
        return made.id


@pytest.fixture
def session_id(scene: Scene, engagement_id: int) -> int:
    return logged(scene, engagement_id)
