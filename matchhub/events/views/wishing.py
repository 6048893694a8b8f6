"""A guest's own side of the meetings: taking part, saying whom to meet, reading the plan."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.web import current_actor, requires
from matchhub.events import queries, services
from matchhub.events.enums import RoundState, WishKind
from matchhub.events.models import MeetingGuest, Registration
from matchhub.events.policy import Permission, POLICY
from matchhub.events.queries import own_guest, visible_registration
from matchhub.events.views.blueprint import bp


@bp.get("/registrations/<int:registration_id>/meetings")
@requires(POLICY, Permission.TAKE_PART, load=visible_registration)
def own_meetings(registration: Registration) -> ResponseReturnValue:
    session, now = db.session(), utcnow()
    found = queries.round_of(session, registration.event_id)
    guest = queries.guest_of(session, registration.id)
    takes_part = guest is not None and guest.left_at is None
    others, wishes, rows = [], {}, []
    if found is not None and guest is not None and takes_part:
        others = [other for other in queries.guests_of(session, found.id) if other.side is not guest.side]
        wishes = queries.wishes_of(session, guest.id)
        rows = [row for row in queries.meetings_of(session, found.id, guest_id=guest.id) if row.told_slot is not None]
    return render_template(
        "events/meetings/own.html",
        event=registration.event,
        registration=registration,
        round=found,
        guest=guest if takes_part else None,
        side=services.side_of(registration),
        others=others,
        wishes=wishes,
        kinds=list(WishKind),
        meetings=rows if found is not None and found.state is RoundState.PUBLISHED else [],
        open=found is not None and found.takes_wishes(now),
    )


@bp.post("/registrations/<int:registration_id>/meetings")
@requires(POLICY, Permission.TAKE_PART, load=visible_registration)
def join_meetings(registration: Registration) -> ResponseReturnValue:
    away = [int(slot) for slot in request.form.getlist("away") if slot.isascii() and slot.isdigit() and len(slot) < 4]
    services.join(registration, away, actor=current_actor(), now=utcnow())
    flash(_("已参加会谈，说说想见谁吧"), "success")
    return redirect(url_for(".own_meetings", registration_id=registration.id))


@bp.post("/meeting-guests/<int:guest_id>/wishes")
@requires(POLICY, Permission.TAKE_PART, load=own_guest)
def set_wishes(guest: MeetingGuest) -> ResponseReturnValue:
    """All wishes of the page at once; who is not on it keeps the wish as it was."""
    said = {
        int(name.removeprefix("wish-")): WishKind(value) if value in set(WishKind) else None
        for name, value in request.form.items()
        if name.startswith("wish-") and name.removeprefix("wish-").isdecimal() and len(name) < 16
    }
    services.set_wishes(guest, said, actor=current_actor(), now=utcnow())
    flash(_("意愿已保存，截止前随时可改"), "success")
    return redirect(url_for(".own_meetings", registration_id=guest.registration_id))


@bp.post("/meeting-guests/<int:guest_id>/departure")
@requires(POLICY, Permission.TAKE_PART, load=own_guest)
def leave_meetings(guest: MeetingGuest) -> ResponseReturnValue:
    services.leave_meetings(guest, actor=current_actor(), now=utcnow())
    flash(_("已退出会谈"), "success")
    return redirect(url_for(".own_meetings", registration_id=guest.registration_id))
