"""What an administrator does for people: the first one comes from the command line, the others help those locked out."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from matchhub.accounts.enums import MembershipState, OrganizationKind, OrganizationStatus, ResetKind, Role
from matchhub.accounts.models import Membership, Organization, PasswordReset, RecoveryCode, User
from matchhub.accounts.policy import Permission, POLICY
from matchhub.accounts.services import kinds
from matchhub.accounts.services.sessions import end_sessions_of
from matchhub.core import audit, errors, outbox
from matchhub.core.db import db, writes
from matchhub.core.labels import N_
from matchhub.core.outbox import Recipient
from matchhub.core.policy import Actor, SYSTEM

FIRST_LINK = timedelta(hours=24)


@writes
def found_administration(
    *,
    organization_name: str,
    region_code: str,
    name: str,
    email: str,
    password_hash: str | None = None,
    link_hash: str | None = None,
    now: datetime,
) -> User:
    """The first administrator and the bureau behind; with a password, or with a link that is good for a day, once."""
    bureau = Organization(
        kind=OrganizationKind.BUREAU, name=organization_name, sort_key="0", region_code=region_code,
        status=OrganizationStatus.VERIFIED, verified_at=now,
    )  # fmt: skip
    user = User(name=name, email=email, password_hash=password_hash, password_changed_at=now if password_hash else None)
    db.session.add_all([bureau, user])
    db.session.flush()
    db.session.add(
        Membership(
            user_id=user.id, organization_id=bureau.id, role=Role.ADMINISTRATOR, state=MembershipState.ACTIVE,
        )
    )  # fmt: skip
    if link_hash:
        db.session.add(
            PasswordReset(
                user_id=user.id, kind=ResetKind.MAIL, token_hash=link_hash, created_at=now, expires_at=now + FIRST_LINK
            )
        )
    audit.record(SYSTEM, "administration:found", user)
    return user


@writes
def found_organization(
    kind: OrganizationKind = OrganizationKind.BUREAU,
    *,
    name: str,
    short_name: str,
    region_code: str,
    district_code: str | None,
    sort_key: str,
    actor: Actor,
    now: datetime,
) -> Organization:
    """An organization that the administration answers for, for people to be invited into. Raises Forbidden, Invalid."""
    POLICY.check(Permission.SETTLE, actor)
    if not name.strip():
        raise errors.Invalid(N_("请填写名称"), field="name")
    if _is_there(kind, name.strip()):
        raise errors.Invalid(N_("已经有这家机构，请到它的页面邀请人员"), field="name")
    organization = Organization(
        kind=kind, name=name.strip(), short_name=short_name.strip(), sort_key=sort_key,
        region_code=region_code, district_code=district_code, status=OrganizationStatus.VERIFIED, verified_at=now,
        verified_by_id=actor.user_id,
    )  # fmt: skip
    db.session.add(organization)
    db.session.flush()
    audit.record(actor, "organization:found", organization)
    return organization


def _is_there(kind: OrganizationKind, name: str) -> bool:
    gone = (OrganizationStatus.CLOSED, OrganizationStatus.MERGED)
    statement = select(Organization.id).where(
        Organization.kind == kind, Organization.name == name, Organization.status.not_in(gone)
    )
    return db.session.scalar(statement.limit(1)) is not None


def first_role(kind: OrganizationKind, district_code: str | None) -> Role:
    """What whoever is invited with a new organization becomes there."""
    if kind is not OrganizationKind.BUREAU:
        return Role.OWNER
    return Role.DISTRICT_OFFICER if district_code else Role.CITY_OFFICER


@writes
def unlock(user: User, *, actor: Actor, now: datetime) -> None:
    """Let a person who mistyped too often try again."""
    POLICY.check(Permission.SUPPORT, actor)
    user.locked_until = None
    audit.record(actor, "user:unlock", user)


@writes
def end_all_sessions(user: User, *, actor: Actor, now: datetime) -> int:
    """Sign a person out everywhere; how many browsers that were."""
    POLICY.check(Permission.SUPPORT, actor)
    count = end_sessions_of(user.id, but=actor.session_id if user.id == actor.user_id else None, now=now)
    audit.record(actor, "user:end_sessions", user, count=count)
    return count


@writes
def replace_second_factor(user: User, *, actor: Actor, now: datetime) -> None:
    """The phone is lost: the person sets the second factor up anew at the next sign-in. Raises Forbidden on oneself."""
    POLICY.check(Permission.SUPPORT, actor)
    if user.id == actor.user_id:
        raise errors.Forbidden(N_("自己的两步验证请由另一位管理员更换"))
    if user.totp_enabled_at is None:
        raise errors.Conflict(N_("还没有开启两步验证"))
    user.totp_secret = user.totp_enabled_at = None
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    end_sessions_of(user.id, now=now)
    outbox.enqueue(
        kinds.SECOND_FACTOR_REPLACED, Recipient(user_id=user.id, address=user.email or "", locale=user.locale),
        about=user, path="/account", now=now,
    )  # fmt: skip
    audit.record(actor, "second-factor:replace", user)
