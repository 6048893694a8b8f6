"""A profile for each of the cast, and what a complete one says."""

from collections.abc import Mapping
from typing import Any

import pytest

from matchhub.accounts.models import Membership, Organization
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.policy import Actor
from matchhub.profiles import services
from matchhub.profiles.enums import ProfileState, ResidencyStatus
from matchhub.profiles.models import EnterpriseProfile
from matchhub.profiles.queries import profile_of
from tests.cast import Cast

COMPLETE: Mapping[str, Any] = {
    "industries": ["new_materials.carbon_fibre"],
    "lead_industry": "new_materials",
    "one_liner": "碳纤维轻量化部件",
    "stage": "startup",
    "region_code": "420704",
    "summary": "给无人机企业做碳纤维机身，已有 12 家客户。",
    "contact_name": "秦岚",
    "contact_mobile": "13800000001",
}


def actor_of(membership: Membership) -> Actor:
    """The actor of a membership, as a request would make it."""
    organization = membership.organization
    return Actor(
        user_id=membership.user_id, name="", membership_id=membership.id, organization_id=organization.id,
        organization_kind=organization.kind.value, organization_verified=organization.is_verified,
        role=membership.role.value, region_code=membership.region_code,
    )  # fmt: skip


@pytest.fixture
def profiles(people: Cast) -> Cast:
    """Everybody has a profile; 星河科技's is complete and it sits in 滨江孵化器; the others are drafts."""
    with unit_of_work() as session:
        for name in ("xinghe", "qingtian", "yuanshan", "beidou", "binjiang", "gedian", "bank", "mentor"):
            services.ensure_profile(getattr(people, name).organization, now=utcnow())
        profile = profile_of(session, people.xinghe.organization_id)
        assert isinstance(profile, EnterpriseProfile)
        for key, value in COMPLETE.items():
            setattr(profile, key, value)
        services.place(
            people.xinghe.organization, people.binjiang.organization, status=ResidencyStatus.INCUBATING,
            entered_on=None, now=utcnow(),
        )  # fmt: skip
    return people


def in_state(organization_id: int, state: ProfileState) -> int:
    """Put a profile into a state; its id."""
    with unit_of_work() as session:
        profile = profile_of(session, organization_id)
        assert profile is not None
        profile.state = state
        return profile.id


def organization(organization_id: int) -> Organization:
    return db.session.get_one(Organization, organization_id)
