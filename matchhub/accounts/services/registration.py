"""How a person and an organization come in: a new organization, a claim of an imported one, or asking to join."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from matchhub.accounts.enums import MembershipState, OrganizationKind, OrganizationStatus, Role
from matchhub.accounts.models import Membership, Organization, TextAcceptance, User
from matchhub.accounts.news import OrganizationRegistered
from matchhub.accounts.queries import (
    district_of,
    districts,
    lies_in_city,
    organization_by_uscc,
    owners_of,
    user_by_address,
)
from matchhub.accounts.services import kinds
from matchhub.accounts.workflow import ORGANIZATION
from matchhub.core import audit, errors, news, outbox
from matchhub.core.addresses import Address
from matchhub.core.db import db, writes
from matchhub.core.labels import N_
from matchhub.core.pinyin import sort_key
from matchhub.core.policy import Actor, SYSTEM
from matchhub.core.texts import current_text, TextKind

ACCEPTED_KINDS = (TextKind.TERMS, TextKind.PRIVACY)
OPEN_TO_ALL = frozenset(OrganizationKind) - {OrganizationKind.BUREAU}


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A person without an account yet: name, address, and the hash of the chosen password."""

    name: str
    address: Address
    password_hash: str | None
    locale: str = "zh"


@dataclass(frozen=True, slots=True)
class Registration:
    """What somebody says of the organization that registers. Without `uscc`: a team or a single angel.

    `district_code` is where it says it is, within the city in which its code was registered: a code never names a zone.
    """

    kind: OrganizationKind
    name: str
    uscc: str | None = None
    region_code: str | None = None
    district_code: str | None = None
    text_ids: tuple[int, ...] = ()


@writes
def register_organization(
    registration: Registration, *, newcomer: Newcomer | None = None, actor: Actor, now: datetime
) -> Membership:
    """A new organization, pending, with its owner; or a claim (a requested membership) of an imported one.

    `newcomer` is left out where the actor has an account. Raises Invalid, also where the organization is here already.
    """
    if registration.kind not in OPEN_TO_ALL:
        raise errors.Invalid(N_("选择机构类型"), field="kind")
    existing = organization_by_uscc(db.session(), registration.uscc)
    if existing is not None and not is_claimable(existing):
        raise errors.Invalid(N_("该机构已注册，可申请加入"), field="uscc")
    user = _person(newcomer, registration.text_ids, actor=actor, now=now)
    if existing is not None:
        return _claimed(existing, user, actor=actor)
    organization = _founded(registration)
    membership = _membership(user, organization, Role.OWNER, MembershipState.ACTIVE)
    audit.record(_as(user, actor), "organization:register", organization, kind=organization.kind.value)
    news.publish(OrganizationRegistered(organization), now=now)
    return membership


@writes
def ask_to_join(
    uscc: str, *, newcomer: Newcomer | None = None, text_ids: tuple[int, ...] = (), actor: Actor, now: datetime
) -> Membership:
    """Ask the owners of an organization to let one in. Raises Invalid where there is none, or one is in it already."""
    organization = organization_by_uscc(db.session(), uscc)
    if organization is None or not organization.is_open:
        raise errors.Invalid(N_("没有这家机构，请直接注册"), field="uscc")
    user = _person(newcomer, text_ids, actor=actor, now=now)
    _refuse_double(user, organization)
    membership = _membership(user, organization, Role.EDITOR, MembershipState.REQUESTED)
    audit.record(_as(user, actor), "membership:request", membership)
    for recipient in owners_of(db.session(), organization.id):
        outbox.enqueue(
            kinds.JOIN_REQUESTED, recipient, about=membership, path="/colleagues", now=now,
            values={"person": user.name, "organization": organization.label},
        )  # fmt: skip
    return membership


@writes
def submit_organization(organization: Organization, *, name: str, actor: Actor, now: datetime) -> None:
    """Hand a refused organization in again, under a name that may be corrected. Raises Conflict, Forbidden."""
    ORGANIZATION.advance(organization, "submit", actor=actor)
    organization.name, organization.sort_key = name, sort_key(name)
    organization.status_reason = ""


@writes
def accept_texts(user: User, text_ids: tuple[int, ...], *, actor: Actor, now: datetime) -> None:
    """Note that the person accepts these versions. Raises Invalid where others are in force by now."""
    note_acceptance(user, text_ids, ip=actor.ip, now=now)
    audit.record(actor, "texts:accept", user, texts=list(text_ids))


def is_claimable(organization: Organization) -> bool:
    """Imported, open, and nobody has asked for it yet."""
    waiting = any(m.state in (MembershipState.ACTIVE, MembershipState.REQUESTED) for m in organization.memberships)
    return organization.is_open and not organization.is_claimed and not waiting


def _founded(registration: Registration) -> Organization:
    organization = Organization(
        kind=registration.kind, name=registration.name, sort_key=sort_key(registration.name), uscc=registration.uscc,
        region_code=registration.region_code, district_code=_district(registration), status=OrganizationStatus.PENDING,
    )  # fmt: skip
    db.session.add(organization)
    db.session.flush()
    return organization


def _district(registration: Registration) -> str | None:
    """The district that decides who checks and looks after it. Raises Invalid where the city must be told and is not."""
    session = db.session()
    if registration.district_code:
        known = {entry.code for entry in districts(session)}
        if registration.district_code not in known or not lies_in_city(session, registration.region_code):
            raise errors.Invalid(N_("从列表里选所在区"), field="region")
        return registration.district_code
    found = district_of(session, registration.region_code)
    if found is None and registration.uscc and lies_in_city(session, registration.region_code):
        raise errors.Invalid(N_("选择所在区"), field="region")
    return found


def _claimed(organization: Organization, user: User, *, actor: Actor) -> Membership:
    membership = _membership(user, organization, Role.OWNER, MembershipState.REQUESTED)
    if organization.status is OrganizationStatus.UNVERIFIED:
        ORGANIZATION.advance(organization, "submit", actor=SYSTEM)
    audit.record(_as(user, actor), "organization:claim", organization)
    return membership


def _membership(user: User, organization: Organization, role: Role, state: MembershipState) -> Membership:
    membership = Membership(user_id=user.id, organization_id=organization.id, role=role, state=state)
    db.session.add(membership)
    db.session.flush()
    return membership


def _refuse_double(user: User, organization: Organization) -> None:
    open_one = select(Membership.id).where(
        Membership.user_id == user.id,
        Membership.organization_id == organization.id,
        Membership.state.in_((MembershipState.ACTIVE, MembershipState.REQUESTED)),
    )
    if db.session.scalar(open_one) is not None:
        raise errors.Invalid(N_("你已经在这个机构，或已经申请过"), field="uscc")


def _person(newcomer: Newcomer | None, text_ids: tuple[int, ...], *, actor: Actor, now: datetime) -> User:
    if newcomer is None:
        if actor.user_id is None:
            raise errors.Forbidden(N_("请先登录"))
        return db.session.get_one(User, actor.user_id)
    user = new_user(newcomer, now=now)
    note_acceptance(user, text_ids, ip=actor.ip, now=now)
    return user


@writes
def new_user(newcomer: Newcomer, *, now: datetime) -> User:
    """Inside a write: the account of a newcomer. Raises Invalid where the address has one."""
    if user_by_address(db.session(), newcomer.address) is not None:
        raise errors.Invalid(N_("用这个联系方式不能注册，请登录或找回密码"), field="address")
    user = User(
        name=newcomer.name, email=newcomer.address.email, mobile=newcomer.address.mobile, locale=newcomer.locale,
        password_hash=newcomer.password_hash, password_changed_at=now if newcomer.password_hash else None,
    )  # fmt: skip
    db.session.add(user)
    db.session.flush()
    return user


@writes
def note_acceptance(user: User, text_ids: tuple[int, ...], *, ip: str, now: datetime) -> None:
    """Inside a write: the person accepts these versions, which must be the ones in force. Raises Invalid."""
    wanted = {current_text(db.session(), kind, now).id for kind in ACCEPTED_KINDS}
    if set(text_ids) != wanted:
        raise errors.Invalid(N_("条款有更新，请再看一遍后同意"), field="accept")
    held = set(db.session.scalars(select(TextAcceptance.text_id).where(TextAcceptance.user_id == user.id)))
    db.session.add_all(TextAcceptance(user_id=user.id, text_id=i, at=now, ip=ip) for i in sorted(wanted - held))


def _as(user: User, actor: Actor) -> Actor:
    return actor if actor.is_known else Actor(user_id=user.id, name=user.name, ip=actor.ip)
