"""A carrier recommends pairs to its firms: told to the firm alone, once a pair, and not more than a firm can read."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from matchhub.accounts.models import Organization
from matchhub.accounts.news import OrganizationMerged
from matchhub.core import audit, errors, news
from matchhub.core.db import db, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.listings.models import Need
from matchhub.matches.models import Push, Suggestion
from matchhub.matches.news import PairsPushed
from matchhub.matches.policy import Permission, POLICY
from matchhub.matches.queries.pushes import pushable_by_id

A_DAY = 50
A_FIRM_A_WEEK = 5
AT_ONCE = 20
NOTE = 120


@writes
def push(suggestion_ids: Sequence[int], *, note: str = "", actor: Actor, now: datetime) -> list[Push]:
    """Recommend these suggestions of the carrier's firms, with one sentence for all of them where there is one.

    Raises Invalid for none, too many or too many words, Conflict where one is no longer to be recommended (or never was in
    the actor's carrier), LimitReached beyond 50 a day or 5 a firm and week. All or nothing.
    """
    POLICY.check(Permission.PUSH, actor)
    wanted = sorted(set(suggestion_ids))
    if not wanted:
        raise errors.Invalid(N_("先勾选要推送的配对"), field="suggestion_ids")
    if len(wanted) > AT_ONCE:
        raise errors.Invalid(N_("一次最多推送 %(most)s 对"), field="suggestion_ids", most=AT_ONCE)
    if len(note.strip()) > NOTE:
        raise errors.Invalid(N_("附言不要超过 %(most)s 个字"), field="note", most=NOTE)
    _hold_carrier(actor)
    found = pushable_by_id(actor, wanted)
    if len(found) < len(wanted):
        raise errors.Conflict(N_("有的配对已经推送过，或者情况有变，请看最新的清单"))
    for row in found:
        POLICY.check(Permission.PUSH, actor, row)
    _check_limits(found, actor=actor, now=now)
    made = [_made(row, note.strip(), actor, now) for row in found]
    db.session.flush()
    for firm_id in sorted({row.need.organization_id for row in found}):
        own = tuple(push for push, row in zip(made, found, strict=True) if row.need.organization_id == firm_id)
        carrier = db.session.get_one(Organization, actor.organization_id)
        news.publish(PairsPushed(firm_id, carrier, own, note.strip()), now=now)
    return made


def _hold_carrier(actor: Actor) -> None:
    """Two colleagues at once queue here, so that no limit is passed (SQLite has one writer anyway)."""
    db.session.execute(select(Organization.id).where(Organization.id == actor.organization_id).with_for_update())


def _check_limits(found: Sequence[Suggestion], *, actor: Actor, now: datetime) -> None:
    today = db.session.scalar(
        select(func.count(Push.id)).where(Push.carrier_id == actor.organization_id, Push.at > now - timedelta(days=1))
    )
    if (today or 0) + len(found) > A_DAY:
        raise errors.LimitReached(N_("一天最多推送 %(most)s 对，明天可继续"), most=A_DAY)
    adding = Counter(row.need.organization_id for row in found)
    rows = db.session.execute(
        select(Need.organization_id, func.count(Push.id))
        .join(Need, Need.id == Push.need_id)
        .where(Need.organization_id.in_(adding), Push.at > now - timedelta(days=7))
        .group_by(Need.organization_id)
    )
    held = {row[0]: row[1] for row in rows}
    if any(held.get(firm_id, 0) + count > A_FIRM_A_WEEK for firm_id, count in adding.items()):
        raise errors.LimitReached(N_("一家企业一周最多收到 %(most)s 个推送，少选几个"), most=A_FIRM_A_WEEK)


def _made(row: Suggestion, note: str, actor: Actor, now: datetime) -> Push:
    made = Push(
        kind=row.kind, need_id=row.need_id, offer_id=row.offer_id, carrier_id=actor.organization_id, note=note,
        by_user_id=actor.user_id, at=now,
    )  # fmt: skip
    db.session.add(made)
    audit.record(actor, "suggestion:push", row)
    return made


@writes
def follow_merge(item: OrganizationMerged, *, now: datetime) -> None:
    """Two carriers were one: what the dropped one recommended is the kept one's."""
    moved = update(Push).where(Push.carrier_id == item.dropped.id).values(carrier_id=item.kept.id)
    db.session.execute(moved, execution_options={"synchronize_session": "fetch"})
