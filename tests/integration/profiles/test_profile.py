"""The own profile: seen, filled step by step, kept as a draft, submitted, decided."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from matchhub.accounts.models import Membership, Organization
from matchhub.core import errors
from matchhub.core.audit import AuditEvent
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.profiles import services
from matchhub.profiles.enums import ProfileState
from matchhub.profiles.models import EnterpriseProfile, InvestorProfile, PastRound, Profile, Qualification
from matchhub.profiles.queries import differences, profile_of
from tests.cast import Cast, stored
from tests.integration.profiles.conftest import actor_of, in_state

SignIn = Callable[[Membership], FlaskClient]


def version_of(organization_id: int) -> str:
    with unit_of_work() as session:
        profile = profile_of(session, organization_id)
        assert profile is not None
        return str(profile.version)


def id_of(organization_id: int) -> int:
    profile = profile_of(db.session(), organization_id)
    assert profile is not None
    return profile.id


def test_registration_makes_one_draft_however_often_it_is_told(people: Cast) -> None:
    with unit_of_work():
        first = services.ensure_profile(people.xinghe.organization, now=utcnow())
        again = services.ensure_profile(people.xinghe.organization, now=utcnow())

    assert first is again and first is not None and first.state is ProfileState.DRAFT


def test_the_own_profile_names_the_next_field_and_what_it_unlocks(profiles: Cast, sign_in: SignIn) -> None:
    page = sign_in(profiles.xinghe).get("/profile").text

    assert "补「研发费用」" in page and "补上后可与科技类产品比对" in page


@pytest.mark.parametrize("path", ["/profile", "/profile/steps/1", "/profile/steps/2", "/attachments"])
def test_every_kind_can_open_its_pages(path: str, profiles: Cast, sign_in: SignIn) -> None:
    for member in (profiles.xinghe, profiles.yuanshan, profiles.binjiang):
        assert sign_in(member).get(path).status_code == 200


def test_an_officer_has_no_profile_to_open(profiles: Cast, sign_in: SignIn) -> None:
    assert sign_in(profiles.city).get("/profile").status_code == 404


def test_a_step_is_saved_in_yuan_and_leads_to_the_next(profiles: Cast, sign_in: SignIn) -> None:
    organization_id = profiles.xinghe.organization_id
    response = sign_in(profiles.xinghe).post(
        "/profile/steps/3",
        data={
            "version": version_of(organization_id), "revenue_yuan": "1,200", "rd_expense_yuan": "85.5",
            "qualifications": ["hnte"], "number_hnte": "GR202642000001", "until_hnte": "2029-11-01",
        },
    )  # fmt: skip

    assert response.status_code == 302 and response.location == "/profile/steps/4"
    found = stored(EnterpriseProfile, id_of(organization_id), lambda p: (p.revenue_yuan, p.rd_expense_yuan))
    assert found == (12_000_000, 855_000)
    certificate = db.session.scalars(select(Qualification)).one()
    assert (certificate.code, certificate.certificate_number) == ("hnte", "GR202642000001")


def test_a_wrong_value_is_answered_beside_its_field_and_nothing_typed_is_lost(profiles: Cast, sign_in: SignIn) -> None:
    organization_id = profiles.xinghe.organization_id
    response = sign_in(profiles.xinghe).post(
        "/profile/steps/3",
        data={"version": version_of(organization_id), "revenue_yuan": "很多", "rd_expense_yuan": "85"},
    )

    assert response.status_code == 422
    assert 'value="很多"' in response.text and 'value="85"' in response.text and "error-summary" in response.text
    assert stored(EnterpriseProfile, id_of(organization_id), lambda p: p.rd_expense_yuan) is None


def test_fields_of_another_step_or_of_nobody_are_not_taken(profiles: Cast, sign_in: SignIn) -> None:
    organization_id = profiles.xinghe.organization_id
    sign_in(profiles.xinghe).post(
        "/profile/steps/2",
        data={
            "version": version_of(organization_id), "summary": "新", "state": "published", "carrier_id": "1",
            "code_name": "x", "one_liner": "另一步",
        },
    )  # fmt: skip

    found = stored(EnterpriseProfile, id_of(organization_id), lambda p: (p.state, p.code_name, p.one_liner, p.summary))
    assert found == (ProfileState.DRAFT, "", "碳纤维轻量化部件", "新")


def test_a_page_that_was_saved_elsewhere_shows_both_versions(profiles: Cast, sign_in: SignIn) -> None:
    old = version_of(profiles.xinghe.organization_id)
    client = sign_in(profiles.xinghe)
    client.post("/profile/steps/2", data={"version": old, "summary": "别处的话"})

    response = client.post("/profile/steps/2", data={"version": old, "summary": "这里的话"})

    assert response.status_code == 409
    assert "别处的话" in response.text and "这里的话" in response.text
    assert stored(Profile, id_of(profiles.xinghe.organization_id), lambda p: p.summary) == "别处的话"


def test_a_draft_is_kept_beside_the_facts_and_shown_again(profiles: Cast, sign_in: SignIn) -> None:
    organization_id = profiles.xinghe.organization_id
    client = sign_in(profiles.xinghe)
    response = client.post(
        "/profile/steps/3/draft", data={"version": version_of(organization_id), "revenue_yuan": "半句"}
    )

    assert response.status_code == 200 and f'value="{version_of(organization_id)}"' in response.text
    assert stored(EnterpriseProfile, id_of(organization_id), lambda p: p.revenue_yuan) is None
    assert "半句" in client.get("/profile/steps/3").text


def test_a_draft_of_an_old_page_is_refused(profiles: Cast, sign_in: SignIn) -> None:
    response = sign_in(profiles.xinghe).post("/profile/steps/3/draft", data={"version": "0", "revenue_yuan": "1"})

    assert response.status_code == 409


def test_what_is_missing_is_named_on_submission(profiles: Cast, sign_in: SignIn) -> None:
    response = sign_in(profiles.yuanshan).post("/profile/submission")

    assert response.status_code == 422 and "机构类型" in response.text
    assert stored(Profile, id_of(profiles.yuanshan.organization_id), lambda p: p.state) is ProfileState.DRAFT


def test_a_complete_profile_is_submitted_once(profiles: Cast, sign_in: SignIn) -> None:
    client = sign_in(profiles.xinghe)

    assert client.post("/profile/submission").status_code == 302
    assert client.post("/profile/submission").status_code == 409
    assert stored(Profile, id_of(profiles.xinghe.organization_id), lambda p: p.state) is ProfileState.SUBMITTED


def test_the_carrier_publishes_its_firm_and_the_code_name_is_set_once(profiles: Cast) -> None:
    profile_id = in_state(profiles.xinghe.organization_id, ProfileState.SUBMITTED)
    with unit_of_work() as session:
        profile = session.get_one(EnterpriseProfile, profile_id)
        services.publish_profile(profile, actor=actor_of(profiles.binjiang), now=utcnow())

    assert stored(EnterpriseProfile, profile_id, lambda p: (p.state, p.code_name)) == (
        ProfileState.PUBLISHED,
        "新材料-0001",
    )


def test_code_names_are_not_used_again(profiles: Cast) -> None:
    names = []
    for member in (profiles.xinghe, profiles.qingtian):
        profile_id = in_state(member.organization_id, ProfileState.SUBMITTED)
        with unit_of_work() as session:
            profile = session.get_one(EnterpriseProfile, profile_id)
            profile.lead_industry = "new_materials"
            services.publish_profile(profile, actor=actor_of(profiles.city), now=utcnow())
            names.append(profile.code_name)
            profile.code_name = ""

    assert names == ["新材料-0001", "新材料-0002"]


@pytest.mark.parametrize("who", ["gedian", "gedian_officer", "xinghe", "yuanshan", "administrator", "auditor"])
def test_nobody_out_of_scope_decides_about_a_profile(who: str, profiles: Cast) -> None:
    profile_id = in_state(profiles.xinghe.organization_id, ProfileState.SUBMITTED)
    with pytest.raises(errors.Forbidden), unit_of_work() as session:
        services.publish_profile(
            session.get_one(EnterpriseProfile, profile_id), actor=actor_of(getattr(profiles, who)), now=utcnow()
        )

    assert stored(Profile, profile_id, lambda p: p.state) is ProfileState.SUBMITTED


def test_a_carrier_operator_reviews_no_investor_but_the_officer_does(profiles: Cast) -> None:
    profile_id = in_state(profiles.yuanshan.organization_id, ProfileState.SUBMITTED)
    with pytest.raises(errors.Forbidden), unit_of_work() as session:
        services.publish_profile(
            session.get_one(InvestorProfile, profile_id), actor=actor_of(profiles.binjiang), now=utcnow()
        )
    with unit_of_work() as session:
        services.publish_profile(
            session.get_one(InvestorProfile, profile_id), actor=actor_of(profiles.echeng), now=utcnow()
        )

    assert stored(Profile, profile_id, lambda p: p.state) is ProfileState.PUBLISHED


def test_a_return_needs_a_reason_and_the_firm_reads_it(profiles: Cast, sign_in: SignIn) -> None:
    profile_id = in_state(profiles.xinghe.organization_id, ProfileState.SUBMITTED)
    with pytest.raises(errors.Invalid), unit_of_work() as session:
        services.return_profile(
            session.get_one(Profile, profile_id), reason=" ", actor=actor_of(profiles.binjiang), now=utcnow()
        )
    with unit_of_work() as session:
        services.return_profile(
            session.get_one(Profile, profile_id), reason="补地址", actor=actor_of(profiles.binjiang), now=utcnow()
        )

    assert "补地址" in sign_in(profiles.xinghe).get("/profile").text


def test_editing_a_published_profile_keeps_it_published_and_names_the_fields(profiles: Cast, sign_in: SignIn) -> None:
    organization_id = profiles.xinghe.organization_id
    profile_id = in_state(organization_id, ProfileState.PUBLISHED)
    sign_in(profiles.xinghe).post(
        "/profile/steps/1",
        data={"version": version_of(organization_id), "one_liner": "改了", "industries": ["energy"], "stage": "seed"},
    )

    assert stored(Profile, profile_id, lambda p: (p.state, p.lead_industry)) == (ProfileState.PUBLISHED, "energy")
    trail = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "profile:edit")).all()[-1]
    assert "industries" in trail.details["identity"] and "one_liner" not in trail.details["identity"]
    assert "改了" not in str(trail.details)


def test_the_reviewer_sees_what_changed_since_the_last_decision(profiles: Cast) -> None:
    profile_id = in_state(profiles.xinghe.organization_id, ProfileState.SUBMITTED)
    with unit_of_work() as session:
        profile = session.get_one(EnterpriseProfile, profile_id)
        services.publish_profile(profile, actor=actor_of(profiles.city), now=utcnow())
        profile.revenue_yuan = 8_000_000
    rows = {label: (old, new) for label, old, new in differences(db.session.get_one(Profile, profile_id))}

    assert rows["上年收入"] == (None, "800 万元") and rows["行业"] == ("碳纤维与复合材料", "碳纤维与复合材料")


def test_an_investor_adds_and_removes_a_past_case(profiles: Cast, sign_in: SignIn) -> None:
    client = sign_in(profiles.yuanshan)
    assert client.post("/profile/rounds", data={"company_name": "", "closed_on": "2024-05-01"}).status_code == 422
    assert client.post("/profile/rounds", data={"company_name": "星图", "closed_on": "2024-05-01"}).status_code == 302
    row = db.session.scalars(select(PastRound)).one()
    row_id = row.id

    assert sign_in(profiles.beidou).post(f"/profile/rounds/{row_id}/removal").status_code == 404
    assert client.post(f"/profile/rounds/{row_id}/removal").status_code == 302
    db.session.rollback()
    assert db.session.scalars(select(PastRound)).all() == []


def test_a_viewer_of_the_firm_reads_but_does_not_write(profiles: Cast, sign_in: SignIn) -> None:
    from matchhub.accounts.enums import Role  # noqa: PLC0415

    with unit_of_work() as session:
        session.get_one(Membership, profiles.xinghe.id).role = Role.VIEWER
    client = sign_in(profiles.xinghe)

    assert client.get("/profile/steps/1").status_code == 200
    assert client.post("/profile/steps/2", data={"version": "1", "summary": "x"}).status_code == 403
    assert client.post("/profile/steps/2/draft", data={"version": "1", "summary": "x"}).status_code == 403
    assert client.post("/profile/submission").status_code == 403


def test_a_firm_without_a_district_gets_the_one_it_was_reviewed_in(profiles: Cast) -> None:
    profile_id = in_state(profiles.xinghe.organization_id, ProfileState.SUBMITTED)
    organization_id = profiles.xinghe.organization_id
    with unit_of_work() as session:
        session.get_one(Organization, organization_id).district_code = None
        services.publish_profile(
            session.get_one(EnterpriseProfile, profile_id), actor=actor_of(profiles.city), now=utcnow()
        )

    assert stored(Organization, organization_id, lambda o: o.district_code) == "420704"
