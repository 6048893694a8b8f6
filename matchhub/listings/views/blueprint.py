"""The blueprint that all pages of listings hang on, and what they share."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, current_app, request, url_for
from flask_babel import gettext

from matchhub.core import dictionaries, ui
from matchhub.core.clock import CITY_ZONE
from matchhub.core.labels import Labelled
from matchhub.core.ui import locale_code, words
from matchhub.listings.enums import Condition, RuledOut
from matchhub.listings.queries import Line, Obstacle

bp = Blueprint("listings", __name__)
WORDS = {"excludes": RuledOut, "must": Condition}


def url_if_there(endpoint: str, **values: Any) -> str | None:
    """The address of a page of a higher feature; None where that feature is not installed."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None


def enum_words(kind: type[Labelled], values: list[str]) -> str | None:
    """Translated labels of stored values, joined in the reader's way; None for nothing."""
    known = {member.value: gettext(member.label) for member in kind}
    joint = "、" if locale_code() == "zh" else ", "
    return joint.join(known.get(value, value) for value in values) or None


def shown(line: Line) -> str | None:
    """A line's value in the reader's language; None where nothing is filled in."""
    if line.value is None or line.value in ("", []):
        return None
    show: dict[str, Callable[[], str | None]] = {
        "range": lambda: ui.show_money_range(*line.value),
        "code": lambda: ui.word(line.dictionary, line.value),
        "codes": lambda: words(line.dictionary, line.value),
        "choices": lambda: enum_words(RuledOut, line.value),
        "percent": lambda: f"{line.value}%",
        "day": lambda: ui.show_day(line.value),
    }
    return show.get(line.form.value, lambda: str(line.value))()


def rows_of(lines: list[Line]) -> list[tuple[str, str | None]]:
    """Open lines as (label, value) for the component `facts`."""
    return [(gettext(line.label), shown(line)) for line in lines if line.is_open]


def hidden_of(lines: list[Line]) -> list[str]:
    """The labels of what is not open."""
    return [gettext(line.label) for line in lines if not line.is_open]


def shown_value(name: str, value: Any) -> str | None:
    """A stored or typed value of a need or an offer in the reader's language, for comparisons and reviews."""
    if value in (None, "", []):
        return None
    if name.endswith("_yuan"):
        return ui.show_money(value)
    if name in WORDS:
        return enum_words(WORDS[name], value)
    if name in DICTIONARIES:
        codes = value if isinstance(value, list) else [value]
        return words(DICTIONARIES[name], codes)
    if name == "needed_by":
        return ui.show_day(value)
    if name == "leads":
        return gettext("可以领投") if value else gettext("只跟投")
    return f"{value}%" if name == "equity_max_pct" else str(value)


DICTIONARIES = {
    "purposes": "purposes",
    "round_code": "rounds",
    "rounds": "rounds",
    "industries": "industries",
    "exclusions": "industries",
    "instruments": "instruments",
    "regions": "regions",
    "region_code": "regions",
    "qualifications": "qualifications",
}


def obstacle_rows(obstacles: list[Obstacle], step_url: Any) -> list[dict[str, str | None]]:
    """What is missing, in words, each with the address where it is filled in."""
    places = {"profile": url_if_there("profiles.profile"), "organization": url_if_there("accounts.account")}
    return [
        {"text": gettext(o.message), "url": places[o.where] if o.where in places else step_url(o.where)}
        for o in obstacles
    ]


def saved_at(moment: Any) -> str:
    """The time of a save, for the line beside the button."""
    return f"{moment.astimezone(CITY_ZONE):%H:%M}"


def region_words() -> dict[str, str]:
    """Words for places as people write them → code."""
    found: dict[str, str] = {}
    for entry in dictionaries.snapshot().entries("regions"):
        for word in {entry.label, str(entry.extra.get("short", ""))}:
            if len(word) > 1 and entry.extra.get("kind") not in {"country", "outside"}:
                found[word] = entry.code
    return found


def asked_step() -> int:
    """The step in the address."""
    return int((request.view_args or {}).get("step", 0))
