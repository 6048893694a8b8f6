"""Mandates, products and hours from a table: one's own, previewed, once."""

import pytest

from matchhub.accounts.models import Organization
from matchhub.core.db import db
from matchhub.core.sheets import read_rows
from matchhub.listings.enums import OfferState
from matchhub.listings.models import InvestmentMandate, LoanProduct, Mentorship, Offer
from tests.cast import Cast, take
from tests.integration.importing.conftest import all_of, bring, csv_of, MANDATE, MANDATES, send, sheet_of, SignIn

PRODUCTS = (
    "名称", "种类", "最低额度", "最高额度", "最低年利率", "最长期限", "担保方式", "成立至少", "上年营业收入至少",
    "有以下任一资质", "还要求", "其中只作参考的", "优惠对象", "优惠年利率", "欢迎首次贷款的企业",
)  # fmt: skip


def test_a_preview_writes_nothing_and_confirming_writes_what_it_said(market: Cast, sign_in: SignIn) -> None:
    client = sign_in(market.yuanshan)
    response = send(client, "equity-offers", sheet_of(MANDATES, MANDATE))

    assert "早期硬科技" in client.get(response.location).text
    assert all_of(Offer) == []

    client.post(response.location + "/application")
    (mandate,) = all_of(InvestmentMandate)
    assert (mandate.organization_id, mandate.state) == (market.yuanshan.organization_id, OfferState.DRAFT)
    assert (mandate.ticket_min_yuan, mandate.ticket_max_yuan) == (1_000_000, 8_000_000)
    assert (mandate.rounds, mandate.industries) == (["angel", "a"], ["new_materials", "new_materials.carbon_fibre"])
    assert (mandate.regions, mandate.must, mandate.leads) == (["420700"], ["round"], True)


def test_the_same_table_again_changes_nothing_and_one_word_changes_one_row(market: Cast, sign_in: SignIn) -> None:
    client = sign_in(market.yuanshan)
    bring(client, "equity-offers", sheet_of(MANDATES, MANDATE), publish="y")
    (before,) = all_of(InvestmentMandate)
    assert before.state is OfferState.OPEN
    version, expires_at = before.version, before.expires_at

    response = send(client, "equity-offers", sheet_of(MANDATES, MANDATE))
    assert "没有要写入的" in client.get(response.location).text
    bring(client, "equity-offers", sheet_of(MANDATES, MANDATE), publish="y")
    (again,) = all_of(InvestmentMandate)
    assert (again.version, again.expires_at) == (version, expires_at)

    bring(client, "equity-offers", sheet_of(MANDATES, (*MANDATE[:3], "1.2亿", *MANDATE[4:])))
    (changed,) = all_of(InvestmentMandate)
    assert changed.ticket_max_yuan == 120_000_000 and changed.version > version


def test_a_column_that_the_file_lacks_is_left_alone_and_an_empty_cell_empties(market: Cast, sign_in: SignIn) -> None:
    client = sign_in(market.yuanshan)
    bring(client, "equity-offers", sheet_of(MANDATES, MANDATE))
    bring(client, "equity-offers", sheet_of(("名称", "轮次", "必须满足"), ("早期硬科技", "B轮", None)))

    (mandate,) = all_of(InvestmentMandate)
    assert (mandate.rounds, mandate.must, mandate.ticket_max_yuan, mandate.leads) == (["b"], [], 8_000_000, True)


def test_what_is_incomplete_stays_a_draft_though_publishing_was_ticked(market: Cast, sign_in: SignIn) -> None:
    page = bring(sign_in(market.yuanshan), "equity-offers", sheet_of(("名称",), ("只有名称",)), publish="y")

    assert [offer.state for offer in all_of(Offer)] == [OfferState.DRAFT]
    assert "已发布" not in page.text


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_csv_is_read_as_excel_writes_it(market: Cast, sign_in: SignIn, encoding: str) -> None:
    bring(sign_in(market.yuanshan), "equity-offers", csv_of(MANDATES, MANDATE, encoding=encoding))

    assert [offer.title for offer in all_of(InvestmentMandate)] == ["早期硬科技"]


def test_headers_and_words_may_be_english_or_codes(market: Cast, sign_in: SignIn) -> None:
    with sign_in(market.yuanshan) as client:
        rows = read_rows(client.get("/imports/equity-offers/template.xlsx").data, max_rows=2000, max_columns=60)
    assert rows[0][1] == "名称" and str(rows[1][0]).startswith("示例")
    bring(client, "equity-offers", sheet_of(("title", "rounds", "industries"), ("Early", "a;b", "new_materials")))

    (mandate,) = all_of(InvestmentMandate)
    assert (mandate.rounds, mandate.industries) == (["a", "b"], ["new_materials"])


def test_a_bad_word_names_its_cell_and_the_nearest_word_and_the_other_lines_come_in(
    market: Cast, sign_in: SignIn
) -> None:
    client = sign_in(market.yuanshan)
    rows = (MANDATES, ("第二条", "A论", *MANDATE[2:]), MANDATE, ("第三条", "A轮", "900", "很多", *MANDATE[4:]))
    response = send(client, "equity-offers", sheet_of(*rows))
    text = client.get(response.location).text
    assert "没有「A论」，是不是「A 轮」？" in text and "填写数字，例如 800" in text and "很多" in text

    problems = client.get(response.location + "/problems.xlsx").data
    told = read_rows(problems, max_rows=10, max_columns=6)
    assert [(row[0], row[1], row[2]) for row in told[1:]] == [(2, "轮次", "A论"), (4, "单笔最多", "很多")]

    client.post(response.location + "/application")
    assert [offer.title for offer in all_of(Offer)] == ["早期硬科技"]
    assert "A论" in client.get(response.location + "/result").text


def test_a_doubled_line_is_refused_and_the_first_one_stays(market: Cast, sign_in: SignIn) -> None:
    client = sign_in(market.yuanshan)
    response = send(client, "equity-offers", sheet_of(MANDATES, MANDATE, MANDATE))
    assert "和第 2 行重复" in client.get(response.location).text
    client.post(response.location + "/application")

    assert len(all_of(Offer)) == 1


def test_a_product_brings_its_rules_and_better_terms_as_columns(market: Cast, sign_in: SignIn) -> None:
    line = (
        "科创信用贷", "信用贷款", 10, 500, 3.85, 24, "信用（无需担保）", 12, "200", "高新技术企业",
        "无逾期和被执行记录", "上年营业收入", "高新技术企业", "3.55", "是",
    )  # fmt: skip
    client = sign_in(market.bank)
    words = read_rows(client.get("/imports/credit-offers/template.xlsx").data, max_rows=2000, max_columns=60)[0]
    assert set(PRODUCTS) <= set(words)
    response = send(client, "credit-offers", sheet_of(PRODUCTS, line))
    told = client.get(response.location).text
    assert "要改的地方" not in told, told[told.index("要改的地方") :][:1500]
    client.post(response.location + "/application", data={"publish": "y"})

    (product,) = all_of(LoanProduct)
    assert (product.state, product.rate_min_bp, product.amount_max_yuan) == (OfferState.OPEN, 385, 5_000_000)
    assert {(rule["field"], rule["op"], str(rule["value"]), rule["hard"]) for rule in product.rules} == {
        ("months_old", "at_least", "12", True), ("revenue_yuan", "at_least", "2000000", False),
        ("qualifications", "any_of", "['hnte']", True), ("has_clean_record", "is", "True", True),
    }  # fmt: skip
    assert product.preferences == [{"qualification": "hnte", "rate_bp": 355, "note": ""}]


@pytest.mark.parametrize(
    ("who", "sort", "rows"),
    [
        ("yuanshan", "equity-offers", (MANDATES, MANDATE)),
        (
            "bank",
            "credit-offers",
            (("名称", "种类", "最高额度", "最低年利率", "员工至少"), ("快贷", "信用贷款", 300, 4.1, 5)),
        ),
        ("mentor", "mentoring-offers", (("名称", "每周时间", "同时最多带几家"), ("融资辅导", "周一 09:00–12:00", 3))),
    ],
)
def test_what_is_there_comes_out_in_the_same_columns_and_in_again_unchanged(
    market: Cast, sign_in: SignIn, who: str, sort: str, rows: tuple[tuple[object, ...], ...]
) -> None:
    client = sign_in(getattr(market, who))
    bring(client, sort, sheet_of(*rows))
    (before,) = all_of(Offer)
    held = {column.key: getattr(before, column.key) for column in type(before).__mapper__.column_attrs}
    exported = take(client, f"/imports/{sort}/current.xlsx").data

    assert "没有要写入的" in client.get(send(client, sort, exported).location).text
    bring(client, sort, exported)
    (after,) = all_of(Offer)
    assert {name: getattr(after, name) for name in held} == held


def test_a_number_renames_a_row_and_the_number_of_somebody_else_is_unknown(market: Cast, sign_in: SignIn) -> None:
    bring(sign_in(market.yuanshan), "equity-offers", sheet_of(MANDATES, MANDATE))
    (mine,) = all_of(Offer)
    renamed = sheet_of(("编号", "名称"), (mine.id, "改了名"))
    other = sign_in(market.beidou)
    response = send(other, "equity-offers", renamed)
    assert "没有这个编号" in other.get(response.location).text
    other.post(response.location + "/application")
    assert [(offer.id, offer.title) for offer in all_of(Offer)] == [(mine.id, "早期硬科技")]

    bring(sign_in(market.yuanshan), "equity-offers", renamed)
    assert [(offer.id, offer.title) for offer in all_of(Offer)] == [(mine.id, "改了名")]


def test_the_file_and_result_of_another_organization_do_not_exist(market: Cast, sign_in: SignIn) -> None:
    location = send(sign_in(market.yuanshan), "equity-offers", sheet_of(MANDATES, MANDATE)).location
    other = sign_in(market.beidou)

    for ending in ("", "/result", "/problems.xlsx"):
        assert other.get(location + ending).status_code == 404
    assert other.post(location + "/application").status_code == 404
    assert all_of(Offer) == []


@pytest.mark.parametrize(
    ("who", "sort", "status"),
    [("yuanshan", "credit-offers", 404), ("yuanshan", "equity-needs", 404), ("binjiang", "equity-offers", 404),
     ("xinghe", "equity-needs", 404), ("auditor", "mentors", 404), ("echeng", "mentors", 404), ("city", "nonsense", 404)],
)  # fmt: skip
def test_who_may_not_bring_in_a_kind_meets_a_closed_door(
    market: Cast, sign_in: SignIn, who: str, sort: str, status: int
) -> None:
    client = sign_in(getattr(market, who))

    assert client.get("/imports").status_code == (403 if who in ("xinghe", "auditor", "echeng") else 200)
    assert client.get(f"/imports/{sort}").status_code == status
    assert send(client, sort, sheet_of(MANDATES, MANDATE)).status_code == status


def test_the_city_writes_for_organizations_that_nobody_has_joined_only(market: Cast, sign_in: SignIn) -> None:
    client, names = sign_in(market.city), ("机构", *MANDATES)
    claimed = market.yuanshan.organization.name
    response = send(client, "equity-offers", sheet_of(names, (claimed, *MANDATE), ("鄂州青山资本", *MANDATE)))
    assert "已经有人管理" in client.get(response.location).text
    client.post(response.location + "/application", data={"publish": "y"})

    (offer,) = all_of(Offer)
    found = db.session.get_one(Organization, offer.organization_id)
    assert (found.name, found.is_claimed, found.kind.value) == ("鄂州青山资本", False, "investor")
    assert offer.state is OfferState.OPEN
    assert (
        "没有要写入的"
        in client.get(send(client, "equity-offers", sheet_of(names, ("鄂州青山资本", *MANDATE))).location).text
    )


def test_weekly_hours_and_places_of_a_mentor(market: Cast, sign_in: SignIn) -> None:
    header = ("名称", "能辅导的话题", "每周时间", "同时最多带几家")
    client = sign_in(market.mentor)
    response = send(
        client, "mentoring-offers", sheet_of(header, ("辅导", "融资与路演", "周一 09:00–12:00、周三 14:00–17:00", 3))
    )
    client.post(response.location + "/application")

    text = client.get(response.location).text
    offers = all_of(Mentorship)
    assert offers, text[text.index("要改的地方") :][:1200]
    assert offers[0].slots == [
        {"weekday": 0, "from": "09:00", "to": "12:00"}, {"weekday": 2, "from": "14:00", "to": "17:00"},
    ]  # fmt: skip
