"""The auditor's lists as Excel, with the words and names of the pages."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext

from matchhub.console.auditing.queries import Names
from matchhub.console.auditing.showing import CONSENT_STATES, detail_words, Event, shown_consent
from matchhub.core import ui
from matchhub.core.clock import CITY_ZONE
from matchhub.core.labels import N_
from matchhub.core.ledger import SecurityEvent
from matchhub.core.sheets import workbook
from matchhub.disclosure.models import Consent


def events_sheet(rows: Iterable[Event], title: str) -> bytes:
    """Rows of the trail."""
    header = [
        gettext(h)
        for h in (
            N_("时间"),
            N_("谁"),
            N_("机构"),
            N_("做了什么"),
            N_("代码"),
            N_("对象"),
            N_("编号"),
            N_("细节"),
            N_("网络地址"),
            N_("请求"),
        )
    ]
    body = (
        [
            _local(row.at), row.person, row.organization, row.action, row.code, row.subject, row.object_id, row.details,
            row.ip, row.request_id,
        ]
        for row in rows
    )  # fmt: skip
    return workbook(title, header, body)


def consents_sheet(rows: Iterable[Consent], *, now: datetime) -> bytes:
    """Who opened what to whom."""
    header = [
        gettext(h)
        for h in (
            N_("编号"),
            N_("谁的信息"),
            N_("给谁"),
            N_("内容"),
            N_("文件"),
            N_("用途"),
            N_("授权时间"),
            N_("到期"),
            N_("撤回时间"),
            N_("状态"),
        )
    ]
    shown = (shown_consent(row, now) for row in rows)
    body = (
        [
            item.number, item.subject, item.recipient, item.groups, item.files, item.purpose, _local(item.given_at),
            _local(item.expires_at), _local(item.withdrawn_at), gettext(CONSENT_STATES[item.state][0]),
        ]
        for item in shown
    )  # fmt: skip
    return workbook(gettext("授权"), header, body)


def refusals_sheet(rows: Sequence[SecurityEvent], names: Names, cause: Any) -> bytes:
    """What was refused; `cause` turns a code into words."""
    header = [
        gettext(h)
        for h in (N_("时间"), N_("原因"), N_("代码"), N_("谁"), N_("机构"), N_("细节"), N_("网络地址"), N_("请求"))
    ]
    body = (
        [
            _local(row.at), cause(row.kind), row.kind, names.people.get(row.actor_user_id or 0, ""),
            _called(names, row.actor_organization_id), detail_words(row.details), row.ip, row.request_id,
        ]
        for row in rows
    )  # fmt: skip
    return workbook(gettext("拒绝"), header, body)


def _called(names: Names, organization_id: int | None) -> str:
    found = names.organizations.get(organization_id or 0)
    return str(ui.in_locale(found, "label")) if found else ""


def _local(moment: datetime | None) -> datetime | None:
    return moment.astimezone(CITY_ZONE) if moment else None
