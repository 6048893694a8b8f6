"""The log: the mentor writes a session down on one screen, the firm confirms it with one tap."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from matchhub.accounts.enums import MembershipState, Role
from matchhub.accounts.models import Membership
from matchhub.core.clock import city_date, utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.links import LINKS
from matchhub.core.outbox import Notice
from matchhub.mail import render
from matchhub.mentoring import services
from matchhub.mentoring.enums import SessionState
from matchhub.mentoring.models import MentoringSession
from matchhub.mentoring.services import LINK_PURPOSE
from tests.cast import stored
from tests.integration.mentoring.conftest import entry, logged


def state_of(session_id: int) -> SessionState:
    return stored(MentoringSession, session_id, lambda s: s.state)


def typed(**more):
    facts = {
        "held_on": f"{city_date(utcnow())}", "minutes": "60", "mode": "on_site", "topics": ["marketing"],
        "summary": "定了三家目标客户", "next_step": "",
    }  # fmt: skip
    return facts | more


def sessions() -> int:
    return db.session.scalar(select(func.count()).select_from(MentoringSession))


def test_a_mentor_logs_a_session_on_one_screen_with_two_fields_to_type(people, sign_in, engagement_id):
    mentor, address = sign_in(people.mentor), f"/engagements/{engagement_id}/mentoring-sessions"
    page = mentor.get(f"{address}/new").text
    form = page[page.index(f'action="{address}"') : page.index("先不记录")]

    assert form.count('type="text"') + form.count("<textarea") == 2
    assert re.search(r'value="marketing" id="topics-\d+" checked', form)  # what the firm asked for
    assert mentor.post(address, data=typed()).status_code == 302

    assert state_of(1) is SessionState.LOGGED
    assert stored(MentoringSession, 1, lambda s: (s.minutes, s.topics)) == (60, ["marketing"])


@pytest.mark.parametrize(
    "change",
    [{"summary": " "}, {"minutes": "5"}, {"minutes": "x"}, {"held_on": ""}, {"held_on": "2999-01-01"},
     {"held_on": "2001-01-01"}, {"mode": "by-post"}, {"topics": []}, {"topics": ["nonsense"]},
     {"topics": ["marketing", "strategy", "ip", "hr", "legal"]}, {"summary": "长" * 501}],
)  # fmt: skip
def test_a_session_must_make_sense_and_nothing_typed_is_lost(people, sign_in, engagement_id, change):
    answer = sign_in(people.mentor).post(
        f"/engagements/{engagement_id}/mentoring-sessions", data=typed(next_step="见第一家") | change
    )

    assert answer.status_code == 422 and "见第一家" in answer.text
    assert sessions() == 0


def test_only_the_mentor_of_the_engagement_logs(people, sign_in, engagement_id):
    address = f"/engagements/{engagement_id}/mentoring-sessions"

    assert sign_in(people.xinghe).post(address, data=typed()).status_code == 403
    assert sign_in(people.qingtian).post(address, data=typed()).status_code == 404
    assert sign_in(people.city).post(address, data=typed()).status_code == 404
    assert sessions() == 0


def test_the_same_form_sent_twice_is_logged_once(people, sign_in, engagement_id):
    mentor, address = sign_in(people.mentor), f"/engagements/{engagement_id}/mentoring-sessions"

    assert [mentor.post(address, data=typed()).status_code for _ in range(2)] == [302, 409]
    assert sessions() == 1


def test_a_paused_engagement_takes_no_sessions(people, sign_in, engagement_id):
    mentor = sign_in(people.mentor)
    assert mentor.post(f"/engagements/{engagement_id}/pause").status_code == 302

    assert mentor.get(f"/engagements/{engagement_id}/mentoring-sessions/new").status_code == 409
    assert mentor.post(f"/engagements/{engagement_id}/mentoring-sessions", data=typed()).status_code == 409
    assert mentor.post(f"/engagements/{engagement_id}/resumption").status_code == 302
    assert mentor.post(f"/engagements/{engagement_id}/mentoring-sessions", data=typed()).status_code == 302


def test_hours_count_once_the_firm_has_confirmed(people, sign_in, engagement_id, session_id):
    firm, address = sign_in(people.xinghe), f"/mentoring-sessions/{session_id}/confirmation"
    assert "0 次 · 0.0 小时" in firm.get("/engagements").text

    assert sign_in(people.mentor).post(address, data={"seen": "1"}).status_code == 403
    assert sign_in(people.qingtian).post(address, data={"seen": "1"}).status_code == 404
    assert firm.post(address, data={"seen": "1"}).status_code == 302

    assert state_of(session_id) is SessionState.CONFIRMED
    assert "1 次 · 1.0 小时" in firm.get("/engagements").text
    assert firm.post(address, data={"seen": "1"}).status_code == 409


def test_what_was_corrected_meanwhile_is_not_confirmed_unseen(people, scene, sign_in, session_id):
    with unit_of_work() as session:
        services.amend(
            session.get_one(MentoringSession, session_id), entry(minutes=120), actor=scene.fund, now=utcnow()
        )
    firm, address = sign_in(people.xinghe), f"/mentoring-sessions/{session_id}/confirmation"

    answer = firm.post(address, data={"seen": "1"})

    assert answer.status_code == 409 and "更正" in answer.text
    assert state_of(session_id) is SessionState.LOGGED
    seen = stored(MentoringSession, session_id, lambda s: s.version)
    assert f'name="seen" value="{seen}"' in firm.get(f"/mentoring-sessions/{session_id}", follow_redirects=True).text
    assert firm.post(address, data={"seen": seen}).status_code == 302


def test_a_dispute_is_a_sentence_and_the_mentor_sets_it_right(people, sign_in, engagement_id, session_id):
    firm, mentor, address = sign_in(people.xinghe), sign_in(people.mentor), f"/mentoring-sessions/{session_id}"

    assert firm.post(f"{address}/dispute", data={"reason": " "}).status_code == 422
    assert mentor.post(f"{address}/dispute", data={"reason": "x"}).status_code == 403
    assert firm.post(f"{address}/dispute", data={"reason": "只谈了半小时"}).status_code == 302
    assert firm.post(f"{address}/confirmation", data={"seen": "2"}).status_code == 409
    assert "只谈了半小时" in mentor.get(f"{address}/correction").text
    assert firm.post(f"{address}/correction", data=typed(minutes="30")).status_code == 403
    assert mentor.post(f"{address}/correction", data=typed(minutes="7")).status_code == 422
    assert mentor.post(f"{address}/correction", data=typed(minutes="30")).status_code == 302

    assert stored(MentoringSession, session_id, lambda s: (s.state, s.minutes, s.dispute_reason)) == (
        SessionState.LOGGED, 30, "",
    )  # fmt: skip


def test_a_session_logged_by_mistake_is_taken_back_until_it_is_confirmed(
    people, scene, sign_in, engagement_id, session_id
):
    mentor, other_id = sign_in(people.mentor), logged(scene, engagement_id, minutes=90)
    assert sign_in(people.xinghe).post(f"/mentoring-sessions/{session_id}/withdrawal").status_code == 403
    assert mentor.post(f"/mentoring-sessions/{session_id}/withdrawal").status_code == 302
    assert mentor.post(f"/mentoring-sessions/{session_id}/withdrawal").status_code == 409
    sign_in(people.xinghe).post(f"/mentoring-sessions/{other_id}/confirmation", data={"seen": "1"})

    assert mentor.post(f"/mentoring-sessions/{other_id}/withdrawal").status_code == 409
    assert state_of(other_id) is SessionState.CONFIRMED


def letter_to(membership: Membership) -> str:
    notice = db.session.scalars(
        select(Notice).where(Notice.kind == "session_logged", Notice.recipient_user_id == membership.user_id)
    ).one()
    letter = render(notice)
    assert letter is not None
    return letter.text


def link_in(text: str) -> str:
    return next(line for line in text.splitlines() if "/session-confirmations/" in line).split("8000", 1)[-1]


def visitor(app):
    return app.test_client()


@pytest.fixture
def link(app, people, session_id) -> str:
    with app.test_request_context():
        return link_in(letter_to(people.xinghe))


def confirmed_by(app, link: str, seen: object = 1):
    from tests.cast import Browser  # noqa: PLC0415 -- a browser that carries the token of its own session

    return Browser(app, app.response_class, use_cookies=True).post(link, data={"seen": seen})


def test_the_mails_link_shows_and_only_a_tap_confirms(app, people, link, session_id):
    page = visitor(app).get(link)

    assert page.status_code == 200 and "顾川" in page.text and "金丝雀" not in page.text
    assert state_of(session_id) is SessionState.LOGGED
    assert confirmed_by(app, link).status_code == 302
    assert stored(MentoringSession, session_id, lambda s: (s.state, s.decided_by_user_id)) == (
        SessionState.CONFIRMED, people.xinghe.user_id,
    )  # fmt: skip
    assert "已经处理过了" in visitor(app).get(link).text
    assert confirmed_by(app, link, 2).status_code == 409


def test_the_bell_does_not_carry_the_personal_link(people, session_id):
    paths = db.session.scalars(select(Notice.path).where(Notice.kind == "session_logged")).all()

    assert paths == [f"/mentoring-sessions/{session_id}"]


def test_a_link_is_good_for_its_purpose_its_time_and_its_person(app, people, link, session_id):
    user_id, now = people.xinghe.user_id, utcnow()
    old = LINKS.token(LINK_PURPOSE, session_id, user_id, until=now - timedelta(seconds=1))
    other = LINKS.token("another purpose", session_id, user_id, until=now + timedelta(days=1))
    outsider = LINKS.token(LINK_PURPOSE, session_id, people.qingtian.user_id, until=now + timedelta(days=1))

    for token in (old, other, link.rsplit("/", 1)[1][:-2] + "xx", "nonsense"):
        assert visitor(app).get(f"/session-confirmations/{token}").status_code == 404
        assert confirmed_by(app, f"/session-confirmations/{token}").status_code == 404
    assert confirmed_by(app, f"/session-confirmations/{outsider}").status_code == 403
    assert state_of(session_id) is SessionState.LOGGED
    assert confirmed_by(app, link).status_code == 302  # the control


@pytest.mark.parametrize("change", [{"state": MembershipState.ENDED}, {"role": Role.VIEWER}])
def test_whoever_has_left_or_may_only_read_cannot_use_the_link(app, people, link, session_id, change):
    with unit_of_work() as session:
        row = session.get_one(Membership, people.xinghe.id)
        for name, value in change.items():
            setattr(row, name, value)

    assert confirmed_by(app, link).status_code == 403
    assert state_of(session_id) is SessionState.LOGGED


def test_a_stranger_is_told_nothing_of_a_session(people, sign_in, session_id):
    for who in ("qingtian", "yuanshan", "bank", "city", "echeng", "binjiang"):
        assert sign_in(getattr(people, who)).get(f"/mentoring-sessions/{session_id}").status_code == 404
