"""Lists of offers and the page of one."""

from datetime import timedelta
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core import dictionaries
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.fields import entry_choices
from matchhub.core.paging import paged
from matchhub.core.ui import locale_code, page_urls
from matchhub.core.web import current_actor, file_response, page_number, requires, worded
from matchhub.listings import exports, queries
from matchhub.listings.enums import LIVE_OFFERS, NOTICE_DAYS, PairingKind
from matchhub.listings.models import Offer
from matchhub.listings.policy import Permission, POLICY
from matchhub.listings.queries import OfferFilter
from matchhub.listings.recipes import Fact, OFFER_RECIPES, OfferRecipe, recipe_of_offer
from matchhub.listings.views.blueprint import bp, in_words, told, url_if_there
from matchhub.listings.views.needs import XLSX
from matchhub.listings.workflow import OFFERS


@bp.get("/offers")
@requires(POLICY, Permission.LIST_OFFERS)
def offers() -> ResponseReturnValue:
    recipe, own = asked_recipe(), shows_own()
    chosen = chosen_filter()
    listed = _listed(recipe, chosen) if own else _listed(recipe, chosen).options(*queries.shown_of_offers(recipe.kind))
    page = paged(db.session(), listed, page_number(), by=None if own else recipe.model.id)
    return render_template(
        "listings/offers.html" if own else "listings/open_offers.html",
        page=page_urls(page),
        offers=page.items,
        recipe=recipe,
        recipes=OFFER_RECIPES.values(),
        columns=listed_facts(recipe),
        narrowed_by=recipe.fact(recipe.narrowed_by) if recipe.narrowed_by else None,
        chosen=chosen,
        choices=_choices(recipe),
        soon=soon,
        cell=lambda offer, fact: in_words(fact, fact.of(offer)),
    )


@bp.get("/offers/export.xlsx")
@requires(POLICY, Permission.LIST_OFFERS)
def export_offers() -> ResponseReturnValue:
    recipe = asked_recipe()
    rows = db.session.scalars(_listed(recipe, chosen_filter()))
    content = exports.offers(rows, recipe, say=worded, locale=locale_code())
    return file_response(content, name=f"{_(recipe.words.all_of_them)}.xlsx", media_type=XLSX)


@bp.get("/offers/<int:offer_id>")
@requires(POLICY, Permission.SEE_OFFER, load=queries.visible_offer)
def offer(offer: Offer) -> ResponseReturnValue:
    return offer_page(offer)


def offer_page(offer: Offer, **more: Any) -> str:
    """The page of an offer; its owner finds the buttons and the history on it."""
    actor, recipe = current_actor(), recipe_of_offer(offer)
    is_own = offer.organization_id == actor.organization_id
    history = queries.history_of(db.session(), "offer", offer.id) if is_own else ()
    return render_template(
        "listings/offer.html",
        offer=offer,
        is_own=is_own,
        words=recipe.words,
        rows=told(offer, recipe.facts),
        actions={transition.action for transition in OFFERS.available(offer, actor)},
        history=[(event, _history_word(event.action)) for event in history],
        suggestions_url=url_if_there("matches.suggestions", offer=offer.id)
        if is_own and offer.state in LIVE_OFFERS
        else None,
        profile_url=url_if_there(f"profiles.{recipe.owner.value}", organization_id=offer.organization_id),
        is_expiring=is_own and soon(offer),
        **({"refusals": ()} | more),
    )


def soon(offer: Offer) -> bool:
    """Whether a published offer expires within the notice time."""
    is_live = offer.state in LIVE_OFFERS and offer.expires_at is not None
    return bool(is_live and offer.expires_at and offer.expires_at <= utcnow() + timedelta(days=NOTICE_DAYS))


def asked_recipe() -> OfferRecipe:
    """The kind in the address; without one, one's own, or mandates."""
    asked = request.args.get("kind")
    if asked in set(PairingKind):
        return OFFER_RECIPES[PairingKind(asked)]
    return queries.recipe_for(current_actor()) or OFFER_RECIPES[PairingKind.EQUITY]


def shows_own() -> bool:
    """Who makes offers sees its own list first; `?all=1` or another kind is the list that everybody sees."""
    own = queries.recipe_for(current_actor())
    return own is not None and own is asked_recipe() and request.args.get("all") != "1"


def chosen_filter() -> OfferFilter:
    """The filter in the address."""
    return OfferFilter(request.args.get("industry"), request.args.get("code"), request.args.get("q", ""))


def listed_facts(recipe: OfferRecipe) -> list[Fact]:
    """The facts that are columns of a list."""
    return [recipe.fact(key) for key in recipe.listed]


def _listed(recipe: OfferRecipe, chosen: OfferFilter) -> Any:
    return queries.own_offers(current_actor()) if shows_own() else queries.listed_offers(recipe.kind, chosen)


def _choices(recipe: OfferRecipe) -> dict[str, list[tuple[str, str]]]:
    parents = dictionaries.snapshot().parents("industries")
    found = {"industry": entry_choices("industries", keep=lambda entry: parents.get(entry.code) is None)}
    if recipe.narrowed_by:
        found["code"] = entry_choices(recipe.fact(recipe.narrowed_by).dictionary)
    return found


def _history_word(action: str) -> str:
    verb = action.split(":", 1)[1]
    if verb in OFFERS.rows:
        return _(OFFERS.rows[verb].label)
    return {"start": _("新建"), "change": _("修改内容")}.get(verb, verb)
