"""The organizer's page of what follows an event."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.web import current_actor, requires
from matchhub.events import queries, services
from matchhub.events.enums import ContactSource
from matchhub.events.models import Event
from matchhub.events.policy import Permission, POLICY
from matchhub.events.queries import own_event
from matchhub.events.views.blueprint import bp
from matchhub.events.workflow import EVENTS


@bp.get("/events/<int:event_id>/cockpit/follow-up")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def follow_up(event: Event) -> ResponseReturnValue:
    session = db.session()
    contacts = queries.contacts_of(session, event.id)
    follow_ups = queries.follow_ups_of(session, [contact.id for contact in contacts])
    return render_template(
        "events/after/cockpit.html",
        event=event,
        over=event.ends_at <= utcnow(),
        moves={row.action for row in EVENTS.available(event, current_actor())},
        results=queries.results_of(session, event),
        contacts=contacts,
        sources=list(ContactSource),
        asked=len(follow_ups),
        answers=[row for row in follow_ups if row.answered_at is not None],
    )


@bp.post("/events/<int:event_id>/follow-up-completion")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def finish_follow_up(event: Event) -> ResponseReturnValue:
    services.finish_follow_up(event, actor=current_actor(), now=utcnow())
    flash(_("跟进完成，不再问双方"), "success")
    return redirect(url_for(".follow_up", event_id=event.id))


@bp.post("/events/<int:event_id>/archiving")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def archive(event: Event) -> ResponseReturnValue:
    services.archive(event, actor=current_actor(), now=utcnow())
    flash(_("已归档"), "success")
    return redirect(url_for(".follow_up", event_id=event.id))
