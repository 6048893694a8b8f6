"""规则: the words of the city, each with the dates between which it is in force."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.console.administration import queries
from matchhub.console.administration.forms import EntryForm, RenamingForm, RetirementForm
from matchhub.console.administration.views.blueprint import bp
from matchhub.core import dictionary_changes
from matchhub.core.administration import Permission, POLICY
from matchhub.core.clock import city_date, utcnow
from matchhub.core.db import db
from matchhub.core.dictionaries import DictionaryEntry
from matchhub.core.web import current_actor, is_refused, page_number, refusals_on, requires


@bp.get("/administration/dictionaries")
@requires(POLICY, Permission.VIEW)
def dictionaries() -> ResponseReturnValue:
    rows = queries.dictionary_rows(db.session(), on=city_date(utcnow()))
    return render_template("administration/dictionaries.html", rows=rows)


@bp.get("/administration/dictionaries/<string:name>")
@requires(POLICY, Permission.VIEW, load=queries.dictionary)
def dictionary(name: str) -> ResponseReturnValue:
    return _dictionary_page(name, EntryForm(effective_from=city_date(utcnow())))


@bp.post("/administration/dictionaries/<string:name>/entries")
@requires(POLICY, Permission.CONFIGURE, load=queries.dictionary)
def add_entry(name: str) -> ResponseReturnValue:
    form = EntryForm()
    if form.validate_on_submit():
        given = {field.name: field.data for field in form if field.name != "csrf_token"}
        with refusals_on(form):
            dictionary_changes.add_entry(name, **given, actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _dictionary_page(name, form), 422
    flash(_("已增加"), "success")
    return redirect(url_for(".dictionary", name=name, q=form.code.data))


@bp.get("/administration/dictionary-entries/<int:entry_id>")
@requires(POLICY, Permission.VIEW, load=queries.entry)
def dictionary_entry(entry: DictionaryEntry) -> ResponseReturnValue:
    return _entry_page(entry, RenamingForm(label=entry.label, label_en=entry.label_en), RetirementForm())


@bp.post("/administration/dictionary-entries/<int:entry_id>/renaming")
@requires(POLICY, Permission.CONFIGURE, load=queries.entry)
def rename_entry(entry: DictionaryEntry) -> ResponseReturnValue:
    form, name = RenamingForm(), entry.dictionary
    if form.validate_on_submit():
        given = {field.name: field.data for field in form if field.name != "csrf_token"}
        with refusals_on(form):
            dictionary_changes.rename_entry(entry, **given, actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _entry_page(entry, form, RetirementForm()), 422
    flash(_("已改名"), "success")
    return redirect(url_for(".dictionary", name=name))


@bp.post("/administration/dictionary-entries/<int:entry_id>/retirement")
@requires(POLICY, Permission.CONFIGURE, load=queries.entry)
def retire_entry(entry: DictionaryEntry) -> ResponseReturnValue:
    form, name = RetirementForm(), entry.dictionary
    day = form.effective_to.data if form.validate_on_submit() else None
    if day is not None:
        with refusals_on(form):
            dictionary_changes.retire_entry(entry, effective_to=day, actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _entry_page(entry, RenamingForm(formdata=None, label=entry.label, label_en=entry.label_en), form), 422
    flash(_("已设停用日期"), "success")
    return redirect(url_for(".dictionary", name=name))


def _dictionary_page(name: str, form: EntryForm) -> str:
    text = request.args.get("q", "")
    page = queries.entries(db.session(), name, text=text, number=page_number())
    today = city_date(utcnow())
    return render_template(
        "administration/dictionary.html", name=name, page=page, form=form, search_words=text, today=today
    )


def _entry_page(entry: DictionaryEntry, renaming: RenamingForm, retirement: RetirementForm) -> str:
    today = city_date(utcnow())
    return render_template(
        "administration/dictionary_entry.html", entry=entry, renaming=renaming, retirement=retirement, today=today
    )
