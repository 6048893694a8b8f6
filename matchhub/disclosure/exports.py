"""Consents and viewings as tables for Excel: what the pages show, and nothing more."""

from collections.abc import Callable, Iterable, Mapping

from matchhub.core.clock import city_date, CITY_ZONE
from matchhub.core.labels import N_
from matchhub.core.sheets import workbook
from matchhub.disclosure.enums import FieldGroup
from matchhub.disclosure.models import Consent, MaterialView

Words = Callable[[str], str]
CLOSED_NAME = N_("对方同意后显示名称")
SOMEBODY = N_("一名成员")


def consents_workbook(
    rows: Iterable[Consent], names: Mapping[int, str | None], words: Words, *, received: bool
) -> bytes:
    """What was opened, and to whom or by whom; `names` by the organization's id. `words` translates a msgid."""
    header = [
        words(text)
        for text in (
            N_("机构"), N_("用途"), N_("信息种类"), N_("材料"), N_("材料的方式"), N_("给出日期"), N_("有效期至"), N_("撤回日期")
        )
    ]  # fmt: skip
    joint = words("、")
    lines = (
        [
            names.get(consent.subject_id if received else consent.recipient_id) or words(CLOSED_NAME),
            words(consent.purpose),
            joint.join(words(FieldGroup(code).label) for code in consent.groups),
            joint.join(consent.shown_values.get("files", [])),
            way_of(consent, words),
            city_date(consent.given_at),
            city_date(consent.expires_at),
            city_date(consent.withdrawn_at) if consent.withdrawn_at else None,
        ]
        for consent in rows
    )
    return workbook(words(N_("我的授权")), header, lines)


def way_of(consent: Consent, words: Words) -> str:
    """Whether the files may be taken away; nothing where there are none."""
    if not consent.file_ids:
        return ""
    return words(N_("可以下载带水印的副本")) if consent.allows_download else words(N_("只能在线看"))


def views_workbook(
    views: Iterable[MaterialView],
    names: Mapping[int, str | None],
    people: Mapping[int, str | None],
    words: Words,
) -> bytes:
    """Who looked at which file: `names` by organization, `people` by viewing."""
    header = [
        words(text)
        for text in (
            N_("机构"), N_("人员"), N_("文件"), N_("打开时间"), N_("大约分钟"), N_("看过的页"), N_("下载时间"), N_("水印编号")
        )
    ]  # fmt: skip
    lines = (
        [
            names.get(view.organization_id) or words(CLOSED_NAME),
            people.get(view.id) or words(SOMEBODY),
            view.document_name,
            view.opened_at.astimezone(CITY_ZONE),
            view.minutes,
            pages_in_words(view.pages),
            view.downloaded_at.astimezone(CITY_ZONE) if view.downloaded_at else None,
            view.code,
        ]
        for view in views
    )
    return workbook(words(N_("查看记录")), header, lines)


def pages_in_words(pages: Iterable[int]) -> str:
    """1, 2, 3, 7 as 1–3, 7."""
    runs: list[list[int]] = []
    for number in sorted(pages):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in runs)
