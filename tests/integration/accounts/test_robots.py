"""Group robots: three services, their signatures, their answers, and what a group may hear."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from matchhub import mail
from matchhub.accounts.services import kinds
from matchhub.accounts.services.robots import PERSONAL, TOPICS
from matchhub.core import errors, outbox
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.outbox import MailState, Notice, Recipient
from matchhub.core.robots import GroupRobot, RobotKind, RobotRefusal, say, token_in
from matchhub.core.wishes import Topic
from matchhub.introductions.notices import ASKED, WROTE
from tests.cast import stored
from tests.receivers import Chat, group_chat

ADDRESSES = {
    RobotKind.WECOM: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=11112222-3333-4444-5555-666677778888",
    RobotKind.DINGTALK: "https://oapi.dingtalk.com/robot/send?access_token=a1b2c3d4e5f6a1b2c3d4e5f6",
    RobotKind.FEISHU: "https://open.feishu.cn/open-apis/bot/v2/hook/11112222-3333-4444-5555-666677778888",
}
SECRET = "SECabc123"


@pytest.fixture
def chat(app, monkeypatch) -> Iterator[Chat]:
    with group_chat() as received:
        held = app.extensions["matchhub"]
        object.__setattr__(held, "robot_url", received.url)
        yield received
        object.__setattr__(held, "robot_url", "")


def form(kind: RobotKind = RobotKind.WECOM, **more: object) -> dict[str, object]:
    return {
        "kind": kind.value, "name": "投融资群", "address": ADDRESSES[kind], "secret": "", "locale": "zh",
        "topics": ["introductions", "messages"],
    } | more  # fmt: skip


def robot_of(client, kind: RobotKind = RobotKind.WECOM, **more: object) -> int:
    assert client.post("/group-robots", data=form(kind, **more)).status_code == 302
    return db.session.scalars(select(GroupRobot.id).order_by(GroupRobot.id.desc())).first() or 0


def tell(membership, kind=ASKED, *, count: int = 1) -> None:
    now = utcnow()
    with unit_of_work():
        for number in range(count):
            to = Recipient(membership.user_id, "xinghe@xinghe.example", "zh", membership.organization_id)
            values = {"who": "远山资本", "what": "800 万元", "day": "明天"}
            outbox.enqueue(
                kind, to, values=values, path=f"/introductions/{number}", now=now + timedelta(seconds=number)
            )


def test_the_owner_sets_a_robot_up_and_its_secrets_are_sealed(people, sign_in):
    client = sign_in(people.xinghe)
    robot_id = robot_of(client, RobotKind.DINGTALK, secret=SECRET)

    kept = stored(GroupRobot, robot_id, lambda r: (r.sealed_token, r.sealed_secret, r.topics))
    assert "a1b2c3d4" not in kept[0] and SECRET not in kept[1]
    assert kept[2] == ["introductions", "messages"]
    page = client.get("/group-robots").text
    assert "投融资群" in page and "a1b2c3d4" not in page and SECRET not in page
    assert "投融资群" in client.get("/account/notices").text


@pytest.mark.parametrize(
    "address",
    [
        "http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=11112222-3333",
        "https://127.0.0.1/cgi-bin/webhook/send?key=11112222-3333",
        "https://169.254.169.254/latest/meta-data/?key=11112222-3333",
        "https://[::1]/cgi-bin/webhook/send?key=11112222-3333",
        "https://2130706433/cgi-bin/webhook/send?key=11112222-3333",
        "https://qyapi.weixin.qq.com.evil.example/cgi-bin/webhook/send?key=11112222-3333",
        "https://qyapi.weixin.qq.com@evil.example/cgi-bin/webhook/send?key=11112222-3333",
        "https://qyapi.weixin.qq.com:8443/cgi-bin/webhook/send?key=11112222-3333",
        "https://qyapi.weixin.qq.com/other?key=11112222-3333",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=../../x/y/z/w",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send",
        "https://[",
        "file:///etc/passwd",
        "",
    ],
)
def test_no_address_but_the_official_one_is_taken(people, sign_in, address):
    response = sign_in(people.xinghe).post("/group-robots", data=form(address=address))

    assert response.status_code == 422
    assert db.session.scalar(select(func.count()).select_from(GroupRobot)) == 0


def test_one_services_address_is_not_the_others():
    for kind in RobotKind:
        for other, address in ADDRESSES.items():
            if kind is other:
                assert token_in(kind, address)
            else:
                with pytest.raises(errors.Invalid):
                    token_in(kind, address)


def test_colleagues_and_strangers_leave_the_robot_alone(people, sign_in):
    robot_id = robot_of(sign_in(people.xinghe))
    stranger, officer = sign_in(people.qingtian), sign_in(people.echeng)

    assert {stranger.post(f"/group-robots/{robot_id}/{n}").status_code for n in ("topics", "trial", "removal")} == {404}
    assert officer.get("/group-robots").status_code == 403
    assert officer.post("/group-robots", data=form()).status_code == 403
    assert "投融资群" not in stranger.get("/group-robots").text


def test_wecom_gets_plain_text(chat):
    say(RobotKind.WECOM, token="k" * 12, secret="", text="对接 2 条", instead=chat.url)

    assert chat.calls[0].path == "/cgi-bin/webhook/send"
    assert chat.calls[0].query == {"key": "k" * 12}
    assert chat.calls[0].body == {"msgtype": "text", "text": {"content": "对接 2 条"}}


def test_dingtalk_is_signed_in_the_query(chat):
    say(RobotKind.DINGTALK, token="a" * 12, secret=SECRET, text="对接 2 条", instead=chat.url)

    call = chat.calls[0]
    words = f"{call.query['timestamp']}\n{SECRET}"
    wanted = base64.b64encode(hmac.new(SECRET.encode(), words.encode(), hashlib.sha256).digest()).decode()
    assert call.path == "/robot/send"
    assert call.query["access_token"] == "a" * 12
    assert call.query["sign"] == wanted
    assert abs(int(call.query["timestamp"]) / 1000 - utcnow().timestamp()) < 60
    assert call.body == {"msgtype": "text", "text": {"content": "对接 2 条"}}


def test_feishu_is_signed_in_the_body(chat):
    say(RobotKind.FEISHU, token="f" * 12, secret=SECRET, text="对接 2 条", instead=chat.url)

    call = chat.calls[0]
    key = f"{call.body['timestamp']}\n{SECRET}"
    wanted = base64.b64encode(hmac.new(key.encode(), b"", hashlib.sha256).digest()).decode()
    assert call.path == f"/open-apis/bot/v2/hook/{'f' * 12}"
    assert call.body["sign"] == wanted
    assert abs(int(call.body["timestamp"]) - utcnow().timestamp()) < 60
    assert (call.body["msg_type"], call.body["content"]) == ("text", {"text": "对接 2 条"})


@pytest.mark.parametrize("kind", [RobotKind.DINGTALK, RobotKind.FEISHU])
def test_without_a_secret_nothing_is_signed(chat, kind):
    say(kind, token="a" * 12, secret="", text="x", instead=chat.url)

    assert "sign" not in chat.calls[0].query and "sign" not in chat.calls[0].body


@pytest.mark.parametrize(
    ("answer", "permanent"),
    [
        ((200, {"errcode": 93000, "errmsg": "invalid webhook url"}, {}), True),
        ((200, {"errcode": 310000, "errmsg": "sign not match"}, {}), True),
        ((200, {"code": 19024, "msg": "Key Words Not Found"}, {}), True),
        ((200, {"errcode": 45009, "errmsg": "api freq out of limit"}, {}), False),
        ((200, ["not", "an", "object"], {}), False),
        ((500, {}, {}), False),
        ((404, {}, {}), True),
        ((302, {}, {"Location": "/elsewhere"}), False),
    ],
)
def test_a_refusal_is_noticed_though_the_status_is_200_and_no_redirect_is_followed(chat, answer, permanent):
    chat.answer = answer

    with pytest.raises(RobotRefusal) as refusal:
        say(RobotKind.WECOM, token="secret-key-of-ours", secret="", text="x", instead=chat.url)

    assert refusal.value.permanent is permanent
    assert "secret-key-of-ours" not in str(refusal.value)
    assert len(chat.calls) == 1


def test_a_service_that_is_away_is_no_crash_and_tells_no_secret():
    with pytest.raises(RobotRefusal) as refusal:
        say(RobotKind.WECOM, token="secret-key-of-ours", secret="", text="x", instead="http://127.0.0.1:9")

    assert "secret" not in str(refusal.value)
    assert refusal.value.__cause__ is None


def test_a_group_hears_how_many_and_where_and_never_who_or_how_much(people, sign_in, chat):
    robot_of(sign_in(people.xinghe))
    tell(people.xinghe, ASKED, count=2)
    tell(people.xinghe, WROTE)

    mail.deliver_due(utcnow() + timedelta(seconds=5))

    assert len(chat.calls) == 1
    text = chat.calls[0].body["text"]["content"]
    assert "对接申请与答复 2 条" in text and "对接里的消息 1 条" in text
    assert "http://127.0.0.1:8000/notices" in text
    assert "远山" not in text and "万元" not in text and "/introductions" not in text
    assert {n.mail_state for n in db.session.scalars(select(Notice).where(Notice.robot_id.is_not(None)))} == {
        MailState.SENT
    }


def test_two_colleagues_are_one_word_to_the_group(people, sign_in, chat):
    robot_of(sign_in(people.xinghe))
    now = utcnow()
    with unit_of_work():
        for user_id in (people.xinghe.user_id, people.qingtian.user_id):
            to = Recipient(user_id, "a@a.example", "zh", people.xinghe.organization_id)
            outbox.enqueue(WROTE, to, values={"who": "x"}, now=now)

    assert db.session.scalar(select(func.count()).where(Notice.robot_id.is_not(None))) == 1


def test_a_group_hears_only_of_what_it_was_set_to_and_never_of_one_person(people, sign_in):
    robot_id = robot_of(sign_in(people.xinghe), topics=["messages"])
    with unit_of_work() as session:
        session.get_one(GroupRobot, robot_id).topics = [topic.value for topic in (Topic.MESSAGES, *PERSONAL)]
    tell(people.xinghe, ASKED)
    tell(people.xinghe, kinds.PASSWORD_CHANGED)
    tell(people.xinghe, WROTE)

    told = db.session.scalars(select(Notice.kind).where(Notice.robot_id.is_not(None))).all()
    assert told == [WROTE.code]
    assert PERSONAL.isdisjoint(TOPICS)


def test_a_topic_that_no_group_may_hear_of_is_refused(people, sign_in):
    response = sign_in(people.xinghe).post("/group-robots", data=form(topics=["security"]))

    assert response.status_code == 422


def test_topics_can_be_changed_and_the_robot_removed(people, sign_in, chat):
    client = sign_in(people.xinghe)
    robot_id = robot_of(client)
    client.post(f"/group-robots/{robot_id}/topics", data={"topics": ["meetings"]})
    tell(people.xinghe, WROTE)
    assert db.session.scalar(select(func.count()).where(Notice.robot_id.is_not(None))) == 0

    assert client.post(f"/group-robots/{robot_id}/removal").status_code == 302
    assert stored(GroupRobot, robot_id, lambda r: (r.sealed_token, r.removed_at is None)) == ("", False)
    assert client.post(f"/group-robots/{robot_id}/trial").status_code == 404


def test_trying_it_says_how_it_went(people, sign_in, chat):
    client = sign_in(people.xinghe)
    robot_id = robot_of(client, RobotKind.FEISHU, secret=SECRET)

    client.post(f"/group-robots/{robot_id}/trial")
    assert "测试消息已发出" in client.get("/group-robots").text
    assert chat.calls[0].body["content"]["text"].startswith("这是一条测试消息")
    assert client.post(f"/group-robots/{robot_id}/trial").status_code == 429

    with unit_of_work() as session:
        session.get_one(GroupRobot, robot_id).last_sent_at = utcnow() - timedelta(minutes=5)
    chat.answer = (200, {"code": 19021, "msg": "sign match fail"}, {})
    client.post(f"/group-robots/{robot_id}/trial")
    assert "code 19021" in client.get("/group-robots").text


def test_a_busy_service_is_asked_again_and_a_refusing_one_is_not(people, sign_in, chat):
    client = sign_in(people.xinghe)
    robot_of(client)
    tell(people.xinghe, WROTE)
    now = utcnow() + timedelta(seconds=1)
    chat.answer = (200, {"errcode": 45009}, {})

    mail.deliver_due(now)
    mail.deliver_due(now)
    row = db.session.scalars(select(Notice).where(Notice.robot_id.is_not(None))).one()
    assert (row.mail_state, row.attempts, len(chat.calls)) == (MailState.PENDING, 1, 1)

    chat.answer = (200, {"errcode": 93000}, {})
    mail.deliver_due(now + timedelta(minutes=2))
    assert stored(Notice, row.id, lambda n: (n.mail_state, n.last_error)) == (MailState.FAILED, "code 93000")


def test_there_is_an_end_to_robots(people, sign_in):
    client = sign_in(people.xinghe)
    for _ in range(5):
        robot_of(client)

    assert client.post("/group-robots", data=form()).status_code == 422
