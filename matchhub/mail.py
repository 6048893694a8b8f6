"""Notices as letters: the recipient's language, plain text and simple HTML, and the job that hands them over."""

from datetime import datetime
from typing import Any

from flask import current_app
from flask_babel import force_locale, gettext
from sqlalchemy import select

from matchhub.accounts.enums import MembershipState
from matchhub.accounts.models import Membership, User
from matchhub.core import delivery, installation
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.delivery import Letter
from matchhub.core.jobs import Job
from matchhub.core.outbox import KINDS, Notice
from matchhub.core.ui import locale_code
from matchhub.settings import Settings


def render(notice: Notice) -> Letter | None:
    """The letter of a notice; None when its recipient should not be told any more."""
    if not still_wanted(notice):
        return None
    settings: Settings = current_app.extensions["matchhub"]
    kind = KINDS.kinds[notice.kind]
    with force_locale("en" if notice.locale.startswith("en") else "zh"):
        site = site_name()
        values = {
            key: gettext(value) if value and isinstance(value, str) else value for key, value in notice.values.items()
        }
        parts: dict[str, Any] = {
            "subject": gettext(kind.subject, **values),
            "body": gettext(kind.body, **values),
            "url": settings.base_url.rstrip("/") + notice.path if notice.path else "",
            "why": gettext("你收到这封邮件，因为你的邮箱登记在%(site)s。请勿直接回复。", site=site),
            "site": site,
            "lang": "zh-CN" if locale_code() == "zh" else "en-GB",
        }
        text = "\n\n".join(part for part in (parts["body"], parts["url"], f"-- \n{parts['why']}") if part)
        html = current_app.jinja_env.get_template("mail/notice.html").render(parts)
    return Letter(f"{parts['subject']} · {site}", text + "\n", html)


def site_name() -> str:
    """The product and the city, in the language in force."""
    site = installation.required(db.session())
    if locale_code() == "en":
        return f"MatchHub {site.city_name_en or site.city_name}"
    return f"{site.city_name}{site.product_name}"


def still_wanted(notice: Notice) -> bool:
    """Whether the person may still be told: the account is open, and the membership did not end since."""
    if notice.recipient_user_id is None:
        return True
    user = db.session.get(User, notice.recipient_user_id)
    if user is None or user.disabled_at is not None:
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


def deliver_due(now: datetime) -> int:
    """Send what is due, batch after batch; the number of mails sent."""
    if not delivery.has_due(now):
        return 0
    settings: Settings = current_app.extensions["matchhub"]
    if not settings.mail_url:
        return delivery.keep_to_the_bell(now)
    sender_name = installation.required(db.session()).product_name
    with delivery.smtp(settings.mail_url) as transport:
        return delivery.deliver(
            now, transport=transport, render=render, sender=settings.mail_from, sender_name=sender_name, clock=utcnow
        )


DELIVERY = Job("delivery", deliver_due, every_seconds=5, lease_seconds=600)
