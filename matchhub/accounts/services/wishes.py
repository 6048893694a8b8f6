"""What a person chooses to be told of, and taking leave by the link in a mail."""

from collections.abc import Collection
from datetime import datetime

from matchhub.accounts.models import User
from matchhub.core import audit, errors
from matchhub.core.db import db, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.core.wishes import Channel, choosable, NoticeWish, Quiet, QuietHours, Topic

Choice = tuple[Topic, Channel]


@writes
def change_wishes(user: User, *, wanted: Collection[Choice], quiet: Quiet, actor: Actor, now: datetime) -> None:
    """Keep all of one's own choices and quiet hours as they were sent. Raises Forbidden, Invalid.

    What cannot be chosen stays as it is, whatever was sent.
    """
    if user.id != actor.user_id:
        raise errors.Forbidden(N_("你没有做这件事的权限"))
    if quiet.is_on and quiet.from_minute == quiet.to_minute and not quiet.rest_days:
        raise errors.Invalid(N_("开始和结束不能是同一时刻"), field="quiet_to")
    for topic in Topic:
        for channel in Channel:
            if choosable(topic, channel):
                db.session.merge(
                    NoticeWish(user_id=user.id, topic=topic, channel=channel, wanted=(topic, channel) in wanted)
                )
    db.session.merge(
        QuietHours(
            user_id=user.id, is_on=quiet.is_on, from_minute=quiet.from_minute, to_minute=quiet.to_minute,
            rest_days=quiet.rest_days,
        )
    )  # fmt: skip
    audit.record(actor, "notices:choose", user)


@writes
def take_leave(user: User, topic: Topic, *, actor: Actor, now: datetime) -> None:
    """No more mail of this topic to the person, who came by the signed link of a mail. Raises NotFound."""
    if not choosable(topic, Channel.MAIL):
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    db.session.merge(NoticeWish(user_id=user.id, topic=topic, channel=Channel.MAIL, wanted=False))
    audit.record(Actor(user_id=user.id, ip=actor.ip), "notices:take-leave", user, topic=topic.value)
