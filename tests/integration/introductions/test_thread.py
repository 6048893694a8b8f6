"""Messages and meetings, and the calendar file."""

from datetime import timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import func, select

from matchhub.core.clock import CITY_ZONE, utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.introductions import services
from matchhub.introductions.enums import MeetingMode, MeetingState
from matchhub.introductions.models import Introduction, Meeting, Message
from matchhub.pipelines.enums import DealStage
from matchhub.pipelines.models import Deal
from tests.cast import stored
from tests.integration.pairs import agreed, asked, met


def time(days: float) -> str:
    return f"{(utcnow() + timedelta(days=days)).astimezone(CITY_ZONE):%Y-%m-%dT%H:%M}"


def meeting_form(**more):
    return {"starts_at": time(2), "minutes": "30", "mode": "online", "place": "会议号 123", "note": ""} | more


@pytest.fixture
def meeting_id(scene) -> int:
    introduction_id = agreed(scene)
    with unit_of_work() as session:
        meeting = services.propose(
            session.get_one(Introduction, introduction_id), starts_at=utcnow() + timedelta(days=2), minutes=30,
            mode=MeetingMode.ONLINE, place="x\r\nATTENDEE:mailto:evil@evil.example\u2028;,", actor=scene.firm, now=utcnow(),
        )  # fmt: skip
        session.flush()
        return meeting.id


def meeting_state(meeting_id: int) -> MeetingState:
    return stored(Meeting, meeting_id, lambda m: m.state)


def test_a_message_is_plain_text(people, scene, sign_in):
    introduction_id = agreed(scene)
    body = "<script>alert(1)</script> [a](http://evil.example) {{7*7}}"

    assert (
        sign_in(people.xinghe).post(f"/introductions/{introduction_id}/messages", data={"body": body}).status_code
        == 302
    )

    page = sign_in(people.yuanshan).get(f"/introductions/{introduction_id}").text
    assert "<script>alert" not in page and "&lt;script&gt;" in page
    assert 'href="http://evil.example' not in page and "{{7*7}}" in page


@pytest.mark.parametrize("body", ["", "   ", "长" * 2001])
def test_a_message_must_say_something(people, scene, sign_in, body):
    introduction_id = agreed(scene)

    assert (
        sign_in(people.xinghe).post(f"/introductions/{introduction_id}/messages", data={"body": body}).status_code
        == 422
    )
    assert db.session.scalar(select(func.count()).select_from(Message)) == 0


def test_what_is_pressed_twice_is_said_once(people, scene, sign_in):
    introduction_id = agreed(scene)
    address, firm = f"/introductions/{introduction_id}", sign_in(people.xinghe)
    for body in ("下周三来厂里看看", "下周三来厂里看看", "带上样品"):
        assert firm.post(f"{address}/messages", data={"body": body}).status_code == 302
    at = time(2)
    for form in (meeting_form(starts_at=at), meeting_form(starts_at=at), meeting_form(starts_at=at, minutes="45")):
        assert firm.post(f"{address}/meetings", data=form).status_code == 302
    assert sign_in(people.yuanshan).post(f"{address}/messages", data={"body": "带上样品"}).status_code == 302

    assert db.session.scalar(select(func.count()).select_from(Message)) == 3
    assert db.session.scalar(select(func.count()).select_from(Meeting)) == 2


def test_messages_are_between_the_two_and_only_after_the_agreement(people, scene, sign_in):
    introduction_id = asked(scene)
    address = f"/introductions/{introduction_id}/messages"

    assert sign_in(people.xinghe).post(address, data={"body": "在吗"}).status_code == 409
    assert sign_in(people.beidou).post(address, data={"body": "在吗"}).status_code == 404


def test_messages_have_a_pace(people, scene, sign_in):
    introduction_id = agreed(scene)
    with unit_of_work() as session:
        for number in range(30):
            services.write(session.get_one(Introduction, introduction_id), f"{number}", actor=scene.firm, now=utcnow())
            session.flush()

    response = sign_in(people.xinghe).post(f"/introductions/{introduction_id}/messages", data={"body": "又一条"})

    assert response.status_code == 429


def test_a_meeting_is_proposed_accepted_and_held(people, scene, sign_in, meeting_id):
    firm, fund = sign_in(people.xinghe), sign_in(people.yuanshan)

    assert firm.post(f"/meetings/{meeting_id}/acceptance").status_code == 403
    assert sign_in(people.beidou).post(f"/meetings/{meeting_id}/acceptance").status_code == 404
    assert fund.post(f"/meetings/{meeting_id}/acceptance").status_code == 302
    assert meeting_state(meeting_id) is MeetingState.ACCEPTED
    assert fund.post(f"/meetings/{meeting_id}/acceptance").status_code == 409
    assert fund.post(f"/meetings/{meeting_id}/report", data={"summary": "早了"}).status_code == 422


def test_after_a_meeting_they_are_in_talks(scene):
    met(agreed(scene, now=utcnow() - timedelta(days=4)), scene)

    assert meeting_state(1) is MeetingState.HELD
    assert stored(Deal, 1, lambda d: d.stage) is DealStage.IN_TALKS


@pytest.mark.parametrize(
    ("noun", "who", "after"),
    [("refusal", "yuanshan", MeetingState.DECLINED), ("cancellation", "xinghe", MeetingState.CANCELLED)],
)
def test_a_meeting_can_be_put_off_by_one_and_cancelled_by_the_other(
    people, scene, sign_in, meeting_id, noun, who, after
):
    wrong = people.xinghe if who == "yuanshan" else people.yuanshan

    assert sign_in(wrong).post(f"/meetings/{meeting_id}/{noun}").status_code == 403
    assert sign_in(getattr(people, who)).post(f"/meetings/{meeting_id}/{noun}").status_code == 302
    assert meeting_state(meeting_id) is after
    assert sign_in(getattr(people, who)).post(f"/meetings/{meeting_id}/{noun}").status_code == 409


@pytest.mark.parametrize(
    "change",
    [
        {"starts_at": ""},
        {"starts_at": time(-1)},
        {"starts_at": time(500)},
        {"minutes": "5"},
        {"minutes": "x"},
        {"mode": "moon"},
    ],
)
def test_a_proposed_time_must_make_sense(people, scene, sign_in, change):
    introduction_id = agreed(scene)

    response = sign_in(people.xinghe).post(f"/introductions/{introduction_id}/meetings", data=meeting_form(**change))

    assert response.status_code == 422
    assert db.session.scalar(select(func.count()).select_from(Meeting)) == 0


def test_proposing_needs_an_agreement_and_a_party(people, scene, sign_in):
    introduction_id = asked(scene)
    address = f"/introductions/{introduction_id}/meetings"

    assert sign_in(people.xinghe).post(address, data=meeting_form()).status_code == 409
    assert sign_in(people.beidou).post(address, data=meeting_form()).status_code == 404


def test_the_calendar_file_holds_one_event_whatever_the_place_says(people, scene, sign_in, meeting_id):
    fund = sign_in(people.yuanshan)
    assert fund.get(f"/meetings/{meeting_id}/meeting.ics").status_code == 404
    fund.post(f"/meetings/{meeting_id}/acceptance")

    content = fund.get(f"/meetings/{meeting_id}/meeting.ics").data
    events = Calendar.from_ical(content).walk("VEVENT")

    assert len(events) == 1
    assert events[0]["UID"] == f"meeting-{meeting_id}@matchhub"
    assert "ATTENDEE" not in events[0] and "ATTENDEE:mailto" in str(events[0]["LOCATION"])
    assert sign_in(people.beidou).get(f"/meetings/{meeting_id}/meeting.ics").status_code == 404
