"""The console's tables as Excel."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext

from matchhub.core import sheets, ui
from matchhub.oversight.queries.funnel import FunnelRow, Stage


def funnel_sheet(table: dict[str, Any], *, scope: str) -> bytes:
    """The funnel's table with its totals."""
    header = [gettext("范围"), *(gettext(stage.label) for stage in Stage)]
    rows = [[label, *(count for count, _ in cells)] for label, cells in table["rows"]]
    rows.append([f"{scope} {gettext('合计')}", *(count for count, _ in table["totals"])])
    return sheets.workbook(gettext("成效"), header, rows)


def funnel_list_sheet(stage: Stage, rows: Sequence[FunnelRow]) -> bytes:
    """The list behind one number."""
    header = [gettext(h) for h in ("机构", "代号", "区", "行业", "日期", "状态")]
    body = [
        [
            ui.in_locale(row.organization, "label"),
            ui.shown_code(row.code_name),
            ui.word("regions", row.district_code),
            ui.word("industries", row.lead_industry),
            ui.show_day(row.at),
            gettext(row.state.label),
        ]
        for row in rows
    ]
    return sheets.workbook(gettext(stage.label), header, body)
