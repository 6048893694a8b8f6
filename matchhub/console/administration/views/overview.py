"""概况: what needs care."""

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from matchhub.console.administration import queries
from matchhub.console.administration.views.blueprint import bp, duties, settings
from matchhub.core.administration import Permission, POLICY
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.health import Finding, findings
from matchhub.core.labels import N_
from matchhub.core.web import requires


@bp.get("/administration")
@requires(POLICY, Permission.VIEW)
def overview() -> ResponseReturnValue:
    now = utcnow()
    figures = queries.overview(db.session(), duties=duties(), backups=settings().backups_dir, now=now)
    return render_template("administration/overview.html", figures=figures, findings=_looked_at())


def _looked_at() -> list[Finding]:
    try:
        return findings(db.session(), data_dir=settings().data_dir, now=utcnow())
    except (SQLAlchemyError, OSError):
        return [Finding("database", N_("数据库没有回答"), False, {})]
