"""Lists of needs and the page of one."""

from datetime import timedelta
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.accounts.enums import OrganizationKind
from matchhub.core import dictionaries
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.fields import entry_choices
from matchhub.core.labels import N_
from matchhub.core.money import band_of_range
from matchhub.core.paging import paged
from matchhub.core.policy import Actor
from matchhub.core.ui import locale_code, page_urls, show_money_range, site
from matchhub.core.web import current_actor, file_response, page_number, requires, takes_away, worded
from matchhub.disclosure.queries import Subject, visible_of
from matchhub.listings import exports, queries
from matchhub.listings.enums import LIVE_NEEDS, NeedState, NOTICE_DAYS
from matchhub.listings.forms import ClosureForm, kind_choices, ReturnForm, state_choices
from matchhub.listings.models import Need
from matchhub.listings.policy import Permission, POLICY
from matchhub.listings.queries import NeedFilter
from matchhub.listings.recipes import recipe_of_need
from matchhub.listings.views.blueprint import bp, hidden_of, in_words, rows_of, url_if_there
from matchhub.listings.workflow import NEEDS
from matchhub.profiles.queries import attachments_of, profile_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NEXT_STEPS: dict[NeedState, tuple[str, str, dict[str, Any]]] = {
    NeedState.DRAFT: (N_("接着写"), "listings.need_step", {"step": 1}),
    NeedState.RETURNED: (N_("按原因修改"), "listings.need_step", {"step": 1}),
    NeedState.EXPIRED: (N_("续期"), "listings.need", {}),
    NeedState.PAUSED: (N_("恢复"), "listings.need", {}),
}


def _is_enterprise(actor: Actor) -> bool:
    return actor.organization_kind == OrganizationKind.ENTERPRISE.value


@bp.get("/needs")
@requires(POLICY, Permission.LIST_NEEDS)
def needs() -> ResponseReturnValue:
    actor = current_actor()
    if _is_enterprise(actor):
        page = paged(
            db.session(), queries.own_needs(actor, request.args.get("state"), rows=queries.LISTED), page_number()
        )
        return render_template(
            "listings/needs.html", page=page_urls(page), needs=page.items, next_step=next_step, soon=soon, gist=gist,
            asked=asked,
        )  # fmt: skip
    chosen = chosen_filter()
    managed = queries.managed_needs(actor, chosen, rows=queries.MANAGED)
    page = paged(db.session(), managed, page_number(), wide=True)
    return render_template(
        "listings/managed_needs.html",
        page=page_urls(page),
        needs=[queries.ManagedNeed(*row) for row in page.items],
        chosen=chosen,
        choices=_choices(),
        banded=banded,
        gist=gist,
    )


@bp.get("/needs/export.xlsx")
@requires(POLICY, Permission.LIST_NEEDS)
@takes_away(N_("需求"), unless=_is_enterprise)
def export_needs() -> ResponseReturnValue:
    actor = current_actor()
    if _is_enterprise(actor):
        rows = db.session.scalars(queries.own_needs(actor, request.args.get("state")))
        content = exports.own_needs(rows, say=worded, locale=locale_code())
    else:
        rows = db.session.scalars(queries.managed_needs(actor, chosen_filter()))
        content = exports.managed_needs(rows, say=worded, locale=locale_code())
    return file_response(content, name=f"{_('需求')}.xlsx", media_type=XLSX)


@bp.get("/needs/<int:need_id>")
@requires(POLICY, Permission.SEE_NEED, load=queries.visible_need)
def need(need: Need) -> ResponseReturnValue:
    return need_page(need)


def need_page(need: Need, template: str | None = None, **more: Any) -> str:
    """The page of a need: everything for its owner, the management fields for whoever looks after it."""
    actor, now = current_actor(), utcnow()
    subject = Subject(need.organization_id, need.district_code, need.carrier_id)
    visible = visible_of(db.session(), actor, subject, now=now)
    profile = profile_of(db.session(), need.organization_id)
    files = {file.id: file.file.name for file in attachments_of(db.session(), need.organization_id)}
    lines = queries.sheet(need, visible, profile=profile, deck=files.get(need.deck_id or 0))
    is_own = need.organization_id == actor.organization_id
    forms = {"closure_form": ClosureForm(formdata=None), "return_form": ReturnForm(formdata=None), "refusals": ()}
    return render_template(
        template or ("listings/need.html" if is_own else "listings/managed_need.html"),
        need=need,
        rows=rows_of(lines),
        hidden=hidden_of(lines),
        actions={transition.action for transition in NEEDS.available(need, actor)},
        history=[(event, _history_word(event.action)) for event in queries.history_of(db.session(), "need", need.id)],
        suggestions_url=url_if_there("matches.suggestions", need=need.id)
        if need.state in LIVE_NEEDS and is_own
        else None,
        is_expiring=soon(need),
        printed_at=now,
        **(forms | more),
    )


def banded(need: Need | queries.ManagedNeed) -> str | None:
    """The band of the amount, in the reader's words: what a steward may see."""
    if not recipe_of_need(need).has_amount:
        return _("不涉及")
    return show_money_range(*band_of_range(*queries.amount_of(need)))


def asked(need: Need) -> str | None:
    """The exact amount of a need of one's own; for kinds that ask for no money, that they do not."""
    if not recipe_of_need(need).has_amount:
        return _("不涉及")
    return show_money_range(*queries.amount_of(need))


def gist(need: Need | queries.ManagedNeed) -> str | None:
    """The fact that stands for a need in a list: round, term or topics."""
    listed = recipe_of_need(need).listed
    return in_words(listed, listed.of(need))


def soon(need: Need) -> bool:
    """Whether a published need expires within the notice time."""
    is_live = need.state in LIVE_NEEDS and need.expires_at is not None
    return bool(is_live and need.expires_at and need.expires_at <= utcnow() + timedelta(days=NOTICE_DAYS))


def next_step(need: Need) -> tuple[str, str]:
    """What to do next with a need of one's own: the words and the address."""
    if need.state in LIVE_NEEDS and soon(need):
        return _("续期"), url_for(".need", need_id=need.id)
    if need.state is NeedState.OPEN:
        url = url_if_there("matches.suggestions", need=need.id)
        return (_("看推荐"), url) if url else (_("查看"), url_for(".need", need_id=need.id))
    label, endpoint, values = NEXT_STEPS.get(need.state, (N_("查看"), "listings.need", {}))
    return _(label), url_for(endpoint, need_id=need.id, **values)


def chosen_filter() -> NeedFilter:
    """The filter in the address; words that are in no dictionary find nothing."""
    get = request.args.get
    return NeedFilter(get("kind"), get("district"), get("industry"), get("state"), get("month"))


def _choices() -> dict[str, list[tuple[str, str]]]:
    """What the filter offers."""
    city = site()
    parents = dictionaries.snapshot().parents("industries")
    home = city.city_region if city else ""
    return {
        "district": entry_choices("regions", keep=lambda entry: entry.parent == home),
        "industry": entry_choices("industries", keep=lambda entry: parents.get(entry.code) is None),
        "state": state_choices(),
        "kind": kind_choices(),
    }


def _history_word(action: str) -> str:
    verb = action.split(":", 1)[1]
    if verb in NEEDS.rows:
        return _(NEEDS.rows[verb].label)
    return {"start": _("新建"), "change": _("修改内容")}.get(verb, verb)
