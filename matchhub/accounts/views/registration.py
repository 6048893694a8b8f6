"""Registering an organization, claiming an imported one, asking to join one that is here."""

from dataclasses import dataclass
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from matchhub.accounts import services
from matchhub.accounts.enums import MembershipState, OrganizationKind, OrganizationStatus
from matchhub.accounts.forms import KINDS, OrganizationForm, OwnRegistrationForm, RegistrationForm
from matchhub.accounts.models import Membership
from matchhub.accounts.policy import Permission, POLICY
from matchhub.accounts.queries import (
    districts,
    lies_in_city,
    organization_by_uscc,
    own_membership,
    waiting_memberships,
)
from matchhub.accounts.services import attempts, is_claimable
from matchhub.accounts.views.blueprint import bp
from matchhub.accounts.views.browser import (
    limits_on,
    new_password_hash,
    open_browser,
    own_organization,
    refused_status,
    signed_in_row,
    words_on,
)
from matchhub.accounts.views.texts import shown_texts
from matchhub.core import addresses, uscc
from matchhub.core.clock import city_date, utcnow
from matchhub.core.db import db
from matchhub.core.dictionaries import snapshot
from matchhub.core.errors import Invalid
from matchhub.core.ui import locale_code, word
from matchhub.core.web import current_actor, is_refused, public, refusals_on, requires, spoken_message
from matchhub.core.workdays import add_workdays

ANSWER_WORKDAYS = 3


@dataclass(frozen=True, slots=True)
class CodeAnswer:
    """What is known of a code while the form is filled in."""

    error: str = ""
    exists: bool = False
    region: str = ""
    asks_district: bool = False


@bp.get("/registration")
@public("an organization comes in by itself")
def registration_form() -> ResponseReturnValue:
    asked = request.args.get("kind", "")
    kind = asked if asked in KINDS else KINDS[0].value
    return _page(_form(without_code="1" if request.args.get("without-code") == "1" else "", kind=kind))


@bp.get("/registration/code")
@public("the code is checked while the form is filled in; the answer names nobody")
def registration_code() -> ResponseReturnValue:
    answer = _answer_to(request.args.get("uscc", ""))
    return render_template("accounts/code_answer.html", answer=answer, form=_form(formdata=None))


@bp.post("/registration")
@public("an organization comes in by itself")
def register() -> ResponseReturnValue:
    form = _form()
    membership = _registered(form) if form.validate() else None
    if membership is None:
        return _page(form, refused_status(form))
    row, active = signed_in_row(), membership.state is MembershipState.ACTIVE
    if active or not current_actor().is_known:
        proved = row is not None and row.second_factor_at is not None and row.user_id == membership.user_id
        open_browser(membership.user, membership=membership if active else None, second_factor=proved)
    return redirect(url_for(".waiting"))


@bp.get("/waiting")
@requires(POLICY, Permission.ACT)
def waiting() -> ResponseReturnValue:
    memberships = waiting_memberships(db.session(), current_actor().user_id or 0)
    return render_template(
        "accounts/waiting.html", memberships=memberships, answer_by=_answer_by, states=OrganizationStatus
    )


@bp.post("/memberships/<int:membership_id>/withdrawal")
@requires(POLICY, Permission.ACT, load=own_membership)
def withdraw_join(membership: Membership) -> ResponseReturnValue:
    services.withdraw_join(membership, actor=current_actor(), now=utcnow())
    flash(_("申请已撤回"), "success")
    return redirect(url_for(".waiting"))


@bp.post("/organization/submission")
@requires(POLICY, Permission.SUBMIT)
def submit_organization() -> ResponseReturnValue:
    form = OrganizationForm()
    if form.validate():
        services.submit_organization(own_organization(), name=form.name.data or "", actor=current_actor(), now=utcnow())
        flash(_("已再次提交核验"), "success")
    return redirect(url_for(".waiting"))


def _form(**more: str | None) -> OwnRegistrationForm:
    form = OwnRegistrationForm(**more) if current_actor().is_known else RegistrationForm(**more)
    form.kind.choices = {kind.value: _(kind.label) for kind in KINDS}
    first = _("选择所在区") if form.without_code.data else _("按信用代码的登记地")
    parts = {entry.code: entry.word(locale_code()) for entry in districts(db.session())}
    elsewhere = {"other": _("本市以外")} if form.without_code.data else {}
    form.region.choices = {"": first, **parts, **elsewhere}
    return form


def _page(form: OwnRegistrationForm, status: int = 200) -> ResponseReturnValue:
    answer = _answer_to(form.uscc.data or "") if form.uscc.data else CodeAnswer()
    texts = shown_texts() if isinstance(form, RegistrationForm) else []
    if isinstance(form, RegistrationForm):
        form.texts.data = "-".join(str(text.id) for text in texts)
    return render_template("accounts/registration_form.html", form=form, answer=answer, texts=texts), status


def _answer_to(text: str) -> CodeAnswer:
    if not text.strip():
        return CodeAnswer()
    try:
        code = uscc.read(text)
    except Invalid as error:
        return CodeAnswer(error=spoken_message(error))
    existing = organization_by_uscc(db.session(), code)
    if existing is not None and not is_claimable(existing):
        return CodeAnswer(exists=True)
    region = uscc.region_of(code)
    known = snapshot().get("regions", region)
    named = (word("regions", region) or "") if known else ""
    return CodeAnswer(region=named, asks_district=lies_in_city(db.session(), region))


def _registered(form: OwnRegistrationForm) -> Membership | None:
    now, actor = utcnow(), current_actor()
    newcomer = _newcomer(form) if isinstance(form, RegistrationForm) else None
    code = ""
    with words_on(form):
        code = "" if form.without_code.data else uscc.read(form.uscc.data or "")
    if is_refused(form):
        return None
    text_ids = form.text_ids if isinstance(form, RegistrationForm) else ()
    membership = None
    with refusals_on(form):
        if request.form.get("join"):
            membership = services.ask_to_join(code, newcomer=newcomer, text_ids=text_ids, actor=actor, now=now)
        else:
            membership = services.register_organization(
                _registration(form, code, text_ids), newcomer=newcomer, actor=actor, now=now
            )
    return None if is_refused(form) else membership


def _registration(form: OwnRegistrationForm, code: str, text_ids: tuple[int, ...]) -> services.Registration:
    region = uscc.region_of(code) if code else (form.region.data or None)
    known = snapshot().get("regions", region) or (code and lies_in_city(db.session(), region))
    return services.Registration(
        kind=OrganizationKind(form.kind.data), name=form.name.data or "", uscc=code or None,
        region_code=region if known else None, district_code=(form.region.data or None) if code else None,
        text_ids=text_ids,
    )  # fmt: skip


def _newcomer(form: RegistrationForm) -> services.Newcomer | None:
    with limits_on(form):
        attempts.begin("registration", (form.address.data or "").lower(), actor=current_actor(), now=utcnow())
    with words_on(form):
        address = addresses.read(form.address.data or "")
    if is_refused(form):
        return None
    hashed = new_password_hash(form, personal=(address.value,))
    locale = getattr(get_locale(), "language", "zh")
    return services.Newcomer(form.person.data or "", address, hashed, locale)


def _answer_by(membership: Membership) -> date:
    return add_workdays(city_date(membership.created_at), ANSWER_WORKDAYS)
