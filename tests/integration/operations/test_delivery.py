"""Mail: sent once, tried again, given up, in the reader's language; one failure stops nobody else."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from matchhub import mail
from matchhub.accounts.models import User
from matchhub.core import delivery, outbox
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.delivery import Letter, MAX_ATTEMPTS, smtp, wait_after
from matchhub.core.outbox import MailState, Notice, NoticeKind, Recipient
from matchhub.core.web import App
from tests.cast import Cast, stored
from tests.receivers import free_port, mail_server, Sink

KIND = NoticeKind("test_told", "%(name)s 想认识你", "请在 %(day)s 前答复。\n谢谢。")


@pytest.fixture
def sink() -> Iterator[Sink]:
    with mail_server() as handler:
        yield handler


@pytest.fixture
def kind() -> Iterator[NoticeKind]:
    outbox.KINDS.add(KIND)
    yield KIND
    outbox.KINDS.kinds.pop(KIND.code)


def tell(address: str, *, locale: str = "zh", name: str = "远山资本", now: datetime, **more: Any) -> int:
    with unit_of_work():
        recipient = Recipient(address=address, locale=locale, **more)
        notice = outbox.enqueue(KIND, recipient, values={"name": name, "day": "12月1日"}, path="/x", now=now)
        assert notice is not None
        db.session.flush()
        return notice.id


def deliver(sink: Sink, now: datetime, *, transport: Any = None) -> int:
    with smtp(sink.url) as opened:
        return delivery.deliver(
            now, transport=transport or opened, render=mail.render, sender="matchhub@example.org", sender_name="汇配",
            clock=lambda: now,
        )  # fmt: skip


def test_what_is_due_is_sent_once(app: App, kind: NoticeKind, sink: Sink) -> None:
    now = utcnow()
    notice_id = tell("a@a.example", now=now)

    assert (deliver(sink, now), deliver(sink, now)) == (1, 0)

    assert [m["To"] for m in sink.taken] == ["a@a.example"]
    assert stored(Notice, notice_id, lambda n: (n.mail_state, n.attempts)) == (MailState.SENT, 1)


def test_what_is_not_due_waits(app: App, kind: NoticeKind, sink: Sink) -> None:
    now = utcnow()
    tell("a@a.example", now=now + timedelta(seconds=10))

    assert deliver(sink, now) == 0


def test_two_workers_share_the_mails_and_double_none(app: App, kind: NoticeKind, sink: Sink) -> None:
    now = utcnow()
    for number in range(6):
        tell(f"p{number}@a.example", now=now)

    first, second = delivery.claim(now, limit=4), delivery.claim(now, limit=4)

    assert len(first) == 4
    assert len(second) == 2
    assert set(first).isdisjoint(second)


def test_a_crash_between_sending_and_noting_sends_again_under_the_same_id(
    app: App, kind: NoticeKind, sink: Sink
) -> None:
    class Dies:
        def send(self, message: EmailMessage) -> None:
            with smtp(sink.url) as opened:
                opened.send(message)
            raise KeyboardInterrupt  # as if the process had been killed after the server took the message

    now = utcnow()
    notice_id = tell("a@a.example", now=now)
    with pytest.raises(KeyboardInterrupt):
        deliver(sink, now, transport=Dies())
    assert deliver(sink, now) == 0  # its lease still stands

    later = now + delivery.LEASE + timedelta(seconds=1)
    assert deliver(sink, later) == 1

    assert len(sink.ids) == 2
    assert len(set(sink.ids)) == 1
    assert stored(Notice, notice_id, lambda n: n.mail_state) is MailState.SENT


def test_a_server_that_is_busy_is_asked_again_later_and_later(app: App, kind: NoticeKind, sink: Sink) -> None:
    now = utcnow()
    sink.answers["a@a.example"] = "451 try later"
    notice_id = tell("a@a.example", now=now)

    assert deliver(sink, now) == 0
    assert stored(Notice, notice_id, lambda n: n.mail_state) is MailState.PENDING
    assert deliver(sink, now + timedelta(seconds=30)) == 0
    assert stored(Notice, notice_id, lambda n: n.attempts) == 1

    sink.answers.clear()
    assert deliver(sink, now + timedelta(seconds=61)) == 1
    assert [wait_after(n).total_seconds() for n in (1, 2, 3, 20)] == [60, 120, 240, 4 * 3600]


def test_a_refused_address_fails_at_once_and_the_others_are_sent(app: App, kind: NoticeKind, sink: Sink) -> None:
    now = utcnow()
    sink.answers["a@a.example"] = "550 no such user"
    failed, fine = tell("a@a.example", now=now), tell("b@b.example", now=now)

    assert deliver(sink, now) == 1

    assert stored(Notice, failed, lambda n: n.mail_state) is MailState.FAILED
    assert "550" in stored(Notice, failed, lambda n: n.last_error)
    assert stored(Notice, fine, lambda n: n.mail_state) is MailState.SENT


def test_after_eight_attempts_a_mail_has_failed(app: App, kind: NoticeKind, sink: Sink) -> None:
    now = utcnow()
    sink.answers["a@a.example"] = "451 try later"
    notice_id = tell("a@a.example", now=now)
    for _ in range(MAX_ATTEMPTS):
        deliver(sink, now)
        now += timedelta(hours=5)

    assert stored(Notice, notice_id, lambda n: (n.mail_state, n.attempts)) == (MailState.FAILED, MAX_ATTEMPTS)


def test_a_server_that_is_away_costs_no_mail(app: App, kind: NoticeKind, sink: Sink) -> None:
    now = utcnow()
    ids = [tell(f"p{number}@a.example", now=now) for number in range(2)]
    sink.url = f"smtp://127.0.0.1:{free_port()}"

    assert deliver(sink, now) == 0

    assert {stored(Notice, i, lambda n: n.mail_state) for i in ids} == {MailState.PENDING}


def test_the_letter_speaks_the_recipients_language(app: App, kind: NoticeKind, sink: Sink) -> None:
    now = utcnow()
    tell("zh@a.example", now=now)
    tell("en@a.example", locale="en", now=now)
    deliver(sink, now)

    chinese, english = (message.get_body(("plain",)).get_content() for message in sink.taken)  # type: ignore[union-attr]
    assert "鄂州市汇配" in chinese
    assert "MatchHub Ezhou" in english
    assert "http://127.0.0.1:8000/x" in chinese


def test_names_are_escaped_in_html(app: App, kind: NoticeKind, sink: Sink) -> None:
    now = utcnow()
    tell("a@a.example", name="<script>x</script>", now=now)
    deliver(sink, now)

    html = sink.taken[0].get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize("name", ["远山\r\nBcc: x@x.example", "远山\nX-Evil: 1"])
def test_a_line_break_in_a_value_never_becomes_a_header(app: App, kind: NoticeKind, sink: Sink, name: str) -> None:
    now = utcnow()
    bad, good = tell("a@a.example", name=name, now=now), tell("b@b.example", now=now)

    assert deliver(sink, now) == 1

    assert stored(Notice, bad, lambda n: n.mail_state) is MailState.FAILED
    assert stored(Notice, good, lambda n: n.mail_state) is MailState.SENT
    assert all(message["Bcc"] is None for message in sink.taken)


def test_a_closed_account_is_told_nothing_more(app: App, people: Cast, kind: NoticeKind, sink: Sink) -> None:
    now, user_id = utcnow(), people.xinghe.user_id
    notice_id = tell("xinghe@xinghe.example", user_id=user_id, now=now)
    with unit_of_work() as session:
        session.get_one(User, user_id).disabled_at = now

    assert deliver(sink, now) == 0
    assert stored(Notice, notice_id, lambda n: n.mail_state) is MailState.CANCELLED


def test_without_a_mail_server_notices_stay_in_the_bell(app: App, kind: NoticeKind) -> None:
    now = utcnow()
    notice_id = tell("a@a.example", now=now)

    mail.deliver_due(now)

    assert stored(Notice, notice_id, lambda n: n.mail_state) is MailState.NONE


def test_a_letter_cannot_be_composed_with_a_broken_header(app: App) -> None:
    notice = Notice(id=1, address="a@a.example", message_id="<x@y>", kind="x")
    with pytest.raises(ValueError, match="line break"):
        delivery.compose(notice, Letter("a\nb", "t", "h"), sender="m@example.org", sender_name="汇配", now=utcnow())
