"""The administrator's rules: which value of a claim makes whom of which organization, for those who come by the provider."""

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from matchhub.accounts.enums import MembershipState, Role
from matchhub.accounts.models import Membership, Organization, SignInRule
from matchhub.accounts.policy import Permission, POLICY
from matchhub.accounts.queries.identities import open_rules
from matchhub.accounts.services.joining import check_role
from matchhub.core import audit, errors
from matchhub.core.db import db, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor

EMAIL_DOMAIN = "email_domain"
BY_NAME_ONLY = frozenset({Role.OWNER, Role.ADMINISTRATOR})
PUBLIC_DOMAINS = frozenset(
    {
        "126.com", "139.com", "163.com", "189.cn", "aliyun.com", "foxmail.com", "gmail.com", "hotmail.com", "icloud.com",
        "live.com", "outlook.com", "qq.com", "sina.cn", "sina.com", "sohu.com", "vip.163.com", "vip.qq.com", "yahoo.com",
        "yeah.net",
    }
)  # fmt: skip


@writes
def add_rule(
    organization: Organization, *, claim: str, value: str, role: Role, region_code: str | None = None, actor: Actor,
    now: datetime,
) -> SignInRule:  # fmt: skip
    """Let who comes with this value of the claim act for `organization`, from the next sign-in. Raises Forbidden, Invalid.

    Nobody becomes owner or administrator by a rule: those are settled by name.
    """
    POLICY.check(Permission.SETTLE, actor)
    claim, value = claim.strip(), normalized(claim.strip(), value)
    _check(organization, claim, value, role)
    check_role(organization, role, region_code, actor)
    same = (SignInRule.claim == claim, SignInRule.value == value, SignInRule.organization_id == organization.id)
    if db.session.scalar(select(SignInRule.id).where(*same, SignInRule.ended_at.is_(None))) is not None:
        raise errors.Invalid(N_("这条规则已经有了，先停用再增加"), field="value")
    rule = SignInRule(
        claim=claim, value=value, organization_id=organization.id, role=role, region_code=region_code,
        created_by_id=actor.user_id,
    )  # fmt: skip
    db.session.add(rule)
    audit.record(actor, "sign-in-rule:add", rule, claim=claim, organization=organization.id, role=role.value)
    return rule


@writes
def end_rule(rule: SignInRule, *, actor: Actor, now: datetime) -> int:
    """The rule gives nobody anything any more, and what it gave ends at once; how many memberships. Raises Conflict."""
    POLICY.check(Permission.SETTLE, actor)
    if rule.ended_at is not None:
        raise errors.Conflict(N_("这条规则已经停用"))
    count = _ended(rule, now)
    audit.record(actor, "sign-in-rule:end", rule, memberships=count)
    return count


@writes
def end_rules_of(organization_id: int, *, now: datetime) -> None:
    """Inside a write: the organization has closed."""
    for rule in open_rules(db.session(), organization_id=organization_id):
        rule.ended_at = now


@writes
def move_rules(from_id: int, to_id: int, *, now: datetime) -> None:
    """Inside a write: two organizations have become one; a rule that both had stays once."""
    held = {(rule.claim, rule.value): rule for rule in open_rules(db.session(), organization_id=to_id)}
    for rule in open_rules(db.session(), organization_id=from_id):
        kept = held.get((rule.claim, rule.value))
        if kept is None:
            rule.organization_id = to_id
            continue
        rule.ended_at = now
        for membership in _given_by(rule):
            membership.sign_in_rule_id = kept.id


@writes
def apply_rules(user_id: int, claims: Mapping[str, Any], *, now: datetime) -> list[Membership]:
    """Inside a write, at a sign-in: give what the rules say, end what they say no longer; the memberships given anew.

    Memberships given by hand are left alone, and so is what somebody took away by hand.
    """
    fitting = matching_rules(claims)
    _end_stale(user_id, {rule.id for rule in fitting}, now)
    return [_give(user_id, rule) for rule in fitting if not _is_settled(user_id, rule)]


def matching_rules(claims: Mapping[str, Any]) -> list[SignInRule]:
    """The rules in force that these claims satisfy; of several about one organization, the first."""
    found: dict[int, SignInRule] = {}
    for rule in open_rules(db.session()):
        if rule.organization.is_open and rule.organization.is_claimed and _says(claims.get(rule.claim), rule):
            found.setdefault(rule.organization_id, rule)
    return list(found.values())


def normalized(claim: str, value: str) -> str:
    """A value in the form in which it is stored and compared; the domain of an address has no case."""
    plain = unicodedata.normalize("NFKC", value).strip()
    return plain.lower().removeprefix("@") if claim == EMAIL_DOMAIN else plain


def _says(told: Any, rule: SignInRule) -> bool:
    """Whether the claim is the value, or a list that holds it. Numbers and truth values are compared as JSON writes them."""
    values = told if isinstance(told, list) else [told]
    words = [str(v).lower() if isinstance(v, bool) else str(v) for v in values if isinstance(v, str | int | float)]
    return rule.value in {normalized(rule.claim, word) for word in words}


def _check(organization: Organization, claim: str, value: str, role: Role) -> None:
    if not claim or not claim.isascii() or any(c.isspace() for c in claim):
        raise errors.Invalid(N_("填写提供方给出的字段名，例如 department"), field="claim")
    if not value:
        raise errors.Invalid(N_("填写字段的值"), field="value")
    if claim == EMAIL_DOMAIN and ("." not in value or "@" in value):
        raise errors.Invalid(N_("填写邮箱 @ 之后的部分，例如 kjj.example.gov.cn"), field="value")
    if claim == EMAIL_DOMAIN and value in PUBLIC_DOMAINS:
        raise errors.Invalid(N_("这是公共邮箱，谁都能注册，不能用作规则"), field="value")
    if role in BY_NAME_ONLY:
        raise errors.Invalid(N_("负责人和管理员只能逐人邀请"), field="role")
    if not organization.is_open or not organization.is_claimed:
        raise errors.Invalid(N_("选择一家有人管理、没有关闭的机构"), field="organization")


def _is_settled(user_id: int, rule: SignInRule) -> bool:
    """Whether the person is in the organization already, asks to be, or was taken out of what this rule gave."""
    statement = select(Membership.id).where(
        Membership.user_id == user_id,
        Membership.organization_id == rule.organization_id,
        Membership.state.in_((MembershipState.ACTIVE, MembershipState.REQUESTED))
        | (Membership.sign_in_rule_id == rule.id),
    )
    return db.session.scalar(statement.limit(1)) is not None


def _give(user_id: int, rule: SignInRule) -> Membership:
    membership = Membership(
        user_id=user_id, organization_id=rule.organization_id, role=rule.role, region_code=rule.region_code,
        sign_in_rule_id=rule.id,
    )  # fmt: skip
    db.session.add(membership)
    audit.record(Actor(user_id=user_id), "membership:give-by-rule", membership, rule=rule.id)
    return membership


def _end_stale(user_id: int, kept: set[int], now: datetime) -> None:
    statement = select(Membership).where(
        Membership.user_id == user_id,
        Membership.state == MembershipState.ACTIVE,
        Membership.sign_in_rule_id.is_not(None),
        Membership.sign_in_rule_id.not_in(kept),
    )
    for membership in db.session.scalars(statement):
        audit.record(Actor(user_id=user_id), "membership:end-by-rule", membership, rule=membership.sign_in_rule_id)
        _end(membership, now)
    db.session.flush()  # the place is free for what another rule gives


def _given_by(rule: SignInRule) -> list[Membership]:
    statement = select(Membership).where(
        Membership.sign_in_rule_id == rule.id, Membership.state == MembershipState.ACTIVE
    )
    return list(db.session.scalars(statement))


def _ended(rule: SignInRule, now: datetime) -> int:
    rule.ended_at = now
    given = _given_by(rule)
    for membership in given:
        _end(membership, now)
    return len(given)


def _end(membership: Membership, now: datetime) -> None:
    """Without its rule: that is how it differs from what was taken away by hand, which no rule gives again."""
    membership.state, membership.ended_at, membership.sign_in_rule_id = MembershipState.ENDED, now, None
