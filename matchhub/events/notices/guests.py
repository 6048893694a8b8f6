"""What visitors without an account are told: each letter carries the key to the place, and nothing else does."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from matchhub.core import outbox
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.outbox import Notice, NoticeKind, Recipient
from matchhub.core.wishes import Topic
from matchhub.core.wordings import both, both_of
from matchhub.events import queries
from matchhub.events.models import GuestPlace, Registration
from matchhub.events.news import AvailabilityAsked, GuestAnswer, GuestAsked
from matchhub.events.notices import words_of
from matchhub.events.queries.wording import day_and_time
from matchhub.events.services.guests import guest_token

CONFIRM = NoticeKind(
    "event_guest_confirm", N_("请确认报名：%(title)s"),
    N_("%(when)s，%(place)s。打开链接确认后才占席位，%(until)s 前有效。不是你填的，不用理会，我们会删除。"), bell=False,
    topic=Topic.EVENTS, urgent=True,
)  # fmt: skip
LOOK = NoticeKind(
    "event_guest_look", N_("你已经报过名：%(title)s"), N_("%(when)s，%(place)s。打开链接看你的位置，也可以取消。"), bell=False,
    topic=Topic.EVENTS, urgent=True,
)  # fmt: skip
SIGN_IN = NoticeKind(
    "event_guest_sign_in", N_("请登录报名：%(title)s"),
    N_("有人用你的邮箱报名 %(when)s 的活动。这个邮箱已有账户，请登录后报名；不是你填的，不用理会。"), bell=False,
    topic=Topic.EVENTS, urgent=True,
)  # fmt: skip
OF_ANSWER = {GuestAnswer.CONFIRM: CONFIRM, GuestAnswer.LOOK: LOOK, GuestAnswer.SIGN_IN: SIGN_IN}
PATH_OF_PLACE = re.compile(r"/registrations/(\d+)")


def personal_path(notice: Notice) -> str:
    """In a letter to a guest without an account: the address that is the key to the place."""
    if notice.recipient_user_id is not None:
        return notice.path
    place, otherwise = _key_for(notice)
    token = guest_token(place) if place is not None else None
    return f"/guest-places/{token}" if token else otherwise


def _key_for(notice: Notice) -> tuple[GuestPlace | None, str]:
    """Whose key the letter carries, and where it leads without one."""
    session = db.session()
    if notice.object_type == GuestPlace.__tablename__:
        return (None if notice.kind == SIGN_IN.code else session.get(GuestPlace, notice.object_id)), notice.path
    found = PATH_OF_PLACE.match(notice.path)
    registration = session.get(Registration, int(found[1])) if found else None
    if registration is None:
        return None, notice.path
    return queries.guest_place_of(session, registration.id), f"/events/{registration.event_id}"


def addressed(kinds: Iterable[NoticeKind]) -> tuple[NoticeKind, ...]:
    """The same kinds, leading guests to their place; one that has an address of its own keeps it."""
    return tuple(kind if kind.mail_path else replace(kind, mail_path=personal_path) for kind in kinds)


AVAILABILITY = NoticeKind(
    "event_availability", N_("什么时候有空：%(title)s"),
    N_("主办方在给「%(title)s」挑日子。勾一下你一周里哪些时候有空，以后的活动也用得上。"), topic=Topic.EVENTS,
)  # fmt: skip
KINDS = (*addressed(OF_ANSWER.values()), AVAILABILITY)


def on_availability(item: AvailabilityAsked, *, now: datetime) -> None:
    """Once for each person and event, however often the host asks: the moment of the event's making is part of the key."""
    event = item.event
    values = {"title": both(lambda locale: words_of(event, locale)["title"])}
    outbox.enqueue(AVAILABILITY, item.recipient, about=event, values=values, path="/availability", now=event.created_at)


def on_guest(item: GuestAsked, *, now: datetime) -> None:
    """Whoever reads the mailbox learns what there is to do; nobody else does."""
    place = item.place
    event = place.event
    told = Recipient(address=place.email, locale=place.locale)
    values = both_of(
        lambda locale: words_of(event, locale) | {"until": day_and_time(place.expires_at, event.tz, locale)}
    )
    path = f"/events/{event.id}/registrations/new" if item.answer is GuestAnswer.SIGN_IN else f"/events/{event.id}"
    outbox.enqueue(OF_ANSWER[item.answer], told, about=place, values=values, path=path, now=now)
