"""What the two parties are told; the words never carry a contact, a file or an amount."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from matchhub.accounts.models import Organization
from matchhub.accounts.queries import recipients_of
from matchhub.core import dictionaries, outbox
from matchhub.core.clock import CITY_ZONE, day_in_words
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.outbox import NoticeKind
from matchhub.core.policy import Actor
from matchhub.core.wishes import Topic
from matchhub.core.wordings import both_of
from matchhub.disclosure.queries import Visible, visible_of
from matchhub.introductions import news as told
from matchhub.introductions.models import Introduction
from matchhub.introductions.queries import party_name, subject_of
from matchhub.listings.enums import PairingKind
from matchhub.matches.enums import Side
from matchhub.matches.queries.lists import shown

ASKED = NoticeKind(
    "introduction_asked",
    N_("%(who)s 申请与你对接"),
    N_("%(who)s 想和你谈「%(what)s」，%(day)s前回应。"),
    topic=Topic.INTRODUCTIONS,
)
ACCEPTED = NoticeKind(
    "introduction_accepted", N_("%(who)s 同意了对接"), N_("双方已互相开放，先约 30 分钟吧。"), topic=Topic.INTRODUCTIONS
)
DECLINED = NoticeKind(
    "introduction_declined",
    N_("%(who)s 这次没有接受"),
    N_("%(who)s 这次没有接受，原因：%(reason)s。%(day)s起可再次申请。"),
    topic=Topic.INTRODUCTIONS,
)
DECLINED_BUT_OTHERS = NoticeKind(
    "introduction_declined_but_others",
    N_("%(who)s 这次没有接受"),
    N_("%(who)s 这次没有接受，原因：%(reason)s。%(day)s起可再次申请。另有 %(count)s 家接近的机构。"),
    topic=Topic.INTRODUCTIONS,
)
DECLINED_BUT_PRODUCTS = NoticeKind(
    "introduction_declined_but_products",
    N_("%(who)s 这次没有接受"),
    N_("%(who)s 这次没有接受，原因：%(reason)s。%(day)s起可再次申请。另有 %(count)s 个接近的产品。"),
    topic=Topic.INTRODUCTIONS,
)
DECLINED_BUT_MENTORS = NoticeKind(
    "introduction_declined_but_mentors",
    N_("%(who)s 这次没有接受"),
    N_("%(who)s 这次没有接受，原因：%(reason)s。%(day)s起可再次申请。另有 %(count)s 位接近的导师。"),
    topic=Topic.INTRODUCTIONS,
)
OTHERS_NEAR = {
    PairingKind.EQUITY: DECLINED_BUT_OTHERS,
    PairingKind.CREDIT: DECLINED_BUT_PRODUCTS,
    PairingKind.MENTORING: DECLINED_BUT_MENTORS,
}
EXPIRED = NoticeKind(
    "introduction_expired",
    N_("申请已过期：%(who)s"),
    N_("对接「%(what)s」到期没有回应，现在可以再次申请。"),
    topic=Topic.INTRODUCTIONS,
)
WITHDRAWN = NoticeKind(
    "introduction_withdrawn",
    N_("一个对接申请已撤回"),
    N_("关于「%(what)s」的对接申请已撤回，不用再回应。"),
    topic=Topic.INTRODUCTIONS,
)
REVOKED = NoticeKind(
    "introduction_revoked",
    N_("一个对接已终止"),
    N_("关于「%(what)s」的对接已终止，双方的联系方式和材料已停止开放。"),
    topic=Topic.INTRODUCTIONS,
)
CLOSED = NoticeKind(
    "introduction_closed", N_("一个对接已结束"), N_("关于「%(what)s」的对接已结束。"), topic=Topic.INTRODUCTIONS
)
LAPSED = NoticeKind(
    "introduction_lapsed",
    N_("一个对接申请已结束"),
    N_("「%(what)s」相关的发布已经结束，对接申请一并结束，不用再回应。"),
    topic=Topic.INTRODUCTIONS,
)
WROTE = NoticeKind("introduction_message", N_("%(who)s 发来消息"), N_("到对接页查看并回复。"), topic=Topic.MESSAGES)
PROPOSED = NoticeKind(
    "meeting_proposed", N_("%(who)s 约你见面"), N_("%(who)s 提议 %(when)s 见面，请确认或改约。"), topic=Topic.MEETINGS
)
AGREED = NoticeKind(
    "meeting_accepted", N_("%(who)s 接受了会面时间"), N_("会面定在 %(when)s，可下载日历文件。"), topic=Topic.MEETINGS
)
PUT_OFF = NoticeKind(
    "meeting_declined", N_("%(who)s 想改约"), N_("%(when)s 不合适，另约一个时间。"), topic=Topic.MEETINGS
)
CANCELLED = NoticeKind(
    "meeting_cancelled", N_("%(who)s 取消了会面"), N_("%(when)s 的会面已取消。"), topic=Topic.MEETINGS, urgent=True
)
KINDS = (
    ASKED, ACCEPTED, DECLINED, *OTHERS_NEAR.values(), EXPIRED, WITHDRAWN, REVOKED, CLOSED, LAPSED, WROTE, PROPOSED,
    AGREED, PUT_OFF, CANCELLED,
)  # fmt: skip

ENDINGS = {
    told.Ending.EXPIRED: EXPIRED,
    told.Ending.WITHDRAWN: WITHDRAWN,
    told.Ending.REVOKED: REVOKED,
    told.Ending.CLOSED: CLOSED,
    told.Ending.LAPSED: LAPSED,
}
STEPS = {
    told.MeetingStep.PROPOSED: PROPOSED,
    told.MeetingStep.ACCEPTED: AGREED,
    told.MeetingStep.DECLINED: PUT_OFF,
    told.MeetingStep.CANCELLED: CANCELLED,
}


def on_delivered(item: told.RequestDelivered, *, now: datetime) -> None:
    introduction = item.introduction
    _tell(ASKED, introduction, introduction.recipient_id, now=now, day=introduction.expires_at)


def on_accepted(item: told.IntroductionAccepted, *, now: datetime) -> None:
    _tell(ACCEPTED, item.introduction, item.introduction.requester_id, now=now)


def on_declined(item: told.IntroductionDeclined, *, now: datetime) -> None:
    introduction = item.introduction
    count = _others_near(introduction, now=now)
    _tell(
        OTHERS_NEAR[introduction.kind] if count else DECLINED, introduction, introduction.requester_id, now=now,
        day=introduction.ask_again_on, reason=introduction.refusal_reason, count=count,
    )  # fmt: skip


def _others_near(introduction: Introduction, *, now: datetime) -> int:
    """How many offers stand on the firm's own list besides those of this side. Givers have lists of their own."""
    if introduction.requester_id != introduction.enterprise_id:
        return 0
    listed = shown(db.session(), Side.NEED, introduction.need_id, introduction.kind, now=now)
    return sum(row.offer.organization_id != introduction.investor_id for row in listed)


def on_ended(item: told.IntroductionEnded, *, now: datetime) -> None:
    """The other side is told; what the rules end is told to both, an expiry only to the asker."""
    introduction = item.introduction
    parties = [] if item.is_told else [introduction.enterprise_id, introduction.investor_id]
    if item.how is told.Ending.EXPIRED:
        parties = [introduction.requester_id]
    if item.how in (told.Ending.WITHDRAWN, told.Ending.LAPSED) and introduction.awaits_claim:
        parties = [introduction.requester_id]
    for organization_id in parties:
        if organization_id != item.by_id:
            _tell(ENDINGS[item.how], introduction, organization_id, now=now)


def on_message(item: told.MessageWritten, *, now: datetime) -> None:
    other = item.introduction.other_than(item.message.organization_id)
    _tell(WROTE, item.introduction, other.id, about=item.message, now=now)


def on_meeting(item: told.MeetingChanged, *, now: datetime) -> None:
    introduction = item.meeting.introduction
    other = introduction.other_than(item.by_id)
    _tell(STEPS[item.step], introduction, other.id, about=item.meeting, now=now, when=item.meeting.starts_at)


def _tell(
    kind: NoticeKind,
    introduction: Introduction,
    organization_id: int,
    *,
    about: Any = None,
    now: datetime,
    **facts: Any,
) -> None:
    other = introduction.other_than(organization_id)
    visible = _seen_by(organization_id, introduction, other, now=now)
    values = both_of(
        lambda locale: {
            "who": party_name(introduction, other, visible, locale),
            "what": dictionaries.snapshot(db.session()).code_name(introduction.need.code_name, locale),
            **_worded(facts, locale),
        }
    )
    for recipient in recipients_of(db.session(), organization_id):
        outbox.enqueue(
            kind,
            recipient,
            about=about or introduction,
            values=values,
            path=f"/introductions/{introduction.id}",
            now=now,
        )


def _seen_by(organization_id: int, introduction: Introduction, other: Organization, *, now: datetime) -> Visible:
    """What this organization may see of the other at this moment."""
    reader = Actor(organization_id=organization_id, organization_verified=True)
    return visible_of(db.session(), reader, subject_of(introduction, other.id), now=now)


def _worded(facts: Mapping[str, Any], locale: str) -> dict[str, str]:
    words: dict[str, str] = {}
    if moment := facts.get("day"):
        words["day"] = day_in_words(moment, locale)
    if moment := facts.get("when"):
        words["when"] = f"{day_in_words(moment, locale)} {moment.astimezone(CITY_ZONE):%H:%M}"
    if count := facts.get("count"):
        words["count"] = str(count)
    if code := facts.get("reason"):
        words["reason"] = dictionaries.snapshot(db.session()).word("refusal_reasons", code, locale) or ""
    return words
