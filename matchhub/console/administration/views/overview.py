"""概况: what needs care first, then the figures and how the system is."""

from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.exc import SQLAlchemyError

from matchhub.console.administration import queries
from matchhub.console.administration.views.blueprint import bp, duties, settings
from matchhub.core import ui
from matchhub.core.administration import Permission, POLICY
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.health import Finding, findings
from matchhub.core.labels import N_
from matchhub.core.web import requires, worded


@bp.get("/administration")
@requires(POLICY, Permission.VIEW)
def overview() -> ResponseReturnValue:
    now = utcnow()
    figures = queries.overview(db.session(), duties=duties(), backups=settings().backups_dir, now=now)
    looked_at = _looked_at()
    rows = [*_failures(figures), *_troubles(looked_at), *_waiting(figures)]
    return render_template("administration/overview.html", figures=figures, findings=looked_at, rows=rows)


def _failures(figures: queries.Overview) -> list[dict[str, Any]]:
    """What has gone wrong and will not mend itself."""
    rows = []
    if count := figures.failed_mails:
        words = ngettext("%(num)s 封", "%(num)s 封", count)
        rows.append(_row(_("有邮件发送失败"), words, url_for(".outbox", state="failed"), tone="red"))
    if names := figures.late_jobs:
        rows.append(_row(_("有任务出错或迟到"), _("、").join(names), url_for(".jobs"), tone="red"))
    return rows


def _troubles(findings: list[Finding]) -> list[dict[str, Any]]:
    return [
        _row(worded(finding.label, **finding.values), "", url_for(".jobs"), tone="red")
        for finding in findings
        if not finding.is_well
    ]


def _waiting(figures: queries.Overview) -> list[dict[str, Any]]:
    """Who waits for an answer of the house."""
    rows = []
    if count := figures.pending_organizations:
        words = ngettext("%(num)s 家", "%(num)s 家", count)
        since = _("最早 %(ago)s提交", ago=ui.show_ago(figures.oldest_pending_at))
        rows.append(_row(_("有机构等待核验"), words, url_for(".organizations", status="pending"), since=since))
    if count := figures.open_complaints:
        words = ngettext("%(num)s 件", "%(num)s 件", count)
        rows.append(_row(_("有投诉等待处理"), words, url_for("profiles.complaints", state="open")))
    return rows


def _row(what: str, whose: str, url: str, *, since: str = "", tone: str = "") -> dict[str, Any]:
    return {"what": what, "whose": whose, "due": since, "url": url, "button": _("去处理"), "tone": tone or None}


def _looked_at() -> list[Finding]:
    try:
        return findings(db.session(), data_dir=settings().data_dir, now=utcnow())
    except (SQLAlchemyError, OSError):
        return [Finding("database", N_("数据库没有回答"), False, {})]
