"""Inviting: whom the matcher suggests, guests from a table, what became of each; and the page of the invited person."""

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core import errors, ui, uploads
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.core.sheets import workbook
from matchhub.core.uploads import path_of, StoredFile
from matchhub.core.web import current_actor, file_response, is_refused, public, refusals_on, requires
from matchhub.events import queries, services
from matchhub.events.forms import registration_form, RegistrationForm
from matchhub.events.forms.lineup import GuestTableForm, number_in
from matchhub.events.imports import COLUMNS, GuestTable, MAX_LINES, read_guests
from matchhub.events.models import Event, EventInvitation
from matchhub.events.policy import Permission, POLICY
from matchhub.events.queries import own_event, own_invitation
from matchhub.events.queries.invitations import CAP_PER_MONTH
from matchhub.events.views.blueprint import bp
from matchhub.settings import Settings

WHY = "a secret address for one person and one event, as a ticket's; the page says nothing of others"
XLSX = uploads.KINDS["xlsx"]
MEGABYTES = 5


@bp.get("/events/<int:event_id>/cockpit/invitations")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def invitations(event: Event) -> ResponseReturnValue:
    session, now = db.session(), utcnow()
    rows = queries.invitations_of(session, event.id)
    return render_template(
        "events/invitations/invitations.html",
        event=event,
        rows=rows,
        suggested=queries.suggested_invitees(session, event, now=now) if event.takes_registrations(now) else [],
        cap=CAP_PER_MONTH,
        next_wave=queries.last_wave(session, event.id) + 1,
        counts={state: sum(row.state.value == state for row in rows) for state in ("sent", "accepted", "declined")},
        takes=event.takes_registrations(now),
        has_projects=bool(queries.needs_on_stage(session, event.id)),
    )


@bp.post("/events/<int:event_id>/invitation-waves")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def send_wave(event: Event) -> ResponseReturnValue:
    chosen = {number_in(text) for text in request.form.getlist("person")[:200]}
    people = [one for one in queries.suggested_invitees(db.session(), event, now=utcnow()) if one.user_id in chosen]
    wave, left_out = services.send_wave(event, people, actor=current_actor(), now=utcnow())
    flash(_told(wave.number, left_out), "success")
    return redirect(url_for(".invitations", event_id=event.id))


def _told(number: int, left_out: int) -> str:
    sent = str(_("第 %(number)s 批已发出", number=number))
    return sent + str(_("，%(count)s 人没有发", count=left_out)) if left_out else sent


@bp.post("/event-invitations/<int:event_invitation_id>/withdrawal")
@requires(POLICY, Permission.ORGANIZE, load=own_invitation)
def withdraw_invitation(invitation: EventInvitation) -> ResponseReturnValue:
    services.withdraw_invitation(invitation, actor=current_actor())
    flash(_("邀请已撤回"), "success")
    return redirect(url_for(".invitations", event_id=invitation.event_id))


# --- guests from a table ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GuestFile:
    """An uploaded table of guests of one event."""

    event: Event
    file: StoredFile


def guest_file(actor: Actor, event_id: int, file_id: int) -> GuestFile | None:
    """A table that the own organization uploaded, for an event of its own."""
    event, file = own_event(actor, event_id), db.session.get(StoredFile, file_id)
    if event is None or file is None or file.organization_id != actor.organization_id:
        return None
    return GuestFile(event, file) if file.media_type in (XLSX, uploads.KINDS["csv"]) else None


def folder() -> Path:
    """Where uploaded bytes lie."""
    settings: Settings = current_app.extensions["matchhub"]
    return settings.files_dir


@bp.get("/events/<int:event_id>/cockpit/guests")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def guest_table(event: Event) -> ResponseReturnValue:
    form = GuestTableForm(formdata=None)
    return render_template("events/invitations/guests.html", event=event, form=form, most=MAX_LINES)


@bp.get("/events/<int:event_id>/cockpit/guests/template.xlsx")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def guest_template(event: Event) -> ResponseReturnValue:
    header = [english if ui.locale_code() == "en" else label for _code, label, english, _longest in COLUMNS]
    return file_response(workbook(_("外部嘉宾"), header, []), name=f"{_('外部嘉宾')}.xlsx", media_type=XLSX)


@bp.post("/events/<int:event_id>/guest-tables")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def upload_guests(event: Event) -> ResponseReturnValue:
    form = GuestTableForm()
    if form.validate():
        with refusals_on(form):
            sent = form.file.data
            found = uploads.check(
                cast(BinaryIO, sent.stream), sent.filename or "", folder=folder(), allowed=frozenset({"xlsx", "csv"}),
                max_bytes=MEGABYTES * 2**20,
            )  # fmt: skip
            read_guests((folder() / found.key[:2] / found.key).read_bytes(), db.session(), event)
            stored = services.keep_guest_table(event, found, actor=current_actor(), now=utcnow())
            return redirect(url_for(".guest_preview", event_id=event.id, file_id=stored.id))
    return render_template("events/invitations/guests.html", event=event, form=form, most=MAX_LINES), 422


def _read(held: GuestFile) -> GuestTable:
    return read_guests(path_of(held.file, folder()).read_bytes(), db.session(), held.event)


@bp.get("/events/<int:event_id>/guest-tables/<int:file_id>")
@requires(POLICY, Permission.ORGANIZE, load=guest_file)
def guest_preview(held: GuestFile) -> ResponseReturnValue:
    return render_template(
        "events/invitations/preview.html", event=held.event, file=held.file, preview=_read(held).preview
    )


@bp.post("/events/<int:event_id>/guest-tables/<int:file_id>/application")
@requires(POLICY, Permission.ORGANIZE, load=guest_file)
def invite_guests(held: GuestFile) -> ResponseReturnValue:
    guests, event_id = _read(held).guests, held.event.id
    wave, left_out = services.send_wave(held.event, guests, actor=current_actor(), now=utcnow())
    flash(_told(wave.number, left_out), "success")
    return redirect(url_for(".invitations", event_id=event_id))


# --- the invited --------------------------------------------------------------------------------------------------


def _found(token: str) -> EventInvitation:
    found = queries.invitation_by_token(db.session(), token)
    if found is None:
        raise errors.NotFound(N_("这个链接已失效"))
    return found


@bp.get("/event-invitations/<string:token>")
@public(WHY)
def invitation(token: str) -> ResponseReturnValue:
    found = _found(token)
    return _answering(found, token, _questions(found, sent=False))


def _questions(found: EventInvitation, *, sent: bool) -> RegistrationForm:
    """The event's own questions to who comes in this role."""
    labels = {row.key: ui.in_locale(row, "label") for row in found.event.fields}
    role = services.invited_role(found)
    kwargs = {} if sent else {"formdata": None}
    form = registration_form(found.event, labels, {"yes": _("是"), "no": _("否")}, **kwargs)
    form.role.data = role.value if role else ""
    form.role.choices = {role.value: _(role.label)} if role else {}
    return form


def _answering(found: EventInvitation, token: str, form: RegistrationForm) -> str:
    held = queries.registration_of(db.session(), found.event_id, found.person_key)
    asked = [row for row in found.event.fields if not row.roles or form.role.data in row.roles]
    return render_template(
        "events/invitations/answer.html", invitation=found, event=found.event, token=token, held=held, form=form,
        asked=asked, takes=found.event.takes_registrations(utcnow()),
        is_stopped=bool(queries.stopped(db.session(), [found.person_key])),
    )  # fmt: skip


@bp.post("/event-invitations/<string:token>/acceptance")
@public(WHY)
def accept_invitation(token: str) -> ResponseReturnValue:
    found = _found(token)
    form = _questions(found, sent=True)
    with refusals_on(form):
        role = services.invited_role(found)
        answers = services.checked(found.event.fields, role, form.raw) if role else {}
        services.accept_invitation(found, answers, now=utcnow())
    if is_refused(form):
        return _answering(found, token, form), 422
    return redirect(url_for(".invitation", token=token))


@bp.post("/event-invitations/<string:token>/refusal")
@public(WHY)
def decline_invitation(token: str) -> ResponseReturnValue:
    services.decline_invitation(_found(token), now=utcnow())
    return redirect(url_for(".invitation", token=token))


@bp.post("/event-invitations/<string:token>/end")
@public(WHY)
def stop_invitations(token: str) -> ResponseReturnValue:
    services.stop_invitations(_found(token), now=utcnow())
    return redirect(url_for(".invitation", token=token))
