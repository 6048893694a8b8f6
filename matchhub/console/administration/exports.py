"""The administrator's lists as Excel."""

from collections.abc import Iterable
from datetime import datetime

from flask_babel import gettext

from matchhub.accounts.enums import MembershipState
from matchhub.accounts.models import Organization, User
from matchhub.core import ui
from matchhub.core.clock import city_date
from matchhub.core.labels import N_
from matchhub.core.sheets import workbook


def organizations_sheet(rows: Iterable[Organization]) -> bytes:
    """Organizations with their code, place and status."""
    header = [gettext(h) for h in ("名称", "简称", "类型", "统一社会信用代码", "地区", "状态", "核验时间")]
    body = (
        [
            row.name, row.short_name, gettext(row.kind.label), row.uscc, ui.word("regions", row.region_code),
            gettext(row.status.label), city_date(row.verified_at) if row.verified_at else None,
        ]
        for row in rows
    )  # fmt: skip
    return workbook(gettext("机构"), header, body)


def people_sheet(rows: Iterable[User], *, now: datetime) -> bytes:
    """People, whom they act for, and whether their second factor is on; addresses masked as on the page."""
    header = [gettext(h) for h in ("姓名", "邮箱或手机号", "机构", "两步验证", "上次使用", "状态")]
    body = (
        [
            row.name, None if row.is_erased else ui.email_masked(row.email) or ui.phone_masked(row.mobile), _acts_for(row),
            gettext("已开启") if row.totp_enabled_at else gettext("未开启"),
            city_date(row.last_seen_at) if row.last_seen_at else None,
            gettext(_state_of(row, now)),
        ]
        for row in rows
    )  # fmt: skip
    return workbook(gettext("人员"), header, body)


def _state_of(user: User, now: datetime) -> str:
    if user.disabled_at:
        return N_("已注销") if user.is_erased else N_("已停用")
    return N_("已锁定") if user.locked_until and user.locked_until > now else N_("正常")


def _acts_for(user: User) -> str:
    held = [row.organization for row in user.memberships if row.state is MembershipState.ACTIVE]
    return gettext("、").join(str(ui.in_locale(organization, "label")) for organization in held)
