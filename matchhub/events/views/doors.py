"""The door: scanning, finding by name, walk-ins, taking back, who keeps it; and what the page needs without network."""

from typing import Any
from uuid import uuid4

from flask import (
    current_app,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    Response,
    send_from_directory,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.web import current_actor, is_refused, public, refusals_on, requires
from matchhub.events import queries, services
from matchhub.events.enums import CheckInWay, Entry
from matchhub.events.forms.doors import arrivals_of, CheckInForm, door_name, KeeperForm, WalkInForm
from matchhub.events.models import CheckIn, DoorKeeper, Event, Registration
from matchhub.events.policy import Permission, POLICY
from matchhub.events.queries import own_check_in, own_event, own_keeper, own_registration
from matchhub.events.services import Answer
from matchhub.events.views.blueprint import bp

TONES = {"green": "success", "amber": "warning", "red": "error"}
KEPT_HOURS = 12  # after the end of an event phones keep its list no longer


@bp.get("/events/<int:event_id>/cockpit/door")
@requires(POLICY, Permission.LET_IN, load=own_event)
def door(event: Event) -> ResponseReturnValue:
    return _door(event)


def _door(event: Event, *, check_in: CheckInForm | None = None, walk_in: WalkInForm | None = None) -> str:
    session, actor = db.session(), current_actor()
    text = request.args.get("q", "").strip()[:60]
    found = queries.found_at_door(session, event, text) if text else []
    may_organize = POLICY.allows(Permission.ORGANIZE, actor, event)
    counts = queries.door_counts(session, event.id)
    return render_template(
        "events/door/door.html",
        event=event,
        door=door_name(request.values.get("door")),
        text=text,
        way=CheckInWay.PHONE.value if len(text) == 4 and text.isdigit() else CheckInWay.NAME.value,
        found=found,
        entries=queries.standing_check_ins(session, event.id) if found else {},
        latest=queries.latest_check_ins(session, event.id),
        counts=counts,
        check_in=check_in or CheckInForm(formdata=None),
        walk_in=walk_in or _walk_in_form(event, sent=False),
        is_open=event.state in services.DOOR_STATES and utcnow() >= services.doors_open_at(event),
        opens_at=services.doors_open_at(event),
        may_organize=may_organize,
        people=queries.host_people(session, event) if may_organize else [],
        kept_until=int(event.ends_at.timestamp()) + KEPT_HOURS * 3600,
        entry_words={entry.value: {"words": _(entry.label), "tone": entry.tone} for entry in Entry},
    )


def _walk_in_form(event: Event, *, sent: bool) -> WalkInForm:
    pools = queries.pools_of(db.session(), event.id)
    form = WalkInForm() if sent else WalkInForm(formdata=None, ref=str(uuid4()))
    form.role.choices = {pool.role.value: _(pool.role.label) for pool in pools if pool.capacity}
    return form


@bp.post("/events/<int:event_id>/check-ins")
@requires(POLICY, Permission.LET_IN, load=own_event)
def check_in(event: Event) -> ResponseReturnValue:
    form, now = CheckInForm(), utcnow()
    with refusals_on(form):
        if form.validate():
            _say(services.admit(event, [form.arrival(now)], actor=current_actor(), now=now)[0], event)
    if is_refused(form):
        return _door(event, check_in=form), 422
    return _back(event, door_name(form.door.data))


def _back(event: Event, name: str) -> ResponseReturnValue:
    return redirect(url_for(".door", event_id=event.id, door=name or None))


def _say(answer: Answer, event: Event) -> None:
    parts = (_(answer.entry.label), *_told(answer, event).values())
    flash(" · ".join(part for part in parts if part), TONES[answer.entry.tone])


def _told(answer: Answer, event: Event) -> dict[str, str]:
    """Who it is, as what, and what there is to know, in the reader's language."""
    row, entry = answer.registration, answer.check_in
    found = {
        "name": row.name if row else answer.arrival.name,
        "role": _(row.pool.role.label) if row else "",
        "note": "",
    }
    if answer.entry is Entry.AGAIN and entry is not None:
        found["note"] = f"{entry.at.astimezone(event.tz):%H:%M} {entry.door}".strip()
    elif answer.entry is Entry.NO_SEAT:
        found["note"] = _(row.state.label) if row else _("这类席位已满")
    return found


@bp.post("/events/<int:event_id>/check-ins/uploads")
@requires(POLICY, Permission.LET_IN, load=own_event)
def upload_check_ins(event: Event) -> ResponseReturnValue:
    """What the page at the door has scanned: one at once with network, all that was kept without."""
    now = utcnow()
    arrivals = arrivals_of(request.get_json(silent=True), now)
    answers = services.admit(event, arrivals, actor=current_actor(), now=now)
    said = [
        {
            "ref": answer.arrival.ref,
            "entry": answer.entry.value,
            "id": answer.registration.id if answer.registration else None,
            "at": int(answer.check_in.at.timestamp()) if answer.check_in else None,
            "undo_url": url_for(".undo_check_in", check_in_id=answer.check_in.id)
            if answer.check_in and answer.entry is Entry.IN
            else None,
            **_told(answer, event),
        }
        for answer in answers
    ]
    return jsonify(answers=said, **_counted(event))


def _counted(event: Event) -> dict[str, Any]:
    counts = queries.door_counts(db.session(), event.id)
    roles = [{"label": _(row.role.label), "arrived": row.arrived, "expected": row.expected} for row in counts]
    arrived, expected = sum(row.arrived for row in counts), sum(row.expected for row in counts)
    return {"arrived": arrived, "expected": expected, "roles": roles}


@bp.get("/events/<int:event_id>/cockpit/door/list.json")
@requires(POLICY, Permission.LET_IN, load=own_event)
def door_list(event: Event) -> ResponseReturnValue:
    """What a phone keeps: hashes of tickets, masked names, last digits, who is in."""
    guests = [
        {
            "id": row.registration_id,
            "key": row.key,
            "name": row.name,
            "role": _(row.role.label),
            "tail": row.tail,
            "at": int(row.at.timestamp()) if row.at else None,
            "door": row.door,
        }
        for row in queries.door_list(db.session(), event)
    ]
    return jsonify(guests=guests, made_at=int(utcnow().timestamp()), **_counted(event))


@bp.post("/check-ins/<int:check_in_id>/withdrawal")
@requires(POLICY, Permission.LET_IN, load=own_check_in)
def undo_check_in(row: CheckIn) -> ResponseReturnValue:
    services.undo_check_in(row, actor=current_actor(), now=utcnow())
    flash(_("签到已撤销：%(name)s", name=row.registration.name), "success")
    return _back(row.event, door_name(request.form.get("door")))


@bp.post("/events/<int:event_id>/walk-ins")
@requires(POLICY, Permission.LET_IN, load=own_event)
def walk_in(event: Event) -> ResponseReturnValue:
    form, now = _walk_in_form(event, sent=True), utcnow()
    with refusals_on(form):
        if form.validate():
            _say(services.admit(event, [form.arrival(now)], actor=current_actor(), now=now)[0], event)
    if is_refused(form):
        return _door(event, walk_in=form), 422
    return _back(event, door_name(form.door.data))


@bp.post("/registrations/<int:registration_id>/door-seat")
@requires(POLICY, Permission.LET_IN, load=own_registration)
def seat_here(registration: Registration) -> ResponseReturnValue:
    event, name = registration.event, door_name(request.form.get("door"))
    _say(services.seat_here(registration, door=name, actor=current_actor(), now=utcnow()), event)
    return _back(event, name)


@bp.post("/events/<int:event_id>/door-keepers")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def name_keeper(event: Event) -> ResponseReturnValue:
    form = KeeperForm()
    chosen = form.user_id.data or ""
    services.name_keeper(event, int(chosen) if chosen.isascii() and chosen.isdigit() else 0, actor=current_actor())
    flash(_("已加为签到员"), "success")
    return _back(event, "")


@bp.post("/door-keepers/<int:keeper_id>/departure")
@requires(POLICY, Permission.ORGANIZE, load=own_keeper)
def release_keeper(keeper: DoorKeeper) -> ResponseReturnValue:
    services.release_keeper(keeper, actor=current_actor(), now=utcnow())
    flash(_("已取消签到员"), "success")
    return _back(keeper.event, "")


@bp.get("/events/door-worker.js")
@public("a script without data; a browser reads it anew by itself, whoever is signed in")
def door_worker() -> ResponseReturnValue:
    """From an address whose pages it may serve: that of a static file could serve none of them."""
    response: Response = send_from_directory(f"{current_app.static_folder}/js", "door_worker.js", max_age=0)
    response.headers["Cache-Control"] = "no-cache"
    return response
