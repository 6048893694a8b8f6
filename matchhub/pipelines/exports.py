"""Deals, the tracker and the confirmed figures as tables for Excel."""

from collections.abc import Callable, Iterable, Sequence

from matchhub.core import money
from matchhub.core.clock import city_date
from matchhub.core.labels import N_
from matchhub.core.sheets import workbook
from matchhub.core.ui import show_money_range
from matchhub.pipelines.models import Deal, Outcome

Words = Callable[[str], str]
Word = Callable[[str, str | None], str | None]


def deals_workbook(rows: Iterable[tuple[Deal, str]], words: Words) -> bytes:
    """The investor's own list, each deal with the name it may show."""
    header = [words(text) for text in ("企业", "需求", "阶段", "下一步", "日期", N_("开始日期"), N_("阶段变更日期"))]
    lines = (
        [
            name,
            deal.introduction.need.code_name,
            words(deal.stage.label),
            deal.next_step,
            deal.next_step_on,
            city_date(deal.opened_at),
            city_date(deal.stage_changed_at),
        ]
        for deal, name in rows
    )
    return workbook(words("看板"), header, lines)


def tracker_workbook(rows: Iterable[Sequence[str | None]], words: Words) -> bytes:
    """The firm's tracker: whom, what, where it stands, until when."""
    header = [words(text) for text in (N_("轮到谁"), "对方", "需求", "进展", "最晚")]
    return workbook(words("进展"), header, rows)


def figures_workbook(outcomes: Iterable[Outcome], words: Words, word: Word) -> bytes:
    """Confirmed results for stewards: sector, district, month and the band of the amount."""
    header = [words(text) for text in ("行业", "区", "月份", "融资方式", "金额区间")]
    lines = (
        [
            word("industries", outcome.deal.introduction.need.lead_industry),
            word("regions", outcome.deal.introduction.need.district_code),
            f"{outcome.received_on:%Y-%m}",
            word("instruments", outcome.instrument),
            show_money_range(*money.band(outcome.amount_yuan)),
        ]
        for outcome in outcomes
    )
    return workbook(words("成果"), header, lines)
