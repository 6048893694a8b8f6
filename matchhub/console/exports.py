"""The console's tables as Excel."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext

from matchhub.console.queries.firms import Firm
from matchhub.core import sheets, ui
from matchhub.core.clock import city_date
from matchhub.core.labels import N_
from matchhub.oversight.queries.funnel import FunnelRow, Stage


def funnel_sheet(table: dict[str, Any], *, scope: str) -> bytes:
    """The funnel's table with its totals."""
    header = [gettext("范围"), *(gettext(stage.label) for stage in Stage)]
    rows = [[label, *(count for count, _ in cells)] for label, cells in table["rows"]]
    rows.append([f"{scope} {gettext('合计')}", *(count for count, _ in table["totals"])])
    return sheets.workbook(gettext("成效"), header, rows)


def funnel_list_sheet(stage: Stage, rows: Sequence[FunnelRow]) -> bytes:
    """The list behind one number."""
    header = [gettext(h) for h in ("机构", "代号", "类型", "区", "行业", "日期", "状态")]
    body = [
        [
            ui.in_locale(row.organization, "label"),
            ui.shown_code(row.code_name),
            gettext(row.kind.label),
            ui.word("regions", row.district_code),
            ui.word("industries", row.lead_industry),
            ui.show_day(row.at),
            gettext(row.state.label),
        ]
        for row in rows
    ]
    return sheets.workbook(gettext(stage.label), header, body)


FIRM_HEADER = (
    N_("企业"), N_("统一社会信用代码"), N_("状态"), N_("需求"), N_("在孵起始"),
    N_("在孵月数"), N_("资料完整度（%）"), N_("最近动静"),
)  # fmt: skip


def firms_sheet(rows: Sequence[Firm], *, today: date) -> bytes:
    """A carrier's firms, as the page lists them."""
    joint = gettext("、")
    body: list[list[sheets.Cell]] = [
        [
            ui.in_locale(row.organization, "label"), row.uscc, gettext(row.status.label),
            joint.join(f"{gettext(state.label)} {count}" for state, count in row.needs.items()), row.incubated_from,
            row.months(today), row.filled, city_date(row.active_at),
        ]
        for row in rows
    ]  # fmt: skip
    return sheets.workbook(gettext("企业"), [gettext(words) for words in FIRM_HEADER], body)
