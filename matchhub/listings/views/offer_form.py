"""A mandate on one screen: draft, two tabs, publication."""

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core import errors
from matchhub.core.clock import utcnow
from matchhub.core.db import db, finish
from matchhub.core.labels import N_
from matchhub.core.web import current_actor, is_refused, refusals_on, requires, safe_next
from matchhub.listings import queries, services
from matchhub.listings.enums import EDITABLE_OFFERS, LIVE_OFFERS
from matchhub.listings.forms import OFFER_FORMS, OfferForm
from matchhub.listings.models import Offer
from matchhub.listings.policy import Permission, POLICY
from matchhub.listings.recipes import recipe_of_offer
from matchhub.listings.views.blueprint import bp, differing, obstacle_rows, saved_at, url_if_there


@bp.get("/offers/new")
@requires(POLICY, Permission.START_OFFER)
def new_offer() -> ResponseReturnValue:
    found = db.session.scalars(queries.own_offers(current_actor())).all()
    recipe = queries.recipe_for(current_actor())
    drafts = [offer for offer in found if offer.state == "draft"]
    return render_template("listings/new_offer.html", drafts=drafts, words=recipe.words if recipe else None)


@bp.post("/offers")
@requires(POLICY, Permission.START_OFFER)
def start_offer() -> ResponseReturnValue:
    offer = services.start_offer(actor=current_actor(), now=utcnow())
    return redirect(url_for(".offer_form", offer_id=offer.id))


@bp.get("/offers/<int:offer_id>/form")
@requires(POLICY, Permission.EDIT_OFFER, load=queries.own_offer)
def offer_form(offer: Offer) -> ResponseReturnValue:
    if offer.state not in EDITABLE_OFFERS:
        raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=offer.state)
    return form_page(offer, OFFER_FORMS[offer.kind](obj=offer))


@bp.post("/offers/<int:offer_id>/form")
@requires(POLICY, Permission.EDIT_OFFER, load=queries.own_offer)
def save_offer(offer: Offer) -> ResponseReturnValue:
    form = OFFER_FORMS[offer.kind]()
    form.is_draft = "later" in request.form and offer.state not in LIVE_OFFERS
    if form.validate():
        try:
            with refusals_on(form):
                _save(offer, form, publish=not form.is_draft)
        except services.EditedElsewhere:
            return both_versions(offer, form)
    if is_refused(form):
        return form_page(offer, form), 422
    flash(_("草稿已保存") if form.is_draft else _(recipe_of_offer(offer).words.published), "success")
    return redirect(safe_next(request.args.get("next"), url_for(".offer", offer_id=offer.id)))


@bp.post("/offers/<int:offer_id>/draft")
@requires(POLICY, Permission.EDIT_OFFER, load=queries.own_offer)
def offer_draft(offer: Offer) -> ResponseReturnValue:
    form = OFFER_FORMS[offer.kind]()
    form.is_draft = True
    if offer.state in LIVE_OFFERS:
        raise errors.Conflict(N_("已发布的不会自动保存，请按保存"))
    if not form.validate():
        return "", 422
    _save(offer, form, publish=False)
    response = make_response(render_template("listings/_version.html", version=offer.version))
    response.headers["X-Saved-At"] = saved_at(utcnow())
    return response


def _save(offer: Offer, form: OfferForm, *, publish: bool) -> None:
    services.save_offer(
        offer, form.values(), version=form.version_number, publish=publish, actor=current_actor(), now=utcnow()
    )


def form_page(offer: Offer, form: OfferForm, **more: object) -> str:
    """The one screen, with the live pool where the matches are installed."""
    form.version.data = form.version.data or str(offer.version)
    return render_template(
        "listings/offer_form.html",
        offer=offer,
        form=form,
        words=recipe_of_offer(offer).words,
        is_live=offer.state in LIVE_OFFERS,
        obstacles=obstacle_rows(
            [o for o in queries.obstacles_to_offer(offer) if o.where == "organization"], lambda _step: None
        ),
        counter_url=url_if_there("matches.offer_pool", offer_id=offer.id),
        **more,
    )


def both_versions(offer: Offer, form: OfferForm) -> ResponseReturnValue:
    """Somebody saved in between: both, side by side; nothing typed is lost."""
    finish(commit=False)
    differences = differing(offer, form.values(), recipe_of_offer(offer).told)
    form.version.data = str(offer.version)
    return form_page(offer, form, differences=differences), 409
