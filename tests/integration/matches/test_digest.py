"""Monday's letter: what is new for each reader, in words, behind code names and bands, never twice, never empty."""

import re
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from matchhub import mail
from matchhub.accounts.models import Organization, User
from matchhub.accounts.queries.readers import digest_readers
from matchhub.core import delivery, digests, outbox
from matchhub.core.clock import CITY_ZONE, utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.outbox import MailState, Notice, Recipient
from matchhub.core.policy import Actor
from matchhub.core.wishes import Channel, NoticeWish, Topic
from matchhub.introductions import services as introductions
from matchhub.introductions.notices import ASKED
from matchhub.introductions.queries import Pair
from matchhub.listings.models import InvestmentMandate, Need, Offer
from matchhub.matches.enums import FeedbackKind, Side
from matchhub.matches.models import Feedback, Suggestion
from tests.cast import browser
from tests.integration.pairs import actor
from tests.receivers import mail_server, Sink

MONDAY = datetime(2026, 11, 30, 8, 0, tzinfo=CITY_ZONE)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def sink() -> Iterator[Sink]:
    with mail_server() as handler:
        yield handler


@pytest.fixture
def fresh(market) -> None:
    """What the market suggests came up last Thursday."""
    stand_since(MONDAY - timedelta(days=4))


def stand_since(moment: datetime) -> None:
    with unit_of_work() as session:
        session.execute(update(Suggestion).values(first_at=moment))


def send(sink: Sink, now: datetime = MONDAY + MINUTE) -> int:
    with delivery.smtp(sink.url) as transport:
        return delivery.deliver(
            now, transport=transport, render=mail.render, sender="matchhub@example.org", sender_name="汇配",
            clock=lambda: now, quiet=mail.quiet_until,
        )  # fmt: skip


def letter_to(sink: Sink, name: str) -> str | None:
    """The digest that somebody got."""
    weekly = ("一周新情况", "This week")
    found = [
        n for n, message in enumerate(sink.taken)
        if str(message["To"]).startswith(name) and str(message["Subject"]).startswith(weekly)
    ]  # fmt: skip
    assert len(found) <= 1
    return sink.text(found[0]) if found else None


def test_a_fund_reads_code_names_bands_and_reasons_and_nothing_more(people, fresh, sink):
    mail.issue_digests(MONDAY + MINUTE)
    send(sink)

    text = letter_to(sink, "yuanshan@")
    assert text is not None
    assert "新推荐" in text and "新材料-0001" in text
    assert "500–1,000 万元" in text  # the band
    assert "你们都在" in text or "碳纤维" in text  # a reason in words
    assert not re.search(r"563|731|星河|擎天", text)
    assert re.search(r"http://127\.0\.0\.1:8000/suggestions/\d+", text)


def test_a_firm_reads_which_offers_fit_and_whose_turn_it_is(people, fresh, sink, market):
    fund = actor(people.yuanshan)
    ask(people, market, fund)
    mail.issue_digests(MONDAY + MINUTE)
    send(sink)

    text = letter_to(sink, "xinghe@")
    assert text is not None
    assert "远山资本" in text and "单笔" in text
    assert "轮到你" in text and "1 个对接申请等你回应" in text and "/introductions?tab=mine" in text


def ask(people, market, by: Actor) -> int:
    from tests.integration.pairs import stage  # noqa: PLC0415 -- the texts and contacts of the consent screen

    scene = stage(people)
    with unit_of_work() as session:
        pair = Pair(session.get_one(Need, market.need), session.get_one(Offer, market.offer), by.organization_id or 0)
        return introductions.ask(pair, scene.choice(), purpose="", actor=by, now=utcnow()).id


def test_nothing_new_is_no_mail(people, market, sink):
    stand_since(MONDAY - timedelta(days=8))
    mail.issue_digests(MONDAY + MINUTE)

    assert send(sink) == 0
    assert set(db.session.scalars(select(Notice.mail_state).where(Notice.kind == digests.WEEKLY.code))) == {
        MailState.CANCELLED
    }


def test_what_was_in_one_weeks_letter_is_not_in_the_nexts(people, fresh, sink):
    mail.issue_digests(MONDAY + MINUTE)
    first = send(sink)
    mail.issue_digests(MONDAY + timedelta(days=7) + MINUTE)

    assert first > 0
    assert send(sink, MONDAY + timedelta(days=7) + MINUTE) == 0


def test_what_a_letter_that_failed_would_have_said_is_in_the_next(people, fresh, sink):
    mail.issue_digests(MONDAY + MINUTE)
    send(sink)
    second, third = MONDAY + timedelta(days=7), MONDAY + timedelta(days=14)
    stand_since(second - timedelta(days=2))
    mail.issue_digests(second)
    with unit_of_work() as session:
        session.execute(update(Notice).where(Notice.due_at == second).values(mail_state=MailState.FAILED))
    mail.issue_digests(third)
    sink.taken.clear()
    send(sink, third)

    assert "新材料-0001" in (letter_to(sink, "yuanshan@") or "")


def test_two_workers_write_it_once(app, people, fresh):
    together, written = threading.Barrier(2), []

    def issue() -> None:
        with app.app_context():
            together.wait(10)
            written.append(mail.issue_digests(MONDAY + MINUTE))

    workers = [threading.Thread(target=issue) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)

    of_each = select(func.count()).where(Notice.kind == digests.WEEKLY.code).group_by(Notice.recipient_key)
    counts = db.session.scalars(of_each).all()
    readers = len(digest_readers(db.session()))
    assert counts == [1] * readers
    assert sum(written) == readers >= 4


@pytest.mark.parametrize(
    ("now", "sent"),
    [
        (MONDAY - MINUTE, False),
        (MONDAY, True),
        (MONDAY + timedelta(hours=30), True),
        (MONDAY + timedelta(days=2), False),
        (MONDAY + timedelta(days=5), False),
    ],
)
def test_it_is_mondays_and_at_the_latest_tuesdays(people, fresh, now, sent):
    assert bool(mail.issue_digests(now)) is sent


def test_who_does_not_want_it_has_none(people, fresh, sink):
    with unit_of_work() as session:
        wish = NoticeWish(user_id=people.yuanshan.user_id, topic=Topic.WEEKLY, channel=Channel.MAIL, wanted=False)
        session.add(wish)
    mail.issue_digests(MONDAY + MINUTE)
    send(sink)

    assert letter_to(sink, "yuanshan@") is None
    assert letter_to(sink, "xinghe@") is not None


def test_one_press_ends_the_weekly_letter(app, people, fresh, sink):
    mail.issue_digests(MONDAY + MINUTE)
    send(sink)
    message = next(m for m in sink.taken if str(m["To"]).startswith("yuanshan@"))
    address = str(message["List-Unsubscribe"]).strip("<>").removeprefix("http://127.0.0.1:8000")
    app.test_client().post(address, data={"List-Unsubscribe": "One-Click"})

    stand_since(MONDAY + timedelta(days=3))
    mail.issue_digests(MONDAY + timedelta(days=7) + MINUTE)
    sink.taken.clear()
    send(sink, MONDAY + timedelta(days=7) + MINUTE)

    assert letter_to(sink, "yuanshan@") is None and letter_to(sink, "xinghe@") is not None


def test_what_was_answered_is_not_new_and_capacity_is_the_cap(people, fresh, sink, market):
    with unit_of_work() as session:
        session.get_one(InvestmentMandate, market.offer).capacity_per_month = 1
        rows = session.scalars(
            select(Suggestion).where(Suggestion.side == Side.OFFER, Suggestion.offer_id == market.offer)
        )
        first, *others = sorted(rows, key=lambda row: row.position)
        assert others
        first_id, ids = first.id, [row.id for row in others]
    mail.issue_digests(MONDAY + MINUTE)
    send(sink)
    text = letter_to(sink, "yuanshan@") or ""
    assert f"/suggestions/{first_id}" in text
    assert not any(f"/suggestions/{other}\n" in text for other in ids)


def test_put_away_suggestions_are_not_in_it(people, fresh, sink, market):
    with unit_of_work() as session:
        for row in session.scalars(select(Suggestion).where(Suggestion.side == Side.OFFER)).all():
            session.add(
                Feedback(
                    side=Side.OFFER, need_id=row.need_id, offer_id=row.offer_id, kind=FeedbackKind.INTERESTED,
                    by_user_id=people.yuanshan.user_id, at=MONDAY - timedelta(days=1),
                )
            )  # fmt: skip
    mail.issue_digests(MONDAY + MINUTE)
    send(sink)

    assert letter_to(sink, "yuanshan@") is None


def test_what_is_unread_is_counted_by_topic_and_not_retold(people, sink):
    with unit_of_work():
        to = Recipient(people.xinghe.user_id, "xinghe@xinghe.example", "zh", people.xinghe.organization_id)
        notice = outbox.enqueue(ASKED, to, values={"who": "远山资本", "what": "x"}, now=MONDAY - timedelta(days=1))
        assert notice is not None
        notice.mail_state = MailState.SENT
    mail.issue_digests(MONDAY + MINUTE)
    send(sink)

    text = letter_to(sink, "xinghe@") or ""
    assert "对接申请与答复 1 条" in text and "远山资本" not in text


def test_who_has_left_or_is_closed_gets_none(people, fresh, sink):
    mail.issue_digests(MONDAY + MINUTE)
    with unit_of_work() as session:
        session.get_one(User, people.yuanshan.user_id).disabled_at = MONDAY
        session.get_one(Organization, people.xinghe.organization_id).status = "closed"
    send(sink)

    assert letter_to(sink, "yuanshan@") is None and letter_to(sink, "xinghe@") is None


def test_it_is_written_in_the_readers_language_and_readable_on_a_phone(app, people, fresh, sink):
    with unit_of_work() as session:
        session.get_one(User, people.yuanshan.user_id).locale = "en"
    mail.issue_digests(MONDAY + MINUTE)
    send(sink)

    text = letter_to(sink, "yuanshan@") or ""
    html = sink.html(next(n for n, m in enumerate(sink.taken) if str(m["To"]).startswith("yuanshan@")))
    assert not re.search("[\u4e00-\u9fff]", text), text
    assert 'name="viewport"' in html and "<img" not in html and 'lang="en-GB"' in html
    link = re.search(r"/suggestions/\d+", text)
    assert link and browser(app, people.yuanshan.id).get(link.group()).status_code == 200
