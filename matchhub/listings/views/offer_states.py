"""What can be done with an offer: one address per transition."""

from typing import Any

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core import errors
from matchhub.core.clock import utcnow
from matchhub.core.db import finish
from matchhub.core.web import current_actor, requires, spoken_message
from matchhub.listings import queries, services
from matchhub.listings.models import Offer
from matchhub.listings.policy import Permission, POLICY
from matchhub.listings.recipes import recipe_of_offer
from matchhub.listings.views.blueprint import bp
from matchhub.listings.views.offers import offer_page


@bp.post("/offers/<int:offer_id>/publication")
@requires(POLICY, Permission.EDIT_OFFER, load=queries.own_offer)
def publish_offer(offer: Offer) -> ResponseReturnValue:
    return _unless_refused(offer, services.publish_offer, _(recipe_of_offer(offer).words.published))


@bp.post("/offers/<int:offer_id>/pause")
@requires(POLICY, Permission.EDIT_OFFER, load=queries.own_offer)
def pause_offer(offer: Offer) -> ResponseReturnValue:
    return _unless_refused(offer, services.pause_offer, _("已暂停，不再收到推荐"))


@bp.post("/offers/<int:offer_id>/resumption")
@requires(POLICY, Permission.EDIT_OFFER, load=queries.own_offer)
def resume_offer(offer: Offer) -> ResponseReturnValue:
    return _unless_refused(offer, services.resume_offer, _("已恢复"))


@bp.post("/offers/<int:offer_id>/renewal")
@requires(POLICY, Permission.EDIT_OFFER, load=queries.own_offer)
def renew_offer(offer: Offer) -> ResponseReturnValue:
    return _unless_refused(offer, services.renew_offer, _("已续期"))


@bp.post("/offers/<int:offer_id>/closure")
@requires(POLICY, Permission.EDIT_OFFER, load=queries.own_offer)
def close_offer(offer: Offer) -> ResponseReturnValue:
    return _unless_refused(offer, services.close_offer, _("已结束"))


def _unless_refused(offer: Offer, service: Any, words: str) -> ResponseReturnValue:
    """Run a transition that may find something missing, and say what."""
    try:
        service(offer, actor=current_actor(), now=utcnow())
    except errors.Invalid as error:
        finish(commit=False)
        return offer_page(offer, refusals=[spoken_message(error)]), 422
    flash(words, "success")
    return redirect(url_for(".offer", offer_id=offer.id))
