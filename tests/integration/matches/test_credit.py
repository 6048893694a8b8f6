"""Loans: lists with reasons on both sides, condition by condition, without a score; and nothing finer than a band."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select

from matchhub.accounts.models import Membership
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.listings.enums import PairingKind
from matchhub.listings.models import CreditNeed, LoanProduct
from matchhub.matches import engine
from matchhub.matches.enums import Side, Verdict
from matchhub.matches.kinds import table
from matchhub.matches.kinds.credit import columns
from matchhub.matches.models import PublishedRun, Suggestion
from matchhub.matches.queries import lists
from matchhub.matches.services import exclusions
from matchhub.matches.services.runs import request_full_runs, request_run, run_next
from matchhub.matches.views import counters
from matchhub.profiles.models import EnterpriseProfile
from tests.cast import Cast
from tests.integration.matches.kinds import (
    add_credit_need,
    add_firm,
    add_mentoring_need,
    add_mentorship,
    add_product,
    RATE_MAX,
    RD_EXPENSE,
    REVENUE,
    rule,
)

SignIn = Callable[[Membership], FlaskClient]


@dataclass
class Counter:
    """Ids of what is open at the bank's counter."""

    need: int
    product: int
    strict: int


@pytest.fixture
def compare_loans() -> Callable[[], None]:
    def run() -> None:
        with unit_of_work():
            request_run(kind=PairingKind.CREDIT, now=utcnow())
        while run_next(now=utcnow()) is not None:
            pass
        engine.store(db.session(), PairingKind.CREDIT).load()

    return run


@pytest.fixture
def counter(people: Cast, compare_loans: Callable[[], None]) -> Counter:
    """A firm's need, a product that it fits, and one that asks for what the firm has not shown or not got."""
    with unit_of_work():
        add_firm(people.xinghe.organization_id)
        ids = Counter(
            add_credit_need(people.xinghe.organization_id),
            add_product(people.bank.organization_id),
            add_product(
                people.bank.organization_id,
                title="知识产权贷",
                rules=[
                    rule("revenue_yuan", "at_least", 8_000_000),
                    rule("staff", "at_least", 20),
                    rule("in_carrier", "is", True),
                ],
            ),
        )
    compare_loans()
    return ids


def page(client: FlaskClient, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, (url, response.status_code)
    return re.sub(r"<head>.*?</head>|csrf[^>]*>|\?v=\w+", "", response.get_data(as_text=True), flags=re.S)


def explained(need_id: int, offer_id: int) -> dict[str, str]:
    scorer = engine.store(db.session(), PairingKind.CREDIT).scorer()
    assert scorer is not None
    told = scorer.pair(db.session(), need_id, offer_id, now=utcnow())
    assert told is not None
    return {check.rule: check.outcome for check in told.checks if check.is_stated}


def test_a_firm_reads_why_a_product_fits_and_no_score(counter: Counter, people: Cast, sign_in: SignIn) -> None:
    client = sign_in(people.xinghe)

    text = page(client, f"/suggestions?need={counter.need}")

    assert "江城银行" in text and "科技贷" in text and "年利率 4.35% 起" in text
    assert "你要 601–731 万元，产品额度 50–1,000 万元。" in text
    assert "预匹配：条件符合" in text and "预匹配，不代表审批结果。" in text
    assert "很契合" not in text and "约 " not in re.sub(r"约 \d+ 个工作日", "", text).split("suggestion-list")[1]


def test_the_pair_page_tells_condition_by_condition(counter: Counter, people: Cast, sign_in: SignIn) -> None:
    text = page(sign_in(people.xinghe), f"/pairs?need={counter.need}&offer={counter.product}")

    conditions = re.findall(r'data-outcome="(\w+)".*?condition-list-text">(.*?)<', text, flags=re.S)
    assert ("pass", "成立月数不少于 12 个月") in conditions
    assert ("pass", "额度 1,000 万元以内") in conditions and ("pass", "期限不超过 36 个月") in conditions
    assert ("pass", "经营地在鄂州市") in conditions and ("pass", "无逾期和被执行记录") in conditions
    assert "你是高新技术企业，可享 3.85%。" in text and "产品更新于" in text
    assert "预匹配，不代表审批结果。" in text and not re.search(r"\d+ 分", text) and "credit-1" in text


def test_the_bank_reads_the_other_way_round_under_the_code_name(
    counter: Counter, people: Cast, sign_in: SignIn
) -> None:
    client = sign_in(people.bank)

    listed = page(client, f"/suggestions?offer={counter.product}")
    row = db.session.scalars(
        select(Suggestion.id).where(Suggestion.side == Side.OFFER, Suggestion.offer_id == counter.product)
    ).one()
    shown = page(client, f"/suggestions/{row}")

    for text in (listed, shown, page(client, f"/pairs?need={counter.need}&offer={counter.product}")):
        assert "星河科技" not in text and "新材料-0003" in text
        assert not re.search(r"(?<![\d,.])(601|731|846|137|4\.12)(?!\d)", text)
    assert "500–1,000 万元" in listed and "12 个月" in listed
    assert "对方是高新技术企业，可享你的 3.85%。" in shown
    assert "601–731 万元" in page(sign_in(people.xinghe), f"/suggestions?need={counter.need}")  # the control


def test_both_sides_read_english(counter: Counter, people: Cast, sign_in: SignIn) -> None:
    for who, url in ((people.xinghe, f"need={counter.need}"), (people.bank, f"offer={counter.product}")):
        client = sign_in(who)
        client.post("/account/preferences", data={"name": "林舟", "locale": "en"})
        for text in (
            page(client, f"/suggestions?{url}"),
            page(client, f"/pairs?need={counter.need}&offer={counter.product}"),
        ):
            main = text.split("<main", 1)[1].split("</main>")[0]
            told = re.sub(r"碳纤维订单备料|科技贷|江城银行|<[^>]*>|新材料-0003", "", main)
            assert not re.search("产品|对方|条件|预匹配|额度", told), told
            assert "Pre-match" in text


def test_what_falls_inside_a_band_waits_to_be_checked_and_what_fails_says_why(
    counter: Counter, people: Cast, sign_in: SignIn
) -> None:
    outcomes = explained(counter.need, counter.strict)
    assert {name: found for name, found in outcomes.items() if name.startswith("hard.")} == {
        "hard.revenue_yuan.at_least": "maybe", "hard.staff.at_least": "pass", "hard.in_carrier.is": "fail",
    }  # fmt: skip

    text = page(sign_in(people.xinghe), f"/pairs?need={counter.need}&offer={counter.strict}")

    assert "产品要求：在园企业，你不符合。" in text and "/introductions/new" not in text
    assert "产品要求：上年营业收入不少于 800 万元，待核实。" in text
    assert "/profile/steps/3" in text and "#revenue_yuan" in text  # where the firm settles it


def test_an_open_condition_makes_a_row_wait_and_names_it(
    counter: Counter, people: Cast, sign_in: SignIn, compare_loans: Callable[[], None]
) -> None:
    with unit_of_work() as session:
        session.get_one(LoanProduct, counter.strict).rules = [rule("revenue_yuan", "at_least", 8_000_000)]
    compare_loans()
    held = {
        row.offer_id: row
        for row in lists.shown(db.session(), Side.NEED, counter.need, PairingKind.CREDIT, now=utcnow())
    }

    assert held[counter.strict].verdict is Verdict.MAY_FIT and held[counter.product].verdict is Verdict.FITS
    assert "预匹配：待核实 1 项" in page(sign_in(people.xinghe), f"/suggestions?need={counter.need}")


@pytest.mark.parametrize(
    ("changed", "rule_name"),
    [
        ({"amount_max_yuan": 4_000_000}, "amount"),
        ({"term_max_months": 6}, "term"),
        ({"regions": ["420100"]}, "region"),
        ({"exclusions": ["new_materials"]}, "excluded_industry"),
        ({"rules": [rule("months_old", "at_most", 12)]}, "hard.months_old.at_most"),
        ({"rules": [rule("qualifications", "any_of", ["srdi"])]}, "hard.qualifications.any_of"),
        ({"rules": [rule("regions", "any_of", ["420702"])]}, "hard.regions.any_of"),
        ({"rules": [rule("is_first_loan", "is", False)]}, "hard.is_first_loan.is"),
    ],
)
def test_what_a_product_rules_out_is_not_suggested_and_says_why(
    counter: Counter, people: Cast, sign_in: SignIn, compare_loans: Callable[[], None], changed: dict, rule_name: str
) -> None:  # type: ignore[type-arg]
    with unit_of_work() as session:
        for name, value in changed.items():
            setattr(session.get_one(LoanProduct, counter.product), name, value)
    compare_loans()

    assert explained(counter.need, counter.product)[rule_name] == "fail"
    assert counter.product not in {
        row.offer_id for row in lists.shown(db.session(), Side.NEED, counter.need, PairingKind.CREDIT, now=utcnow())
    }
    text = page(sign_in(people.xinghe), f"/pairs?need={counter.need}&offer={counter.product}")
    assert 'data-outcome="fail"' in text and "reasons" in text


def test_a_full_product_is_not_suggested(
    counter: Counter, people: Cast, sign_in: SignIn, compare_loans: Callable[[], None]
) -> None:
    with unit_of_work() as session:
        session.get_one(LoanProduct, counter.product).capacity_per_month = 1
        other = add_credit_need(people.qingtian.organization_id, code_name="装备-0001")
        exclusions.exclude(other, counter.product, reason="in_progress", now=utcnow())
    compare_loans()

    assert not lists.shown(db.session(), Side.NEED, counter.need, PairingKind.CREDIT, now=utcnow())
    text = page(sign_in(people.xinghe), f"/pairs?need={counter.need}&offer={counter.product}")
    assert "产品本月名额已满，下月 1 日起可申请。" in text


def test_the_counter_speaks_of_products_and_the_pool_of_firms(counter: Counter, people: Cast, sign_in: SignIn) -> None:
    assert "不足 5 款产品符合" in page(sign_in(people.xinghe), f"/needs/{counter.need}/counter")
    assert "不足 5 家企业符合" in page(sign_in(people.bank), f"/offers/{counter.product}/pool")
    assert sign_in(people.yuanshan).get(f"/offers/{counter.product}/pool").status_code == 404


def test_feedback_keeps_a_product_out_of_the_own_list(counter: Counter, people: Cast, sign_in: SignIn) -> None:
    client = sign_in(people.bank)
    row = db.session.scalars(
        select(Suggestion.id).where(Suggestion.side == Side.OFFER, Suggestion.offer_id == counter.product)
    ).one()

    assert client.post(f"/suggestions/{row}/feedback", data={"kind": "later"}).status_code == 302
    assert not lists.shown(db.session(), Side.OFFER, counter.product, PairingKind.CREDIT, now=utcnow())
    assert lists.shown(
        db.session(), Side.NEED, counter.need, PairingKind.CREDIT, now=utcnow()
    )  # the other side keeps its own


def test_a_changed_product_is_compared_alone_by_the_matcher_of_its_kind(counter: Counter, people: Cast) -> None:
    with unit_of_work():
        fresh = add_product(people.bank.organization_id, title="订单贷")
        run = request_run(offer_id=fresh, now=utcnow())
        assert run.kind is PairingKind.CREDIT
    run_next(now=utcnow())

    assert fresh in {
        row.offer_id for row in lists.shown(db.session(), Side.NEED, counter.need, PairingKind.CREDIT, now=utcnow())
    }


def test_the_night_compares_every_kind_and_kinds_never_meet(people: Cast, compare_loans: Callable[[], None]) -> None:
    with unit_of_work():
        needs = add_credit_need(people.xinghe.organization_id), add_mentoring_need(people.xinghe.organization_id)
        offers = add_product(people.bank.organization_id), add_mentorship(people.mentor.organization_id)
    with unit_of_work():
        assert len({run.kind for run in request_full_runs(now=utcnow())}) == len(PairingKind)
    while run_next(now=utcnow()) is not None:
        pass

    pairs = {(row.need_id, row.offer_id) for row in db.session.scalars(select(Suggestion))}
    assert pairs == set(zip(needs, offers, strict=True))


def test_the_chooser_sorts_by_kind(counter: Counter, people: Cast, sign_in: SignIn) -> None:
    with unit_of_work():
        advice = add_mentoring_need(people.xinghe.organization_id)
    client = sign_in(people.xinghe)

    chooser = page(client, "/suggestions")
    assert "银行贷款" in chooser and "创业辅导" in chooser
    assert "正在比较" in chooser
    with unit_of_work():
        request_full_runs(now=utcnow())
    while run_next(now=utcnow()) is not None:
        pass
    with unit_of_work() as session:
        for number, run in enumerate(session.scalars(select(PublishedRun).where(PublishedRun.side == Side.NEED))):
            run.fits, run.may_fit = (13, 2) if number == 0 else (0, 0)
    assert "约 15 家符合，不足 5 家可能符合" in page(client, "/suggestions")
    assert "暂时没有合适的" in page(client, "/suggestions") and "正在比较" not in page(client, "/suggestions")
    assert f"need={advice}" in page(client, f"/suggestions?need={counter.need}")


def test_a_list_costs_the_same_queries_for_one_row_and_for_three(
    counter: Counter, people: Cast, sign_in: SignIn, compare_loans: Callable[[], None]
) -> None:
    client = sign_in(people.bank)
    url = f"/suggestions?offer={counter.product}"

    def queries() -> int:
        seen: list[str] = []
        listen = lambda conn, cursor, statement, *rest: seen.append(statement)  # noqa: E731
        event.listen(db.engine, "before_cursor_execute", listen)
        try:
            page(client, url)
        finally:
            event.remove(db.engine, "before_cursor_execute", listen)
        return len(seen)

    page(client, url)
    one = queries()
    with unit_of_work():
        add_firm(people.qingtian.organization_id)
        for number in range(2):
            add_credit_need(people.qingtian.organization_id, code_name=f"装备-000{number}")
    compare_loans()
    assert page(client, url).count("suggestion-row-name") == 3
    assert queries() == one


# --- what a bank can find out by trying -------------------------------------------------------------------------------

THRESHOLDS = (3_000_000, 5_000_000, 6_500_000, 8_400_000, 8_460_000, 8_470_000, 9_999_999, 10_000_000, 20_000_000)
RATES = (380, 400, 411, 412, 413, 430, 450)
TOKEN = re.compile(r'name="csrf_token"[^>]*value="[^"]*"|nonce="[^"]*"|csrf[^>]*content="[^"]*"|打印人 [^<]*')


def probed(counter: Counter, client: FlaskClient, revenue: int, expense: int, rate: int) -> list[str]:
    """All that a bank gets to see of a firm with these figures, for every threshold and rate that it tries."""
    seen = []
    for threshold, offered in [(t, 400) for t in THRESHOLDS] + [(5_000_000, r) for r in RATES]:
        with unit_of_work() as session:
            firm = session.scalars(select(EnterpriseProfile)).one()
            firm.revenue_yuan, firm.rd_expense_yuan = revenue, expense
            session.get_one(CreditNeed, counter.need).rate_max_bp = rate
            product = session.get_one(LoanProduct, counter.product)
            product.rate_min_bp, product.preferences = offered, []
            product.rules = [
                rule("revenue_yuan", "at_least", threshold), rule("rd_expense_yuan", "at_least", threshold // 6),
                rule("revenue_yuan", "at_most", threshold, hard=False),
            ]  # fmt: skip
        scorer = engine.store(db.session(), PairingKind.CREDIT).scorer()
        assert scorer is not None
        scorer.forget()
        told = scorer.pair(db.session(), counter.need, counter.product, now=utcnow())
        assert told is not None
        pages = (f"/pairs?need={counter.need}&offer={counter.product}", f"/offers/{counter.product}/pool")
        seen += [
            f"{told.score} {told.points}",
            *(TOKEN.sub("", client.get(url).get_data(as_text=True)) for url in pages),
        ]
    return seen


@pytest.fixture
def prober(people: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    monkeypatch.setattr(counters, "MOST", 1000)
    return sign_in(people.bank)


def test_no_threshold_recovers_a_figure_of_a_firm(counter: Counter, prober: FlaskClient) -> None:
    secret = probed(counter, prober, REVENUE, RD_EXPENSE, RATE_MAX)

    assert secret == probed(counter, prober, 5_200_000, 1_900_000, 445)
    assert secret != probed(counter, prober, 21_000_000, RD_EXPENSE, RATE_MAX)  # the control: another band is seen


def test_without_bands_the_same_probe_would_recover_them(
    counter: Counter, prober: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: with exact figures an outcome turns where the threshold passes the revenue."""
    monkeypatch.setattr(table, "figure", lambda yuan: (yuan, yuan))
    monkeypatch.setattr(columns, "stepped", lambda rate: rate)

    assert probed(counter, prober, REVENUE, RD_EXPENSE, RATE_MAX) != probed(counter, prober, 5_200_000, 1_900_000, 445)
