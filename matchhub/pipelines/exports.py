"""Deals, the tracker and the confirmed figures as tables for Excel."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from matchhub.core import money
from matchhub.core.clock import city_date
from matchhub.core.labels import N_
from matchhub.core.sheets import workbook
from matchhub.core.ui import show_money_range, shown_code
from matchhub.pipelines.models import CreditCase
from matchhub.pipelines.queries.boards import Card

Words = Callable[[str], str]
Word = Callable[[str, str | None], str | None]
Amounts = Callable[[int | None, int | None], str | None]


def deals_workbook(cards: Iterable[Card], words: Words, stage_words: Words, amounts: Amounts) -> bytes:
    """The fund's own list, as its table shows it. Notes stay on the page."""
    header = [
        words(text)
        for text in ("企业", "需求", N_("金额"), "阶段", "下一步", "日期", N_("跟进人"), N_("停留天数"), N_("开始日期"))
    ]
    lines = (
        [
            card.name,
            card.code_name,
            amounts(card.low, card.high),
            stage_words(card.column.name),
            card.next_step,
            card.next_step_on,
            card.assignee,
            card.days,
            city_date(card.opened_at),
        ]
        for card in cards
    )
    return workbook(words("看板"), header, lines)


def tracker_workbook(rows: Iterable[Sequence[str | None]], words: Words) -> bytes:
    """The firm's tracker: whom, what, where it stands, until when."""
    header = [words(text) for text in (N_("轮到谁"), "对方", "需求", "进展", "最晚", N_("再次申请"))]
    return workbook(words("进展"), header, rows)


def figures_workbook(outcomes: Iterable[Any], words: Words, word: Word) -> bytes:
    """Confirmed results for stewards: sector, district, month and the band of the amount."""
    header = [
        words(text)
        for text in ("行业", "区", "月份", N_("类型"), "融资方式", "金额区间", N_("辅导次数"), N_("辅导小时"))
    ]
    lines = (
        [
            word("industries", outcome.lead_industry),
            word("regions", outcome.district_code),
            f"{outcome.received_on:%Y-%m}",
            words(outcome.kind.label),
            word("instruments", outcome.instrument or None),
            show_money_range(*money.band(outcome.amount_yuan)) if outcome.amount_yuan is not None else None,
            outcome.sessions,
            round(outcome.minutes / 60, 1) if outcome.minutes is not None else None,
        ]
        for outcome in outcomes
    )
    return workbook(words("成果"), header, lines)


def cases_workbook(rows: Iterable[tuple[CreditCase, str]], words: Words, word: Word) -> bytes:
    """The bank's own list of loans, each with the name it may show. Amounts in 元, rates in percent a year."""
    header = [
        words(text)
        for text in (
            "企业", "需求", N_("产品"), "阶段", N_("缺少的材料"), N_("批复金额（元）"), N_("年利率（百分数）"), "开始日期",
            "阶段变更日期", N_("未获批原因"),
        )
    ]  # fmt: skip
    lines = (
        [
            name,
            shown_code(case.introduction.need.code_name),
            case.introduction.offer.title,
            words(case.stage.label),
            "、".join(word("loan_materials", code) or code for code in case.missing),
            case.granted_yuan,
            case.rate_bp / 100 if case.rate_bp is not None else None,
            city_date(case.opened_at),
            city_date(case.stage_changed_at),
            word("credit_exit_reasons", case.exit_reason or None),
        ]
        for case, name in rows
    )
    return workbook(words("案件"), header, lines)
