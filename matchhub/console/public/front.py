"""The front page's blocks. One that fails is left out; the page stands."""

import logging
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

from flask import current_app
from sqlalchemy.orm import Session

from matchhub.accounts.enums import OrganizationKind
from matchhub.core import ui
from matchhub.core.db import db
from matchhub.events.models import Event, SeatPool
from matchhub.events.queries import coming_public, seats_left
from matchhub.oversight.queries.public import day_shown, public_figures, PublicFigure
from matchhub.profiles import queries as profiles
from matchhub.profiles.queries import DIRECTORIES

R = TypeVar("R")
KEPT = "matchhub_public_figures"
TEASED, COMING = 4, 3


def block(session: Session, compute: Callable[[], R]) -> R | None:
    """What `compute` gives, or None where it fails: the transaction begins anew for the others."""
    try:
        return compute()
    except Exception:
        logging.getLogger("matchhub").exception("a block of the front page is left out")
        session.rollback()
        return None


def figures(session: Session, now: datetime) -> list[PublicFigure]:
    """The figures of yesterday, counted once a day in each process."""
    kept: tuple[date, list[PublicFigure]] | None = current_app.extensions.get(KEPT)
    if kept is None or kept[0] != day_shown(now):
        kept = (day_shown(now), public_figures(session, now))
        current_app.extensions[KEPT] = kept
    return kept[1]


def events(session: Session, now: datetime) -> list[tuple[Event, list[SeatPool]]]:
    """The next public events with their seats."""
    coming = coming_public(session, now=now, limit=COMING)
    seats = seats_left(session, [event.id for event in coming])
    return [(event, seats[event.id]) for event in coming]


def mentors() -> list[dict[str, Any]]:
    """Some of those whom the public directory shows, asked anew each time: who opts out is gone at the next look."""
    listed, locale = DIRECTORIES[OrganizationKind.MENTOR], ui.locale_code()
    newest = profiles.newest_for_all(db.session(), listed.kind, TEASED)
    topics, line = (listed.fact(name) for name in ("topics", "one_liner"))
    return [
        {
            "id": found.organization_id,
            "name": ui.in_locale(found.organization, "name"),
            "topics": profiles.fact_in_words(topics, found, {}, locale),
            "line": profiles.fact_in_words(line, found, {}, locale),
        }
        for found in newest
    ]
