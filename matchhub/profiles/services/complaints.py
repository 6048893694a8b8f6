"""Reporting an organization to the city, answering; wanting nothing to do with another one any more."""

from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from matchhub.accounts.enums import OrganizationKind
from matchhub.accounts.models import Organization
from matchhub.core import audit, dictionaries, errors, news
from matchhub.core.clock import city_date
from matchhub.core.db import db, hold, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.profiles.enums import ComplaintState, RelationKind
from matchhub.profiles.models import Complaint, OrganizationRelation
from matchhub.profiles.news import BlockChanged, ComplaintAnswered, ComplaintMade
from matchhub.profiles.policy import Permission, POLICY
from matchhub.profiles.workflow import COMPLAINTS

OPEN_AT_MOST = 20


@writes
def complain(about: Organization, *, reason: str, text: str, actor: Actor, now: datetime) -> Complaint:
    """Report an organization to the city. It never learns by whom, nor that it was reported.

    Raises Invalid (one's own organization, an unknown reason, no words), Conflict (an open one is there already),
    LimitReached (too many are open).
    """
    POLICY.check(Permission.COMPLAIN, actor)
    _check_other(about, actor, N_("不能投诉自己的机构"))
    entry = dictionaries.snapshot().get("complaint_reasons", reason)
    if entry is None or not entry.valid_on(city_date(now)):
        raise errors.Invalid(N_("选择投诉原因"), field="reason")
    if not text.strip():
        raise errors.Invalid(N_("写明发生了什么"), field="text")
    _check_open(about, actor)
    complaint = Complaint(
        complainer_id=actor.organization_id, about_id=about.id, made_by_id=actor.user_id, reason=reason,
        text=text.strip(), state=ComplaintState.OPEN,
    )  # fmt: skip
    db.session.add(complaint)
    db.session.flush()
    audit.record(actor, "complaint:make", complaint)
    news.publish(ComplaintMade(complaint), now=now)
    return complaint


def _check_other(other: Organization, actor: Actor, own_words: str) -> None:
    if other.id == actor.organization_id:
        raise errors.Invalid(own_words)
    if not other.is_open or other.kind is OrganizationKind.BUREAU:
        raise errors.NotFound(N_("没有这一页，或者你不能看"))


def _check_open(about: Organization, actor: Actor) -> None:
    mine = (Complaint.complainer_id == actor.organization_id, Complaint.state == ComplaintState.OPEN)
    if db.session.scalar(select(Complaint.id).where(*mine, Complaint.about_id == about.id)) is not None:
        raise errors.Conflict(N_("你已经投诉过这家机构，正在处理"))
    if (db.session.scalar(select(func.count()).select_from(Complaint).where(*mine)) or 0) >= OPEN_AT_MOST:
        raise errors.LimitReached(N_("已有 %(most)s 件投诉在处理，等有答复后再提交"), most=OPEN_AT_MOST)


@writes
def answer_complaint(complaint: Complaint, *, answer: str, actor: Actor, now: datetime) -> None:
    """Close a complaint with words for the complainer. Raises Invalid without words, Conflict, Forbidden."""
    hold(complaint)
    COMPLAINTS.advance(complaint, "answer", actor=actor, reason=answer)
    complaint.answer, complaint.answered_at = answer.strip(), now
    complaint.answered_by_id = actor.user_id
    news.publish(ComplaintAnswered(complaint), now=now)


@writes
def block(other: Organization, *, actor: Actor, now: datetime) -> OrganizationRelation:
    """Want nothing to do with another organization: no list shows it any more, neither can ask the other.

    It is not told. Raises Invalid for one's own, Conflict where it is blocked already.
    """
    POLICY.check(Permission.BLOCK, actor)
    _check_other(other, actor, N_("不能屏蔽自己的机构"))
    if db.session.scalar(select(OrganizationRelation.id).where(*_blocking(actor, other.id))) is not None:
        raise errors.Conflict(N_("这家机构已经屏蔽了"))
    relation = OrganizationRelation(
        from_id=actor.organization_id, to_id=other.id, kind=RelationKind.BLOCKED, since=city_date(now)
    )
    db.session.add(relation)
    db.session.flush()
    audit.record(actor, "block:add", relation)
    news.publish(BlockChanged(relation.from_id), now=now)
    return relation


@writes
def unblock(relation: OrganizationRelation, *, actor: Actor, now: datetime) -> None:
    """Take a block back: the two may find each other again. Raises Forbidden for somebody else's."""
    POLICY.check(Permission.UNBLOCK, actor, relation)
    audit.record(actor, "block:remove", relation)
    organization_id = relation.from_id
    db.session.delete(relation)
    db.session.flush()
    news.publish(BlockChanged(organization_id), now=now)


def _blocking(actor: Actor, other_id: int) -> tuple[ColumnElement[bool], ...]:
    relation = OrganizationRelation
    return relation.from_id == actor.organization_id, relation.to_id == other_id, relation.kind == RelationKind.BLOCKED
