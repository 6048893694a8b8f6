"""Introductions as a table for Excel: what the page shows, and nothing more."""

from collections.abc import Callable, Iterable, Mapping

from matchhub.core.clock import city_date
from matchhub.core.labels import N_
from matchhub.core.sheets import workbook
from matchhub.core.ui import locale_code, shown_code
from matchhub.disclosure.queries import Visible
from matchhub.introductions.models import Introduction
from matchhub.introductions.queries import party_name


def own_workbook(
    introductions: Iterable[Introduction],
    own_id: int,
    visible: Mapping[int, Visible],
    words: Callable[[str], str],
) -> bytes:
    """The party's own list. `words` translates a msgid."""
    header = [
        words(text) for text in ("对方", N_("类型"), "需求", "状态", "谁申请", "申请日期", "最晚回应", "回应日期")
    ]
    rows = (
        [
            party_name(row, row.other_than(own_id), visible[row.id], locale_code()),
            words(row.kind.label),
            shown_code(row.need.code_name),
            words(row.state.label),
            words("本机构") if row.requester_id == own_id else words("对方"),
            city_date(row.requested_at),
            None if row.awaits_claim else city_date(row.expires_at),
            city_date(row.answered_at) if row.answered_at else None,
        ]
        for row in introductions
    )
    return workbook(words("对接"), header, rows)


def managed_workbook(
    introductions: Iterable[Introduction],
    words: Callable[[str], str],
    word: Callable[[str, str | None], str | None],
) -> bytes:
    """The stewards' list: sector, district, dates and state."""
    header = [words(text) for text in (N_("类型"), "行业", "区", "状态", "申请日期", "回应日期")]
    rows = (
        [
            words(row.kind.label),
            word("industries", row.need.lead_industry),
            word("regions", row.need.district_code),
            words(row.state.label),
            city_date(row.requested_at),
            city_date(row.answered_at) if row.answered_at else None,
        ]
        for row in introductions
    )
    return workbook(words("对接"), header, rows)
