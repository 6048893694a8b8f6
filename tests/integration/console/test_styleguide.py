"""/styleguide shows every component, to administrators and to those who build."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from matchhub.accounts.models import Membership
from matchhub.core.web import App
from tests.cast import Cast

SignIn = Callable[[Membership], FlaskClient]
TEMPLATES = Path(__file__).parents[3] / "templates"
COMPONENTS = sorted(path.stem for path in (TEMPLATES / "components").glob("*.html"))
ON_EVERY_PAGE = "".join(path.read_text(encoding="utf-8") for path in (TEMPLATES / "layouts").glob("*.html"))
GUIDE = (TEMPLATES / "styleguide" / "index.html").read_text(encoding="utf-8")
DRAWN_BY_ITS_PAGE = {"problem_table", "line_table", "fate_tiles"}  # tables of a file that somebody is about to import


def is_shown(component: str) -> bool:
    """Whether the guide calls the component, or a layout shows it on every page."""
    called = re.search(rf"(\{{\{{|%\}}|call|\W){component}\(", GUIDE) is not None
    return called or f"components/{component}.html" in ON_EVERY_PAGE


@pytest.mark.parametrize("component", [name for name in COMPONENTS if name not in DRAWN_BY_ITS_PAGE])
def test_every_component_is_in_the_style_guide(component: str) -> None:
    assert is_shown(component)


def test_a_component_that_is_missing_is_noticed() -> None:
    assert not is_shown("no_such_component")


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_an_administrator_sees_it_in_both_languages(locale: str, people: Cast, sign_in: SignIn) -> None:
    client = sign_in(people.administrator)
    client.set_cookie("locale", locale)
    page = client.get("/styleguide")

    assert page.status_code == 200
    assert ("Style guide" if locale == "en" else "样式册") in page.text


def test_nobody_else_does_in_production(people: Cast, sign_in: SignIn) -> None:
    for membership in (people.xinghe, people.yuanshan, people.city, people.auditor):
        assert sign_in(membership).get("/styleguide").status_code == 403


def test_a_stranger_is_sent_to_sign_in(app: App) -> None:
    assert app.test_client().get("/styleguide").status_code == 302


def test_who_builds_sees_it_whoever_he_is(
    people: Cast, sign_in: SignIn, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = type(app.extensions["matchhub"])
    monkeypatch.setattr(built, "is_development", property(lambda self: True))

    assert sign_in(people.xinghe).get("/styleguide").status_code == 200


def test_points_that_count_against_a_pair_have_a_bar_of_their_own(people: Cast, sign_in: SignIn) -> None:
    page = sign_in(people.administrator).get("/styleguide").text

    assert 'class="against" width="14%"' in page and "−4 分" in page and 'width="-' not in page
