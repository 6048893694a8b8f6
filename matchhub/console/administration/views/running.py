"""通知 and 运行: mail that failed, and how the worker's duties went."""

import re

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from matchhub.console.administration import queries
from matchhub.console.administration.views.blueprint import bp, duties, settings
from matchhub.core import delivery
from matchhub.core.administration import Permission, POLICY
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.health import worker_finding
from matchhub.core.outbox import KINDS, MailState, Notice
from matchhub.core.web import current_actor, page_number, requires

SHOWN = (MailState.FAILED, MailState.PENDING, MailState.SENT, MailState.CANCELLED, MailState.NONE)


@bp.get("/administration/outbox")
@requires(POLICY, Permission.VIEW)
def outbox() -> ResponseReturnValue:
    state = request.args.get("state", MailState.FAILED.value)
    text = request.args.get("q", "")
    page = queries.outbox(db.session(), state=state, text=text, number=page_number())
    counts = queries.mail_counts(db.session())
    return render_template(
        "administration/outbox.html", page=page, state=state, states=SHOWN, search_words=text, counts=counts,
        has_mail=settings().mail_url, subject_of=subject_of,
    )  # fmt: skip


def subject_of(notice: Notice) -> str:
    """What a notice is about, without the names in it: the administrator runs the mail, and reads none."""
    kind = KINDS.kinds.get(notice.kind)
    return re.sub(r"%\(\w+\)s", "…", _(kind.subject)) if kind else notice.kind


@bp.post("/administration/outbox/<int:notice_id>/retry")
@requires(POLICY, Permission.OPERATE, load=queries.notice)
def retry_notice(notice: Notice) -> ResponseReturnValue:
    delivery.retry(notice, actor=current_actor(), now=utcnow())
    flash(_("已放回待发送"), "success")
    return redirect(url_for(".outbox"))


@bp.post("/administration/outbox/retry")
@requires(POLICY, Permission.OPERATE)
def retry_all_notices() -> ResponseReturnValue:
    count = delivery.retry_all(actor=current_actor(), now=utcnow())
    flash(ngettext("%(num)s 封邮件已放回待发送", "%(num)s 封邮件已放回待发送", count), "success")
    return redirect(url_for(".outbox"))


@bp.post("/administration/outbox/<int:notice_id>/abandonment")
@requires(POLICY, Permission.OPERATE, load=queries.notice)
def abandon_notice(notice: Notice) -> ResponseReturnValue:
    delivery.give_up(notice, actor=current_actor(), now=utcnow())
    flash(_("已放弃发送"), "success")
    return redirect(url_for(".outbox"))


@bp.get("/administration/jobs")
@requires(POLICY, Permission.VIEW)
def jobs() -> ResponseReturnValue:
    now = utcnow()
    rows = queries.job_rows(db.session(), duties=duties(), now=now)
    beat, finding = queries.last_beat(db.session()), worker_finding(db.session(), now=now)
    return render_template("administration/jobs.html", rows=rows, beat=beat, finding=finding)
