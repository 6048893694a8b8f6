"""Organizations and mentors that the city writes down before anybody has joined them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from matchhub.accounts.enums import OrganizationKind, OrganizationStatus
from matchhub.accounts.models import Organization
from matchhub.core import audit, errors
from matchhub.core.db import db, writes
from matchhub.core.labels import N_
from matchhub.core.pinyin import sort_key
from matchhub.core.policy import Actor
from matchhub.profiles.enums import ProfileState
from matchhub.profiles.models import MentorProfile
from matchhub.profiles.policy import Permission, POLICY
from matchhub.profiles.services.profiles import ensure_profile, NEEDED


@writes
def bring_organization(
    kind: OrganizationKind, name: str, *, uscc: str | None = None, actor: Actor, now: datetime
) -> Organization:
    """An organization that nobody has joined, vouched for by the city, with an empty profile. Raises Forbidden."""
    POLICY.check(Permission.BRING_ORGANIZATION, actor)
    organization = Organization(
        kind=kind, name=name, sort_key=sort_key(name), uscc=uscc, status=OrganizationStatus.VERIFIED, verified_at=now,
        verified_by_id=actor.user_id, is_claimed=False,
    )  # fmt: skip
    db.session.add(organization)
    ensure_profile(organization, now=now)
    audit.record(actor, "organization:bring", organization)
    return organization


@writes
def bring_mentor(
    organization: Organization, values: Mapping[str, Any], *, actor: Actor, now: datetime
) -> MentorProfile:
    """What the city's register says of a mentor who has not joined; complete, it is published.

    Raises Forbidden, and Conflict where somebody answers for the mentor by now.
    """
    POLICY.check(Permission.BRING_ORGANIZATION, actor)
    if organization.is_claimed or not organization.is_open:
        raise errors.Conflict(N_("已经有人管理，请它自己发布"))
    profile = ensure_profile(organization, now=now)
    if not isinstance(profile, MentorProfile):
        raise errors.Invalid(N_("这个代码属于另一类机构"))
    changed = sorted(name for name, value in values.items() if getattr(profile, name) != value)
    for name in changed:
        setattr(profile, name, values[name])
    profile.lead_industry = profile.industries[0].split(".")[0] if profile.industries else None
    organization.region_code = organization.region_code or profile.region_code
    if profile.state is ProfileState.DRAFT and all(getattr(profile, name) for name in NEEDED[OrganizationKind.MENTOR]):
        profile.state, profile.published_at = ProfileState.PUBLISHED, now
    audit.record(actor, "profile:bring", profile, fields=changed)
    return profile
