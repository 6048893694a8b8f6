"""没有动静的对接: which of the carrier's firms waits or is waited for, and one button that asks whoever has to move."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.web import current_actor, page_number, requires
from matchhub.oversight import services
from matchhub.oversight.policy import Permission, POLICY
from matchhub.oversight.queries import silence
from matchhub.oversight.queries.kept import as_of
from matchhub.oversight.queries.silence import SilentPair
from matchhub.oversight.views.blueprint import asked_days, bp


@bp.get("/silent-pairs")
@requires(POLICY, Permission.SEE_SILENT)
def silent_pairs() -> ResponseReturnValue:
    actor, now, days = current_actor(), utcnow(), asked_days(silence.DAYS)
    page = silence.silent_pairs(db.session(), actor, days=days, now=now, number=page_number())
    return render_template(
        "oversight/silent_pairs.html", page=page, days=days, now=now, pause=services.PAUSE,
        as_of=as_of(db.session(), actor) if days == silence.DAYS else None,
        may_remind=bool(page.items) and POLICY.allows(Permission.REMIND, actor, page.items[0]),
    )  # fmt: skip


@bp.post("/silent-pairs/<int:need_id>/<int:offer_id>/reminder")
@requires(POLICY, Permission.REMIND, load=silence.silent_pair)
def remind(pair: SilentPair) -> ResponseReturnValue:
    services.remind(pair, actor=current_actor(), now=utcnow())
    flash(gettext("已提醒，一周内不再重复"), "success")
    return redirect(url_for(".silent_pairs"))
