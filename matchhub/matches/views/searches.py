"""Saved searches: one's own, with how often each tells."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core import errors
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.web import current_actor, is_refused, refusals_on, requires
from matchhub.matches.enums import Alert
from matchhub.matches.forms import AlertForm, SearchForm
from matchhub.matches.models import SavedSearch
from matchhub.matches.policy import Permission, POLICY
from matchhub.matches.queries.searches import address_of, LISTS, own_search, searches_of
from matchhub.matches.services import searches as services
from matchhub.matches.views.blueprint import bp


@bp.get("/saved-searches")
@requires(POLICY, Permission.SAVE_SEARCH)
def saved_searches() -> ResponseReturnValue:
    return _page()


@bp.post("/saved-searches")
@requires(POLICY, Permission.SAVE_SEARCH)
def save_search() -> ResponseReturnValue:
    form = SearchForm()
    if form.validate():
        with refusals_on(form):
            services.save_search(
                form.list_code.data or "", form.query.data or "", name=form.name.data or "",
                alert=Alert(form.alert.data), actor=current_actor(), now=utcnow(),
            )  # fmt: skip
    if is_refused(form):
        return _page(form), 422
    flash(_("搜索已保存，有新结果会告诉你"), "success")
    return redirect(url_for(".saved_searches"))


@bp.post("/saved-searches/<int:search_id>/alert")
@requires(POLICY, Permission.KEEP_SEARCH, load=own_search)
def change_alert(search: SavedSearch) -> ResponseReturnValue:
    form = AlertForm()
    if not form.validate():
        raise errors.Invalid(N_("选一种提醒"), field="alert")
    services.change_alert(search, Alert(form.alert.data), actor=current_actor(), now=utcnow())
    flash(_("提醒已修改"), "success")
    return redirect(url_for(".saved_searches"))


@bp.post("/saved-searches/<int:search_id>/removal")
@requires(POLICY, Permission.KEEP_SEARCH, load=own_search)
def remove_search(search: SavedSearch) -> ResponseReturnValue:
    services.remove_search(search, actor=current_actor(), now=utcnow())
    flash(_("搜索已删除"), "success")
    return redirect(url_for(".saved_searches"))


def _page(form: SearchForm | None = None) -> str:
    rows = searches_of(db.session(), current_actor())
    forms = {row.id: AlertForm(formdata=None, alert=row.alert.value) for row in rows}
    for row in rows:
        forms[row.id].alert.id = f"alert-{row.id}"
    return render_template(
        "matches/saved_searches.html", rows=rows, forms=forms, form=form, lists=LISTS.by_code, address_of=address_of
    )


def present_query() -> str:
    """The filter of the list that is being looked at."""
    return request.query_string.decode("utf-8", "replace")


bp.add_app_template_global(present_query)
