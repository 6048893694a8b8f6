"""The second factor: a code of the day from an app, or a recovery code, each good once."""

import base64
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest

import pyotp
from sqlalchemy import delete, select, update

from matchhub.accounts.enums import SECOND_FACTOR_ROLES
from matchhub.accounts.models import RecoveryCode, UsedCode, User, UserSession
from matchhub.accounts.queries import active_memberships, token_hash
from matchhub.accounts.services.sessions import end_sessions_of, renewed
from matchhub.accounts.services.vault import Vault
from matchhub.core import audit, errors, ledger
from matchhub.core.db import db, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor

PERIOD = 30
RECOVERY_CODES = 8


@dataclass(frozen=True, slots=True)
class Proof:
    """A right code: which it was, so that it is never right again."""

    used: str
    recovery_hash: str | None = None


def new_secret() -> str:
    """A fresh secret for an authenticator app."""
    return pyotp.random_base32()


def provisioning_uri(secret: str, *, account: str, issuer: str) -> str:
    """What the QR code says."""
    return str(pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer))


def prove(secret: str | None, code: str, *, now: datetime) -> Proof | None:
    """The proof that `code` (spaces and full-width digits do not matter) fits now, or one step before or after."""
    digits = "".join(c for c in unicodedata.normalize("NFKC", code) if c.isdigit() and c.isascii())
    if not secret or len(digits) != 6:
        return None
    step = int(now.timestamp()) // PERIOD
    totp = pyotp.TOTP(secret)
    for candidate in (step, step - 1, step + 1):
        if compare_digest(totp.at(candidate * PERIOD), digits):
            return Proof(f"totp:{candidate}")
    return None


def prove_recovery(user_id: int, code: str) -> Proof | None:
    """The proof that `code` is an unused recovery code of the person."""
    hashed = recovery_hash(user_id, code)
    statement = select(RecoveryCode.id).where(
        RecoveryCode.user_id == user_id, RecoveryCode.code_hash == hashed, RecoveryCode.used_at.is_(None)
    )
    return Proof(f"recovery:{hashed[:60]}", hashed) if db.session.scalar(statement) else None


def redeem(user_id: int, proof: Proof, *, actor: Actor, now: datetime) -> bool:
    """Use the code up, at once and for good; False (and a security event) when it was used before."""
    if ledger.take(UsedCode(user_id=user_id, code=proof.used, at=now)):
        return True
    ledger.security_event(actor, "code_reused", user=user_id)
    return False


def recovery_hash(user_id: int, code: str) -> str:
    """What is stored of a recovery code (50 random bits, limited guesses)."""
    plain = "".join(c for c in unicodedata.normalize("NFKC", code).lower() if c.isalnum())
    return token_hash(f"{user_id}:{plain}")


def new_recovery_codes() -> list[str]:
    """Codes as they are shown once: 5 + 5 letters and digits."""
    return [_recovery_code() for _ in range(RECOVERY_CODES)]


def _recovery_code() -> str:
    text = base64.b32encode(secrets.token_bytes(7)).decode().lower()[:10]
    return f"{text[:5]}-{text[5:]}"


@writes
def pass_second_factor(row: UserSession, proof: Proof, *, actor: Actor, now: datetime) -> str:
    """The code was right and is used up: the session acts from now on, under a new id, which is returned."""
    if row.ended_at is not None:
        raise errors.Conflict(N_("登录已过期，请重新登录"))
    row.second_factor_at = now
    if proof.recovery_hash:
        _use_recovery_code(row.user_id, proof.recovery_hash, now)
    audit.record(actor, "session:second-factor", row, recovery=bool(proof.recovery_hash) or None)
    return renewed(row)


@writes
def enable_second_factor(
    user: User, *, secret: str, codes: list[str], vault: Vault, actor: Actor, now: datetime
) -> None:
    """Ask for a second factor from now on; old recovery codes and all other sessions are gone. Raises Forbidden."""
    _only_own(user, actor)
    user.totp_secret = vault.seal(secret)
    user.totp_enabled_at = now
    _replace_codes(user, codes)
    end_sessions_of(user.id, but=actor.session_id, now=now)
    if row := db.session.get(UserSession, actor.session_id or 0):
        row.second_factor_at = now
    audit.record(actor, "second-factor:enable", user)


@writes
def renew_recovery_codes(user: User, *, codes: list[str], actor: Actor, now: datetime) -> None:
    """Replace the recovery codes. Raises Forbidden, Conflict."""
    _only_own(user, actor)
    if user.totp_enabled_at is None:
        raise errors.Conflict(N_("还没有开启两步验证"))
    _replace_codes(user, codes)
    audit.record(actor, "second-factor:renew-codes", user)


@writes
def disable_second_factor(user: User, *, actor: Actor, now: datetime) -> None:
    """Ask for the password only. Raises Forbidden, or Conflict for those who must keep it."""
    _only_own(user, actor)
    if any(membership.role in SECOND_FACTOR_ROLES for membership in active_memberships(db.session(), user.id)):
        raise errors.Conflict(N_("你的角色必须使用两步验证"))
    user.totp_secret = user.totp_enabled_at = None
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    audit.record(actor, "second-factor:disable", user)


def _use_recovery_code(user_id: int, hashed: str, now: datetime) -> None:
    db.session.execute(
        update(RecoveryCode)
        .where(RecoveryCode.user_id == user_id, RecoveryCode.code_hash == hashed)
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )


def _only_own(user: User, actor: Actor) -> None:
    if user.id != actor.user_id:
        raise errors.Forbidden(N_("你没有做这件事的权限"))


def _replace_codes(user: User, codes: list[str]) -> None:
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    db.session.add_all(RecoveryCode(user_id=user.id, code_hash=recovery_hash(user.id, code)) for code in codes)
