"""Ways back in, and changes of password and address: each ends what was open before."""

import base64
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select, update

from matchhub.accounts.enums import ResetKind
from matchhub.accounts.models import PasswordReset, User
from matchhub.accounts.news import AddressProven
from matchhub.accounts.policy import Permission, Person, POLICY
from matchhub.accounts.queries import recipient, token_hash, user_by_address
from matchhub.accounts.services import kinds
from matchhub.accounts.services.sessions import end_sessions_of
from matchhub.core import audit, errors, news, outbox
from matchhub.core.addresses import Address, parsed
from matchhub.core.db import db, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor

MAIL_MINUTES = 30
CODE_HOURS = 24
USED = N_("这个链接或重置码已经用过或过期，请重新获取")


@writes
def request_reset(address: str, *, actor: Actor, now: datetime) -> None:
    """Mail a link to the person behind `address`, if there is one; a stranger cannot tell by answer or time."""
    found = parsed(address)
    user = user_by_address(db.session(), found) if found else None
    if user is None or user.disabled_at is not None or user.email is None:
        audit.record(actor, "password:reset-unknown")
        return
    token = secrets.token_urlsafe(32)
    reset = PasswordReset(
        user_id=user.id, kind=ResetKind.MAIL, token_hash=token_hash(token), created_at=now,
        expires_at=now + timedelta(minutes=MAIL_MINUTES),
    )  # fmt: skip
    db.session.add(reset)
    audit.record(actor, "password:reset-request", reset)
    outbox.enqueue(kinds.RESET_REQUESTED, recipient(user), about=reset, path=f"/password-resets/{token}", now=now)


@writes
def issue_reset_code(user: User, person: Person, *, actor: Actor, now: datetime) -> str:
    """A code that an operator, officer or administrator hands over in person; shown once. Raises Forbidden."""
    POLICY.check(Permission.ISSUE_CODE, actor, person)
    if user.id != person.user_id:
        raise errors.Forbidden(N_("你没有做这件事的权限"))
    text = base64.b32encode(secrets.token_bytes(10)).decode()[:12]
    code = f"{text[:4]}-{text[4:8]}-{text[8:]}"
    end_resets_of(user.id, now=now)
    reset = PasswordReset(
        user_id=user.id, kind=ResetKind.OPERATOR_CODE, token_hash=code_hash(user.id, code), issued_by_id=actor.user_id,
        created_at=now, expires_at=now + timedelta(hours=CODE_HOURS),
    )  # fmt: skip
    db.session.add(reset)
    audit.record(actor, "password:issue-code", user)
    outbox.enqueue(kinds.RESET_CODE_ISSUED, recipient(user), about=reset, path="/account", now=now)
    return code


@writes
def use_reset(reset: PasswordReset, *, password_hash: str, actor: Actor, now: datetime) -> None:
    """Set the new password, once; all sessions end and nobody is signed in by it. Raises Invalid when it is over."""
    if not _taken(reset.id, now):
        raise errors.Invalid(USED, field="code")
    _new_password(reset.user_id, password_hash, keep=None, now=now)
    audit.record(Actor(user_id=reset.user_id, ip=actor.ip), "password:reset", reset)
    user = db.session.get_one(User, reset.user_id)
    if reset.kind is ResetKind.MAIL and user.email:
        news.publish(AddressProven(user, user.email), now=now)


@writes
def change_password(user: User, *, password_hash: str, actor: Actor, now: datetime) -> None:
    """Set one's own new password; the other sessions end. The view has checked the old one. Raises Forbidden."""
    _only_own(user, actor)
    _new_password(user.id, password_hash, keep=actor.session_id, now=now)
    audit.record(actor, "password:change", user)


@writes
def change_address(user: User, *, address: Address, actor: Actor, now: datetime) -> None:
    """Sign in by another e-mail or mobile from now on; open resets die. Raises Forbidden, Invalid."""
    _only_own(user, actor)
    other = user_by_address(db.session(), address)
    if other is not None and other.id != user.id:
        raise errors.Invalid(N_("这个手机或邮箱不能使用，换一个"), field="address")
    told = recipient(user)
    if address.is_email:
        user.email = address.value
    else:
        user.mobile = address.value
    end_resets_of(user.id, now=now)
    audit.record(actor, "address:change", user, field="email" if address.is_email else "mobile")
    outbox.enqueue(kinds.ADDRESS_CHANGED, told, about=user, path="/account", now=now)


@writes
def change_preferences(user: User, *, name: str, locale: str, actor: Actor, now: datetime) -> None:
    """One's own name and language. Raises Forbidden."""
    _only_own(user, actor)
    user.name, user.locale = name, locale
    audit.record(actor, "preferences:change", user)


def end_resets_of(user_id: int, *, now: datetime) -> None:
    """Inside a write: no way back in that was asked for before is good any more."""
    db.session.execute(
        update(PasswordReset)
        .where(PasswordReset.user_id == user_id, PasswordReset.used_at.is_(None))
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )


def open_reset(token: str, *, now: datetime) -> PasswordReset | None:
    """The mailed reset behind a token that is still good."""
    return _open(PasswordReset.token_hash == token_hash(token), ResetKind.MAIL, now)


def open_reset_by_code(address: str, code: str, *, now: datetime) -> PasswordReset | None:
    """The operator's reset behind an address and a code that is still good."""
    found = parsed(address)
    user = user_by_address(db.session(), found) if found else None
    hashed = code_hash(user.id if user else 0, code)
    return _open(PasswordReset.token_hash == hashed, ResetKind.OPERATOR_CODE, now)


def code_hash(user_id: int, code: str) -> str:
    """What is stored of an operator's code (60 random bits, limited guesses)."""
    plain = "".join(c for c in code.upper() if c.isalnum())
    return token_hash(f"reset:{user_id}:{plain}")


def _open(condition: object, kind: ResetKind, now: datetime) -> PasswordReset | None:
    statement = (
        select(PasswordReset)
        .join(User, User.id == PasswordReset.user_id)
        .where(
            condition,  # type: ignore[arg-type]
            PasswordReset.kind == kind,
            PasswordReset.used_at.is_(None),
            PasswordReset.expires_at > now,
            User.disabled_at.is_(None),
        )
    )
    return db.session.scalar(statement)


def _taken(reset_id: int, now: datetime) -> bool:
    result = db.session.execute(
        update(PasswordReset)
        .where(PasswordReset.id == reset_id, PasswordReset.used_at.is_(None), PasswordReset.expires_at > now)
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    return bool(result.rowcount == 1)  # type: ignore[attr-defined]


def _new_password(user_id: int, password_hash: str, *, keep: int | None, now: datetime) -> None:
    user = db.session.get_one(User, user_id)
    user.password_hash, user.password_changed_at = password_hash, now
    end_resets_of(user_id, now=now)
    end_sessions_of(user_id, but=keep, now=now)
    outbox.enqueue(kinds.PASSWORD_CHANGED, recipient(user), about=user, path="/account", now=now)


def _only_own(user: User, actor: Actor) -> None:
    if user.id != actor.user_id:
        raise errors.Forbidden(N_("你没有做这件事的权限"))
