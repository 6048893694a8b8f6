"""Every place of every role and every row of 今日 leads to a page that there is."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import url_for
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from matchhub import wiring
from matchhub.accounts.models import Membership
from matchhub.console.queries import stewards, today
from matchhub.core.ui import Place
from matchhub.core.web import App
from tests.cast import Cast

SignIn = Callable[[Membership], FlaskClient]
ROLES = {
    "xinghe": "enterprise", "yuanshan": "investor", "binjiang": "carrier", "echeng": "district_officer",
    "city": "city_officer", "administrator": "administrator", "auditor": "auditor",
}  # fmt: skip
SOURCE = "\n".join(Path(one.__file__).read_text(encoding="utf-8") for one in (today, stewards))
NAMED = sorted(set(re.findall(r'"([a-z]+\.[a-z_]+)"', SOURCE)))


def unknown(app: App, place: Place) -> list[str]:
    """The endpoints and blueprints that a place names and that are not there."""
    known = {rule.endpoint for rule in app.url_map.iter_rules()}
    return [name for name in (place.endpoint, *place.also) if name not in known and name not in app.blueprints]


@pytest.mark.parametrize("role", wiring.PLACES)
def test_every_place_names_pages_that_there_are(app: App, role: str) -> None:
    assert [name for place in wiring.PLACES[role] for name in unknown(app, place)] == []


def test_a_place_that_leads_nowhere_is_noticed(app: App) -> None:
    assert unknown(app, Place("x", "home", "console.nowhere", ("matches", "nothing"))) == ["console.nowhere", "nothing"]


@pytest.mark.parametrize(("who", "role"), ROLES.items())
def test_every_place_opens_for_whoever_has_it(who: str, role: str, people: Cast, sign_in: SignIn, app: App) -> None:
    client = sign_in(getattr(people, who))
    with app.test_request_context():
        addresses = [url_for(place.endpoint) for place in wiring.PLACES[role]]

    assert {address: client.get(address).status_code for address in addresses} == dict.fromkeys(addresses, 200)


def taken_by(rules: list[Rule]) -> set[str]:
    """The names that the addresses of an endpoint want."""
    return {name for rule in rules for name in rule.arguments}


@pytest.mark.parametrize("endpoint", NAMED)
def test_every_row_of_today_has_an_address(endpoint: str, app: App) -> None:
    rules = list(app.url_map.iter_rules(endpoint))
    assert rules, endpoint

    assert [name for name in taken_by(rules) if f'"{name}":' not in SOURCE] == []


def test_the_rows_of_today_are_read_from_its_source() -> None:
    assert len(NAMED) > 10


def test_a_place_is_named_apart_from_the_field_of_the_same_word(people: Cast, sign_in: SignIn) -> None:
    client = sign_in(people.city)
    client.set_cookie("locale", "en")

    page = client.get("/").get_data(as_text=True)

    assert re.search(r"Targets\s*</", page)
    assert not re.search(r">\s*Target\s*</", page)
