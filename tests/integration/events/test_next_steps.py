"""What an organizer has to do next: each step at its time, and gone once it is done."""

from collections.abc import Callable
from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import event as listening

from matchhub.accounts.models import Membership
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.events import queries
from matchhub.events.enums import ApplicationState, EventState, InvitationState, PitchState, SeatRole
from matchhub.events.models import (
    Event,
    EventInvitation,
    EventReport,
    Pitch,
    PitchApplication,
    PitchCall,
    PitchReview,
    PitchReviewer,
)
from tests.cast import Cast
from tests.integration.events.conftest import salon
from tests.integration.pairs import actor, stage


def steps(people: Cast, **later: float) -> list[tuple[str, int]]:
    db.session.expire_all()
    found = queries.next_steps(
        db.session(), people.binjiang.organization_id, now=utcnow() + timedelta(**later)
    )  # fmt: skip
    return [(step.what, step.count) for step in found]


def test_a_call_goes_from_its_end_over_the_reviews_to_the_line_up(people: Cast) -> None:
    event_id, scene, now = salon(actor(people.binjiang)), stage(people), utcnow()
    assert steps(people) == []
    with unit_of_work() as session:
        call = PitchCall(event_id=event_id, opens_at=now, closes_at=now + timedelta(days=5), places=1, reserves=0)
        call.pitch_minutes = 12
        application = PitchApplication(
            event_id=event_id, organization_id=people.xinghe.organization_id, need_id=scene.need_id,
            applied_by_id=people.xinghe.user_id, applied_at=now, state=ApplicationState.SUBMITTED,
        )  # fmt: skip
        reviewer = PitchReviewer(
            event_id=event_id, user_id=people.yuanshan.user_id, organization_id=people.yuanshan.organization_id,
            named_by_id=people.binjiang.user_id,
        )  # fmt: skip
        session.add_all([call, application, reviewer])
        session.flush()
        application_id = application.id

    assert steps(people) == []
    assert steps(people, days=3) == [("征集快截止", 1)]
    assert steps(people, days=6) == [("评审还没交齐", 1)]
    with unit_of_work() as session:
        session.add(PitchReview(application_id=application_id, reviewer_id=people.yuanshan.user_id, handed_in_at=now))
    assert steps(people, days=6) == [("定路演阵容", 0)]
    with unit_of_work() as session:
        pitch = Pitch(event_id=event_id, organization_id=people.xinghe.organization_id, need_id=scene.need_id)
        pitch.minutes, pitch.state = 12, PitchState.PROPOSED
        session.add(pitch)
    assert steps(people, days=6) == []


def test_invitations_the_day_itself_and_the_report(people: Cast, sign_in: Callable[[Membership], FlaskClient]) -> None:
    now = utcnow()
    event_id = salon(actor(people.binjiang), starts_at=now + timedelta(days=6))
    with unit_of_work() as session:
        session.add(
            EventInvitation(
                event_id=event_id, person_key="mail:a@b.example", name="来宾", role=SeatRole.GUEST, nonce="n",
                token_hash="h", state=InvitationState.SENT,
            )
        )  # fmt: skip
    assert steps(people) == [("受邀者还没回应", 1)]
    assert steps(people, days=5) == [("受邀者还没回应", 1), ("活动就要开始", 0)]
    assert "受邀者还没回应" in sign_in(people.binjiang).get("/").text
    assert "受邀者还没回应" not in sign_in(people.gedian).get("/").text

    with unit_of_work() as session:
        session.get_one(Event, event_id).state = EventState.HELD
    assert steps(people, days=10) == []  # feedback is still coming in
    assert steps(people, days=21) == [("发布成效报告", 0)]
    assert steps(people, days=70) == []
    with unit_of_work() as session:
        session.add(EventReport(event_id=event_id, as_of=now, figures={}, published_at=now))
    assert steps(people, days=21) == []


def test_the_steps_of_three_events_cost_what_those_of_one_do(people: Cast) -> None:
    def asked() -> int:
        db.session.rollback()
        seen: list[str] = []

        def note(*given: object) -> None:
            seen.append(str(given[2]))

        listening.listen(db.engine, "before_cursor_execute", note)
        steps(people, days=19)
        listening.remove(db.engine, "before_cursor_execute", note)
        return len(seen)

    salon(actor(people.binjiang))
    few = asked()
    for _ in range(2):
        salon(actor(people.binjiang))
    assert asked() == few
