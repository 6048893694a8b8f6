"""我的个人信息: what is kept, a copy of it, being forgotten; and requests that reach the administrator by letter."""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.accounts.models import User
from matchhub.accounts.policy import Permission, POLICY
from matchhub.accounts.queries import user_by_address
from matchhub.accounts.services import erasure
from matchhub.accounts.views.taking import is_proved, prove_first
from matchhub.console.personal.exports import personal_book, personal_json
from matchhub.console.personal.forms import ErasureForm, RequestForm
from matchhub.console.personal.parts import COLUMNS
from matchhub.console.personal.queries import Found, kept_of
from matchhub.console.personal.showing import wording_of
from matchhub.core import ledger
from matchhub.core.addresses import parsed
from matchhub.core.administration import Permission as AdministrationPermission
from matchhub.core.administration import POLICY as ADMINISTRATION
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.uploads import KINDS
from matchhub.core.web import current_actor, file_response, is_refused, refusals_on, requires, takes_away

bp = Blueprint("personal", __name__)
SHOWN = 5  # rows of each part on the page; the files have all


@bp.get("/account/personal-data")
@requires(POLICY, Permission.ACT)
def personal_data() -> ResponseReturnValue:
    found = _own()
    shown = wording_of(db.session(), found).text
    return render_template("personal/personal_data.html", found=found, columns=COLUMNS, shown=shown, most=SHOWN)


@bp.get("/account/personal-data.xlsx")
@requires(POLICY, Permission.ACT)
@takes_away(N_("我的个人信息"), of_oneself=True)
def personal_table() -> ResponseReturnValue:
    return _book(_own(), _("我的个人信息"))


@bp.get("/account/personal-data.json")
@requires(POLICY, Permission.ACT)
@takes_away(N_("我的个人信息"), of_oneself=True)
def personal_file() -> ResponseReturnValue:
    return file_response(personal_json(_own()), name=f"{_('我的个人信息')}.json", media_type="application/json")


@bp.get("/account/erasure")
@requires(POLICY, Permission.ACT)
def erasure_form() -> ResponseReturnValue:
    prove_first()
    return _erasure_page(ErasureForm())


@bp.post("/account/erasures")
@requires(POLICY, Permission.ACT)
def erase_oneself() -> ResponseReturnValue:
    if not is_proved():
        return redirect(url_for(".erasure_form"))
    form = ErasureForm()
    if not form.validate():
        return _erasure_page(form), 422
    erasure.erase_person(_oneself(), actor=current_actor(), now=utcnow())
    session.clear()
    return render_template("personal/erased.html")


@bp.get("/administration/personal-requests")
@requires(ADMINISTRATION, AdministrationPermission.OPERATE)
def requests() -> ResponseReturnValue:
    prove_first()
    return _requests_page(request.args.get("q", ""), RequestForm())


@bp.get("/administration/personal-requests/copy.xlsx")
@requires(ADMINISTRATION, AdministrationPermission.OPERATE)
@takes_away(N_("个人信息副本"))
def copy_for_guest() -> ResponseReturnValue:
    address, user = _asked(request.args.get("q", ""))
    found = kept_of(db.session(), None, [address]) if address and user is None else []
    return _book(found, _("个人信息副本"))


@bp.post("/administration/personal-requests/erasures")
@requires(ADMINISTRATION, AdministrationPermission.OPERATE)
def erase_on_request() -> ResponseReturnValue:
    if not is_proved():
        return redirect(url_for(".requests"))
    form, actor, now = RequestForm(), current_actor(), utcnow()
    address, user = _asked(form.address.data or "")
    if form.validate():
        with refusals_on(form):
            if user is not None:
                erasure.erase_person(user, actor=actor, reason=form.reason.data or "", now=now)
            elif address:
                erasure.erase_address(address, actor=actor, reason=form.reason.data or "", now=now)
    if is_refused(form):
        return _requests_page(form.address.data or "", form), 422
    flash(_("已删除，操作记录里只留编号"), "success")
    return redirect(url_for(".requests"))


def _oneself() -> User:
    return db.session.get_one(User, current_actor().user_id)


def _own() -> list[Found]:
    user = _oneself()
    return kept_of(db.session(), user.id, [address for address in (user.email, user.mobile) if address])


def _book(found: list[Found], name: str) -> ResponseReturnValue:
    content = personal_book(found, wording_of(db.session(), found))
    return file_response(content, name=f"{name}.xlsx", media_type=KINDS["xlsx"])


def _erasure_page(form: ErasureForm) -> str:
    alone = erasure.answers_alone_for(db.session(), current_actor().user_id or 0)
    return render_template("personal/erasure_form.html", form=form, alone=alone)


def _asked(typed: str) -> tuple[str, User | None]:
    """The address that was typed, as it is stored, and the account that has it."""
    found = parsed(typed)
    return (found.value, user_by_address(db.session(), found)) if found else ("", None)


def _requests_page(typed: str, form: RequestForm) -> str:
    """What is kept by an address: kinds and numbers, no contents; looked up only for somebody, which the trail tells."""
    address, user = _asked(typed)
    found: list[Found] = []
    if address:
        found = kept_of(db.session(), user.id if user else None, [address])
        ledger.record_access(current_actor(), "personal:look-up", user, parts=len(found))
        form.address.data = address
    return render_template(
        "personal/requests.html", search_words=typed, address=address, user=user, found=found, form=form,
        is_self=user is not None and user.id == current_actor().user_id,
        alone=erasure.answers_alone_for(db.session(), user.id) if user else [],
    )  # fmt: skip
