"""我的授权: what this organization opened to whom, what others opened to it, who looked, taking it back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core import ui
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.texts import LegalText
from matchhub.core.uploads import KINDS
from matchhub.core.web import current_actor, file_response, page_number, requires
from matchhub.disclosure import exports, queries, services
from matchhub.disclosure.enums import FieldGroup
from matchhub.disclosure.models import Consent, MaterialView, NdaAcceptance
from matchhub.disclosure.policy import Permission, POLICY
from matchhub.disclosure.queries import Given

bp = Blueprint("disclosure", __name__)
TABS = ("open", "over", "received", "views")
EXPORTED = 5000


@bp.get("/disclosures")
@requires(POLICY, Permission.LIST)
def index() -> ResponseReturnValue:
    tab, now, own_id = _tab(), utcnow(), current_actor().organization_id or 0
    standing, received = queries.standing_counts(db.session(), own_id, now=now)
    shown = {"open": _given, "over": _given, "received": _received, "views": _views}[tab](own_id, now)
    return render_template(
        "disclosure/index.html", tab=tab, counts={"open": standing, "received": received}, group_label=group_label,
        way_of=way_of, pages_in_words=exports.pages_in_words, now=now, **shown,
    )  # fmt: skip


@bp.get("/disclosures/export.xlsx")
@requires(POLICY, Permission.LIST)
def export() -> ResponseReturnValue:
    tab, own_id, now = _tab(), current_actor().organization_id or 0, utcnow()
    if tab == "views":
        views = queries.views_of(db.session(), own_id, per_page=EXPORTED).items
        content = exports.views_workbook(views, _names(views, now), _people(views, now), _)
    else:
        rows, received = _rows(tab, own_id, now), tab == "received"
        content = exports.consents_workbook(rows, _names(rows, now, received=received), _, received=received)
    return file_response(content, name=f"{_('我的授权')}.xlsx", media_type=KINDS["xlsx"])


@bp.get("/disclosures/<int:consent_id>/receipt")
@requires(POLICY, Permission.VIEW, load=queries.visible_consent)
def receipt(consent: Consent) -> ResponseReturnValue:
    texts = [db.session.get(LegalText, i) for i in (consent.text_id, consent.materials_text_id) if i is not None]
    now = utcnow()
    return render_template(
        "disclosure/receipt.html", consent=consent, texts=texts, group_label=group_label, printed_at=now,
        recipient_name=_names([consent], now)[consent.recipient_id] or _("对方同意后显示名称"), way=way_of(consent),
    )  # fmt: skip


@bp.get("/disclosures/acceptances/<int:acceptance_id>/receipt")
@requires(POLICY, Permission.VIEW_PROMISE, load=queries.visible_acceptance)
def promise_receipt(acceptance: NdaAcceptance) -> ResponseReturnValue:
    return render_template("disclosure/promise_receipt.html", acceptance=acceptance, printed_at=utcnow())


@bp.post("/disclosures/<int:consent_id>/withdrawal")
@requires(POLICY, Permission.WITHDRAW, load=queries.visible_consent)
def withdraw(consent: Consent) -> ResponseReturnValue:
    services.withdraw(consent, actor=current_actor(), now=utcnow())
    flash(_("授权已撤回，对方不再能看到"), "success")
    return redirect(url_for(".index"))


@bp.post("/disclosures/organizations/<int:organization_id>/withdrawal")
@requires(POLICY, Permission.WITHDRAW, load=queries.given_to)
def withdraw_all(given: Given) -> ResponseReturnValue:
    services.withdraw_all(given, actor=current_actor(), now=utcnow())
    flash(_("给这家机构的授权已全部撤回"), "success")
    return redirect(url_for(".index"))


def _tab() -> str:
    tab = request.args.get("tab", "")
    return tab if tab in TABS else TABS[0]


def _given(own_id: int, now: datetime) -> dict[str, Any]:
    """What was opened to others, by recipient."""
    session = db.session()
    page = queries.consents_given(session, own_id, standing=_tab() == "open", number=page_number(), now=now)
    rows = [row for group in page.items for row in group]
    return {
        "page": page,
        "names": _names(rows, now),
        "viewed": queries.last_viewed(session, rows),
        "readings": queries.readings_by(session, rows),
        "versions": queries.text_versions(session),
        "may_withdraw": bool(rows) and POLICY.allows(Permission.WITHDRAW, current_actor(), rows[0]),
    }


def _received(own_id: int, now: datetime) -> dict[str, Any]:
    """What others have open to this organization."""
    page = queries.consents_received(db.session(), own_id, now=now, number=page_number())
    return {"page": page, "names": _names(page.items, now, received=True)}


def _views(own_id: int, now: datetime) -> dict[str, Any]:
    """Who looked at this organization's files."""
    page = queries.views_of(db.session(), own_id, number=page_number())
    return {"page": page, "names": _names(page.items, now), "people": _people(page.items, now)}


def _rows(tab: str, own_id: int, now: datetime) -> Sequence[Consent]:
    """The consents of a tab, all of them, for the table to take away."""
    session = db.session()
    if tab == "received":
        return queries.consents_received(session, own_id, now=now, number=1, per_page=EXPORTED).items
    page = queries.consents_given(session, own_id, standing=tab == "open", number=1, now=now, per_page=EXPORTED)
    return [row for group in page.items for row in group]


def _names(
    rows: Sequence[Consent] | Sequence[MaterialView], now: datetime, *, received: bool = False
) -> dict[int, str | None]:
    """organization id → the name of the other side that may be shown."""
    others = [
        row.organization if isinstance(row, MaterialView) else row.subject if received else row.recipient
        for row in rows
    ]
    return queries.shown_names(db.session(), current_actor(), others, locale=ui.locale_code(), now=now)


def _people(views: Sequence[MaterialView], now: datetime) -> dict[int, str | None]:
    return queries.viewer_names(db.session(), current_actor(), views, now=now)


def group_label(code: str) -> str:
    """The words of a field group."""
    return str(_(FieldGroup(code).label))


def way_of(consent: Consent) -> str:
    """Whether the files may be taken away, in the reader's language."""
    return exports.way_of(consent, _)
