"""Whether the process is up, and whether the whole is ready: for the proxy and for whoever watches. No versions."""

import logging

from flask import jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from matchhub.console.administration.views.blueprint import bp, settings
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.health import findings
from matchhub.core.web import public


@bp.get("/healthz")
@public("a proxy asks whether the process answers; it says nothing else")
def healthz() -> ResponseReturnValue:
    return jsonify(status="ok")


@bp.get("/readyz")
@public("a monitor asks whether database, worker and mail are well; names of checks only")
def readyz() -> ResponseReturnValue:
    try:
        found = findings(db.session(), data_dir=settings().data_dir, now=utcnow())
    except SQLAlchemyError:
        logging.getLogger("matchhub").exception("readiness")
        return jsonify(status="unavailable", checks={"database": False}), 503
    checks = {finding.name: finding.is_well for finding in found}
    ready = all(checks.values())
    return jsonify(status="ok" if ready else "unavailable", checks=checks), 200 if ready else 503
