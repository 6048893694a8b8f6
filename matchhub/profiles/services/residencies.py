"""A firm enters a carrier, is incubated, graduates, leaves or moves. Scope follows in the same transaction."""

from datetime import date, datetime

from sqlalchemy import select

from matchhub.accounts import services as accounts
from matchhub.accounts.enums import OrganizationKind, OrganizationStatus
from matchhub.accounts.models import Invitation, Organization
from matchhub.core import audit, errors, news
from matchhub.core.clock import city_date
from matchhub.core.db import db, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.profiles.enums import OPEN_RESIDENCY, ResidencyStatus
from matchhub.profiles.models import EnterpriseProfile, Residency
from matchhub.profiles.news import ResidencyAnswered, ResidencyAsked, ResidencyChanged
from matchhub.profiles.policy import Permission, POLICY
from matchhub.profiles.queries import open_residency_of, profile_of
from matchhub.profiles.workflow import RESIDENCIES


@writes
def invite_firm(row: Residency, *, address: str, name: str, actor: Actor, now: datetime) -> tuple[Invitation, str]:
    """Ask somebody of a firm that nobody has joined yet to answer for it. The row, and the token of its link.

    Raises Forbidden, Conflict (not in the carrier now, or joined already), Invalid.
    """
    POLICY.check(Permission.INVITE_FIRM, actor, row)
    if row.status not in OPEN_RESIDENCY:
        raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=row.status)
    return accounts.invite_to_claim(
        row.enterprise, carrier_id=row.carrier_id, address=address, name=name, actor=actor, now=now
    )


@writes
def apply(enterprise: Organization, carrier_id: int | None, *, actor: Actor, now: datetime) -> Residency:
    """Ask a carrier to take the firm in. One question at a time, and none to where the firm is already."""
    POLICY.check(Permission.APPLY, actor)
    if enterprise.id != actor.organization_id:
        raise errors.Forbidden(N_("你没有做这件事的权限"))
    carrier = _carrier(carrier_id)
    current = open_residency_of(db.session(), enterprise.id)
    if current is not None and current.carrier_id == carrier.id:
        raise errors.Invalid(N_("你已经在这家载体了"), field="carrier_id")
    waiting = select(Residency.id).where(
        Residency.enterprise_id == enterprise.id, Residency.status == ResidencyStatus.APPLIED
    )
    if db.session.scalar(waiting) is not None:
        raise errors.Conflict(N_("你有一份申请还在等答复，先撤回才能再申请"))
    row = Residency(enterprise=enterprise, carrier=carrier, status=ResidencyStatus.APPLIED)
    db.session.add(row)
    audit.record(actor, "residency:apply", row)
    news.publish(ResidencyAsked(row), now=now)
    return row


def _carrier(carrier_id: int | None) -> Organization:
    carrier = db.session.get(Organization, carrier_id) if carrier_id else None
    is_one = carrier is not None and carrier.kind is OrganizationKind.CARRIER
    if carrier is None or not is_one or carrier.status is not OrganizationStatus.VERIFIED:
        raise errors.Invalid(N_("请选择一家载体"), field="carrier_id")
    return carrier


@writes
def withdraw_application(row: Residency, *, actor: Actor, now: datetime) -> None:
    """Take the question back."""
    RESIDENCIES.advance(row, "withdraw", actor=actor)


@writes
def admit(row: Residency, *, entered_on: date | None = None, actor: Actor, now: datetime) -> None:
    """Take the firm in. A firm that is elsewhere is moved: it asked, and the new carrier agrees."""
    current = open_residency_of(db.session(), row.enterprise_id)
    if current is not None and current.id != row.id:
        move(row, entered_on=entered_on, actor=actor, now=now)
        return
    RESIDENCIES.advance(row, "admit", actor=actor)
    row.entered_on = _not_later(entered_on or city_date(now), now, "on")
    settle_scope(row.enterprise_id, row.carrier, now=now)
    news.publish(ResidencyAnswered(row), now=now)


@writes
def move(row: Residency, *, entered_on: date | None = None, actor: Actor, now: datetime) -> None:
    """Admit the firm of an application and end its stay elsewhere in one step: the old carrier loses sight of it at once."""
    POLICY.check(Permission.ANSWER_RESIDENCY, actor, row)
    current = open_residency_of(db.session(), row.enterprise_id)
    if current is None or row.status is not ResidencyStatus.APPLIED:
        raise errors.Conflict(N_("已经处理过了，请看最新情况"))
    RESIDENCIES.advance(current, "move", actor=actor)
    current.moved_to, current.reason = row.carrier.name, N_("转到其他载体")
    _leave(current, None, now)
    db.session.flush()
    RESIDENCIES.advance(row, "admit", actor=actor)
    row.entered_on = _not_later(entered_on or city_date(now), now, "on")
    audit.record(actor, "residency:move", row, from_carrier=current.carrier_id, to_carrier=row.carrier_id)
    settle_scope(row.enterprise_id, row.carrier, now=now)
    news.publish(ResidencyAnswered(current), now=now)
    news.publish(ResidencyAnswered(row), now=now)


@writes
def refuse(row: Residency, *, reason: str, actor: Actor, now: datetime) -> None:
    """Say no, with a reason that the firm reads."""
    RESIDENCIES.advance(row, "refuse", actor=actor, reason=reason)
    row.reason = reason.strip()[:300]
    news.publish(ResidencyAnswered(row), now=now)


@writes
def incubate(row: Residency, *, since: date | None = None, actor: Actor, now: datetime) -> None:
    """From 入驻在园 to 在孵: the incubation clock starts."""
    RESIDENCIES.advance(row, "incubate", actor=actor)
    row.incubation_from = _not_later(since or city_date(now), now, "on")


@writes
def graduate(row: Residency, *, left_on: date | None = None, actor: Actor, now: datetime) -> None:
    """The firm has outgrown the carrier."""
    RESIDENCIES.advance(row, "graduate", actor=actor)
    _leave(row, left_on, now)
    settle_scope(row.enterprise_id, None, now=now)
    news.publish(ResidencyAnswered(row), now=now)


@writes
def exit_residency(
    row: Residency, *, reason: str, left_on: date | None = None, moved_to: str = "", actor: Actor, now: datetime
) -> None:
    """The firm leaves, with a reason and, where it is known, whereto."""
    RESIDENCIES.advance(row, "exit", actor=actor, reason=reason)
    row.reason, row.moved_to = reason.strip()[:300], moved_to.strip()[:160]
    _leave(row, left_on, now)
    settle_scope(row.enterprise_id, None, now=now)
    news.publish(ResidencyAnswered(row), now=now)


@writes
def place(
    enterprise: Organization, carrier: Organization, *, status: ResidencyStatus, entered_on: date | None, now: datetime
) -> Residency:
    """A residency that a checked list says is there already (the roster). Inside a service."""
    row = Residency(
        enterprise=enterprise, carrier=carrier, status=status, entered_on=entered_on or city_date(now),
        incubation_from=entered_on if status is ResidencyStatus.INCUBATING else None,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    settle_scope(enterprise.id, carrier, now=now)
    return row


def _leave(row: Residency, left_on: date | None, now: datetime) -> None:
    day = _not_later(left_on or city_date(now), now, "on")
    if row.entered_on is not None and day < row.entered_on:
        raise errors.Invalid(N_("离开日期不能早于入驻日期"), field="on")
    row.left_on = day


def _not_later(day: date, now: datetime, field: str) -> date:
    if day > city_date(now):
        raise errors.Invalid(N_("日期不能晚于今天"), field=field)
    return day


def settle_scope(enterprise_id: int, carrier: Organization | None, *, now: datetime) -> None:
    """Who looks after the firm from now on: carrier and district, rewritten together."""
    profile = profile_of(db.session(), enterprise_id)
    enterprise = db.session.get_one(Organization, enterprise_id)
    if isinstance(profile, EnterpriseProfile):
        profile.carrier_id = carrier.id if carrier else None
    if carrier is not None and carrier.district_code is not None:
        enterprise.district_code = carrier.district_code
    db.session.flush()
    news.publish(ResidencyChanged(enterprise_id, carrier.id if carrier else None, enterprise.district_code), now=now)
