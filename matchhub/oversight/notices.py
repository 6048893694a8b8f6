"""What the sides of a silent pair are told when a carrier reminds them; the words never carry a contact or an amount."""

from datetime import datetime

from matchhub.accounts.queries import recipients_of
from matchhub.core import dictionaries, outbox
from matchhub.core.db import db
from matchhub.core.labels import N_, NN_
from matchhub.core.outbox import NoticeKind
from matchhub.core.policy import Actor
from matchhub.core.wishes import Topic
from matchhub.core.wordings import both
from matchhub.disclosure.queries import visible_of
from matchhub.introductions.queries import party_name, subject_of
from matchhub.oversight.news import PairReminded

SILENT = NoticeKind(
    "pair_silent",
    NN_("与 %(who)s 的对接 %(days)s 天没有动静", "days"),
    N_("%(carrier)s提醒：「%(what)s」谈到哪一步了？回一句话，约个时间，或者结束对接。"),
    topic=Topic.INTRODUCTIONS,
)
UNTOUCHED = NoticeKind(
    "suggestion_untouched",
    N_("有一家很契合的机构在等你看"),
    N_("%(carrier)s提醒：你的需求「%(what)s」有很契合的推荐，看一眼，申请对接或说明不合适。"),
    topic=Topic.SUGGESTIONS,
)
KINDS = (SILENT, UNTOUCHED)


def on_reminded(item: PairReminded, *, now: datetime) -> None:
    """Tell the people of each side that is asked to move."""
    for organization_id in item.told:
        if item.introduction is not None:
            _tell_of_talks(item, organization_id, now=now)
        else:
            _tell_of_suggestion(item, organization_id, now=now)


def _tell_of_talks(item: PairReminded, organization_id: int, *, now: datetime) -> None:
    introduction = item.introduction
    if introduction is None:
        return
    other = introduction.other_than(organization_id)
    reader = Actor(organization_id=organization_id, organization_verified=True)
    visible = visible_of(db.session(), reader, subject_of(introduction, other.id), now=now)
    values = {
        "who": both(lambda locale: party_name(introduction, other, visible, locale)),
        "what": introduction.need.code_name,
        "days": str(item.days),
        "carrier": both(lambda locale: _carrier(item, locale)),
    }
    for recipient in recipients_of(db.session(), organization_id):
        outbox.enqueue(
            SILENT, recipient, about=item.reminder, values=values, path=f"/introductions/{introduction.id}", now=now
        )


def _tell_of_suggestion(item: PairReminded, organization_id: int, *, now: datetime) -> None:
    values = {
        "what": both(lambda locale: _need(item, locale)),
        "carrier": both(lambda locale: _carrier(item, locale)),
    }
    for recipient in recipients_of(db.session(), organization_id):
        path = f"/pairs?need={item.need.id}&offer={item.offer.id}"
        outbox.enqueue(UNTOUCHED, recipient, about=item.reminder, values=values, path=path, now=now)


def _need(item: PairReminded, locale: str) -> str:
    need = item.need
    english = need.teaser_en if locale == "en" else ""
    return english or need.teaser or dictionaries.snapshot(db.session()).code_name(need.code_name, locale)


def _carrier(item: PairReminded, locale: str) -> str:
    return (item.carrier.label_en if locale == "en" else "") or item.carrier.label
