"""Organizations come in: registered, claimed, asked to be joined, checked."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchhub.accounts import services
from matchhub.accounts.enums import MembershipState, OrganizationKind, OrganizationStatus, Role
from matchhub.accounts.models import Membership, Organization, OrganizationName, TextAcceptance
from matchhub.accounts.queries import organizations_to_verify
from matchhub.core import errors
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.outbox import Notice
from matchhub.core.policy import Actor
from tests.cast import Browser, Cast, stored
from tests.integration.accounts.conftest import code_of, found_user


def acting(membership: Membership) -> Actor:
    m = db.session.get_one(Membership, membership.id)
    o = m.organization
    return Actor(
        user_id=m.user_id, membership_id=m.id, organization_id=o.id, organization_kind=o.kind.value, role=m.role.value,
        organization_verified=o.is_verified, region_code=m.region_code, district_code=o.district_code,
    )  # fmt: skip


def organization_of(uscc: str | None = None, name: str | None = None) -> Organization | None:
    with Session(db.engine) as session:
        condition = Organization.uscc == uscc if uscc else Organization.name == name
        return session.scalar(select(Organization).where(condition))


def memberships_in(organization_id: int) -> list[tuple[Role, MembershipState]]:
    with Session(db.engine) as session:
        mine = select(Membership).where(Membership.organization_id == organization_id).order_by(Membership.id)
        rows = session.scalars(mine)
        return [(row.role, row.state) for row in rows]


def imported(uscc: str, status: OrganizationStatus = OrganizationStatus.UNVERIFIED) -> int:
    with unit_of_work() as session:
        organization = Organization(
            kind=OrganizationKind.ENTERPRISE, name="鄂州旧名单有限公司", uscc=uscc, status=status, is_claimed=False,
            region_code="420704", district_code="420704",
        )  # fmt: skip
        session.add(organization)
        session.flush()
        return organization.id


def test_an_organization_registers_and_waits(stranger: Browser, people: Cast, registration: dict[str, str]) -> None:
    response = stranger.post("/registration", data=registration)

    assert response.headers["Location"] == "/waiting"
    organization = organization_of(registration["uscc"])
    assert organization is not None
    assert (organization.status, organization.district_code) == (OrganizationStatus.PENDING, "420704")
    assert memberships_in(organization.id) == [(Role.OWNER, MembershipState.ACTIVE)]
    page = stranger.get("/waiting").text
    assert "正在核验，最晚" in page and "可先填资料" in page
    user = found_user(registration["address"])
    with Session(db.engine) as session:
        assert user and len(session.scalars(select(TextAcceptance).where(TextAcceptance.user_id == user.id)).all()) == 2


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("uscc", "91420704OA4KX1AB0X", "第 9 位是字母 O，应为数字 0？"),
        ("uscc", "9142070", "应为 18 位"),
        ("uscc", code_of("91420704MA4KX1AB0")[:-1] + "#", "第 18 位"),
        ("password", "short", "密码至少 10 位"),
        ("password", "Password@123", "这个密码太常见"),
        ("password", "zhou-Qinghe-1", "密码里不要含有自己的"),
        ("password", "alllowercaseletters", "至少用三种"),
        ("address", "not an address", "填写 11 位手机号"),
        ("accept", "", "请先阅读并同意"),
        ("texts", "1", "条款有更新"),
        ("name", " ", "填写机构名称"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_stored(
    stranger: Browser, people: Cast, registration: dict[str, str], field: str, value: str, words: str
) -> None:
    response = stranger.post("/registration", data={**registration, field: value})
    assert response.status_code == 422 and words in response.text
    assert found_user(registration["address"]) is None
    assert "鄂州青禾生物有限公司" in response.text or field == "name"


def test_a_known_address_is_not_taken_over(stranger: Browser, people: Cast, registration: dict[str, str]) -> None:
    for typed in ("xinghe@xinghe.example", " XINGHE@XINGHE.example", "ｘinghe@xinghe.example"):
        response = stranger.post("/registration", data={**registration, "address": typed})
        assert response.status_code == 422 and "用这个联系方式不能注册，请登录或找回密码" in response.text
    assert organization_of(registration["uscc"]) is None


def test_a_team_registers_without_a_code(stranger: Browser, people: Cast, registration: dict[str, str]) -> None:
    data = {**registration, "uscc": "", "without_code": "1", "region": "EZ-GD", "name": "青禾团队"}
    assert stranger.post("/registration", data=data).status_code == 302
    organization = organization_of(name="青禾团队")
    assert organization and organization.uscc is None and organization.district_code == "EZ-GD"


def test_a_region_or_kind_that_is_not_offered_is_not_taken(
    stranger: Browser, people: Cast, registration: dict[str, str]
) -> None:
    assert stranger.post("/registration", data={**registration, "kind": "bureau"}).status_code == 422
    data = {**registration, "uscc": "", "without_code": "1", "region": "<b>"}
    assert stranger.post("/registration", data=data).status_code == 302
    organization = organization_of(name=registration["name"])
    assert organization and organization.region_code is None


@pytest.mark.parametrize(
    ("code", "picked", "district"),
    [
        ("91420704MA4KX1AB0", "", "420704"),
        ("91420704MA4KX1AB0", "EZ-GD", "EZ-GD"),
        ("91420700MA4KX1AB0", "EZ-LK", "EZ-LK"),
        ("91420700MA4KX1AB0", "420702", "420702"),
        ("91420106MA4KX1AB0", "", None),
    ],
)
def test_a_firm_comes_under_the_district_or_zone_that_it_picks(
    stranger: Browser, people: Cast, registration: dict[str, str], code: str, picked: str, district: str | None
) -> None:
    data = {**registration, "uscc": code_of(code), "region": picked}

    assert stranger.post("/registration", data=data).status_code == 302

    organization = organization_of(data["uscc"])
    assert organization and organization.district_code == district
    if district == "EZ-GD":
        assert organization.id in [
            o.id for o in db.session.scalars(organizations_to_verify(acting(people.gedian_officer)))
        ]


@pytest.mark.parametrize(
    ("code", "picked"),
    [
        ("91420700MA4KX1AB0", ""),
        ("91420700MA4KX1AB0", "420106"),
        ("91420106MA4KX1AB0", "EZ-GD"),
        ("91420704MA4KX1AB0", "other"),
    ],
)
def test_a_district_must_be_one_of_the_city_and_the_code_too(
    stranger: Browser, people: Cast, registration: dict[str, str], code: str, picked: str
) -> None:
    data = {**registration, "uscc": code_of(code), "region": picked}

    response = stranger.post("/registration", data=data)

    assert response.status_code == 422 and "所在区" in response.text
    assert organization_of(data["uscc"]) is None and found_user(data["address"]) is None


def test_the_district_is_asked_for_where_the_code_is_of_this_city(stranger: Browser, people: Cast) -> None:
    asked = {
        body: 'name="region"' in stranger.get("/registration/code", query_string={"uscc": code_of(body)}).text
        for body in ("91420700MA4KX1AB0", "91420704MA4KX1AB0", "91420106MA4KX1AB0")
    }
    assert asked == {"91420700MA4KX1AB0": True, "91420704MA4KX1AB0": True, "91420106MA4KX1AB0": False}


def test_the_code_is_answered_while_typing_and_names_nobody(
    stranger: Browser, people: Cast, registration: dict[str, str]
) -> None:
    code = registration["uscc"]
    assert "鄂城区" in stranger.get("/registration/code", query_string={"uscc": code}).text
    stranger.post("/registration", data=registration)
    answer = stranger.get("/registration/code", query_string={"uscc": code}).text
    assert "可申请加入" in answer and registration["name"] not in answer


def test_asking_to_join_waits_for_the_owner(
    stranger: Browser, people: Cast, registration: dict[str, str], another: Callable
) -> None:
    owner, code = another(), registration["uscc"]
    owner.post("/registration", data=registration)
    newcomer = {**registration, "address": "13900001111", "person": "吴越", "name": "x"}
    assert stranger.post("/registration", data=newcomer).status_code == 422
    assert stranger.post("/registration", data={**newcomer, "join": "1"}).headers["Location"] == "/waiting"
    organization = organization_of(code)
    assert organization is not None
    assert memberships_in(organization.id)[1] == (Role.EDITOR, MembershipState.REQUESTED)
    assert "等负责人同意" in stranger.get("/waiting").text
    assert stranger.get("/colleagues").status_code == 403
    with Session(db.engine) as session:
        asked = session.scalar(select(Membership).where(Membership.state == MembershipState.REQUESTED))
        assert session.scalar(select(Notice.kind).where(Notice.kind == "join_requested"))
    assert asked is not None
    assert stranger.post(f"/colleagues/{asked.id}/acceptance").status_code == 404
    assert owner.post(f"/colleagues/{asked.id}/acceptance").status_code == 302
    assert owner.post(f"/colleagues/{asked.id}/refusal").status_code == 409
    assert stored(Membership, asked.id, lambda m: m.state) is MembershipState.ACTIVE


def test_an_imported_organization_is_claimed_only_after_it_was_checked(
    stranger: Browser, people: Cast, registration: dict[str, str], sign_in: Callable
) -> None:
    identity = imported(registration["uscc"])
    assert stranger.post("/registration", data=registration).status_code == 302
    assert memberships_in(identity) == [(Role.OWNER, MembershipState.REQUESTED)]
    assert stranger.get("/colleagues").status_code == 403
    assert "可申请加入" in stranger.get("/registration/code", query_string={"uscc": registration["uscc"]}).text

    officer = acting(people.echeng)
    assert db.session.scalars(organizations_to_verify(officer)).all() != []
    with unit_of_work() as session:
        services.verify_organization(session.get_one(Organization, identity), actor=officer, now=utcnow())
    assert memberships_in(identity) == [(Role.OWNER, MembershipState.ACTIVE)]
    assert stored(Organization, identity, lambda o: (o.is_claimed, o.status)) == (True, OrganizationStatus.VERIFIED)


def test_a_refused_claim_leaves_the_import_as_it_was(
    stranger: Browser, people: Cast, registration: dict[str, str]
) -> None:
    identity = imported(registration["uscc"], OrganizationStatus.VERIFIED)
    stranger.post("/registration", data=registration)
    officer = acting(people.echeng)
    with pytest.raises(errors.Invalid), unit_of_work() as session:
        services.reject_organization(session.get_one(Organization, identity), reason=" ", actor=officer, now=utcnow())
    with unit_of_work() as session:
        services.reject_organization(
            session.get_one(Organization, identity), reason="不是本人", actor=officer, now=utcnow()
        )
    assert stored(Organization, identity, lambda o: (o.is_claimed, o.status)) == (False, OrganizationStatus.VERIFIED)
    assert memberships_in(identity) == [(Role.OWNER, MembershipState.REFUSED)]


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("echeng", True), ("city", True), ("administrator", True), ("binjiang", True),
        ("gedian_officer", False), ("gedian", False), ("yuanshan", False), ("auditor", False), ("xinghe", False),
    ],
)  # fmt: skip
def test_who_may_check_an_enterprise_of_echeng(
    stranger: Browser, people: Cast, registration: dict[str, str], who: str, may: bool
) -> None:
    stranger.post("/registration", data=registration)
    organization = organization_of(registration["uscc"])
    assert organization is not None
    actor = acting(getattr(people, who))
    listed = [row.id for row in db.session.scalars(organizations_to_verify(actor))]
    assert (organization.id in listed) is may
    if may:
        with unit_of_work() as session:
            services.verify_organization(session.get_one(Organization, organization.id), actor=actor, now=utcnow())
    else:
        with pytest.raises(errors.Forbidden), unit_of_work() as session:
            services.verify_organization(session.get_one(Organization, organization.id), actor=actor, now=utcnow())
    verified = stored(Organization, organization.id, lambda o: o.status is OrganizationStatus.VERIFIED)
    assert verified is may


def test_nobody_checks_the_own_organization(stranger: Browser, people: Cast, registration: dict[str, str]) -> None:
    stranger.post("/registration", data=registration)
    organization = organization_of(registration["uscc"])
    assert organization is not None
    with unit_of_work() as session:
        session.add(Membership(user_id=people.city.user_id, organization_id=organization.id, role=Role.EDITOR))
    actor = acting(people.city)
    assert organization.id not in [row.id for row in db.session.scalars(organizations_to_verify(actor))]
    with pytest.raises(errors.Forbidden), unit_of_work() as session:
        services.verify_organization(session.get_one(Organization, organization.id), actor=actor, now=utcnow())


def test_a_refused_organization_can_be_handed_in_again(
    stranger: Browser, people: Cast, registration: dict[str, str]
) -> None:
    stranger.post("/registration", data=registration)
    organization = organization_of(registration["uscc"])
    assert organization is not None
    actor = acting(people.echeng)
    with unit_of_work() as session:
        row = session.get_one(Organization, organization.id)
        services.reject_organization(row, reason="名称与执照不符", actor=actor, now=utcnow())
    assert "名称与执照不符" in stranger.get("/waiting").text
    assert stranger.post("/organization/submission", data={"name": "鄂州青禾生物科技有限公司"}).status_code == 302
    assert stored(Organization, organization.id, lambda o: (o.status, o.name)) == (
        OrganizationStatus.PENDING, "鄂州青禾生物科技有限公司",
    )  # fmt: skip
    assert stranger.post("/organization/submission", data={"name": "又一个"}).status_code == 409


def test_merging_moves_people_code_and_names(people: Cast) -> None:
    keep, drop = people.xinghe.organization_id, people.qingtian.organization_id
    actor = acting(people.administrator)
    with unit_of_work() as session:
        session.get_one(Organization, drop).uscc = code_of("91420704MA4KX1AB0")
    with unit_of_work() as session:
        services.merge_organizations(
            session.get_one(Organization, keep), session.get_one(Organization, drop), actor=actor, now=utcnow()
        )
    assert stored(Organization, drop, lambda o: (o.status, o.merged_into_id)) == (OrganizationStatus.MERGED, keep)
    assert stored(Organization, keep, lambda o: o.uscc) == code_of("91420704MA4KX1AB0")
    assert len(memberships_in(keep)) == 2
    with Session(db.engine) as session:
        assert session.scalar(select(OrganizationName.name).where(OrganizationName.organization_id == keep))


def test_only_an_administrator_merges_and_only_the_same_kind(people: Cast) -> None:
    for who, other, error in (
        (people.city, people.qingtian, errors.Forbidden),
        (people.administrator, people.yuanshan, errors.Invalid),
    ):
        actor = acting(who)
        with pytest.raises(error), unit_of_work() as session:
            keep = session.get_one(Organization, people.xinghe.organization_id)
            services.merge_organizations(
                keep, session.get_one(Organization, other.organization_id), actor=actor, now=utcnow()
            )
