"""The bell."""

import re
from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.accounts import services
from matchhub.accounts.policy import Permission, POLICY
from matchhub.accounts.queries import notices_to, own_notice
from matchhub.accounts.views.blueprint import bp
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.outbox import KINDS, Notice
from matchhub.core.paging import paged
from matchhub.core.ui import locale_code
from matchhub.core.web import current_actor, page_number, requires, safe_next, worded
from matchhub.core.wordings import in_words

PLACE = re.compile(r"%\((\w+)\)s")


@bp.get("/notices")
@requires(POLICY, Permission.ACT)
def notices() -> ResponseReturnValue:
    page = paged(db.session(), notices_to(current_actor(), utcnow()), page_number())
    return render_template("accounts/notices.html", page=page, rows=[(row, *_spoken(row)) for row in page.items])


@bp.post("/notices/<int:notice_id>/reading")
@requires(POLICY, Permission.ACT, load=own_notice)
def read_notice(notice: Notice) -> ResponseReturnValue:
    services.read_notice(notice, actor=current_actor(), now=utcnow())
    return redirect(safe_next(notice.path, url_for(".notices")))


@bp.post("/notices/readings")
@requires(POLICY, Permission.ACT)
def read_all_notices() -> ResponseReturnValue:
    services.read_all_notices(actor=current_actor(), now=utcnow())
    return redirect(url_for(".notices"))


def _spoken(notice: Notice) -> tuple[str, str]:
    """Subject and body in the reader's language; the code where the kind is not known any more."""
    kind = KINDS.kinds.get(notice.kind)
    if kind is None:
        return notice.kind, ""
    values = {key: in_words(value, locale_code(), say=_) for key, value in notice.values.items()}
    return _filled(kind.subject, values), _filled(kind.body, values)


def _filled(message: str, values: Mapping[str, Any]) -> str:
    """The words with their values; what is missing in an old notice is left out rather than breaking the list."""
    return worded(message, **{**dict.fromkeys(PLACE.findall(message), ""), **values})
