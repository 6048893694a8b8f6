"""A carrier drafts needs for its firms; the city writes down mentors."""

from sqlalchemy import func, select

from matchhub.accounts.models import Invitation, Organization
from matchhub.accounts.queries.readers import actor_of
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.outbox import Notice
from matchhub.core.sheets import read_rows
from matchhub.listings import services
from matchhub.listings.enums import NeedState
from matchhub.listings.models import CreditNeed, EquityNeed, MentoringNeed, Need
from matchhub.profiles.enums import ProfileState
from matchhub.profiles.models import MentorProfile
from tests.cast import Cast, take
from tests.integration.importing.conftest import all_of, bring, send, sheet_of, SignIn

FIRM = "鄂州星河科技有限公司"
NEEDS = ("企业", "一句话", "最多要多少", "什么时候要", "轮次", "用途", "行业")
NEED = (FIRM, "碳纤维预浸料第三条产线", "800万", "2027-06-30", "A轮", "设备购置", "新材料")
MENTORS = (
    "姓名", "导师类别", "辅导主题", "单位性质", "工作单位", "从业年限", "介绍", "利益关系声明", "联系人", "邮箱", "备案编号",
    "备案有效期至",
)  # fmt: skip


def words(client: object, sort: str, column: str) -> list[str]:
    rows = read_rows(client.get(f"/imports/{sort}/template.xlsx").data, max_rows=2000, max_columns=60)  # type: ignore[attr-defined]
    return [str(rows[1][rows[0].index(column)])]


def mentor_line(client: object, name: str, mail: str | None) -> tuple[object, ...]:
    category, topic, employer = (words(client, "mentors", c)[0] for c in ("导师类别", "辅导主题", "单位性质"))
    return (
        name,
        category,
        topic,
        employer,
        "示例大学",
        12,
        "帮过八家企业融资。",
        "无",
        name,
        mail,
        "EZ-01",
        "2028-12-31",
    )


def test_a_carrier_drafts_a_need_that_only_the_firm_sees_and_publishes(market: Cast, sign_in: SignIn) -> None:
    client = sign_in(market.binjiang)
    purpose = words(client, "equity-needs", "用途")[0]
    line = (*NEED[:5], purpose, NEED[6])
    response = send(client, "equity-needs", sheet_of(NEEDS, line))
    assert all_of(Need) == []
    client.post(response.location + "/application")

    (need,) = all_of(EquityNeed)
    assert (need.organization_id, need.state) == (market.xinghe.organization_id, NeedState.DRAFT)
    assert (need.amount_max_yuan, need.round_code, str(need.needed_by)) == (8_000_000, "a", "2027-06-30")
    assert client.get(f"/needs/{need.id}").status_code == 404
    assert need.teaser not in client.get("/needs").text
    assert sign_in(market.xinghe).get(f"/needs/{need.id}").status_code in (200, 302)
    told = db.session.scalars(select(Notice).where(Notice.kind == "listings.need_brought")).all()
    assert [notice.recipient_user_id for notice in told] == [market.xinghe.user_id]


def test_a_second_time_changes_the_draft_that_the_firm_has_left_alone(market: Cast, sign_in: SignIn) -> None:
    client = sign_in(market.binjiang)
    bring(client, "equity-needs", sheet_of(NEEDS[:3], NEED[:3]))
    for amount in ("900万", "950万"):  # by the same words, more than once
        bring(client, "equity-needs", sheet_of(NEEDS[:3], (*NEED[:2], amount)))
    (need,) = all_of(EquityNeed)
    assert need.amount_max_yuan == 9_500_000

    exported = client.get("/imports/equity-needs/current.xlsx").data
    header, row = read_rows(exported, max_rows=9, max_columns=60)
    assert "没有要写入的" in client.get(send(client, "equity-needs", exported).location).text
    line = dict(zip(header, row, strict=True)) | {"一句话": "第四条产线"}
    bring(client, "equity-needs", sheet_of(tuple(line), tuple(line.values())))  # by its number, under other words
    assert [(n.teaser, n.amount_max_yuan) for n in all_of(EquityNeed)] == [("第四条产线", 9_500_000)]


def test_what_the_firm_has_taken_up_is_neither_changed_nor_shown(market: Cast, sign_in: SignIn) -> None:
    client = sign_in(market.binjiang)
    bring(client, "equity-needs", sheet_of(NEEDS[:3], NEED[:3]))
    (need,) = all_of(EquityNeed)
    with unit_of_work() as session:
        held = session.get_one(EquityNeed, need.id)
        values = {"amount_max_yuan": 7_777_777}
        firm = actor_of(market.xinghe)
        assert firm is not None
        services.save_step(held, values, version=held.version, actor=firm, now=utcnow())
    table = sheet_of(("编号", *NEEDS[:2], "最多要多少"), (need.id, *NEED[:2], "900万"))
    page = bring(client, "equity-needs", table)

    assert "777" not in page.text and "777" not in client.get(send(client, "equity-needs", table).location).text
    assert len(read_rows(client.get("/imports/equity-needs/current.xlsx").data, max_rows=9, max_columns=60)) == 1
    assert [n.amount_max_yuan for n in all_of(EquityNeed)] == [7_777_777]


def test_the_number_of_anothers_need_is_not_told_from_one_that_is_not_there(market: Cast, sign_in: SignIn) -> None:
    bring(sign_in(market.gedian), "equity-needs", sheet_of(NEEDS[:3], ("鄂州擎天装备有限公司", *NEED[1:3])))
    (theirs,) = all_of(EquityNeed)
    client = sign_in(market.binjiang)
    for number in (theirs.id, 9_999):
        response = send(client, "equity-needs", sheet_of(("编号", *NEEDS[:3]), (number, *NEED[:3])))
        assert "没有这个编号" in client.get(response.location).text
    assert [n.teaser for n in all_of(EquityNeed)] == [theirs.teaser]


def test_the_firm_of_another_carrier_is_not_told_from_one_that_is_not_here(market: Cast, sign_in: SignIn) -> None:
    client = sign_in(market.binjiang)
    rows = [(word, *NEED[1:3]) for word in ("91420700MA4F0R0K29", "鄂州擎天装备有限公司", "没有这家公司")]
    response = send(client, "equity-needs", sheet_of(NEEDS[:3], *rows))
    assert client.get(response.location).text.count("不在你的在园企业里") == 3
    client.post(response.location + "/application")
    assert all_of(Need) == []

    bring(sign_in(market.gedian), "equity-needs", sheet_of(NEEDS[:3], rows[0]))
    assert [need.organization_id for need in all_of(Need)] == [market.qingtian.organization_id]


def test_needs_for_loans_and_advice_have_their_own_columns(market: Cast, sign_in: SignIn) -> None:
    client = sign_in(market.binjiang)
    bring(
        client, "credit-needs",
        sheet_of(
            ("企业", "一句话", "最多要多少", "期限", "能接受的年利率", "首次向银行贷款"), (FIRM, "备料周转", 300, 12, "4.2", "是")
        ),
    )  # fmt: skip
    bring(client, "mentoring-needs", sheet_of(("企业", "一句话", "想谈几次"), (FIRM, "请教出海", 3)))

    (loan,), (advice,) = all_of(CreditNeed), all_of(MentoringNeed)
    assert (loan.amount_max_yuan, loan.term_months, loan.rate_max_bp, loan.is_first_loan) == (3_000_000, 12, 420, True)
    assert advice.sessions_wanted == 3


def test_the_city_writes_down_mentors_and_invites_those_with_an_address(market: Cast, sign_in: SignIn) -> None:
    client = sign_in(market.city)
    lines = [mentor_line(client, "何远", "heyuan@mentor.example"), mentor_line(client, "乔木", None)]
    page = bring(client, "mentors", sheet_of(MENTORS, *lines), invite="y")
    assert "已邀请" in page.text

    mentors = {profile.organization.name: profile for profile in all_of(MentorProfile)}
    new = mentors["何远"]
    assert (new.organization.is_claimed, new.organization.is_verified, new.state) == (
        False,
        True,
        ProfileState.PUBLISHED,
    )
    assert (new.registration_number, str(new.registered_until), new.years) == ("EZ-01", "2028-12-31", 12)
    assert [i.address for i in all_of(Invitation)] == ["heyuan@mentor.example"]
    assert "没有要写入的" in client.get(send(client, "mentors", sheet_of(MENTORS, *lines)).location).text


def test_nobody_is_invited_without_the_tick_and_a_mentor_who_has_joined_is_left_alone(
    market: Cast, sign_in: SignIn
) -> None:
    client = sign_in(market.administrator)
    before = db.session.scalar(select(func.count(Organization.id))) or 0
    lines = [mentor_line(client, "何远", "heyuan@mentor.example"), mentor_line(client, "顾川", "x@mentor.example")]
    response = send(client, "mentors", sheet_of(MENTORS, *lines))
    assert "已经有人管理" in client.get(response.location).text
    client.post(response.location + "/application")

    assert all_of(Invitation) == []
    assert len(all_of(Organization)) == before + 1


def test_mentors_come_out_and_in_again_unchanged_and_hours_are_brought_for_them(market: Cast, sign_in: SignIn) -> None:
    client = sign_in(market.city)
    bring(client, "mentors", sheet_of(MENTORS, mentor_line(client, "何远", "heyuan@mentor.example")))
    exported = take(client, "/imports/mentors/current.xlsx").data
    assert "没有要写入的" in client.get(send(client, "mentors", exported).location).text

    bring(client, "mentoring-offers", sheet_of(("机构", "名称"), ("何远", "每周一次")))
    assert len(all_of(MentorProfile)) == 2  # no second 何远
