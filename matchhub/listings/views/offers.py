"""Lists of offers and the page of one."""

from datetime import timedelta
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.accounts.enums import OrganizationKind
from matchhub.core import dictionaries
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.fields import entry_choices
from matchhub.core.paging import paged
from matchhub.core.ui import locale_code, page_urls
from matchhub.core.web import current_actor, file_response, page_number, requires
from matchhub.listings import exports, queries
from matchhub.listings.enums import LIVE_OFFERS, NOTICE_DAYS
from matchhub.listings.models import InvestmentMandate
from matchhub.listings.policy import Permission, POLICY
from matchhub.listings.queries import OfferFilter
from matchhub.listings.views.blueprint import bp, shown_value, url_if_there
from matchhub.listings.views.needs import XLSX
from matchhub.listings.workflow import OFFERS


@bp.get("/offers")
@requires(POLICY, Permission.LIST_OFFERS)
def offers() -> ResponseReturnValue:
    chosen = chosen_filter()
    page = paged(db.session(), _listed(chosen), page_number())
    template = "listings/offers.html" if shows_own() else "listings/open_offers.html"
    return render_template(
        template, page=page_urls(page), offers=page.items, chosen=chosen, choices=_choices(), soon=soon
    )


@bp.get("/offers/export.xlsx")
@requires(POLICY, Permission.LIST_OFFERS)
def export_offers() -> ResponseReturnValue:
    rows = db.session.scalars(_listed(chosen_filter()))
    content = exports.offers(rows, say=_, locale=locale_code())
    return file_response(content, name=f"{_('投资意向')}.xlsx", media_type=XLSX)


@bp.get("/offers/<int:offer_id>")
@requires(POLICY, Permission.SEE_OFFER, load=queries.visible_offer)
def offer(offer: InvestmentMandate) -> ResponseReturnValue:
    return offer_page(offer)


def offer_page(offer: InvestmentMandate, **more: Any) -> str:
    """The page of a mandate; its owner finds the buttons and the history on it."""
    actor = current_actor()
    is_own = offer.organization_id == actor.organization_id
    history = queries.history_of(db.session(), "offer", offer.id) if is_own else ()
    return render_template(
        "listings/offer.html",
        offer=offer,
        is_own=is_own,
        rows=[(label, shown_value(name, getattr(offer, name))) for name, label in _labels()],
        actions={transition.action for transition in OFFERS.available(offer, actor)},
        history=[(event, _history_word(event.action)) for event in history],
        suggestions_url=url_if_there("matches.suggestions", offer=offer.id)
        if is_own and offer.state in LIVE_OFFERS
        else None,
        profile_url=url_if_there("profiles.investor", organization_id=offer.organization_id),
        is_expiring=is_own and soon(offer),
        **({"refusals": ()} | more),
    )


def soon(offer: InvestmentMandate) -> bool:
    """Whether a published offer expires within the notice time."""
    is_live = offer.state in LIVE_OFFERS and offer.expires_at is not None
    return bool(is_live and offer.expires_at and offer.expires_at <= utcnow() + timedelta(days=NOTICE_DAYS))


def shows_own() -> bool:
    """Investors see their own list first; `?all=1` is the list that everybody sees."""
    return current_actor().organization_kind == OrganizationKind.INVESTOR.value and request.args.get("all") != "1"


def chosen_filter() -> OfferFilter:
    """The filter in the address."""
    return OfferFilter(request.args.get("industry"), request.args.get("round"), request.args.get("q", ""))


def _listed(chosen: OfferFilter) -> Any:
    return queries.own_offers(current_actor()) if shows_own() else queries.listed_offers(chosen)


def _choices() -> dict[str, list[tuple[str, str]]]:
    parents = dictionaries.snapshot().parents("industries")
    return {
        "industry": entry_choices("industries", keep=lambda entry: parents.get(entry.code) is None),
        "round": entry_choices("rounds"),
    }


def _labels() -> tuple[tuple[str, str], ...]:
    return (
        ("rounds", _("轮次")),
        ("industries", _("行业")),
        ("regions", _("地区")),
        ("instruments", _("投资方式")),
        ("leads", _("能否领投")),
        ("must", _("必须满足")),
        ("exclusions", _("不看的行业")),
        ("qualifications", _("优先有这些资质的企业")),
    )


def _history_word(action: str) -> str:
    verb = action.split(":", 1)[1]
    if verb in OFFERS.rows:
        return _(OFFERS.rows[verb].label)
    return {"start": _("新建"), "change": _("修改内容")}.get(verb, verb)
