"""The list of events and the page of one."""

from typing import Any

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core import errors, ui
from matchhub.core.cards import Card, drawn, qr_data_uri
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.web import current_actor, page_number, public, requires
from matchhub.events import queries, services
from matchhub.events.enums import Audience, EventState, EventType, OVER_STATES, RegistrationState, SeatRole
from matchhub.events.models import Event
from matchhub.events.policy import Permission, POLICY
from matchhub.events.queries import Chosen
from matchhub.events.queries.wording import place_of, span_words, title_of
from matchhub.events.views.blueprint import absolute, bp

HOUR = 3600
OPEN_PAGE = "public events are for everybody; the others are found by `queries.found_by` alone"


@bp.get("/events")
@public(OPEN_PAGE)
def index() -> ResponseReturnValue:
    actor, session, now = current_actor(), db.session(), utcnow()
    args = request.args
    chosen = Chosen(args.get("which", "ahead"), args.get("kind", ""), args.get("region", ""))
    page = queries.events_found(session, actor, chosen, now=now, number=page_number())
    ids = [event.id for event in page.items]
    return render_template(
        "events/index.html", page=page, chosen=chosen, kinds=list(EventType), seats=queries.seats_left(session, ids),
        places_held=queries.own_places(session, actor, ids), may_plan=POLICY.allows(Permission.PLAN, actor),
        may_count=POLICY.allows(Permission.COUNT_ATTENDANCE, actor),
    )  # fmt: skip


def found_event(event_id: int) -> Event:
    """The event, as the present reader finds it; raises NotFound."""
    event = queries.visible_event(current_actor(), event_id)
    if event is None:
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    return event


@bp.get("/events/<int:event_id>")
@public(OPEN_PAGE)
def event(event_id: int) -> ResponseReturnValue:
    return render_template("events/event.html", **page_values(found_event(event_id)))


def page_values(found: Event) -> dict[str, Any]:
    """What the page of one event shows."""
    actor, session, now = current_actor(), db.session(), utcnow()
    own = queries.own_places(session, actor, [found.id]).get(found.id)
    waiting = own is not None and own.state is RegistrationState.WAITLISTED
    pools, call = queries.pools_of(session, found.id), queries.call_of(session, found.id)
    return {
        "event": found,
        "call": call,
        "call_open": call is not None and call.is_open(now),
        "may_apply": POLICY.allows(Permission.APPLY, actor),
        "may_recommend": POLICY.allows(Permission.RECOMMEND, actor),
        "pools": pools,
        "own": own,
        "position": queries.line_position(session, own) if own is not None and waiting else 0,
        "pitches": queries.named_pitches(session, found.id) if is_lineup_out(found) else [],
        "lineup_out": is_lineup_out(found),
        "takes": found.takes_registrations(now),
        "guests_welcome": not actor.is_known
        and found.audience is Audience.PUBLIC
        and any(pool.role is SeatRole.PUBLIC for pool in pools),
        "roles": [pool.role for pool in pools if pool.role in services.roles_for(actor)],
        "reads_report": found.state in OVER_STATES and POLICY.allows(Permission.READ_REPORT, actor, found),
        "has_report": found.state in OVER_STATES and queries.report_of(session, found.id) is not None,
        "may_organize": POLICY.allows(Permission.ORGANIZE, actor, found),
        "may_let_in": POLICY.allows(Permission.LET_IN, actor, found),
        "page_url": absolute(url_for("events.event", event_id=found.id)),
        "card_url": absolute(url_for("events.card", event_id=found.id)),
    }


def is_lineup_out(found: Event) -> bool:
    """Whether the line-up may be shown: from its day on."""
    return found.lineup_public_at is None or found.lineup_public_at <= utcnow()


@bp.get("/events/<int:event_id>/poster")
@public(OPEN_PAGE)
def poster(event_id: int) -> ResponseReturnValue:
    values = page_values(found_event(event_id))
    return render_template(
        "events/poster.html", qr=qr_data_uri(values["page_url"], scale=8), printed_at=utcnow(), **values
    )


@bp.get("/share-cards/events/<int:event_id>.png")
@public("pictures of public events only, to be shared in chats")
def card(event_id: int) -> ResponseReturnValue:
    found = found_event(event_id)
    if found.audience is not Audience.PUBLIC or found.state is EventState.DRAFT:
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    locale, site = ui.locale_code(), ui.site()
    lines = (span_words(found, locale), place_of(found, locale), ui.in_locale(found.host, "label"))
    picture = drawn(
        Card(
            product=_(site.product_name) if site else _("汇配"),
            city=ui.in_locale(site, "city_name") if site else "",
            title=title_of(found, locale),
            text=ui.in_locale(found, "summary"),
            lines=lines,
            call=_("长按识别，或扫码报名"),
            address=absolute(url_for("events.event", event_id=found.id)),
        )
    )
    response = current_app.response_class(picture, mimetype="image/png")
    response.headers["Cache-Control"] = f"public, max-age={HOUR}"
    return response


@bp.get("/tickets")
@requires(POLICY, Permission.LIST)
def tickets() -> ResponseReturnValue:
    """Everything that I have registered for."""
    rows = queries.tickets_of(db.session(), current_actor().user_id or 0, now=utcnow())
    return render_template("events/tickets.html", rows=rows)
