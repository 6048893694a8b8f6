"""The directories: what a public register says of an organization, and nothing about seeking money."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import and_, ColumnElement, func, or_, Select, select
from sqlalchemy.orm import Session

from matchhub.accounts.enums import OrganizationKind, OrganizationStatus
from matchhub.accounts.models import Organization
from matchhub.core import dictionaries
from matchhub.core.db import db
from matchhub.core.paging import Page, paged
from matchhub.core.pinyin import search_key
from matchhub.core.policy import Actor
from matchhub.disclosure.enums import Relation
from matchhub.disclosure.queries import visible_of
from matchhub.profiles.enums import ProfileState
from matchhub.profiles.models import CarrierProfile, EnterpriseProfile, InvestorProfile, Profile
from matchhub.profiles.queries.profiles import profile_of, subject_of

P = TypeVar("P", EnterpriseProfile, InvestorProfile, CarrierProfile)
LONGEST_SEARCH = 60
EXPORTED = 5_000
SORTS = {"name": Organization.sort_key, "since": Organization.verified_at}


@dataclass(frozen=True, slots=True)
class DirectoryFilter:
    """What is looked for; empty texts do not filter."""

    text: str = ""
    industry: str = ""
    region: str = ""
    type: str = ""
    carrier_id: int | None = None
    sort: str = "name"


def directory(model: type[P], wanted: DirectoryFilter, *, number: int, per_page: int = 50) -> Page[P]:
    """One page of verified organizations of this kind, with their organization."""
    return paged(db.session(), _statement(model, wanted), number, per_page)


def _statement(model: type[P], wanted: DirectoryFilter) -> Select[P]:
    conditions: list[ColumnElement[bool]] = [Organization.status == OrganizationStatus.VERIFIED]
    if text := wanted.text.strip()[:LONGEST_SEARCH]:
        conditions.append(_named(text))
    if wanted.industry:
        conditions.append(and_(model.lead_industry == wanted.industry, model.state == ProfileState.PUBLISHED))
    if wanted.region:
        place = func.coalesce(Organization.district_code, Organization.region_code)
        conditions.append(place.in_(_within(wanted.region)))
    if wanted.type:
        conditions.append(_of_type(model, wanted.type))
    if wanted.carrier_id is not None and model is EnterpriseProfile:
        conditions.append(EnterpriseProfile.carrier_id == wanted.carrier_id)
    column: Any = SORTS.get(wanted.sort.removeprefix("-"), Organization.sort_key)
    order = column.desc() if wanted.sort.startswith("-") else column.asc()
    return (
        select(model)
        .join(Organization, Organization.id == Profile.organization_id)
        .where(*conditions)
        .order_by(order, model.id)
    )


def _named(text: str) -> ColumnElement[bool]:
    """By Chinese, English or short name, by pinyin or initials. `%` and `_` are only letters."""
    lower = text.lower()
    found = [
        func.lower(Organization.name).contains(lower, autoescape=True),
        func.lower(Organization.short_name).contains(lower, autoescape=True),
        func.lower(Organization.name_en).contains(lower, autoescape=True),
    ]
    if text.isascii() and (key := search_key(text)):
        found.append(Organization.sort_key.contains(key, autoescape=True))
    return or_(*found)


def _within(code: str) -> list[str]:
    words = dictionaries.snapshot()
    inside = [entry.code for entry in words.entries("regions") if code in words.ancestors("regions", entry.code)]
    return inside or [code]


def _of_type(model: type[Profile], code: str) -> ColumnElement[bool]:
    published = Profile.state == ProfileState.PUBLISHED
    if model is EnterpriseProfile:
        return and_(EnterpriseProfile.stage == code, published)
    if model is InvestorProfile:
        return and_(InvestorProfile.fund_type == code, published)
    return and_(CarrierProfile.carrier_type == code, published)


def carriers_among(session: Session, profiles: Iterable[Profile]) -> dict[int, Organization]:
    """carrier id → organization for the firms of one page, in one query."""
    ids = {p.carrier_id for p in profiles if isinstance(p, EnterpriseProfile) and p.carrier_id is not None}
    if not ids:
        return {}
    rows: Sequence[Organization] = session.scalars(select(Organization).where(Organization.id.in_(ids))).all()
    return {row.id: row for row in rows}


def _listed(actor: Actor, organization_id: int, kind: OrganizationKind) -> Profile | None:
    """A verified organization of this kind, or one that is the actor's own or in its care."""
    profile = profile_of(db.session(), organization_id)
    if profile is None or profile.kind is not kind or not profile.organization.is_open:
        return None
    if profile.organization.is_verified or profile.organization_id == actor.organization_id:
        return profile
    visible = visible_of(db.session(), actor, subject_of(profile.organization, profile), now=profile.created_at)
    return profile if visible.relation is Relation.STEWARD else None


def listed_enterprise(actor: Actor, organization_id: int) -> Profile | None:
    """An enterprise that the actor may open."""
    return _listed(actor, organization_id, OrganizationKind.ENTERPRISE)


def listed_investor(actor: Actor, organization_id: int) -> Profile | None:
    """An investor that the actor may open."""
    return _listed(actor, organization_id, OrganizationKind.INVESTOR)


def listed_carrier(actor: Actor, organization_id: int) -> Profile | None:
    """A carrier that the actor may open."""
    return _listed(actor, organization_id, OrganizationKind.CARRIER)
