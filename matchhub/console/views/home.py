"""The front door: the public home for visitors, 今日 for everyone else."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchhub.accounts.enums import OrganizationKind, Role
from matchhub.accounts.models import Organization
from matchhub.accounts.views.identity import signed_in_browser
from matchhub.console.policy import Permission
from matchhub.console.policy import POLICY as CONSOLE
from matchhub.console.public import front
from matchhub.console.public.views import absolute
from matchhub.console.queries import gatherings, stewards, today
from matchhub.console.queries.today import Figure, Row
from matchhub.console.views.blueprint import bp
from matchhub.console.views.buttons import DECIDING, party_buttons, steward_others, steward_primary
from matchhub.core import ui
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.policy import Actor
from matchhub.core.web import current_actor, public
from matchhub.core.workdays import add_workdays
from matchhub.oversight.queries import funnel
from matchhub.oversight.queries.kept import as_of

DEAL = "pipelines.deal"
PARTIES = (OrganizationKind.ENTERPRISE, OrganizationKind.INVESTOR, OrganizationKind.BANK, OrganizationKind.MENTOR)
DESKS = {  # whose 今日 is a page of figures and of what needs care
    Role.ADMINISTRATOR.value: "administration.overview",
    Role.AUDITOR.value: "auditing.overview",
}


@bp.get("/")
@public("visitors see what this is; whoever is signed in sees what waits for them")
def home() -> ResponseReturnValue:
    actor, now = current_actor(), utcnow()
    if not actor.is_known:
        return front_page(now)
    if actor.role in DESKS:
        return redirect(url_for(DESKS[actor.role]))
    if not actor.organization_verified:
        organization = db.session.get(Organization, actor.organization_id) if actor.organization_id else None
        return render_template(
            "console/waiting.html", organization=organization, answer_by=answer_by(organization, now)
        )
    return party_home(actor, now) if actor.organization_kind in PARTIES else steward_home(actor, now)


def front_page(now: datetime) -> ResponseReturnValue:
    """What visitors see; a browser that has it already is told so."""
    session = db.session()
    page = render_template(
        "console/welcome.html", figures=front.block(session, lambda: front.figures(session, now)),
        mentors=front.block(session, front.mentors), events=front.block(session, lambda: front.events(session, now)),
        home_url=absolute(url_for("console.home")),
        card_url=absolute(url_for("public.home_card")),
    )  # fmt: skip
    response = make_response(page)
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    return response.make_conditional(request)


def answer_by(organization: Organization | None, now: datetime) -> object:
    """Until when the check is promised: three working days from registration."""
    return add_workdays((organization.created_at if organization else now).date(), 3)


def party_home(actor: Actor, now: datetime) -> ResponseReturnValue:
    """今日 of a firm, fund, bank or mentor."""
    asked = gatherings.guest_rows(db.session(), actor, now)
    house = today.standing(db.session(), actor, now)
    rows = today.party_rows(db.session(), actor, now, house=house, more=asked)
    primary, others = party_buttons(actor, house)
    return render_template(
        "console/today.html", rows=[shown_row(row) for row in rows], bars=None,
        figures=[shown_figure(f) for f in today.party_figures(actor, house)],
        primary=primary, others=others, scope=scope_of(actor),
        next_url=url_for("matches.next_suggestion") if actor.organization_kind in DECIDING else None,
        with_deals=actor.organization_kind == OrganizationKind.INVESTOR,
    )  # fmt: skip


def steward_home(actor: Actor, now: datetime) -> ResponseReturnValue:
    """今日 of those who look after others: what has the nearest deadline, the figures and the funnel below it."""
    session = db.session()
    found = stewards.steward_home(session, actor, now)
    sees_figures = CONSOLE.allows(Permission.SEE_FIGURES, actor)
    return render_template(
        "console/today.html", rows=[shown_row(row) for row in found.rows], waiting=found.waiting,
        bars=funnel_summary(actor) if sees_figures else None,
        as_of=as_of(session, actor) if sees_figures else None,
        figures=[shown_figure(figure) for figure in found.figures],
        primary=steward_primary(actor, found.waiting), others=steward_others(actor), scope=scope_of(actor),
    )  # fmt: skip


def scope_of(actor: Actor) -> str:
    """Whose figures these are: the district's, or those of the organization that acts."""
    if actor.region_code:
        return ui.word("regions", actor.region_code) or ""
    browser = signed_in_browser()
    held = browser.acting if browser else None
    return str(ui.in_locale(held, "organization_label")) if held else ""


def funnel_summary(actor: Actor) -> list[dict[str, object]]:
    """The funnel of the whole scope as bars."""
    counts = funnel.whole(db.session(), actor)
    return [
        {
            "label": gettext(stage.label),
            "count": count,
            "share": share,
            "url": url_for("console.funnel_list", stage=stage.value),
        }
        for stage, count, share in funnel.shares(counts)
    ]


def shown_row(row: Row) -> dict[str, object]:
    """A row in the reader's language, with its address."""
    whose = ui.in_locale(row.organization, "label") if row.organization else shown_subject(row)
    return {
        "what": gettext(row.what),
        "whose": f"{whose} · {row.words}" if row.organization and row.words else whose,
        "due": ui.show_near(row.due),
        "url": url_for(row.endpoint, **_values(row.ids)),
        "button": gettext(row.button),
        "tone": row.tone,
        "unfolds": url_for(DEAL, next=url_for("console.home"), **_values(row.ids)) if row.endpoint == DEAL else None,
    }


def shown_subject(row: Row) -> str:
    """What a row is about where it is no organization."""
    if row.label:
        return str(gettext(row.label))
    words = str(ui.in_locale(row, "words"))
    if not words:
        return str(gettext("%(count)s 个", count=row.count)) if row.count else ""
    return f"{words} · {row.count}" if row.count else words


def shown_figure(figure: Figure) -> dict[str, object]:
    """A figure in the reader's language, with the address of its list."""
    return {
        "label": gettext(figure.label),
        "value": figure.value,
        "url": url_for(figure.endpoint, **_values(figure.query)),
    }


def _values(query: Mapping[str, object]) -> dict[str, Any]:
    """Values of an address, for a signature that also takes words of its own."""
    return dict(query)
