"""Who came to events, as Excel."""

from collections.abc import Callable, Sequence

from matchhub.core import ui
from matchhub.core.labels import N_
from matchhub.core.sheets import Cell, workbook
from matchhub.events.models import Registration
from matchhub.events.queries.participation import OfCarrier, Quarter
from matchhub.events.queries.wording import title_of

Say = Callable[..., str]


def participation_book(rows: Sequence[Registration], quarter: Quarter, *, say: Say) -> bytes:
    """One line for a person at an event."""
    header = [
        say(N_("日期")), say(N_("活动")), say(N_("类型")), say(N_("主办方")), say(N_("机构")), say(N_("姓名")),
        say(N_("小时")),
    ]  # fmt: skip
    lines: list[list[Cell]] = [
        [
            row.event.starts_at.astimezone(row.event.tz).date(), title_of(row.event, ui.locale_code()),
            say(row.event.type.label), str(ui.in_locale(row.event.host, "label")),
            str(ui.in_locale(row.organization, "label")) if row.organization else row.organization_name, row.name,
            round(row.event.minutes / 60, 1),
        ]
        for row in rows
    ]  # fmt: skip
    return workbook(f"{say(N_('活动到场'))} {quarter.name}", header, lines)


def carriers_book(carriers: Sequence[OfCarrier], quarter: Quarter, *, say: Say) -> bytes:
    """One line for a carrier."""
    header = [say(N_("载体")), say(N_("办了几场")), say(N_("到场人次")), say(N_("园里来过活动的企业"))]
    lines: list[list[Cell]] = [
        [
            str(ui.in_locale(line.carrier, "label")), line.events, line.came,
            say(N_("不足 5")) if line.own_firms is None else line.own_firms,
        ]
        for line in carriers
    ]  # fmt: skip
    return workbook(f"{say(N_('活动到场'))} {quarter.name}", header, lines)
