"""What happens to an organization: checked, refused, renamed, closed, merged."""

from datetime import datetime

from sqlalchemy import select

from matchhub.accounts.enums import MembershipState
from matchhub.accounts.models import Membership, Organization, OrganizationName
from matchhub.accounts.news import (
    OrganizationClaimed,
    OrganizationClosed,
    OrganizationMerged,
    OrganizationRenamed,
    OrganizationVerified,
)
from matchhub.accounts.policy import Permission, POLICY
from matchhub.accounts.queries import recipient, recipients_of
from matchhub.accounts.services import kinds
from matchhub.accounts.services.sign_in_rules import end_rules_of, move_rules
from matchhub.accounts.workflow import MEMBERSHIP, ORGANIZATION
from matchhub.core import audit, errors, news, outbox
from matchhub.core.db import db, writes
from matchhub.core.labels import N_
from matchhub.core.pinyin import sort_key
from matchhub.core.policy import Actor, SYSTEM


@writes
def verify_organization(organization: Organization, *, actor: Actor, now: datetime) -> None:
    """It is real, and who claims it speaks for it. Raises Forbidden (also for one's own), Conflict."""
    _refuse_own(organization, actor)
    claims = _claims_of(organization)
    if organization.is_verified and claims:
        POLICY.check(Permission.VERIFY, actor, organization)
        audit.record(actor, "organization:accept-claim", organization)
    else:
        ORGANIZATION.advance(organization, "verify", actor=actor)
        organization.verified_at, organization.verified_by_id = now, actor.user_id
        organization.status_reason = ""
        news.publish(OrganizationVerified(organization), now=now)
    if claims:
        MEMBERSHIP.advance(claims[0], "accept", actor=SYSTEM)
        organization.is_claimed = True
        news.publish(OrganizationClaimed(organization), now=now)
    db.session.flush()
    _tell(kinds.VERIFIED, organization, now=now)


@writes
def reject_organization(organization: Organization, *, reason: str, actor: Actor, now: datetime) -> None:
    """It cannot be confirmed: the words of `reason` go to its people. A claim is refused; the import stays unclaimed."""
    _refuse_own(organization, actor)
    reason = reason.strip()
    claims = _claims_of(organization)
    if organization.is_verified and claims:
        POLICY.check(Permission.VERIFY, actor, organization)
        if not reason:
            raise errors.Invalid(N_("请写明原因"), field="reason")
        audit.record(actor, "organization:refuse-claim", organization)
    else:
        ORGANIZATION.advance(organization, "release" if claims else "reject", actor=actor, reason=reason)
    for claim in claims:
        MEMBERSHIP.advance(claim, "refuse", actor=SYSTEM)
        outbox.enqueue(
            kinds.CLAIM_REFUSED, recipient(claim.user), about=claim, path="/waiting", now=now,
            values={"organization": organization.label, "reason": reason},
        )  # fmt: skip
    if not claims:
        organization.status_reason = reason
        _tell(kinds.REJECTED, organization, now=now, reason=reason)


@writes
def rename_organization(
    organization: Organization, *, name: str, short_name: str = "", actor: Actor, now: datetime
) -> None:
    """Give it another name; the old one is kept. Raises Forbidden, Invalid."""
    POLICY.check(Permission.RENAME, actor, organization)
    if not name.strip():
        raise errors.Invalid(N_("填写机构名称"), field="name")
    if name != organization.name:
        db.session.add(OrganizationName(organization_id=organization.id, name=organization.name, until=now))
    organization.name, organization.short_name, organization.sort_key = name, short_name, sort_key(name)
    audit.record(actor, "organization:rename", organization)
    news.publish(OrganizationRenamed(organization), now=now)


@writes
def close_organization(organization: Organization, *, actor: Actor, now: datetime) -> None:
    """It leaves: nobody acts for it any more; what is its own is closed by those who listen. Raises Forbidden, Conflict."""
    ORGANIZATION.advance(organization, "close", actor=actor)
    organization.closed_at = now
    for membership in open_memberships(organization.id):
        _end(membership, now)
    end_rules_of(organization.id, now=now)
    news.publish(OrganizationClosed(organization), now=now)


@writes
def merge_organizations(keep: Organization, drop: Organization, *, actor: Actor, now: datetime) -> None:
    """Two rows were one organization: people, code and the rows of higher features go to `keep`. Raises Forbidden, Invalid."""
    if keep.id == drop.id or keep.kind is not drop.kind:
        raise errors.Invalid(N_("选择同一类型的另一家机构"), field="keep")
    if not keep.is_open:
        raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=keep.status)
    told = recipients_of(db.session(), drop.id)
    ORGANIZATION.advance(drop, "merge", actor=actor)
    drop.merged_into_id, drop.closed_at = keep.id, now
    _move_people(keep, drop, now)
    move_rules(drop.id, keep.id, now=now)
    _move_facts(keep, drop)
    db.session.add(OrganizationName(organization_id=keep.id, name=drop.name, until=now))
    news.publish(OrganizationMerged(keep, drop), now=now)
    for person in told:
        outbox.enqueue(
            kinds.ORGANIZATION_MERGED, person, about=drop, path="/colleagues", now=now,
            values={"kept": keep.label, "dropped": drop.label},
        )  # fmt: skip


def open_memberships(organization_id: int) -> list[Membership]:
    """Inside a write: memberships in force or asked for, oldest first."""
    statement = select(Membership).where(
        Membership.organization_id == organization_id,
        Membership.state.in_((MembershipState.ACTIVE, MembershipState.REQUESTED)),
    )
    return list(db.session.scalars(statement.order_by(Membership.id)))


def _move_people(keep: Organization, drop: Organization, now: datetime) -> None:
    there = {membership.user_id for membership in open_memberships(keep.id)}
    for membership in open_memberships(drop.id):
        if membership.user_id in there:
            _end(membership, now)
        else:
            membership.organization_id = keep.id


def _move_facts(keep: Organization, drop: Organization) -> None:
    db.session.flush()  # the code is free once `drop` is stored as merged
    keep.uscc = keep.uscc or drop.uscc
    keep.is_claimed = keep.is_claimed or drop.is_claimed
    if drop.external_ref and not keep.external_ref:
        moved, drop.external_ref = drop.external_ref, None
        db.session.flush()
        keep.external_ref = moved


def _claims_of(organization: Organization) -> list[Membership]:
    """Who asks to be the owner of an imported organization, the first first."""
    if organization.is_claimed:
        return []
    return [m for m in open_memberships(organization.id) if m.state is MembershipState.REQUESTED]


def _refuse_own(organization: Organization, actor: Actor) -> None:
    if any(membership.user_id == actor.user_id for membership in open_memberships(organization.id)):
        raise errors.Forbidden(N_("不能核验自己的机构"))


def _tell(kind: outbox.NoticeKind, organization: Organization, *, now: datetime, **values: str) -> None:
    for person in recipients_of(db.session(), organization.id):
        outbox.enqueue(
            kind, person, about=organization, path="/", now=now, values={"organization": organization.label, **values}
        )


def _end(membership: Membership, now: datetime) -> None:
    membership.state, membership.ended_at = MembershipState.ENDED, now
