"""Excel out: the directories and the template of a roster."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from matchhub.accounts.models import Organization
from matchhub.core import dictionaries
from matchhub.core.labels import N_
from matchhub.core.sheets import Cell, Sheet, workbook
from matchhub.profiles.enums import OPEN_RESIDENCY
from matchhub.profiles.models import Residency
from matchhub.profiles.queries import Directory, row_in_words
from matchhub.profiles.services.roster import HEADER, MAX_LINES

Translate = Callable[[str], str]


def directory_sheet(
    listed: Directory,
    profiles: Sequence[Any],
    carriers: Mapping[int, Organization],
    *,
    locale: str,
    translate: Translate,
) -> bytes:
    """The rows of a directory as an xlsx: exactly what its page shows."""
    facts = listed.shown_columns()
    header = [translate(label) for label in (listed.noun, N_("地区"), *(fact.label for fact in facts))]
    rows = ([_name(p.organization, locale), *row_in_words(facts, p, carriers, locale)] for p in profiles)
    return workbook(translate(listed.title), header, rows)


def residency_sheet(rows: Sequence[Residency], *, locale: str, translate: Translate) -> bytes:
    """The residencies as an xlsx: the same columns as the page, and why a firm left."""
    labels = (
        N_("企业"),
        N_("载体"),
        N_("状态"),
        N_("入驻日期"),
        N_("在孵起始"),
        N_("离开日期"),
        N_("迁往"),
        N_("原因"),
    )
    body = (
        [
            _name(row.enterprise, locale), _name(row.carrier, locale), translate(row.status.label), row.entered_on,
            row.incubation_from, row.left_on, row.moved_to, translate(row.reason) if row.reason else None,
        ]
        for row in rows
    )  # fmt: skip
    return workbook(translate(N_("企业入驻")), [translate(label) for label in labels], body)


def _name(organization: Any, locale: str) -> str:
    return (organization.name_en or organization.name) if locale == "en" else organization.name


def roster_template(*, translate: Translate) -> bytes:
    """An empty roster and a sheet that says how to fill it in. The header is the same in every language: it is read."""
    words = dictionaries.snapshot()
    hints: list[Sequence[Cell]] = [
        (HEADER[0], translate(N_("必填，和营业执照一致"))),
        (HEADER[1], translate(N_("18 位；还没有代码的团队不填"))),
        (HEADER[2], "、".join(sorted((status.label for status in OPEN_RESIDENCY), reverse=True))),
        (HEADER[3], translate(N_("按这样填写日期：2026-12-31"))),
        (HEADER[4], translate(N_("从下面选一个，写到小类最好"))),
        (HEADER[5], "、".join(entry.label for entry in words.entries("company_stages"))),
        (HEADER[6], translate(N_("60 字以内：做什么，给谁用"))),
        (HEADER[7], translate(N_("填写整数"))),
        (HEADER[8], translate(N_("联系人信息只在双方同意后开放"))),
        (HEADER[9], translate(N_("核对手机号，例如 138 0000 0000"))),
        (translate(N_("行数")), str(MAX_LINES)),
    ]
    hints += [(HEADER[4], entry.label) for entry in words.entries("industries")]
    widths = (30, 24, 12, 14, 20, 12, 40, 10, 12, 18)
    guide = Sheet(translate(N_("填写说明")), (translate(N_("列")), translate(N_("怎么填"))), hints, (22, 60))
    return workbook(translate(N_("名册")), HEADER, (), guide, widths=widths)
