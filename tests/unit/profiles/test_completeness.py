"""How complete a profile is, and what to fill in next: a pure function."""

from datetime import date

import pytest
from sqlalchemy import JSON

from matchhub.accounts.enums import OrganizationKind
from matchhub.core.pinyin import sort_key
from matchhub.profiles.models import EnterpriseProfile, Profile
from matchhub.profiles.queries import completeness, fields_of
from matchhub.profiles.queries.profiles import MODELS as KINDS


def blank(kind: OrganizationKind) -> Profile:
    return KINDS[kind](kind=kind)


def fill(profile: Profile, *, leave: str = "") -> Profile:
    for field in fields_of(OrganizationKind(profile.kind)):
        column = type(profile).__mapper__.columns[field.name]
        value = (
            ["x"]
            if isinstance(column.type, JSON)
            else date(2024, 1, 1)
            if field.name.endswith("_on")
            else 0
            if field.money
            else "x"
        )
        if field.name != leave:
            setattr(profile, field.name, value)
    return profile


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_filled_is_zero_and_everything_is_a_hundred(kind: OrganizationKind) -> None:
    assert completeness(blank(kind)).percent == 0
    assert completeness(fill(blank(kind))).percent == 100
    assert completeness(fill(blank(kind))).next_field is None


@pytest.mark.parametrize("kind", KINDS)
def test_every_missing_fact_that_counts_is_below_a_hundred_and_is_the_next(kind: OrganizationKind) -> None:
    for field in fields_of(kind):
        found = completeness(fill(blank(kind), leave=field.name))
        assert (found.percent < 100) is bool(field.weight)
        assert (found.next_field is field) is bool(field.weight)


@pytest.mark.parametrize("kind", KINDS)
def test_what_counts_says_what_it_unlocks_and_the_most_valuable_comes_first(kind: OrganizationKind) -> None:
    missing = completeness(blank(kind)).missing

    assert all(field.unlocks for field in missing)
    assert [field.weight for field in missing] == sorted((field.weight for field in missing), reverse=True)


def test_zero_is_an_answer() -> None:
    profile = EnterpriseProfile(kind=OrganizationKind.ENTERPRISE, revenue_yuan=0)

    assert "revenue_yuan" not in [field.name for field in completeness(profile).missing]


def test_a_name_is_found_by_pinyin_and_by_initials() -> None:
    assert sort_key("星河科技") == "xinghekeji xhkj"
    assert len(sort_key("长" * 160)) <= 240
