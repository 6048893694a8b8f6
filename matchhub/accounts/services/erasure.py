"""A person asks to be forgotten: what is about the person goes or becomes a number, what others need as proof stays.

The trail keeps the number of the account and nothing else of it. Higher features do the same to their rows as news.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from matchhub.accounts.enums import MembershipState, Role
from matchhub.accounts.models import (
    ExternalIdentity,
    Invitation,
    Membership,
    NOWHERE,
    Organization,
    PasswordReset,
    RecoveryCode,
    SignInAttempt,
    TextAcceptance,
    UsedCode,
    User,
    UserSession,
)
from matchhub.accounts.news import PersonErased
from matchhub.accounts.policy import Permission, POLICY
from matchhub.accounts.queries import active_memberships, active_owners, token_hash
from matchhub.core import audit, errors, news
from matchhub.core.db import db, writes
from matchhub.core.labels import N_
from matchhub.core.outbox import Notice
from matchhub.core.policy import Actor
from matchhub.core.wishes import NoticeWish, QuietHours

OWN_ROWS = (RecoveryCode, UsedCode, PasswordReset, UserSession, ExternalIdentity, NoticeWish, QuietHours)


def answers_alone_for(session: Session, user_id: int) -> list[Organization]:
    """The organizations that would have nobody to answer for them without this person, and the administration likewise."""
    found = []
    for held in active_memberships(session, user_id):
        if held.role is Role.ADMINISTRATOR:
            others = select(Membership.id).where(
                Membership.role == Role.ADMINISTRATOR, Membership.state == MembershipState.ACTIVE,
                Membership.user_id != user_id,
            )  # fmt: skip
            alone = session.scalar(others.limit(1)) is None
        else:
            alone = [owner.id for owner in active_owners(session, held.organization_id)] == [held.id]
        if alone and held.organization.is_open:
            found.append(held.organization)
    return found


@writes
def erase_person(user: User, *, actor: Actor, now: datetime, reason: str = "") -> None:
    """Forget a person, for good: by the person, or by an administrator whom the person has asked, who says how.

    Raises Forbidden; Conflict where it is done already or an organization would be left without anybody; Invalid.
    """
    if user.id != actor.user_id:
        POLICY.check(Permission.SUPPORT, actor)
        if not reason.strip():
            raise errors.Invalid(N_("写明是谁、怎样提出的"), field="reason")
    if user.is_erased:
        raise errors.Conflict(N_("这个账户已经注销"))
    if alone := answers_alone_for(db.session(), user.id):
        raise errors.Conflict(N_("「%(name)s」还没有别人负责，先请同事接任，或关闭机构"), name=alone[0].label)
    addresses = tuple(address for address in (user.email, user.mobile) if address)
    audit.record(actor, "user:erase", user, reason=reason.strip() or None)
    news.publish(PersonErased(user.id, addresses), now=now)
    _forget_rows(user, addresses, now)
    user.name, user.email, user.mobile = f"#{user.id}", f"{user.id}@{NOWHERE}", None
    user.password_hash = user.totp_secret = user.totp_enabled_at = user.last_seen_at = None
    user.disabled_at = now


@writes
def erase_address(address: str, *, actor: Actor, reason: str, now: datetime) -> None:
    """Forget a guest or somebody invited, who has an address here and no account, on request. Raises Forbidden, Invalid."""
    POLICY.check(Permission.SUPPORT, actor)
    if not reason.strip():
        raise errors.Invalid(N_("写明是谁、怎样提出的"), field="reason")
    audit.record(actor, "address:erase", None, address=token_hash(address)[:16], reason=reason.strip())
    news.publish(PersonErased(None, (address,)), now=now)
    _forget_address((address,), now)


def _forget_rows(user: User, addresses: Sequence[str], now: datetime) -> None:
    session = db.session()
    for membership in session.scalars(
        select(Membership).where(
            Membership.user_id == user.id,
            Membership.state.in_((MembershipState.ACTIVE, MembershipState.REQUESTED)),
        )
    ):
        membership.state, membership.ended_at = MembershipState.ENDED, now
    session.execute(update(TextAcceptance).where(TextAcceptance.user_id == user.id).values(ip=""))
    for model in OWN_ROWS:
        session.execute(delete(model).where(model.user_id == user.id).execution_options(synchronize_session=False))
    session.execute(
        delete(Notice).where(Notice.recipient_user_id == user.id).execution_options(synchronize_session=False)
    )
    _forget_address((*addresses, f"user:{user.id}"), now)


def _forget_address(addresses: Sequence[str], now: datetime) -> None:
    """What is kept by an address alone: letters to it, invitations, attempts to sign in."""
    session = db.session()
    quietly = {"synchronize_session": False}
    hashes = [token_hash(address) for address in addresses]
    session.execute(delete(SignInAttempt).where(SignInAttempt.identifier_hash.in_(hashes)), execution_options=quietly)
    session.execute(delete(Notice).where(Notice.address.in_(addresses)), execution_options=quietly)
    for invitation in session.scalars(select(Invitation).where(Invitation.address.in_(addresses))):
        if invitation.accepted_at is None:
            invitation.revoked_at = invitation.revoked_at or now
        invitation.address, invitation.name = f"{invitation.id}@{NOWHERE}", ""
