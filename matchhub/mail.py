"""Notices as letters and as words to group chats, in the recipient's language, and the job that hands them over."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from matchhub.accounts.enums import MembershipState
from matchhub.accounts.models import Membership, User
from matchhub.accounts.queries import recipient
from matchhub.accounts.queries.readers import actor_of, digest_readers
from matchhub.accounts.services.robots import note_trial, say_to
from matchhub.accounts.services.vault import Vault
from matchhub.core import delivery, digests, installation, outbox
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.delivery import Letter
from matchhub.core.jobs import Job
from matchhub.core.labels import N_
from matchhub.core.outbox import KINDS, Notice, NoticeKind
from matchhub.core.policy import SYSTEM
from matchhub.core.robots import GroupRobot, RobotRefusal
from matchhub.core.ui import locale_code, speaking
from matchhub.core.web import worded
from matchhub.core.wishes import Channel, choosable, Farewells, quiet_of, wants
from matchhub.core.wordings import in_words
from matchhub.settings import Settings


def settings() -> Settings:
    """The settings of this application."""
    held: Settings = current_app.extensions["matchhub"]
    return held


def render(notice: Notice) -> Letter | None:
    """The letter of a notice; None when its recipient should not be told any more, or has nothing new to read."""
    kind = KINDS.kinds[notice.kind]
    if not still_wanted(notice, kind):
        return None
    with speaking("en" if notice.locale.startswith("en") else "zh"):
        chapters = _chapters(notice) if kind is digests.WEEKLY else []
        if kind is digests.WEEKLY and not chapters:
            return None
        return _letter(notice, kind, chapters)


def _chapters(notice: Notice) -> list[digests.Chapter]:
    """The digest's contents as its reader may see them now; none for who has left meanwhile."""
    actor = actor_of(db.session.get(Membership, notice.object_id))
    return digests.chapters_for(actor, digests.span_of(db.session(), notice)) if actor else []


def _letter(notice: Notice, kind: NoticeKind, chapters: Sequence[digests.Chapter]) -> Letter:
    base, site = settings().base_url.rstrip("/"), site_name()
    values = {key: in_words(value, locale_code(), say=gettext) for key, value in notice.values.items()}
    farewell = _farewell_url(notice, kind)
    path = kind.mail_path(notice) if kind.mail_path and notice.robot_id is None else notice.path
    parts: dict[str, Any] = {
        "subject": worded(kind.subject, **values),
        "body": worded(kind.body, **values),
        "url": base + path if path else "",
        "why": gettext("你收到这封邮件，因为你的邮箱登记在%(site)s。请勿直接回复。", site=site),
        "site": site,
        "lang": "zh-CN" if locale_code() == "zh" else "en-GB",
        "base": base,
        "chapters": chapters,
        "topic": gettext(kind.topic.label),
        "farewell_url": farewell,
        "settings_url": f"{base}/account/notices" if farewell else "",
    }
    environment = current_app.jinja_env
    text = environment.get_template("mail/notice.txt").render(parts)
    html = environment.get_template("mail/notice.html").render(parts)
    return Letter(f"{parts['subject']} · {site}", text, html, farewell)


def _farewell_url(notice: Notice, kind: NoticeKind) -> str:
    """Where one press ends this topic's mail; '' for what cannot be switched off."""
    if notice.recipient_user_id is None or not choosable(kind.topic, Channel.MAIL):
        return ""
    token = Farewells(secret_keys()).token(notice.recipient_user_id, kind.topic)
    return f"{settings().base_url.rstrip('/')}/farewells/{token}"


def secret_keys() -> tuple[str, ...]:
    """The installation's secret, and the earlier ones that are still good."""
    return (settings().secret_key, *settings().secret_key_fallbacks)


def site_name() -> str:
    """The product and the city, in the language in force."""
    site = installation.required(db.session())
    if locale_code() == "en":
        return f"MatchHub {site.city_name_en or site.city_name}"
    return f"{site.city_name}{site.product_name}"


def still_wanted(notice: Notice, kind: NoticeKind) -> bool:
    """Whether the person may and wants to be told: open account, membership not ended since, mail not switched off."""
    if notice.recipient_user_id is None:
        return True
    user = db.session.get(User, notice.recipient_user_id)
    if user is None or user.disabled_at is not None:
        return False
    if not wants(db.session(), user.id, kind.topic, Channel.MAIL):
        return False
    if notice.organization_id is None:
        return True
    held = db.session.execute(
        select(Membership.state, Membership.ended_at).where(
            Membership.user_id == user.id, Membership.organization_id == notice.organization_id
        )
    ).all()
    in_force = any(state is MembershipState.ACTIVE for state, _ in held)
    ended_since = any(ended and ended > notice.created_at for _, ended in held)
    return in_force or not ended_since


def issue_digests(now: datetime) -> int:
    """Write this week's digest to everyone who wants it and has none yet; how many. Safe to repeat and to race."""
    due_at = digests.issued_at(now)
    if due_at is None:
        return 0
    return sum(_issue(membership_id, due_at) for membership_id in digest_readers(db.session()))


def _issue(membership_id: int, due_at: datetime) -> bool:
    try:
        with unit_of_work() as session:
            membership = session.get_one(Membership, membership_id)
            if not wants(session, membership.user_id, digests.WEEKLY.topic, Channel.MAIL):
                return False
            to = recipient(membership.user, membership.organization_id)
            written = outbox.enqueue(digests.WEEKLY, to, about=membership, path="/", now=due_at)
            return written is not None
    except IntegrityError:  # another worker was faster
        return False


def quiet_until(notice: Notice, now: datetime) -> datetime | None:
    """Until when the recipient wants no mail of this kind; None for now."""
    kind = KINDS.kinds.get(notice.kind)
    if kind is None or not kind.waits_for_morning:
        return None
    return quiet_of(db.session(), notice.recipient_user_id).until(now)


WHILE = timedelta(minutes=3)  # how long one run goes on with what is due: well within its lease


def deliver_due(now: datetime) -> int:
    """Send the mail that is due, a batch at a time, and tell group robots; the number of notices that went."""
    return _mail(now) + _speak(now)


def _mail(now: datetime) -> int:
    if not delivery.has_due(now):
        return 0
    if not settings().mail_url:
        return delivery.keep_to_the_bell(now)
    sender_name = installation.required(db.session()).product_name
    sent, until = 0, now + WHILE
    with delivery.smtp(settings().mail_url) as transport:
        while True:
            done = delivery.deliver(
                now, transport=transport, render=render, sender=settings().mail_from, sender_name=sender_name, clock=utcnow,
                quiet=quiet_until,
            )  # fmt: skip
            sent, now = sent + done, utcnow()
            if not done or now > until or not delivery.has_due(now):
                return sent


def _speak(now: datetime) -> int:
    return delivery.speak(now, say=tell_group, clock=utcnow) if delivery.has_due(now, robots=True) else 0


def tell_group(robot_id: int, notices: Sequence[Notice]) -> None:
    """Say in one message how many notices of which topics there are, and where to look. Raises RobotRefusal."""
    robot = db.session.get_one(GroupRobot, robot_id)
    if robot.removed_at is not None:
        raise RobotRefusal("the robot has been removed", permanent=True)
    topics = Counter(KINDS.kinds[notice.kind].topic for notice in notices if notice.kind in KINDS.kinds)
    with speaking("en" if robot.locale.startswith("en") else "zh"):
        lines = [gettext("%(site)s有新消息：", site=site_name())]
        lines += [gettext("%(topic)s %(count)s 条", topic=gettext(t.label), count=n) for t, n in topics.items()]
        lines.append(settings().base_url.rstrip("/") + "/notices")
    error = ""
    try:
        say_to(robot, "\n".join(lines), vault=Vault(secret_keys()), instead=settings().robot_url)
    except RobotRefusal as refusal:
        error = str(refusal)
        raise
    finally:
        with unit_of_work():
            note_trial(robot, error=error, actor=SYSTEM, now=utcnow())


DELIVERY = Job("delivery", deliver_due, N_("发送邮件和群消息"), every_seconds=5, lease_seconds=600)
DIGESTS = Job("digests", issue_digests, N_("每周推荐摘要"), hour=digests.HOUR)
