"""Engagements and their log as tables for Excel: what the pages show, and nothing more."""

from collections.abc import Callable, Iterable, Mapping

from matchhub.core.clock import city_date
from matchhub.core.labels import N_
from matchhub.core.sheets import Cell, Sheet, workbook
from matchhub.core.ui import shown_code
from matchhub.mentoring.models import Engagement, MentoringSession
from matchhub.mentoring.queries import NOTHING, Totals

Words = Callable[[str], str]
Word = Callable[[str, str | None], str | None]


def engagements_workbook(
    engagements: Iterable[tuple[Engagement, str]],
    totals: Mapping[int, Totals],
    sessions: Iterable[tuple[MentoringSession, str]],
    words: Words,
    word: Word,
) -> bytes:
    """Two sheets: the engagements with their confirmed hours, and the log."""
    header = [
        words(text) for text in ("对方", "需求", "状态", N_("已确认次数"), N_("已确认小时"), "开始日期", N_("结束日期"))
    ]
    rows = (
        [
            name,
            shown_code(row.introduction.need.code_name),
            words(row.state.label),
            totals.get(row.id, NOTHING).sessions,
            totals.get(row.id, NOTHING).hours,
            city_date(row.opened_at),
            city_date(row.closed_at) if row.closed_at else None,
        ]
        for row, name in engagements
    )
    return workbook(words("辅导"), header, rows, _log(sessions, words, word))


def _log(sessions: Iterable[tuple[MentoringSession, str]], words: Words, word: Word) -> Sheet:
    header = [
        words(text) for text in ("对方", N_("哪一天"), N_("分钟"), "方式", N_("话题"), N_("谈了什么"), "下一步", "状态")
    ]
    rows: list[list[Cell]] = [
        [
            name,
            row.held_on,
            row.minutes,
            words(row.mode.label),
            "、".join(word("mentor_topics", code) or code for code in row.topics),
            row.summary,
            row.next_step,
            words(row.state.label),
        ]
        for row, name in sessions
    ]
    return Sheet(words(N_("辅导记录")), header, rows)
