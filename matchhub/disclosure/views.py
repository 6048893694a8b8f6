"""我的授权: what this organization opened to whom, and what others opened to it."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.texts import LegalText
from matchhub.core.ui import locale_code
from matchhub.core.web import current_actor, requires
from matchhub.disclosure import queries, services
from matchhub.disclosure.enums import FieldGroup
from matchhub.disclosure.models import Consent
from matchhub.disclosure.policy import Permission, POLICY

bp = Blueprint("disclosure", __name__)


@bp.get("/disclosures")
@requires(POLICY, Permission.LIST)
def index() -> ResponseReturnValue:
    now, own_id = utcnow(), current_actor().organization_id or 0
    given = queries.consents_given(db.session(), own_id)
    return render_template(
        "disclosure/index.html",
        given=given,
        names=queries.recipient_names(db.session(), current_actor(), given, locale=locale_code(), now=now),
        received=queries.consents_received(db.session(), own_id, now=now),
        viewed=queries.last_viewed(db.session(), given),
        versions=queries.text_versions(db.session()),
        group_label=group_label,
        may_withdraw=POLICY.allows(Permission.WITHDRAW, current_actor(), given[0]) if given else False,
        now=now,
    )


@bp.get("/disclosures/<int:consent_id>/receipt")
@requires(POLICY, Permission.VIEW, load=queries.visible_consent)
def receipt(consent: Consent) -> ResponseReturnValue:
    texts = [db.session.get(LegalText, i) for i in (consent.text_id, consent.materials_text_id) if i is not None]
    now = utcnow()
    name = queries.recipient_names(db.session(), current_actor(), [consent], locale=locale_code(), now=now)[consent.id]
    return render_template(
        "disclosure/receipt.html", consent=consent, texts=texts, group_label=group_label, printed_at=now,
        recipient_name=name or _("对方同意后显示名称"),
    )  # fmt: skip


@bp.post("/disclosures/<int:consent_id>/withdrawal")
@requires(POLICY, Permission.WITHDRAW, load=queries.visible_consent)
def withdraw(consent: Consent) -> ResponseReturnValue:
    services.withdraw(consent, actor=current_actor(), now=utcnow())
    flash(_("授权已撤回，对方不再能看到"), "success")
    return redirect(url_for(".index"))


def group_label(code: str) -> str:
    """The words of a field group."""
    return str(_(FieldGroup(code).label))
