"""The blueprint that all pages of listings hang on, and what they share."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint, current_app, request, url_for
from flask_babel import gettext

from matchhub.core import dictionaries
from matchhub.core.clock import CITY_ZONE
from matchhub.core.ui import locale_code, shown_code
from matchhub.core.web import worded
from matchhub.listings.queries import CODE_NAME, Line, Obstacle, spoken
from matchhub.listings.recipes import Fact

bp = Blueprint("listings", __name__)


class Typed:
    """A stored row with what was typed laid over it."""

    def __init__(self, row: Any, values: Mapping[str, Any]) -> None:
        self._row, self._values = row, values

    def __getattr__(self, name: str) -> Any:
        return self._values[name] if name in self._values else getattr(self._row, name)


def url_if_there(endpoint: str, **values: Any) -> str | None:
    """The address of a page of a higher feature; None where that feature is not installed."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None


def in_words(fact: Fact, value: Any) -> str | None:
    """A fact's value in the reader's language; None where nothing is filled in."""
    return spoken(fact, value, say=worded, locale=locale_code())


def shown(line: Line) -> str | None:
    """A line's value in the reader's language; a code name too."""
    if line.label == CODE_NAME:
        return shown_code(line.value)
    return in_words(Fact(line.key, line.label, line.form, line.dictionary), line.value)


def told(row: Any, facts: Iterable[Fact]) -> list[tuple[str, str | None]]:
    """(label, value) of some facts of a need or an offer, for the component `facts`."""
    return [(gettext(fact.label), in_words(fact, fact.of(row))) for fact in facts]


def differing(row: Any, typed: Mapping[str, Any], facts: Iterable[Fact]) -> list[tuple[str, str | None, str | None]]:
    """(label, stored, typed) of the facts that a form of this row says differently."""
    over = Typed(row, typed)
    rows = [
        (gettext(fact.label), in_words(fact, fact.of(row)), in_words(fact, fact.of(over)))
        for fact in facts
        if set(fact.columns) & set(typed)
    ]
    return [found for found in rows if found[1] != found[2]]


def rows_of(lines: list[Line]) -> list[tuple[str, str | None]]:
    """Open lines as (label, value) for the component `facts`."""
    return [(gettext(line.label), shown(line)) for line in lines if line.is_open]


def hidden_of(lines: list[Line]) -> list[str]:
    """The labels of what is not open."""
    return [gettext(line.label) for line in lines if not line.is_open]


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
