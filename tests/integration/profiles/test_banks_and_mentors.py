"""Banks and mentors come in, fill in who they are, are checked, and stand in their directories."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from matchhub.accounts.enums import OrganizationKind, OrganizationStatus
from matchhub.accounts.models import Membership, Organization
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.texts import current_text, TextKind
from matchhub.core.web import App
from matchhub.profiles.enums import ProfileState
from matchhub.profiles.models import BankProfile, MentorProfile, Profile
from matchhub.profiles.queries import profile_of
from tests.cast import Browser, Cast, stored
from tests.integration.accounts.conftest import code_of
from tests.integration.profiles.conftest import in_state

SignIn = Callable[[Membership], FlaskClient]
BANK_STEPS: dict[int, dict[str, Any]] = {
    1: {
        "bank_type": "city", "branch": "鄂城支行", "districts_served": ["420704", "EZ-GD"], "region_code": "420704",
        "one_liner": "给科技企业的信用贷款", "summary": "有发明专利的企业，三个工作日答复。",
    },
    2: {"account_managers": "沈默\n 沈默 \n\n江柳", "contact_name": "沈默", "contact_mobile": "13800000009"},
}  # fmt: skip
MENTOR_STEPS: dict[int, dict[str, Any]] = {
    1: {
        "category": "management", "topics": ["fundraising", "ip"], "industries": ["new_materials"],
        "one_liner": "帮过 12 家企业完成首轮融资", "summary": "做过两家企业的创始人。",
    },
    2: {
        "employer_kind": "university", "employer": "鄂州金丝雀大学", "post": "副教授", "years": "12",
        "interests": "持有竹隐材料 3% 股份",
    },
    3: {"contact_name": "顾川", "contact_mobile": "13800000008", "contact_email": ""},
}  # fmt: skip


def newcomer(app: App, kind: str, **more: str) -> tuple[FlaskClient, int]:
    """Somebody who has just registered an organization, and its id."""
    ids = "-".join(str(current_text(db.session(), k, utcnow()).id) for k in (TextKind.TERMS, TextKind.PRIVACY))
    client = Browser(app, app.response_class, use_cookies=True)
    data = {
        "uscc": code_of("91420704MA4KX1AB0"), "region": "420704", "kind": kind, "name": "鄂州梧桐银行有限公司",
        "person": "沈默", "address": "shen@wutong.example", "password": "River-Stone-2026", "texts": ids, "accept": "y",
        **more,
    }  # fmt: skip
    response = client.post("/registration", data=data)
    assert response.status_code == 302, response.text
    row = db.session.scalars(select(Organization).where(Organization.name == data["name"])).one()
    return client, row.id


def fill(client: FlaskClient, organization_id: int, steps: dict[int, dict[str, Any]]) -> None:
    for number, values in steps.items():
        db.session.rollback()
        profile = profile_of(db.session(), organization_id)
        assert profile is not None
        response = client.post(f"/profile/steps/{number}", data={"version": str(profile.version), **values})
        assert response.status_code == 302, response.text


@pytest.mark.parametrize(
    ("kind", "typed", "steps", "model", "path"),
    [
        ("bank", {}, BANK_STEPS, BankProfile, "/banks"),
        ("mentor", {"uscc": "", "without_code": "1", "name": "梅知远"}, MENTOR_STEPS, MentorProfile, "/mentors"),
    ],
)  # fmt: skip
def test_one_registers_fills_in_is_checked_and_is_listed(
    kind: str, typed: dict[str, str], steps: dict[int, dict[str, Any]], model: type[Profile], path: str,
    app: App, people: Cast, sign_in: SignIn,
) -> None:  # fmt: skip
    client, organization_id = newcomer(app, kind, **typed)
    profile = profile_of(db.session(), organization_id)
    assert isinstance(profile, model) and profile.state is ProfileState.DRAFT
    profile_id, name = profile.id, profile.organization.name

    assert client.post("/profile/submission").status_code == 422  # nothing is filled in yet
    fill(client, organization_id, steps)
    assert client.post("/profile/submission").status_code == 302
    officer = sign_in(people.echeng)
    assert officer.post(f"/reviews/organization/{organization_id}/approval").status_code == 302
    assert officer.post(f"/reviews/profile/{profile_id}/approval").status_code == 302

    assert stored(model, profile_id, lambda p: p.state) is ProfileState.PUBLISHED
    listed = sign_in(people.xinghe).get(path).text
    assert name in listed and steps[1]["one_liner"] in listed
    assert sign_in(people.xinghe).get(f"{path}/{organization_id}").status_code == 200


def test_the_administration_is_no_kind_to_register(app: App, people: Cast) -> None:
    ids = "-".join(str(current_text(db.session(), k, utcnow()).id) for k in (TextKind.TERMS, TextKind.PRIVACY))
    client = Browser(app, app.response_class, use_cookies=True)
    response = client.post(
        "/registration",
        data={
            "uscc": code_of("91420704MA4KX1AB0"), "region": "420704", "kind": "bureau", "name": "假的局", "person": "甲乙",
            "address": "a@b.example", "password": "River-Stone-2026", "texts": ids, "accept": "y",
        },
    )  # fmt: skip

    assert response.status_code == 422
    assert db.session.scalar(select(Organization.id).where(Organization.name == "假的局")) is None


def test_account_managers_are_lines_without_doubles(profiles: Cast, sign_in: SignIn) -> None:
    client, organization_id = sign_in(profiles.bank), profiles.bank.organization_id
    fill(client, organization_id, BANK_STEPS)

    found = profile_of(db.session(), organization_id)
    assert isinstance(found, BankProfile) and found.account_managers == ["沈默", "江柳"]
    assert found.districts_served == ["420704", "EZ-GD"]


def test_too_many_lines_are_refused_and_kept_on_the_page(profiles: Cast, sign_in: SignIn) -> None:
    profile = profile_of(db.session(), profiles.bank.organization_id)
    assert profile is not None
    response = sign_in(profiles.bank).post(
        "/profile/steps/2",
        data={"version": str(profile.version), "account_managers": "\n".join(f"经理{i}" for i in range(51))},
    )

    assert response.status_code == 422
    assert "最多 50 行" in response.text and "经理50" in response.text


def test_only_districts_of_the_city_are_served(profiles: Cast, sign_in: SignIn) -> None:
    profile = profile_of(db.session(), profiles.bank.organization_id)
    assert profile is not None
    response = sign_in(profiles.bank).post(
        "/profile/steps/1", data={"version": str(profile.version), "districts_served": ["110108"]}
    )

    assert response.status_code == 422 and "请从列表里选" in response.text


def test_a_mentor_cannot_write_its_own_registration(profiles: Cast, sign_in: SignIn) -> None:
    client, organization_id = sign_in(profiles.mentor), profiles.mentor.organization_id
    steps = {1: {**MENTOR_STEPS[1], "registered_until": "2030-01-01", "registration_number": "EZ-0001"}}
    fill(client, organization_id, steps)

    found = profile_of(db.session(), organization_id)
    assert isinstance(found, MentorProfile)
    assert (found.registered_until, found.registration_number, found.topics) == (None, "", ["fundraising", "ip"])


@pytest.fixture
def mentor(profiles: Cast, sign_in: SignIn) -> Cast:
    """顾川 is published and registered."""
    fill(sign_in(profiles.mentor), profiles.mentor.organization_id, MENTOR_STEPS)
    profile_id = in_state(profiles.mentor.organization_id, ProfileState.PUBLISHED)
    with unit_of_work() as session:
        row = session.get_one(MentorProfile, profile_id)
        row.registered_until, row.registration_number = date(2029, 6, 30), "EZ-2026-0007"
    return profiles


HIDDEN_FROM_VISITORS = ("金丝雀大学", "副教授", "EZ-2026-0007", "做过两家企业", "13800000008", "竹隐材料")


@pytest.mark.parametrize("page", ["/mentors", "/mentors/{id}"])
def test_a_visitor_reads_of_a_mentor_what_is_public_and_no_more(page: str, mentor: Cast, app: App) -> None:
    visitor = Browser(app, app.response_class, use_cookies=True)
    text = visitor.get(page.format(id=mentor.mentor.organization_id)).text

    assert all(word in text for word in ("顾川", "融资与路演", "高校", "2029年6月30日"))
    assert not any(word in text for word in HIDDEN_FROM_VISITORS)
    assert "导出" not in text and "投诉" not in text


def test_a_member_reads_more_but_neither_contact_nor_interests(mentor: Cast, sign_in: SignIn) -> None:
    text = sign_in(mentor.xinghe).get(f"/mentors/{mentor.mentor.organization_id}").text

    assert all(word in text for word in ("金丝雀大学", "副教授", "EZ-2026-0007", "做过两家企业"))
    assert "竹隐材料" not in text and "13800000008" not in text


@pytest.mark.parametrize(
    ("who", "reads"), [("mentor", True), ("echeng", True), ("gedian_officer", False), ("bank", False)]
)
def test_declared_interests_are_for_those_who_check(who: str, reads: bool, mentor: Cast, sign_in: SignIn) -> None:
    text = sign_in(getattr(mentor, who)).get(f"/mentors/{mentor.mentor.organization_id}").text

    assert ("竹隐材料" in text) is reads


@pytest.mark.parametrize("change", ["opted_out", "draft", "unverified"])
def test_who_is_not_public_is_not_there_for_visitors(change: str, mentor: Cast, app: App) -> None:
    visitor, page = Browser(app, app.response_class, use_cookies=True), f"/mentors/{mentor.mentor.organization_id}"
    assert visitor.get(page).status_code == 200  # the control
    with unit_of_work() as session:
        profile = profile_of(session, mentor.mentor.organization_id)
        assert isinstance(profile, MentorProfile)
        if change == "opted_out":
            profile.hides_from_public = True
        elif change == "draft":
            profile.state = ProfileState.DRAFT
        else:
            profile.organization.status = OrganizationStatus.PENDING

    assert visitor.get(page).status_code == 404
    assert "顾川" not in visitor.get("/mentors").text
    assert visitor.get(page).status_code == visitor.get("/mentors/999999").status_code


def test_a_mentor_opts_out_on_the_form_and_members_still_find_it(mentor: Cast, app: App, sign_in: SignIn) -> None:
    fill(sign_in(mentor.mentor), mentor.mentor.organization_id, {3: {**MENTOR_STEPS[3], "hides_from_public": "y"}})

    assert "顾川" not in Browser(app, app.response_class, use_cookies=True).get("/mentors").text
    assert "顾川" in sign_in(mentor.xinghe).get("/mentors").text


def test_visitors_get_no_excel(mentor: Cast, app: App) -> None:
    response = Browser(app, app.response_class, use_cookies=True).get("/mentors?format=xlsx")

    assert response.mimetype == "text/html"


@pytest.mark.parametrize(
    ("path", "query", "found"),
    [
        ("/mentors", {"topics": "fundraising"}, True), ("/mentors", {"topics": "fund_aising"}, False),
        ("/mentors", {"topics": "legal"}, False), ("/mentors", {"category": "management"}, True),
        ("/mentors", {"category": "finance"}, False), ("/mentors", {"industry": "new_materials"}, True),
        ("/mentors", {"q": "guchuan"}, True), ("/mentors", {"q": "gc"}, True), ("/mentors", {"q": "guchan"}, True),
        ("/mentors", {"q": "guhai"}, False),
    ],
)  # fmt: skip
def test_mentors_are_found_by_what_is_asked(
    path: str, query: dict[str, str], found: bool, mentor: Cast, sign_in: SignIn
) -> None:
    text = sign_in(mentor.xinghe).get(path, query_string=query).text

    assert (f"/mentors/{mentor.mentor.organization_id}" in text) is found


@pytest.mark.parametrize(("query", "found"), [("EZ-GD", True), ("420703", False)])
def test_banks_are_found_by_the_district_they_serve(query: str, found: bool, profiles: Cast, sign_in: SignIn) -> None:
    fill(sign_in(profiles.bank), profiles.bank.organization_id, BANK_STEPS)
    in_state(profiles.bank.organization_id, ProfileState.PUBLISHED)
    text = sign_in(profiles.xinghe).get(f"/banks?districts_served={query}").text

    assert ("江城银行" in text) is found
    assert "沈默" not in text


@pytest.mark.parametrize("kind", [kind for kind in OrganizationKind if kind is not OrganizationKind.BUREAU])
def test_every_kind_opens_every_step(kind: OrganizationKind, profiles: Cast, sign_in: SignIn) -> None:
    from matchhub.profiles.queries import steps_of  # noqa: PLC0415

    who = {"enterprise": "xinghe", "investor": "yuanshan", "carrier": "binjiang"}.get(kind.value, kind.value)
    client = sign_in(getattr(profiles, who))

    assert client.get("/profile").status_code == 200
    assert [client.get(f"/profile/steps/{step.number}").status_code for step in steps_of(kind)] == [200] * len(
        steps_of(kind)
    )
