"""The queue holds what waits in the reviewer's scope, and nothing else."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from matchhub.accounts.enums import MembershipState, OrganizationKind, OrganizationStatus, Role
from matchhub.accounts.models import Membership, Organization, User
from matchhub.core import news
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.outbox import Notice
from matchhub.core.web import App
from matchhub.core.wordings import coded_reason, reason_in_words
from matchhub.listings.models import EquityNeed
from matchhub.listings.news import NeedSubmitted
from matchhub.profiles.enums import ProfileState
from matchhub.profiles.models import EnterpriseProfile, InvestorProfile, Profile
from matchhub.profiles.news import ProfileSubmitted
from tests.cast import Cast, stored

SignIn = Callable[[Membership], FlaskClient]


@pytest.fixture
def waiting(app: App, people: Cast) -> dict[str, int]:
    """A firm in 鄂城区 to verify, 星河科技's profile to check, and two profiles that do not wait."""
    with unit_of_work() as session:
        firm = Organization(
            kind=OrganizationKind.ENTERPRISE, name="鄂州新芽科技有限公司", status=OrganizationStatus.PENDING,
            region_code="420704", district_code="420704",
        )  # fmt: skip
        mine = EnterpriseProfile(
            organization_id=people.xinghe.organization_id, state=ProfileState.SUBMITTED, submitted_at=utcnow(),
            carrier_id=people.binjiang.organization_id, one_liner="高模量碳纤维",
        )  # fmt: skip
        session.add_all([
            firm, mine,
            EnterpriseProfile(organization_id=people.qingtian.organization_id, state=ProfileState.DRAFT),
            InvestorProfile(organization_id=people.yuanshan.organization_id, state=ProfileState.PUBLISHED),
        ])  # fmt: skip
        session.flush()
        return {"organization": firm.id, "profile": mine.id}


def path(kind: str, waiting: dict[str, int], action: str = "") -> str:
    return f"/reviews/{kind}/{waiting[kind]}{action}"


def test_the_queue_shows_what_waits_and_nothing_else(waiting: dict[str, int], people: Cast, sign_in: SignIn) -> None:
    page = sign_in(people.city).get("/reviews").text

    assert "新芽科技" in page
    assert "星河科技" in page
    assert "远山资本" not in page
    assert "擎天装备" not in page


def test_another_district_finds_its_queue_clear(waiting: dict[str, int], people: Cast, sign_in: SignIn) -> None:
    client = sign_in(people.gedian_officer)

    assert "待办已清" in client.get("/reviews").text
    assert client.get(path("profile", waiting)).status_code == 404
    assert client.post(path("profile", waiting, "/approval")).status_code == 404
    assert stored(Profile, waiting["profile"], lambda p: p.state) is ProfileState.SUBMITTED


def test_the_carrier_of_a_firm_publishes_its_profile(waiting: dict[str, int], people: Cast, sign_in: SignIn) -> None:
    client = sign_in(people.binjiang)
    page = client.get(path("profile", waiting))
    answer = client.post(path("profile", waiting, "/approval"))

    assert "高模量碳纤维" in page.text
    assert answer.status_code == 302
    assert stored(Profile, waiting["profile"], lambda p: p.state) is ProfileState.PUBLISHED


def test_a_second_reviewer_is_told_that_it_is_done(waiting: dict[str, int], people: Cast, sign_in: SignIn) -> None:
    sign_in(people.binjiang).post(path("profile", waiting, "/approval"))
    answer = sign_in(people.city).post(
        path("profile", waiting, "/return"), data={"reason_code": "", "reason": "请补充"}
    )

    assert answer.status_code == 409
    assert stored(Profile, waiting["profile"], lambda p: p.state) is ProfileState.PUBLISHED


def test_returning_without_a_reason_changes_nothing(waiting: dict[str, int], people: Cast, sign_in: SignIn) -> None:
    answer = sign_in(people.echeng).post(path("profile", waiting, "/return"), data={"reason_code": "", "reason": " "})

    assert answer.status_code == 422
    assert stored(Profile, waiting["profile"], lambda p: p.state) is ProfileState.SUBMITTED


def test_returning_tells_the_firm_why(waiting: dict[str, int], people: Cast, sign_in: SignIn) -> None:
    answer = sign_in(people.echeng).post(
        path("profile", waiting, "/return"), data={"reason_code": "", "reason": "请补研发费用"}
    )

    assert answer.status_code == 302
    assert stored(Profile, waiting["profile"], lambda p: (p.state, "研发费用" in p.return_reason)) == (
        ProfileState.RETURNED, True,
    )  # fmt: skip


def test_each_reader_reads_a_chosen_reason_in_the_own_language(
    waiting: dict[str, int], people: Cast, sign_in: SignIn
) -> None:
    sign_in(people.echeng).post(
        path("profile", waiting, "/return"), data={"reason_code": "missing", "reason": "请补研发费用"}
    )
    firm = sign_in(people.xinghe)

    assert "材料不全：请补研发费用" in firm.get("/profile").text
    assert "材料不全：请补研发费用" in firm.get("/notices").text
    firm.set_cookie("locale", "en")
    assert "Something is missing: 请补研发费用" in firm.get("/profile").text
    assert "Something is missing: 请补研发费用" in firm.get("/notices").text


def test_a_reason_that_was_stored_in_words_stays_readable(app: App) -> None:
    with app.app_context():
        assert reason_in_words("材料不全：请补研发费用", "en") == "材料不全：请补研发费用"
        assert reason_in_words(coded_reason("return_reasons", "", " 请补 "), "en") == "请补"
        assert reason_in_words(coded_reason("return_reasons", "other", ""), "zh") == "其他"


def test_an_officer_verifies_an_organization(waiting: dict[str, int], people: Cast, sign_in: SignIn) -> None:
    answer = sign_in(people.echeng).post(path("organization", waiting, "/approval"))

    assert answer.status_code == 302
    assert stored(Organization, waiting["organization"], lambda o: o.status) is OrganizationStatus.VERIFIED


def test_parties_cannot_review(waiting: dict[str, int], people: Cast, sign_in: SignIn) -> None:
    for membership in (people.xinghe, people.yuanshan, people.auditor):
        client = sign_in(membership)
        assert client.get("/reviews").status_code == 403
        assert client.post(path("organization", waiting, "/approval")).status_code in (403, 404)
    assert stored(Organization, waiting["organization"], lambda o: o.status) is OrganizationStatus.PENDING


@pytest.mark.parametrize("address", ["/reviews/nonsense/1", "/reviews/profile/999999"])
def test_what_is_not_there_is_not_found(people: Cast, sign_in: SignIn, address: str) -> None:
    assert sign_in(people.city).get(address).status_code == 404


def test_the_queue_costs_the_same_for_one_row_and_for_three(
    waiting: dict[str, int], people: Cast, sign_in: SignIn
) -> None:
    from tests.integration.console.test_funnel import counted  # noqa: PLC0415

    def queries() -> int:
        client: Any = sign_in(people.city)
        client.get("/reviews")
        db.session.rollback()
        with counted() as seen:
            assert client.get("/reviews").status_code == 200
        return len(seen)

    few = queries()
    with unit_of_work() as session:
        for number in range(3):
            firm = Organization(
                kind=OrganizationKind.ENTERPRISE, name=f"鄂州新芽{number}号", status=OrganizationStatus.VERIFIED,
                district_code="420704",
            )  # fmt: skip
            session.add(firm)
            session.flush()
            session.add(EnterpriseProfile(organization_id=firm.id, state=ProfileState.SUBMITTED, submitted_at=utcnow()))

    assert queries() == few


def test_a_claim_of_an_imported_firm_waits_in_the_queue(people: Cast, sign_in: SignIn, app: App) -> None:
    with unit_of_work() as session:
        firm = Organization(
            kind=OrganizationKind.ENTERPRISE, name="鄂州拾光科技有限公司", status=OrganizationStatus.VERIFIED,
            region_code="420704", district_code="420704", is_claimed=False,
        )  # fmt: skip
        person = User(name="闻溪", email="wen@shiguang.example")
        session.add_all([firm, person])
        session.flush()
        claim = Membership(user_id=person.id, organization_id=firm.id, role=Role.OWNER, state=MembershipState.REQUESTED)
        session.add(claim)
        session.flush()
        firm_id, claim_id = firm.id, claim.id
    client = sign_in(people.echeng)

    page = client.get(f"/reviews/organization/{firm_id}").text
    assert client.get("/reviews").text.count("拾光科技") > 0
    assert "闻溪" in page
    assert client.post(f"/reviews/organization/{firm_id}/approval").status_code == 302
    assert stored(Membership, claim_id, lambda m: m.state) is MembershipState.ACTIVE
    assert stored(Organization, firm_id, lambda o: o.is_claimed) is True


def told(kind: str) -> set[str]:
    rows = db.session.execute(
        select(User.email).join(Notice, Notice.recipient_user_id == User.id).where(Notice.kind == kind)
    )
    return {email.split("@")[0] for (email,) in rows}


@pytest.mark.parametrize(
    ("carrier", "district", "expected"),
    [("binjiang", "420704", {"binjiang"}), (None, "420704", {"echeng"}), (None, None, {"city"})],
)
def test_a_handed_in_profile_rings_whoever_checks_it(
    carrier: str | None, district: str | None, expected: set[str], people: Cast, app: App
) -> None:
    with unit_of_work() as session:
        session.get_one(Organization, people.xinghe.organization_id).district_code = district
        profile = EnterpriseProfile(
            organization_id=people.xinghe.organization_id,
            carrier_id=getattr(people, carrier).organization_id if carrier else None,
        )
        session.add(profile)
        session.flush()
        news.publish(ProfileSubmitted(profile), now=utcnow())

    assert told("profile_submitted") == expected


def test_a_handed_in_need_rings_the_carrier(people: Cast, app: App) -> None:
    with unit_of_work() as session:
        need = EquityNeed(
            organization_id=people.xinghe.organization_id, carrier_id=people.binjiang.organization_id,
            district_code="420704", teaser="碳纤维预浸料",
        )  # fmt: skip
        session.add(need)
        session.flush()
        news.publish(NeedSubmitted(need), now=utcnow())

    assert told("listings.need_submitted") == {"binjiang"}


def test_the_changed_words_are_marked_in_both_texts(waiting: dict[str, int], people: Cast, sign_in: SignIn) -> None:
    with unit_of_work() as session:
        profile = session.get_one(Profile, waiting["profile"])
        profile.last_submission = {"one_liner": "高模量玻璃纤维"}
    page = sign_in(people.echeng).get(path("profile", waiting)).text

    assert re.search(r"高模量<del>.*?玻璃.*?</del>纤维", page)
    assert re.search(r"高模量<ins>.*?碳.*?</ins>纤维", page)
    assert "新增：" in page


def test_one_keystroke_returns_with_its_reason(waiting: dict[str, int], people: Cast, sign_in: SignIn) -> None:
    client = sign_in(people.echeng)
    page = client.get(path("profile", waiting)).text
    code = re.findall(r'name="reason_code" value="([^"]+)" data-key="1"', page)
    answer = client.post(path("profile", waiting, "/return"), data={"reason_code": code[0]})

    assert 'data-key="y"' in page
    assert answer.status_code == 302
    assert stored(Profile, waiting["profile"], lambda p: (p.state, bool(p.return_reason))) == (
        ProfileState.RETURNED, True,
    )  # fmt: skip


def test_the_next_one_opens_by_itself(waiting: dict[str, int], people: Cast, sign_in: SignIn) -> None:
    client = sign_in(people.echeng)
    first = client.get("/reviews/next").headers["Location"]
    after = client.post(f"{first}/approval").headers["Location"]

    assert after != first
    assert client.get(after).status_code == 200
    assert client.post(f"{after}/approval").headers["Location"] == "/reviews"


def test_who_comes_second_reads_who_was_first(waiting: dict[str, int], people: Cast, sign_in: SignIn) -> None:
    sign_in(people.echeng).post(path("profile", waiting, "/return"), data={"reason": "补研发费用"})
    answer = sign_in(people.city).post(path("profile", waiting, "/approval"))

    assert answer.status_code == 409
    assert "鄂城区科技局的人已经处理过了" in answer.text


def test_the_queue_is_counted_by_kind_and_narrowed(waiting: dict[str, int], people: Cast, sign_in: SignIn) -> None:
    client = sign_in(people.city)
    counted_page = client.get("/reviews").text

    assert re.findall(r'class="count">(\d+)<', counted_page) == ["2", "1", "1", "0"]
    assert "星河科技" not in client.get("/reviews?kind=organization").text
    assert "新芽科技" not in client.get("/reviews?district=EZ-GD").text
    assert client.get("/reviews?kind=nonsense").status_code == 200


def test_organizations_go_through_together_and_profiles_never(
    waiting: dict[str, int], people: Cast, sign_in: SignIn
) -> None:
    client = sign_in(people.echeng)
    both = [f"organization:{waiting['organization']}", f"profile:{waiting['profile']}"]

    assert client.post("/reviews/approvals", data={"items": both}).status_code == 422
    assert stored(Organization, waiting["organization"], lambda o: o.status) is OrganizationStatus.PENDING
    assert client.post("/reviews/approvals", data={"items": both[:1]}).status_code == 302
    assert stored(Organization, waiting["organization"], lambda o: o.status) is OrganizationStatus.VERIFIED
    assert stored(Profile, waiting["profile"], lambda p: p.state) is ProfileState.SUBMITTED


@pytest.mark.parametrize(
    "items", [[], ["organization"], ["organization:x"], ["x:1"], ["organization:1"] * 2 + ["need:-1"]]
)
def test_nonsense_approves_nothing(waiting: dict[str, int], people: Cast, sign_in: SignIn, items: list[str]) -> None:
    assert sign_in(people.city).post("/reviews/approvals", data={"items": items}).status_code == 422
    assert stored(Organization, waiting["organization"], lambda o: o.status) is OrganizationStatus.PENDING


def test_another_district_approves_nothing_of_this_one(waiting: dict[str, int], people: Cast, sign_in: SignIn) -> None:
    answer = sign_in(people.gedian_officer).post(
        "/reviews/approvals", data={"items": [f"organization:{waiting['organization']}"]}
    )

    assert answer.status_code == 302
    assert stored(Organization, waiting["organization"], lambda o: o.status) is OrganizationStatus.PENDING
    assert sign_in(people.xinghe).post("/reviews/approvals", data={"items": ["need:1"]}).status_code == 403
