"""Oversight's tables as Excel, as they stand on the pages."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from matchhub.core import ui
from matchhub.core.clock import city_date
from matchhub.core.labels import N_
from matchhub.core.sheets import Cell, Sheet, workbook
from matchhub.oversight.enums import DEFINITIONS, Indicator
from matchhub.oversight.queries.bulletin import Bulletin, FEW
from matchhub.oversight.queries.funnel import Stage
from matchhub.oversight.queries.targets import Counted, Progress

District = tuple[str, str, list[int]]
Say = Callable[..., str]  # the reader's language


def _words(say: Say, *messages: str) -> list[str]:
    return [str(say(message)) for message in messages]


def _target_sheet(lines: Sequence[Progress], say: Say) -> Sheet:
    header = _words(
        say,
        N_("指标"),
        N_("实际"),
        N_("目标"),
        N_("上限"),
        N_("差额"),
        N_("截止日期"),
        N_("预计"),
        N_("口径"),
        N_("出处"),
    )
    rows: list[list[Cell]] = [
        [
            say(line.indicator.label), line.actual, line.goal.low if line.goal else None,
            line.goal.high if line.goal else None, line.gap, line.goal.due_on if line.goal else None, line.forecast,
            say(DEFINITIONS[line.indicator]), line.goal.source if line.goal else None,
        ]
        for line in lines
    ]  # fmt: skip
    return Sheet(say(N_("目标")), header, rows)


def _district_sheet(lines: Sequence[Progress], districts: Sequence[District], say: Say) -> Sheet:
    header = [say(N_("区")), *(say(line.indicator.label) for line in lines)]
    return Sheet(say(N_("按区")), header, [[name, *figures] for name, _, figures in districts])


def targets_book(lines: Sequence[Progress], districts: Sequence[District], *, say: Say) -> bytes:
    """The board, and its figures by district."""
    first = _target_sheet(lines, say)
    return workbook(first.title, first.header, first.rows, _district_sheet(lines, districts, say))


def counted_book(indicator: Indicator, rows: Sequence[Counted], *, say: Say) -> bytes:
    """The list behind one figure."""
    header = _words(
        say,
        N_("机构"),
        N_("统一社会信用代码"),
        N_("区"),
        N_("载体"),
        N_("级别"),
        N_("总面积（平方米）"),
        N_("起始日期"),
    )
    body: list[list[Cell]] = [
        [
            ui.in_locale(row.organization, "label"), row.organization.uscc, ui.word("regions", row.district_code),
            ui.in_locale(row.carrier, "label") if row.carrier else None, ui.word("carrier_levels", row.level),
            row.area_m2, row.since,
        ]
        for row in rows
    ]  # fmt: skip
    return workbook(say(indicator.label), header, body)


def unanswered_book(tab: str, rows: Sequence[Any], *, now: datetime, say: Say) -> bytes:
    """One of the three lists of those whom nobody answers."""
    if tab == "answers":
        header = _words(say, N_("机构"), N_("待回应"), N_("最早一条"), N_("平时几天回应"))
        body: list[list[Cell]] = [
            [ui.in_locale(row.organization, "label"), row.count, city_date(row.oldest), row.median_days] for row in rows
        ]
        return workbook(say(N_("待回应")), header, body)
    if tab == "offers":
        header = _words(say, N_("供给"), N_("机构"), N_("类型"), N_("名额"), N_("待回应"), N_("最早一条"))
        body = [
            [
                row.offer.title, ui.in_locale(row.offer.organization, "label"), say(row.offer.kind.label),
                say(N_("本月已满")) if row.is_full else None, row.waiting, city_date(row.oldest) if row.oldest else None,
            ]
            for row in rows
        ]  # fmt: skip
        return workbook(say(N_("供给")), header, body)
    header = _words(say, N_("机构"), N_("代号"), N_("类型"), N_("区"), N_("发布日期"), N_("天数"), N_("符合的供给"))
    body = [
        [
            ui.in_locale(row.organization, "label"), ui.shown_code(row.code_name), say(row.kind.label),
            ui.word("regions", row.district_code), city_date(row.published_at), (now - row.published_at).days, row.fits,
        ]
        for row in rows
    ]  # fmt: skip
    return workbook(say(N_("需求")), header, body)


def bulletin_book(bulletin: Bulletin, districts: Sequence[District], *, month: str, say: Say) -> bytes:
    """The tables of a bulletin, a sheet each; what is too small to print is too small to export."""
    funnel: list[list[Cell]] = [[say(line.stage.label), line.month, line.before, line.year] for line in bulletin.lines]
    results: list[list[Cell]] = [
        [
            say(row.kind.label),
            row.count,
            row.amount_yuan if row.amount_yuan is not None else say(N_("不足 5 笔，不显示")),
        ]
        for row in bulletin.results
    ]
    ranks: list[list[Cell]] = [
        [
            row.place,
            ui.word("regions", row.district_code) or say(N_("未分区")),
            *(_count(row.counts[stage], say) for stage in Stage),
        ]
        for row in bulletin.ranks
    ]
    more = [
        Sheet(say(N_("成果")), _words(say, N_("类型"), N_("确认的成果"), N_("金额（元）")), results),
        _target_sheet(bulletin.targets, say),
        _district_sheet(bulletin.targets, districts, say),
    ]
    if ranks:
        header = [*_words(say, N_("名次"), N_("区")), *(say(stage.label) for stage in Stage)]
        more.append(Sheet(say(N_("各区")), header, ranks))
    return workbook(
        f"{say('成效')} {month}", _words(say, N_("阶段"), N_("本月"), N_("上月"), N_("今年以来")), funnel, *more
    )


def _count(count: int | None, say: Say) -> Cell:
    return say(N_("不足 %(number)s"), number=FEW) if count is None else count
