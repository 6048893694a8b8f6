"""What a person wants to be told of, how, and when not by mail.

A wish is stored only where somebody chose; the rest follows the defaults of the topic, so that a new topic needs no rows.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import CheckConstraint, ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column, Session

from matchhub.core.clock import CITY_ZONE
from matchhub.core.db import Base, enum_type
from matchhub.core.labels import Labelled, N_
from matchhub.core.workdays import is_workday


class Channel(Labelled):
    """A way in which a notice reaches somebody. Group robots belong to the organization, not to the person."""

    BELL = "bell", N_("站内")
    MAIL = "mail", N_("邮件")
    DIGEST = "digest", N_("周报")


class Topic(Labelled):
    """Kinds of notice as people know them."""

    SECURITY = "security", N_("账号安全与法律文本")
    ORGANIZATION = "organization", N_("机构与同事")
    INTRODUCTIONS = "introductions", N_("对接申请与答复")
    MESSAGES = "messages", N_("对接里的消息")
    MEETINGS = "meetings", N_("会面")
    RESULTS = "results", N_("交易与结果")
    LISTINGS = "listings", N_("需求与意向")
    PROFILES = "profiles", N_("资料与入驻")
    REVIEWS = "reviews", N_("待我审核")
    SEARCHES = "searches", N_("保存的搜索")
    SUGGESTIONS = "suggestions", N_("推荐")
    EVENTS = "events", N_("活动")
    WEEKLY = "weekly", N_("每周周报")
    OTHER = "other", N_("其他通知")


CHANNELS_OF: Mapping[Topic, Collection[Channel]] = {Topic.WEEKLY: (Channel.MAIL,)}
"""What can be chosen at all: the weekly digest is a letter and nothing else."""
LOCKED = frozenset({Topic.SECURITY})
"""Whoever takes an account over would switch these off first; and what the law wants told is told."""
OFF_BY_DEFAULT = frozenset(
    {(Topic.REVIEWS, Channel.MAIL)} | {(topic, Channel.DIGEST) for topic in (Topic.LISTINGS, Topic.PROFILES)}
    | {(topic, Channel.DIGEST) for topic in (Topic.ORGANIZATION, Topic.REVIEWS, Topic.SEARCHES, Topic.SUGGESTIONS, Topic.EVENTS)}
    | {(Topic.OTHER, Channel.DIGEST)}
)  # fmt: skip
DAY_MINUTES = 24 * 60


class NoticeWish(Base):
    """One person's choice for one topic and channel, where it differs or was confirmed."""

    __tablename__ = "notice_wish"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    topic: Mapped[Topic] = mapped_column(enum_type(Topic), primary_key=True)
    channel: Mapped[Channel] = mapped_column(enum_type(Channel), primary_key=True)
    wanted: Mapped[bool]


class QuietHours(Base):
    """When a person is not to be sent mail: minutes after midnight in the city; from 21:00 to 8:00 without a row."""

    __tablename__ = "quiet_hours"
    __table_args__ = (
        CheckConstraint("from_minute BETWEEN 0 AND 1439 AND to_minute BETWEEN 0 AND 1439", name="within_a_day"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    is_on: Mapped[bool] = mapped_column(default=True)
    from_minute: Mapped[int] = mapped_column(default=21 * 60)
    to_minute: Mapped[int] = mapped_column(default=8 * 60)
    rest_days: Mapped[bool] = mapped_column(default=False)  # days off are quiet as a whole


@dataclass(frozen=True, slots=True)
class Quiet:
    """Quiet hours as values."""

    is_on: bool = True
    from_minute: int = 21 * 60
    to_minute: int = 8 * 60
    rest_days: bool = False

    def until(self, moment: datetime) -> datetime | None:
        """The end of the quiet time that `moment` lies in; None outside of it."""
        if not self.is_on:
            return None
        local = moment.astimezone(CITY_ZONE)
        minute = local.hour * 60 + local.minute
        quiet_now = self._holds(minute)
        off_day = self.rest_days and not is_workday(local.date())
        if not (quiet_now or off_day):
            return None
        ends_today = quiet_now and minute < self.to_minute
        day = local.date() if ends_today else local.date() + timedelta(days=1)
        return self._morning(day).astimezone(moment.tzinfo)

    def _holds(self, minute: int) -> bool:
        if self.from_minute <= self.to_minute:
            return self.from_minute <= minute < self.to_minute
        return minute >= self.from_minute or minute < self.to_minute

    def _morning(self, day: date) -> datetime:
        while self.rest_days and not is_workday(day):
            day += timedelta(days=1)
        return datetime.combine(day, time(self.to_minute // 60, self.to_minute % 60), CITY_ZONE)


def choosable(topic: Topic, channel: Channel) -> bool:
    """Whether a person may switch this off and on."""
    return topic not in LOCKED and channel in CHANNELS_OF.get(topic, tuple(Channel))


def by_default(topic: Topic, channel: Channel) -> bool:
    """What holds for whoever has not chosen."""
    return channel in CHANNELS_OF.get(topic, tuple(Channel)) and (topic, channel) not in OFF_BY_DEFAULT


def chosen_by(session: Session, user_ids: Collection[int]) -> dict[tuple[int, Topic, Channel], bool]:
    """What these people have chosen, by (user id, topic, channel): one query."""
    rows = session.scalars(select(NoticeWish).where(NoticeWish.user_id.in_(user_ids)))
    return {(row.user_id, row.topic, row.channel): row.wanted for row in rows}


def wants(session: Session, user_id: int | None, topic: Topic, channel: Channel) -> bool:
    """Whether a notice of this topic goes to the person on this channel. Addresses without an account are told."""
    if user_id is None or topic in LOCKED:
        return True
    row = session.get(NoticeWish, (user_id, topic, channel))
    return row.wanted if row is not None else by_default(topic, channel)


def quiet_of(session: Session, user_id: int | None) -> Quiet:
    """A person's quiet hours; an address without an account has none."""
    if user_id is None:
        return Quiet(is_on=False)
    row = session.get(QuietHours, user_id)
    return Quiet(row.is_on, row.from_minute, row.to_minute, row.rest_days) if row else Quiet()


class Farewells:
    """Links that switch one topic's mail off for one person: signed for this alone, good without signing in.

    They do not expire, as mails are read late; what they can do is harmless and can be taken back in the settings.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        """`keys`: the installation's secret first, earlier ones after it."""
        self._signer = URLSafeSerializer(list(reversed(keys)), salt="matchhub unsubscribe")

    def token(self, user_id: int, topic: Topic) -> str:
        """What the address carries."""
        return str(self._signer.dumps([user_id, topic.value]))

    def read(self, token: str) -> tuple[int, Topic] | None:
        """Whose mail of which topic; None for what was not made here or can no longer be switched off."""
        try:
            user_id, code = self._signer.loads(token)
            topic = Topic(code)
        except (BadSignature, ValueError, TypeError):
            return None
        return (user_id, topic) if isinstance(user_id, int) and choosable(topic, Channel.MAIL) else None
