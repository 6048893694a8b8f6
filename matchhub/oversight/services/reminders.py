"""Reminding the side of a silent pair that has to move: politely, and at most once a week a pair."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from matchhub.accounts.models import Organization
from matchhub.core import audit, errors, news
from matchhub.core.clock import city_date
from matchhub.core.db import db, hold, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.oversight.models import Reminder
from matchhub.oversight.news import PairReminded
from matchhub.oversight.policy import Permission, POLICY
from matchhub.oversight.queries.silence import Awaited, silent_pair, SilentPair

PAUSE = timedelta(days=7)
SILENT_FROM = timedelta(days=3)  # nobody is reminded of what happened the day before yesterday


@writes
def remind(pair: SilentPair, *, actor: Actor, now: datetime) -> Reminder:
    """Ask whoever has to move, by a notice. The pair is read again: what has moved meanwhile needs no reminder.

    Raises Conflict when something has happened, LimitReached within a week of the last reminder of this pair.
    """
    POLICY.check(Permission.REMIND, actor, pair)
    hold(pair.need)
    present = silent_pair(actor, pair.need.id, pair.offer.id)
    if present is None or now - present.since < SILENT_FROM:
        raise errors.Conflict(N_("这一对已经有了动静，不用提醒"))
    _check_pause(present, now=now)
    reminder = Reminder(
        kind=present.need.kind, need_id=present.need.id, offer_id=present.offer.id, carrier_id=actor.organization_id,
        by_user_id=actor.user_id, at=now,
    )  # fmt: skip
    db.session.add(reminder)
    audit.record(actor, "pair:remind", reminder, awaited=present.awaited.value)
    carrier = db.session.get_one(Organization, actor.organization_id)
    news.publish(
        PairReminded(
            reminder, present.need, present.offer, carrier, _told(present), present.introduction, present.days(now)
        ),
        now=now,
    )
    return reminder


def _check_pause(pair: SilentPair, *, now: datetime) -> None:
    last = db.session.scalar(
        select(func.max(Reminder.at)).where(Reminder.need_id == pair.need.id, Reminder.offer_id == pair.offer.id)
    )
    if last is not None and last > now - PAUSE:
        raise errors.LimitReached(N_("一周内已提醒过，%(day)s起可再提醒"), day=city_date(last + PAUSE))


def _told(pair: SilentPair) -> tuple[int, ...]:
    firm, other = pair.need.organization_id, pair.offer.organization_id
    return {Awaited.FIRM: (firm,), Awaited.OTHER: (other,), Awaited.BOTH: (firm, other)}[pair.awaited]
