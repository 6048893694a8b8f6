"""Coming in on the word of an identity provider: recognised, made by a rule, linked by oneself, taken off again.

An account that there is already is never linked by its e-mail address, verified or not: only its person, signed in and
with the password, links it. A new account is made only where an administrator's rule fits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from matchhub.accounts.models import ExternalIdentity, User
from matchhub.accounts.queries import recipient, user_by_address
from matchhub.accounts.queries.identities import identity_of
from matchhub.accounts.services import kinds
from matchhub.accounts.services.registration import new_user, Newcomer
from matchhub.accounts.services.sessions import end_sessions_by
from matchhub.accounts.services.sign_in_rules import apply_rules, EMAIL_DOMAIN, matching_rules
from matchhub.core import audit, errors, outbox
from matchhub.core.addresses import Address, parsed
from matchhub.core.db import db, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor

LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a provider says of a person, as far as we believe it: addresses only where it has verified them."""

    issuer: str
    subject: str
    name: str
    address: Address | None
    claims: Mapping[str, Any]
    has_second_factor: bool = False


def believed(claims: Mapping[str, Any], *, second_factors: tuple[str, ...] = ()) -> Assertion:
    """The assertion in the claims of a checked token. `second_factors`: values of amr or acr that stand for one."""
    email = _verified(claims, "email")
    mobile = _verified(claims, "phone_number")
    unproved = {"email": email, "phone_number": mobile, EMAIL_DOMAIN: email}
    told = {name: value for name, value in claims.items() if unproved.get(name, True)}
    told.pop(EMAIL_DOMAIN, None)
    if email is not None:
        told[EMAIL_DOMAIN] = email.value.rpartition("@")[2]
    methods = claims.get("amr")
    said = {
        word for word in (claims.get("acr"), *(methods if isinstance(methods, list) else ())) if isinstance(word, str)
    }
    return Assertion(
        issuer=str(claims["iss"]),
        subject=str(claims["sub"]),
        name=_name(claims),
        address=email or mobile,
        claims=told,
        has_second_factor=bool(said & set(second_factors)),
    )


@writes
def come_in(assertion: Assertion, *, locale: str = "zh", actor: Actor, now: datetime) -> ExternalIdentity:
    """The identity of who comes, known or made by a rule, with the memberships that the rules give today.

    Raises Invalid where nobody may be let in; the words say what the person can do.
    """
    identity = identity_of(db.session(), assertion.issuer, assertion.subject) or _newly(assertion, locale, actor, now)
    if identity.user.disabled_at is not None:
        raise errors.Invalid(N_("这个账户已停用，请联系管理员。"))
    identity.last_used_at = now
    apply_rules(identity.user_id, assertion.claims, now=now)
    return identity


@writes
def link_identity(user: User, *, issuer: str, subject: str, actor: Actor, now: datetime) -> ExternalIdentity:
    """Sign in by this identity from now on; its person is told. Raises Forbidden, Conflict where somebody has it."""
    if user.id != actor.user_id:
        raise errors.Forbidden(N_("你没有做这件事的权限"))
    if identity_of(db.session(), issuer, subject) is not None:
        raise errors.Conflict(N_("这个单位账号已经绑定了一个账户"))
    identity = _linked(user, issuer, subject, actor, now)
    outbox.enqueue(kinds.IDENTITY_LINKED, recipient(user), about=identity, path="/account", now=now)
    return identity


@writes
def unlink_identity(identity: ExternalIdentity, *, actor: Actor, now: datetime) -> None:
    """Sign in by it no longer; what it opened ends. Raises Forbidden, Conflict where there is no other way in."""
    if identity.user_id != actor.user_id:
        raise errors.Forbidden(N_("你没有做这件事的权限"))
    if identity.user.password_hash is None:
        raise errors.Conflict(N_("你还没有密码：先退出，用「忘记密码」设一个，再解除绑定"))
    identity.ended_at = now
    end_sessions_by(identity.id, now=now)
    audit.record(actor, "identity:unlink", identity)


def _newly(assertion: Assertion, locale: str, actor: Actor, now: datetime) -> ExternalIdentity:
    if not matching_rules(assertion.claims):
        raise errors.Invalid(N_("你的单位账号没有问题，但这里还没有你的账户。"))
    if assertion.address is None:
        raise errors.Invalid(N_("你的单位账号没有给出已验证的邮箱或手机号，不能自动建立账户。"))
    if user_by_address(db.session(), assertion.address) is not None:
        raise errors.Invalid(N_("你的邮箱或手机号在这里已有账户，要先绑定单位账号。"))
    name = assertion.name or assertion.address.value.partition("@")[0][:LONGEST_NAME]
    user = new_user(Newcomer(name, assertion.address, None, locale), now=now)
    audit.record(Actor(user_id=user.id, ip=actor.ip), "user:make-by-rule", user)
    return _linked(user, assertion.issuer, assertion.subject, Actor(user_id=user.id, ip=actor.ip), now)


def _linked(user: User, issuer: str, subject: str, actor: Actor, now: datetime) -> ExternalIdentity:
    identity = ExternalIdentity(
        issuer=issuer, subject=subject, user_id=user.id, user=user, created_at=now, last_used_at=now
    )
    db.session.add(identity)
    audit.record(actor, "identity:link", identity)
    return identity


def _verified(claims: Mapping[str, Any], name: str) -> Address | None:
    """The address in a claim, only where the provider says that it has verified it."""
    told, is_verified = claims.get(name), claims.get(f"{name}_verified")
    if not isinstance(told, str) or not (is_verified is True or is_verified == "true"):
        return None
    found = parsed(told)
    return found if found is not None and found.is_email == (name == "email") else None


def _name(claims: Mapping[str, Any]) -> str:
    for key in ("name", "preferred_username", "nickname"):
        told = claims.get(key)
        if isinstance(told, str) and (plain := "".join(c for c in told if c.isprintable()).strip()):
            return plain[:LONGEST_NAME]
    return ""
