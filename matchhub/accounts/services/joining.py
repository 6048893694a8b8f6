"""Colleagues: answered, invited, given a role, removed, leaving; and an organization never without an owner."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select

from matchhub.accounts.enums import MembershipState, OrganizationKind, Role, SECOND_FACTOR_ROLES
from matchhub.accounts.models import Invitation, Membership, Organization, User
from matchhub.accounts.news import AddressProven, OrganizationClaimed
from matchhub.accounts.policy import Permission, POLICY, Ward
from matchhub.accounts.queries import active_owners, recipient, token_hash, user_by_address
from matchhub.accounts.services import kinds
from matchhub.accounts.services.registration import new_user, Newcomer, note_acceptance
from matchhub.accounts.services.sessions import end_sessions_of
from matchhub.accounts.workflow import MEMBERSHIP
from matchhub.core import addresses, audit, errors, news, outbox
from matchhub.core.clock import city_date
from matchhub.core.db import db, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor

INVITATION_DAYS = 14


@writes
def answer_join(membership: Membership, *, accept: bool, actor: Actor, now: datetime) -> None:
    """Let somebody in, or not; the person is told. Raises Forbidden, Conflict."""
    MEMBERSHIP.advance(membership, "accept" if accept else "refuse", actor=actor)
    outbox.enqueue(
        kinds.JOIN_ACCEPTED if accept else kinds.JOIN_REFUSED, recipient(membership.user), about=membership,
        values={"organization": membership.organization.label}, path="/", now=now,
    )  # fmt: skip


@writes
def invite(
    organization: Organization, *, address: str, name: str = "", role: Role, region_code: str | None = None,
    actor: Actor, now: datetime,
) -> tuple[Invitation, str]:  # fmt: skip
    """Invite one address; older invitations of it end. Returns the row and the token, which is stored nowhere else but in
    the mail. Raises Forbidden, Invalid.
    """
    POLICY.check(Permission.INVITE, actor, organization)
    check_role(organization, role, region_code, actor)
    if not organization.is_open:
        raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=organization.status)
    to = addresses.read(address)
    _refuse_member(organization, to)
    return _invited(organization, to, name=name, role=role, region_code=region_code, actor=actor, now=now)


@writes
def invite_to_claim(
    organization: Organization, *, carrier_id: int | None, address: str, name: str = "", actor: Actor, now: datetime
) -> tuple[Invitation, str]:
    """The carrier asks somebody of an imported firm to come and answer for it. Raises Forbidden, Conflict, Invalid."""
    if organization.is_claimed or not organization.is_open:
        raise errors.Conflict(N_("这家企业已经有人管理，请它自己邀请同事"))
    POLICY.check(Permission.INVITE_TO_CLAIM, actor, Ward(organization, carrier_id))
    to = addresses.read(address)
    return _invited(organization, to, name=name, role=Role.OWNER, region_code=None, actor=actor, now=now)


def _invited(
    organization: Organization, to: addresses.Address, *, name: str, role: Role, region_code: str | None, actor: Actor,
    now: datetime,
) -> tuple[Invitation, str]:  # fmt: skip
    _revoke_older(organization, to, now)
    token = secrets.token_urlsafe(32)
    invitation = Invitation(
        organization_id=organization.id, address=to.value, name=name, role=role, region_code=region_code,
        token_hash=token_hash(token), invited_by_id=actor.user_id or _any_administrator(),
        expires_at=now + timedelta(days=INVITATION_DAYS),
    )  # fmt: skip
    db.session.add(invitation)
    audit.record(actor, "invitation:create", invitation, role=role.value)
    if to.is_email:
        _mail_invitation(invitation, organization, token, now)
    return invitation, token


@writes
def revoke_invitation(invitation: Invitation, *, actor: Actor, now: datetime) -> None:
    """Take an invitation back; its mail does not go where it has not gone. Raises Forbidden, Conflict."""
    POLICY.check(Permission.INVITE, actor, invitation)
    _refuse_over(invitation, now)
    invitation.revoked_at = now
    outbox.cancel(invitation)
    audit.record(actor, "invitation:revoke", invitation)


@writes
def accept_invitation(
    invitation: Invitation,
    *,
    newcomer: Newcomer | None = None,
    text_ids: tuple[int, ...] = (),
    actor: Actor,
    now: datetime,
) -> Membership:
    """Join, once, as the person who was invited: an account with that address, or a newcomer who gets one.

    Raises Conflict (used, taken back, too old) and Forbidden (sent to another address).
    """
    _refuse_over(invitation, now)
    user = _invited_person(invitation, newcomer, text_ids, actor=actor, now=now)
    invitation.accepted_at = now
    db.session.flush()  # a second acceptance at the same moment fails here
    was_claimed = invitation.organization.is_claimed
    membership = _joined(user, invitation)
    if not was_claimed:
        news.publish(OrganizationClaimed(invitation.organization), now=now)
    audit.record(Actor(user_id=user.id, ip=actor.ip), "invitation:accept", invitation)
    if user.email == invitation.address:
        news.publish(AddressProven(user, invitation.address), now=now)
    return membership


@writes
def change_role(
    membership: Membership, *, role: Role, region_code: str | None = None, actor: Actor, now: datetime
) -> None:
    """Give a colleague another role; that person signs in anew. Raises Forbidden, Invalid, Conflict."""
    POLICY.check(Permission.MANAGE_COLLEAGUE, actor, membership)
    _refuse_state(membership)
    check_role(membership.organization, role, region_code, actor)
    if role is not Role.OWNER:
        _keep_an_owner(membership, field="role")
    before, membership.role, membership.region_code = membership.role, role, region_code
    membership.sign_in_rule_id = None  # what is changed by hand is no rule's any more
    end_sessions_of(membership.user_id, but=actor.session_id, now=now)
    audit.record(actor, "membership:role", membership, before=before.value, after=role.value)
    outbox.enqueue(
        kinds.ROLE_CHANGED, recipient(membership.user), about=membership, path="/colleagues", now=now,
        values={"organization": membership.organization.label, "role": role.label},
    )  # fmt: skip


@writes
def remove_colleague(membership: Membership, *, actor: Actor, now: datetime) -> None:
    """End a colleague's membership and sessions. Raises Forbidden, Conflict, Invalid (the only owner)."""
    _keep_an_owner(membership, field="successor")
    MEMBERSHIP.advance(membership, "end", actor=actor)
    membership.ended_at = now
    end_sessions_of(membership.user_id, but=actor.session_id, now=now)


@writes
def leave(membership: Membership, *, successor: Membership | None = None, actor: Actor, now: datetime) -> None:
    """Leave an organization; its only owner names a successor first. Raises Invalid on `successor`, Forbidden, Conflict."""
    POLICY.check(Permission.LEAVE, actor, membership)
    if successor is not None and _is_only_owner(membership):
        _promote(successor, membership.organization_id, now=now)
    _keep_an_owner(membership, field="successor")
    MEMBERSHIP.advance(membership, "leave", actor=actor)
    membership.ended_at = now


@writes
def withdraw_join(membership: Membership, *, actor: Actor, now: datetime) -> None:
    """Take one's own request to join back. Raises Forbidden, Conflict."""
    MEMBERSHIP.advance(membership, "withdraw", actor=actor)
    membership.ended_at = now


@writes
def settle_owner(membership: Membership, *, actor: Actor, now: datetime) -> None:
    """Make a member the owner where nobody of the organization can. Raises Forbidden, Invalid."""
    POLICY.check(Permission.SETTLE, actor, membership)
    _promote(membership, membership.organization_id, now=now)
    audit.record(actor, "membership:settle-owner", membership)


def _promote(membership: Membership, organization_id: int, *, now: datetime) -> None:
    if membership.organization_id != organization_id or membership.state is not MembershipState.ACTIVE:
        raise errors.Invalid(N_("选择一位在本机构的同事"), field="successor")
    if membership.organization.kind is OrganizationKind.BUREAU:
        raise errors.Invalid(N_("主管部门的成员由管理员维护"), field="successor")
    membership.role, membership.sign_in_rule_id = Role.OWNER, None
    end_sessions_of(membership.user_id, now=now)
    db.session.flush()
    outbox.enqueue(
        kinds.OWNER_SETTLED, recipient(membership.user), about=membership, path="/colleagues", now=now,
        values={"organization": membership.organization.label},
    )  # fmt: skip


def _is_only_owner(membership: Membership) -> bool:
    owners = active_owners(db.session(), membership.organization_id)
    return [owner.id for owner in owners] == [membership.id]


def _keep_an_owner(membership: Membership, *, field: str) -> None:
    if _is_only_owner(membership):
        raise errors.Invalid(N_("你是唯一的负责人，先请一位同事接任"), field=field)


def check_role(organization: Organization, role: Role, region_code: str | None, actor: Actor) -> None:
    """Refuse a role that this kind of organization has not, or that the actor may not give. Raises Invalid, Forbidden."""
    bureau = organization.kind is OrganizationKind.BUREAU
    if bureau != (role in SECOND_FACTOR_ROLES):
        raise errors.Invalid(N_("这类机构没有这个角色"), field="role")
    if bureau and not actor.system and actor.role != Role.ADMINISTRATOR.value:
        raise errors.Forbidden(N_("主管部门的成员由管理员维护"))
    if (role is Role.DISTRICT_OFFICER) != bool(region_code):
        raise errors.Invalid(N_("区级科技部门要选所在区，其他角色不选"), field="region_code")


def _refuse_member(organization: Organization, to: addresses.Address) -> None:
    user = user_by_address(db.session(), to)
    statement = select(Membership.id).where(
        Membership.organization_id == organization.id,
        Membership.user_id == (user.id if user else 0),
        Membership.state == MembershipState.ACTIVE,
    )
    if db.session.scalar(statement) is not None:
        raise errors.Invalid(N_("这个人已经是同事"), field="address")


def _revoke_older(organization: Organization, to: addresses.Address, now: datetime) -> None:
    statement = select(Invitation).where(
        Invitation.organization_id == organization.id,
        Invitation.address == to.value,
        Invitation.accepted_at.is_(None),
        Invitation.revoked_at.is_(None),
    )
    for older in db.session.scalars(statement):
        older.revoked_at = now
        outbox.cancel(older)


def _mail_invitation(invitation: Invitation, organization: Organization, token: str, now: datetime) -> None:
    until = city_date(invitation.expires_at)
    outbox.enqueue(
        kinds.INVITED, outbox.Recipient(address=invitation.address), about=invitation, now=now,
        path=f"/invitations/{token}", values={"organization": organization.label, "until": until.isoformat()},
    )  # fmt: skip


def _refuse_over(invitation: Invitation, now: datetime) -> None:
    if invitation.accepted_at is not None:
        raise errors.Conflict(N_("这份邀请已经用过了"))
    if invitation.revoked_at is not None or invitation.expires_at <= now or not invitation.organization.is_open:
        raise errors.Conflict(N_("这份邀请已经失效，请对方重新邀请"))


def _invited_person(
    invitation: Invitation, newcomer: Newcomer | None, text_ids: tuple[int, ...], *, actor: Actor, now: datetime
) -> User:
    if actor.user_id is not None:
        user = db.session.get_one(User, actor.user_id)
        if invitation.address not in (user.email, user.mobile):
            raise errors.Forbidden(N_("这份邀请发给了另一个地址，请用那个账户登录"))
        return user
    if newcomer is None or newcomer.address.value != invitation.address:
        raise errors.Forbidden(N_("这份邀请发给了另一个地址，请用那个账户登录"))
    user = new_user(newcomer, now=now)
    note_acceptance(user, text_ids, ip=actor.ip, now=now)
    return user


def _joined(user: User, invitation: Invitation) -> Membership:
    statement = select(Membership).where(
        Membership.user_id == user.id,
        Membership.organization_id == invitation.organization_id,
        Membership.state.in_((MembershipState.ACTIVE, MembershipState.REQUESTED)),
    )
    membership = db.session.scalar(statement)
    if membership is None:
        membership = Membership(user_id=user.id, organization_id=invitation.organization_id, role=invitation.role)
        db.session.add(membership)
    membership.state = MembershipState.ACTIVE
    membership.role, membership.region_code = invitation.role, invitation.region_code
    membership.sign_in_rule_id = None
    invitation.organization.is_claimed = True
    db.session.flush()
    return membership


def _refuse_state(membership: Membership) -> None:
    if membership.state is not MembershipState.ACTIVE:
        raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=membership.state)


def _any_administrator() -> int:
    statement = select(Membership.user_id).where(Membership.role == Role.ADMINISTRATOR).order_by(Membership.id)
    found = db.session.scalar(statement.limit(1))
    if found is None:
        raise errors.Conflict(N_("还没有管理员，请先建立管理员账户"))
    return found
