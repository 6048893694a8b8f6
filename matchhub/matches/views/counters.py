"""The live counter of a need and the pool of an offer: rounded, suppressed when few, limited per organization."""

import time
from collections import defaultdict, deque
from datetime import datetime
from urllib.parse import urlsplit

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchhub.core import errors
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.ui import show_money
from matchhub.core.web import current_actor, requires, safe_next
from matchhub.listings.models import Need, Offer
from matchhub.matches import engine
from matchhub.matches.comparison import Lever, Pool
from matchhub.matches.enums import Side
from matchhub.matches.kinds import KINDS
from matchhub.matches.policy import Permission, POLICY
from matchhub.matches.queries import lists
from matchhub.matches.views import fields, wording
from matchhub.matches.views.blueprint import bp

MOST, WINDOW_SECONDS = 90, 600.0
MOST_LEVERS = 3
_asked: dict[int, deque[float]] = defaultdict(deque)


def _limit(organization_id: int) -> None:
    """Nobody may sound out the others' data by asking very often."""
    asked, now = _asked[organization_id], time.monotonic()
    while asked and asked[0] < now - WINDOW_SECONDS:
        asked.popleft()
    if len(asked) >= MOST:
        raise errors.TooMany(N_("操作太频繁，请稍后再试"), retry_after=int(WINDOW_SECONDS / 10))
    asked.append(now)


@bp.get("/needs/<int:need_id>/counter")
@requires(POLICY, Permission.COUNT, load=lists.own_need)
def need_counter(need: Need) -> ResponseReturnValue:
    _limit(current_actor().organization_id or 0)
    scorer = engine.store(db.session(), need.kind).scorer()
    pool = scorer.counted(db.session(), need.id, now=utcnow()) if scorer else None
    counted = KINDS[need.kind].counted
    return _fragment(pool, counted.offers, (counted.few, counted.about), need)


@bp.get("/offers/<int:offer_id>/pool")
@requires(POLICY, Permission.COUNT, load=lists.own_offer)
def offer_pool(offer: Offer) -> ResponseReturnValue:
    _limit(current_actor().organization_id or 0)
    scorer = engine.store(db.session(), offer.kind).scorer()
    pool = scorer.pooled(db.session(), offer.id, now=utcnow()) if scorer else None
    return _fragment(pool, KINDS[offer.kind].counted.needs)


def compare_more(need: Need, *, now: datetime) -> list[tuple[str, str | None, str]]:
    """(what to add, where, how many more could be compared on it) for a need, the most telling first."""
    scorer = engine.store(db.session(), need.kind).scorer()
    pool = scorer.counted(db.session(), need.id, now=now) if scorer else None
    back, additions = url_for("matches.suggestions", need=need.id), KINDS[need.kind].additions[Side.NEED]
    found = [lever for lever in (pool.levers if pool else ()) if lever.yuan is None and lever.topic in additions]
    return [
        (
            str(gettext(additions[lever.topic])),
            fields.address(lever.topic, Side.NEED, need, None, back),
            str(gettext("可以多比%(more)s。", more=wording.more(lever.more, KINDS[need.kind].counted.about))),
        )
        for lever in found[:MOST_LEVERS]
    ]


def _fragment(
    pool: Pool | None, sentence: str, units: tuple[str, ...] = (), need: Need | None = None
) -> ResponseReturnValue:
    if pool is None:
        return render_template("matches/counter.html", fit=gettext("正在准备"), maybe=None, levers=[])
    fit = gettext(sentence, count=wording.about(pool.fits, *units))
    few = gettext("%(count)s只差一两项信息", count=wording.about(pool.may_fit, *units))
    maybe = few if pool.may_fit else None
    told = [(lever, _lever(lever, need)) for lever in pool.levers] if need else []
    levers = [{"text": text, "url": _lever_url(lever, need)} for lever, text in told if text][:MOST_LEVERS]
    return render_template("matches/counter.html", fit=fit, maybe=maybe, levers=levers)


def _lever(lever: Lever, need: Need) -> str | None:
    more = wording.more(lever.more, KINDS[need.kind].counted.about)
    if lever.yuan is None:
        message = KINDS[need.kind].additions[Side.NEED].get(lever.topic)
        return None if message is None else str(gettext(message))
    amount = show_money(_rounded(lever.yuan))
    if lever.column == "amount_max":
        return str(gettext("上限改为 %(amount)s，多%(more)s", amount=amount, more=more))
    return str(gettext("下限改为 %(amount)s，多%(more)s", amount=amount, more=more))


def _lever_url(lever: Lever, need: Need | None) -> str | None:
    """The field that the lever moves. The form that holds the counter is the page to come back to."""
    if need is None:
        return None
    here = urlsplit(request.headers.get("HX-Current-URL") or url_for("listings.need", need_id=need.id))
    return fields.address(lever.topic, Side.NEED, need, None, safe_next(here.path, "/needs"))


def _rounded(yuan: int) -> int:
    """Two leading figures: an exact end would be somebody's own figure."""
    size = 10 ** max(0, len(str(yuan)) - 2)
    return -(-yuan // size) * size
