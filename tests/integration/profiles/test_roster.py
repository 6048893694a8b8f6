"""A carrier's roster: all or nothing, nothing twice, nothing that the file may not say."""

import io
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select

from matchhub.accounts.models import Membership, Organization
from matchhub.core.audit import AuditEvent
from matchhub.core.db import db, unit_of_work
from matchhub.core.sheets import read_rows, workbook
from matchhub.core.uploads import StoredFile
from matchhub.profiles.enums import ProfileState, ResidencyStatus
from matchhub.profiles.models import EnterpriseProfile, Residency
from matchhub.profiles.queries import open_residency_of, profile_of
from matchhub.profiles.services.roster import HEADER
from tests.cast import Cast

SignIn = Callable[[Membership], FlaskClient]
USCC = "91420700MA4F0R0K29"
GOOD: tuple[Any, ...] = (
    "鄂州云帆材料有限公司",
    None,
    "在孵",
    "2025-03-01",
    "碳纤维与复合材料",
    "初创期",
    "=1+1 的新写法",
    12,
    "李航",
    "+86 138 0000 1234",
)


def sheet(*rows: Any, header: Any = HEADER) -> bytes:
    return workbook("名册", header, rows)


def send(client: FlaskClient, content: bytes) -> Any:
    return client.post("/roster", data={"file": (io.BytesIO(content), "名册.xlsx")})


def count(model: type[Any]) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def firm_named(name: str) -> Organization:
    db.session.rollback()
    return db.session.scalars(select(Organization).where(Organization.name == name)).one()


def test_the_template_is_a_workbook_with_the_header(profiles: Cast, sign_in: SignIn) -> None:
    content = sign_in(profiles.binjiang).get("/roster/template.xlsx").data

    assert [*read_rows(content, max_rows=500, max_columns=12)[0]] == list(HEADER)


def test_a_preview_writes_nothing_and_applying_creates_firm_profile_and_residency(
    profiles: Cast, sign_in: SignIn
) -> None:
    client, before = sign_in(profiles.binjiang), count(Organization)
    response = send(client, sheet(GOOD))
    assert response.status_code == 302 and "云帆" in client.get(response.location).text
    assert count(Organization) == before

    assert client.post(response.location + "/application").status_code == 302
    firm = firm_named(GOOD[0])
    profile, residency = profile_of(db.session(), firm.id), open_residency_of(db.session(), firm.id)
    assert (firm.is_claimed, firm.is_verified, firm.district_code) == (False, True, "420704")
    assert isinstance(profile, EnterpriseProfile) and profile.carrier_id == profiles.binjiang.organization_id
    assert (profile.contact_mobile, profile.one_liner, profile.staff) == ("+86 138 0000 1234", "=1+1 的新写法", 12)
    assert profile.state is ProfileState.DRAFT and profile.industries == ["new_materials.carbon_fibre"]
    assert residency is not None and (residency.status, str(residency.entered_on)) == (
        ResidencyStatus.INCUBATING,
        "2025-03-01",
    )
    applied = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "roster:apply")).all()
    assert len(applied) == 1


def test_the_same_file_again_makes_no_doubles(profiles: Cast, sign_in: SignIn) -> None:
    client = sign_in(profiles.binjiang)
    for _ in range(2):
        place = send(client, sheet(GOOD)).location
        client.post(place + "/application")
        client.post(place + "/application")

    assert count(Residency) == 2 and firm_named(GOOD[0])


def test_one_wrong_cell_stops_the_whole_file_and_is_named_by_row_and_column(profiles: Cast, sign_in: SignIn) -> None:
    client, before = sign_in(profiles.binjiang), count(Organization)
    wrong = ("", "91420700MA4F0R0K2O", "毕业", "某天", "没有的行业", "", "", "很多", "", "电话")
    place = send(client, sheet(GOOD, wrong)).location
    page = client.get(place).text

    assert all(f">{label}<" in page for label in ("企业名称", "入驻状态", "入驻日期", "行业", "员工人数", "手机"))
    assert client.post(place + "/application").status_code == 422
    assert count(Organization) == before


def test_a_roster_cannot_take_a_firm_that_has_people_or_another_carrier(profiles: Cast, sign_in: SignIn) -> None:
    with unit_of_work() as session:
        session.get_one(Organization, profiles.xinghe.organization_id).uscc = USCC
    client = sign_in(profiles.gedian)
    place = send(client, sheet(("别的名字", USCC, "在孵"))).location

    assert client.post(place + "/application").status_code in (409, 422)
    residency = open_residency_of(db.session(), profiles.xinghe.organization_id)
    assert residency is not None and residency.carrier_id == profiles.binjiang.organization_id


def test_columns_that_the_template_lacks_are_refused(profiles: Cast, sign_in: SignIn) -> None:
    header = ("id", *HEADER)

    assert send(sign_in(profiles.binjiang), sheet((1, *GOOD), header=header)).status_code == 422


def test_two_lines_of_the_same_firm_are_named(profiles: Cast, sign_in: SignIn) -> None:
    client = sign_in(profiles.binjiang)
    place = send(client, sheet(GOOD, GOOD)).location

    assert "和第 2 行重复" in client.get(place).text


def test_nobody_reads_or_applies_the_roster_of_another_carrier(profiles: Cast, sign_in: SignIn) -> None:
    place = send(sign_in(profiles.binjiang), sheet(GOOD)).location
    other = sign_in(profiles.gedian)

    assert other.get(place).status_code == other.post(place + "/application").status_code == 404
    assert sign_in(profiles.xinghe).get("/roster").status_code in (403, 404)
    assert sign_in(profiles.xinghe).post(place + "/application").status_code in (403, 404)


def test_what_is_no_workbook_is_refused_and_not_kept(profiles: Cast, sign_in: SignIn) -> None:
    client = sign_in(profiles.binjiang)

    for content in (b"", b"name,uscc\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600):
        assert send(client, content).status_code == 422
    assert count(StoredFile) == 0
