"""The directories say what a register says, and nothing about seeking money."""

import io
import re
from collections.abc import Callable
from importlib import import_module

import pytest
from flask.testing import FlaskClient

from matchhub.accounts.models import Membership, Organization
from matchhub.core.db import unit_of_work
from matchhub.core.pinyin import sort_key
from matchhub.core.sheets import read_rows
from matchhub.profiles.enums import ProfileState
from matchhub.profiles.models import EnterpriseProfile
from tests.cast import Cast
from tests.integration.profiles.conftest import in_state
from tests.integration.profiles.test_residencies import _queries

SignIn = Callable[[Membership], FlaskClient]


@pytest.mark.parametrize("path", ["/enterprises", "/investors", "/banks", "/mentors", "/carriers"])
@pytest.mark.parametrize(("who", "status"), [("xinghe", 200), ("yuanshan", 200), ("city", 200)])
def test_verified_members_may_look(path: str, who: str, status: int, profiles: Cast, sign_in: SignIn) -> None:
    assert sign_in(getattr(profiles, who)).get(path).status_code == status


def test_the_unverified_may_not(profiles: Cast, sign_in: SignIn) -> None:
    from matchhub.accounts.enums import OrganizationStatus  # noqa: PLC0415

    with unit_of_work() as session:
        session.get_one(Organization, profiles.beidou.organization_id).status = OrganizationStatus.PENDING
    client = sign_in(profiles.beidou)

    assert client.get("/enterprises").status_code == 403
    assert client.get(f"/enterprises/{profiles.xinghe.organization_id}").status_code == 403


@pytest.mark.parametrize("text", ["星河", "xinghe", "xhkj", "Xing He", "Stellar"])
def test_a_firm_is_found_by_name_pinyin_initials_and_english(text: str, profiles: Cast, sign_in: SignIn) -> None:
    with unit_of_work() as session:
        firm = session.get_one(Organization, profiles.xinghe.organization_id)
        firm.sort_key, firm.name_en = sort_key(firm.name), "Stellar Composites"
    page = sign_in(profiles.yuanshan).get("/enterprises", query_string={"q": text}).text

    assert "鄂州星河科技有限公司" in re.sub("</?mark>", "", page)
    assert "擎天装备" not in page


@pytest.mark.parametrize("text", ["%", "_", "' OR 1=1 --", "x" * 10_000])
def test_search_takes_signs_literally(text: str, profiles: Cast, sign_in: SignIn) -> None:
    response = sign_in(profiles.yuanshan).get("/enterprises", query_string={"q": text[:4000]})

    assert response.status_code == 200
    assert "星河科技" not in response.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"industry": "new_materials"}, True), ({"industry": "health"}, False), ({"region": "420704"}, True),
        ({"region": "EZ-GD"}, False), ({"region": "420700"}, True), ({"stage": "startup"}, True),
        ({"stage": "seed"}, False), ({"sort": "; DROP TABLE"}, True),
    ],
)  # fmt: skip
def test_filters_narrow_the_list(query: dict[str, str], found: bool, profiles: Cast, sign_in: SignIn) -> None:
    in_state(profiles.xinghe.organization_id, ProfileState.PUBLISHED)
    page = sign_in(profiles.yuanshan).get("/enterprises", query_string=query).text

    assert ("鄂州星河科技有限公司" in page) is found


def test_a_draft_shows_only_that_the_organization_exists(profiles: Cast, sign_in: SignIn) -> None:
    page = sign_in(profiles.yuanshan).get("/enterprises").text

    assert "鄂州星河科技有限公司" in page and "碳纤维轻量化部件" not in page
    in_state(profiles.xinghe.organization_id, ProfileState.PUBLISHED)
    assert "碳纤维轻量化部件" in sign_in(profiles.yuanshan).get("/enterprises").text


@pytest.mark.parametrize("format_", ["", "?format=xlsx"])
def test_the_directory_says_nothing_confidential(format_: str, profiles: Cast, sign_in: SignIn) -> None:
    profile_id = in_state(profiles.xinghe.organization_id, ProfileState.PUBLISHED)
    with unit_of_work() as session:
        profile = session.get_one(EnterpriseProfile, profile_id)
        profile.code_name, profile.revenue_yuan = "新材料-0007", 12_340_000
    response = sign_in(profiles.yuanshan).get(f"/enterprises{format_}")
    text = str(read_rows(response.data, max_rows=100, max_columns=20)) if format_ else response.text

    assert "碳纤维轻量化部件" in text
    for secret in ("新材料-0007", "1,234", "12340000", "13800000001", "秦岚"):
        assert secret not in text


@pytest.mark.parametrize(
    ("who", "summary", "contact", "figures"),
    [
        ("xinghe", True, True, True), ("binjiang", True, True, False), ("echeng", True, True, False),
        ("yuanshan", False, False, False), ("gedian", False, False, False), ("gedian_officer", False, False, False),
    ],
)  # fmt: skip
def test_each_relation_sees_its_own_part(
    who: str, summary: bool, contact: bool, figures: bool, profiles: Cast, sign_in: SignIn
) -> None:
    profile_id = in_state(profiles.xinghe.organization_id, ProfileState.PUBLISHED)
    with unit_of_work() as session:
        session.get_one(EnterpriseProfile, profile_id).revenue_yuan = 12_340_000
    page = sign_in(getattr(profiles, who)).get(f"/enterprises/{profiles.xinghe.organization_id}").text

    assert ("已有 12 家客户" in page, "13800000001" in page, "1,234 万元" in page) == (summary, contact, figures)


def test_the_page_of_another_kind_is_not_here(profiles: Cast, sign_in: SignIn) -> None:
    client = sign_in(profiles.yuanshan)

    assert client.get(f"/investors/{profiles.xinghe.organization_id}").status_code == 404
    assert client.get(f"/investors/{profiles.beidou.organization_id}").status_code == 200
    assert client.get(f"/carriers/{profiles.binjiang.organization_id}").status_code == 200


@pytest.mark.parametrize("path", ["/enterprises", "/investors", "/banks", "/mentors", "/carriers"])
def test_a_directory_costs_the_same_for_one_row_and_for_more(path: str, profiles: Cast, sign_in: SignIn) -> None:
    client = sign_in(profiles.city)
    in_state(profiles.xinghe.organization_id, ProfileState.PUBLISHED)

    more = _queries(client, f"{path}?q=xinghe") - _queries(client, path)
    assert (
        -1 <= more <= 3
    )  # where nothing is found slips are looked for too: whether that is quick, which rows, their names
    assert _queries(client, path) <= 14


def test_a_directory_says_that_there_are_more_than_it_counts(
    profiles: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(profiles.yuanshan)
    whole = client.get("/enterprises").text
    monkeypatch.setattr(import_module("matchhub.profiles.queries.directory"), "COUNTED", 1)
    capped = client.get("/enterprises?page=9").text

    assert "超过 1 条" in capped and "超过" not in whole
    assert capped.count('scope="row"') == whole.count('scope="row"') > 1  # page 9 of what is counted is the first


def test_the_excel_of_a_directory_opens(profiles: Cast, sign_in: SignIn) -> None:
    response = sign_in(profiles.city).get("/investors?format=xlsx")
    rows = read_rows(io.BytesIO(response.data).read(), max_rows=10, max_columns=10)

    assert rows[0][0] == "投资机构" and len(rows) == 3
