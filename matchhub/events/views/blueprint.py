"""The blueprint that the views of events hang on, and what they share."""

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, current_app
from flask_babel import gettext as _

from matchhub.core import ui
from matchhub.events.models import Event, Room
from matchhub.events.queries.wording import day_and_time, place_of, span_words, title_of
from matchhub.settings import Settings

bp = Blueprint("events", __name__)


def absolute(path: str) -> str:
    """The address of one of our pages as others must write it."""
    settings: Settings = current_app.extensions["matchhub"]
    return settings.base_url.rstrip("/") + path


def room_labels(rooms: Iterable[Room]) -> list[tuple[Room, str]]:
    """Each room with its house and how many it holds, in the reader's language."""
    return [
        (
            room,
            f"{ui.in_locale(room.venue, 'name')} {ui.in_locale(room, 'name')} · "
            + _("%(count)s 人", count=room.capacity),
        )
        for room in rooms
    ]


@bp.app_template_filter("event_span")
def event_span(event: Event) -> str:
    return span_words(event, ui.locale_code())


@bp.app_template_filter("event_place")
def event_place(event: Event) -> str:
    return place_of(event, ui.locale_code())


@bp.app_template_filter("event_title")
def event_title(event: Event) -> str:
    return title_of(event, ui.locale_code())


@bp.app_template_filter("event_time")
def event_time(moment: Any, event: Event) -> str:
    """A moment in the event's own zone."""
    return day_and_time(moment, event.tz, ui.locale_code())


@bp.app_template_filter("event_clock")
def event_clock(moment: Any, event: Event) -> str:
    return f"{moment.astimezone(event.tz):%H:%M}"


@bp.app_template_filter("question_label")
def question_label(question: dict[str, Any]) -> str:
    """A question after the event, in the reader's language."""
    return str((ui.locale_code() == "en" and question["label_en"]) or question["label"])
