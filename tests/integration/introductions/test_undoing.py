"""Ten seconds in which nobody has been told: asking, refusing and writing can be undone, and are unseen until then."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from matchhub.accounts.enums import MembershipState
from matchhub.accounts.models import Membership
from matchhub.core import delivery
from matchhub.core.audit import AuditEvent
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.outbox import Notice
from matchhub.disclosure.models import Consent
from matchhub.introductions import jobs, services
from matchhub.introductions.enums import IntroductionState
from matchhub.introductions.models import Introduction, Message
from matchhub.matches.models import Exclusion
from tests.cast import stored
from tests.integration.pairs import agreed, asked
from tests.undoing import seconds_to_undo

CANARIES = ("星河科技", "申请与你对接", "想谈碳纤维")


@pytest.fixture(autouse=True)
def ten_seconds(app) -> Iterator[None]:
    with seconds_to_undo(app):
        yield


@pytest.fixture
def later(monkeypatch) -> Callable[[float], datetime]:
    """Let so many seconds pass for every view and query."""

    def pass_by(seconds: float) -> datetime:
        moment = utcnow() + timedelta(seconds=seconds)
        for module in (
            "matchhub.introductions.queries.finding", "matchhub.introductions.views.asking",
            "matchhub.introductions.views.thread", "matchhub.introductions.views.undoing",
            "matchhub.introductions.views.lists", "matchhub.accounts.views.notices", "matchhub.accounts.views.layout",
            "matchhub.console.views.home",
        ):  # fmt: skip
            monkeypatch.setattr(f"{module}.utcnow", lambda: moment)
        return moment

    return pass_by


def count(model) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def ask(client, scene) -> int:
    response = client.post("/introductions", data=scene.form(purpose="想谈碳纤维"))
    assert response.status_code == 302
    return int(response.location.rsplit("/", 1)[1])


def state_of(introduction_id: int) -> IntroductionState:
    return stored(Introduction, introduction_id, lambda i: i.state)


# --- asking -----------------------------------------------------------------------------------------------------


def test_whom_one_asks_sees_nothing_of_it_for_ten_seconds_and_everything_after(people, scene, sign_in, later):
    firm, fund = sign_in(people.xinghe), sign_in(people.yuanshan)
    before = {path: fund.get(path).text for path in ("/introductions", "/notices", "/", "/introductions?tab=mine")}

    introduction_id = ask(firm, scene)

    assert f"/introductions/{introduction_id}/undoing" in firm.get(f"/introductions/{introduction_id}").text
    for path, page in before.items():
        seen = fund.get(path).text
        assert not any(canary in seen for canary in CANARIES), path
        assert seen.count("/introductions/") == page.count("/introductions/"), path
    assert fund.get(f"/introductions/{introduction_id}").status_code == 404
    assert fund.get(f"/introductions/{introduction_id}/acceptance").status_code == 404
    assert not delivery.has_due(utcnow())

    moment = later(11)
    assert fund.get(f"/introductions/{introduction_id}").status_code == 200
    assert "星河科技" in fund.get("/introductions").text
    assert "申请与你对接" in fund.get("/notices").text
    assert delivery.has_due(moment)


def test_a_request_undone_was_never_made(people, scene, sign_in, later):
    firm = sign_in(people.xinghe)
    kept = {model: count(model) for model in (Introduction, Consent, Notice, Exclusion)}
    introduction_id = ask(firm, scene)

    response = firm.post(f"/introductions/{introduction_id}/undoing")

    assert response.location.endswith(f"/pairs?need={scene.need_id}&offer={scene.offer_id}")
    assert {model: count(model) for model in kept} == kept
    assert db.session.scalar(select(func.count()).where(AuditEvent.action == "introduction:undo")) == 1
    later(60)
    assert "申请与你对接" not in sign_in(people.yuanshan).get("/notices").text
    assert ask(firm, scene)  # and may be made again at once


def test_after_ten_seconds_it_is_told_and_only_to_be_withdrawn(people, scene, sign_in, later):
    firm = sign_in(people.xinghe)
    introduction_id = ask(firm, scene)
    later(10)

    response = firm.post(f"/introductions/{introduction_id}/undoing")

    assert response.status_code == 409
    assert "已经送出" in response.text
    assert state_of(introduction_id) is IntroductionState.REQUESTED


def test_withdrawing_within_the_ten_seconds_tells_nobody_either(people, scene, sign_in):
    firm = sign_in(people.xinghe)
    introduction_id = ask(firm, scene)

    assert firm.post(f"/introductions/{introduction_id}/withdrawal").status_code == 302

    assert (count(Introduction), count(Notice)) == (0, 0)


def test_only_the_asker_undoes_a_request(people, scene, sign_in):
    introduction_id = ask(sign_in(people.xinghe), scene)
    address = f"/introductions/{introduction_id}/undoing"

    assert sign_in(people.beidou).post(address).status_code == 404
    assert sign_in(people.yuanshan).post(address).status_code == 404
    assert state_of(introduction_id) is IntroductionState.REQUESTED


def test_with_the_time_set_to_nothing_it_is_told_at_once(app, people, scene, sign_in):
    with seconds_to_undo(app, 0):
        firm = sign_in(people.xinghe)
        introduction_id = ask(firm, scene)

        assert sign_in(people.yuanshan).get(f"/introductions/{introduction_id}").status_code == 200
        assert "undoing" not in firm.get(f"/introductions/{introduction_id}").text


# --- refusing ---------------------------------------------------------------------------------------------------


def refuse(client, introduction_id: int) -> str:
    response = client.post(f"/introductions/{introduction_id}/refusal", data={"reason": "stage"})
    assert response.status_code == 302, response.text
    return str(client.get(response.location).text)


def test_who_asked_sees_no_refusal_until_the_worker_has_said_it(people, scene, sign_in):
    introduction_id = asked(scene)
    fund, firm = sign_in(people.yuanshan), sign_in(people.xinghe)

    page = refuse(fund, introduction_id)

    assert f"/introductions/{introduction_id}/refusal-undoing" in page
    assert "新材料" not in fund.get("/introductions?tab=mine").text
    assert "婉拒" not in firm.get(f"/introductions/{introduction_id}").text
    assert "没有接受" not in firm.get("/notices").text
    jobs.let_leave(utcnow() + timedelta(seconds=9))
    assert state_of(introduction_id) is IntroductionState.REQUESTED

    jobs.let_leave(utcnow() + timedelta(seconds=11))
    assert state_of(introduction_id) is IntroductionState.DECLINED
    assert stored(Introduction, introduction_id, lambda i: (i.refusal_reason, i.ended_by_id)) == (
        "stage",
        people.yuanshan.organization_id,
    )
    assert jobs.let_leave(utcnow() + timedelta(seconds=60)) == 0


def test_a_refusal_undone_leaves_the_request_as_it_was(people, scene, sign_in):
    introduction_id = asked(scene)
    fund = sign_in(people.yuanshan)
    refuse(fund, introduction_id)

    assert fund.post(f"/introductions/{introduction_id}/refusal-undoing").status_code == 302

    jobs.let_leave(utcnow() + timedelta(seconds=60))
    assert stored(Introduction, introduction_id, lambda i: (i.state, i.refusal_due_at, i.refusal_reason)) == (
        IntroductionState.REQUESTED, None, "",
    )  # fmt: skip
    assert fund.get(f"/introductions/{introduction_id}/acceptance").status_code == 200


def test_a_refusal_that_was_said_cannot_be_undone(people, scene, sign_in, later):
    introduction_id = asked(scene)
    fund = sign_in(people.yuanshan)
    refuse(fund, introduction_id)
    later(11)
    assert fund.post(f"/introductions/{introduction_id}/refusal-undoing").status_code == 409

    jobs.let_leave(utcnow() + timedelta(seconds=11))
    assert fund.post(f"/introductions/{introduction_id}/refusal-undoing").status_code == 409
    assert state_of(introduction_id) is IntroductionState.DECLINED


def test_who_withdrew_meanwhile_is_refused_nothing(people, scene, sign_in):
    introduction_id = asked(scene)
    fund = sign_in(people.yuanshan)
    refuse(fund, introduction_id)
    sign_in(people.xinghe).post(f"/introductions/{introduction_id}/withdrawal")

    response = fund.post(f"/introductions/{introduction_id}/refusal-undoing")
    jobs.let_leave(utcnow() + timedelta(seconds=11))

    assert response.status_code == 409
    assert "已撤回" in response.text
    assert state_of(introduction_id) is IntroductionState.WITHDRAWN


def test_a_colleague_cannot_accept_what_was_just_refused(people, scene, sign_in):
    introduction_id = asked(scene)
    fund = sign_in(people.yuanshan)
    refuse(fund, introduction_id)

    response = fund.post(f"/introductions/{introduction_id}/acceptance", data=scene.form())

    assert response.status_code == 409
    assert "可先撤销" in response.text


def test_who_has_left_the_organization_refuses_nothing_any_more(people, scene, sign_in):
    introduction_id = asked(scene)
    refuse(sign_in(people.yuanshan), introduction_id)
    with unit_of_work() as session:
        session.get_one(Membership, people.yuanshan.id).state = MembershipState.ENDED

    jobs.let_leave(utcnow() + timedelta(seconds=11))

    assert stored(Introduction, introduction_id, lambda i: (i.state, i.refusal_due_at)) == (
        IntroductionState.REQUESTED,
        None,
    )


def test_a_refusal_without_a_reason_is_not_kept_either(people, scene, sign_in):
    introduction_id = asked(scene)

    response = sign_in(people.yuanshan).post(f"/introductions/{introduction_id}/refusal", data={"reason": ""})

    assert response.status_code == 422
    assert stored(Introduction, introduction_id, lambda i: i.refusal_due_at) is None


# --- writing ----------------------------------------------------------------------------------------------------


def write(client, introduction_id: int, body: str = "周三下午可以吗") -> int:
    assert client.post(f"/introductions/{introduction_id}/messages", data={"body": body}).status_code == 302
    return db.session.scalars(select(Message.id).order_by(Message.id.desc())).first() or 0


def test_a_message_is_unseen_for_ten_seconds(people, scene, sign_in, later):
    introduction_id = agreed(scene)
    firm, fund = sign_in(people.xinghe), sign_in(people.yuanshan)
    quiet = stored(Introduction, introduction_id, lambda i: i.last_activity_at)

    message_id = write(firm, introduction_id)

    own = firm.get(f"/introductions/{introduction_id}").text
    assert "周三下午可以吗" in own and f"/messages/{message_id}/undoing" in own
    assert "周三下午可以吗" not in fund.get(f"/introductions/{introduction_id}").text
    assert "发来消息" not in fund.get("/notices").text
    assert stored(Introduction, introduction_id, lambda i: i.last_activity_at) == quiet

    moment = later(11)
    assert "周三下午可以吗" in fund.get(f"/introductions/{introduction_id}").text
    assert "发来消息" in fund.get("/notices").text
    assert jobs.let_leave(moment) == 1
    assert stored(Introduction, introduction_id, lambda i: i.last_activity_at) > quiet
    assert jobs.let_leave(moment) == 0


def test_a_message_undone_was_never_written(people, scene, sign_in, later):
    introduction_id = agreed(scene)
    firm = sign_in(people.xinghe)
    told = count(Notice)
    message_id = write(firm, introduction_id)
    assert count(Notice) == told + 1

    assert firm.post(f"/messages/{message_id}/undoing").status_code == 302

    assert (count(Message), count(Notice)) == (0, told)


def test_a_message_is_undone_by_its_side_and_in_time(people, scene, sign_in, later):
    introduction_id = agreed(scene)
    firm = sign_in(people.xinghe)
    message_id = write(firm, introduction_id)

    assert sign_in(people.yuanshan).post(f"/messages/{message_id}/undoing").status_code == 404
    later(10)
    assert firm.post(f"/messages/{message_id}/undoing").status_code == 409
    assert count(Message) == 1


def test_the_services_hold_nothing_back_unless_they_are_told_to(scene):
    introduction_id = agreed(scene)
    with unit_of_work() as session:
        message = services.write(session.get_one(Introduction, introduction_id), "在吗", actor=scene.firm, now=utcnow())
        assert message.at <= utcnow()
