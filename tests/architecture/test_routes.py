"""The rules about addresses: each declares who may come, one method each, words in kebab-case, typed places."""

import re
from pathlib import Path

import pytest
from flask import Flask

from matchhub.core.web import App, undeclared_routes
from tests.databases import make_app


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> App:
    return make_app(tmp_path_factory.mktemp("routes"))


def test_every_route_declares_its_access(routes: App) -> None:
    assert undeclared_routes(routes) == []


def test_a_route_without_access_is_noticed() -> None:
    app = Flask(__name__)
    app.add_url_rule("/open", "open", lambda: "x")

    assert undeclared_routes(app) == ["GET /open (open)"]


def test_addresses_are_kebab_case_and_typed(routes: App) -> None:
    odd = []
    for rule in routes.url_map.iter_rules():
        fixed = re.sub(r"<[^>]+>", "", rule.rule)
        if rule.endpoint != "static" and (
            not re.fullmatch(r"[a-z0-9/.\-]*", fixed) or re.search(r"<[^:>]+>", rule.rule)
        ):
            odd.append(rule.rule)

    assert odd == []


def test_public_routes_say_why(routes: App) -> None:
    for rule in routes.url_map.iter_rules():
        if rule.endpoint != "static":
            access = routes.view_functions[rule.endpoint].__access__  # type: ignore[attr-defined]
            assert access.policy is not None or len(access.public_reason) > 10


def test_a_page_has_the_template_of_its_endpoint_folder(routes: App) -> None:
    folders = {p.name for p in (Path(__file__).parents[2] / "templates").iterdir() if p.is_dir()}

    assert set(routes.blueprints) <= folders


NOT_OF_OTHERS = {  # tables that leave without a proof, and why
    "disclosure.export": "what oneself has opened, and who looked",
    "console.funnel_export": "counts",
    "events.attendance_by_quarter": "counts",
    "events.door_list": "what a phone at the door needs without network, for the keepers of that event",
    "events.guest_template": "an empty table",
    "importing.problems": "what is wrong with a table of one's own",
    "importing.template": "an empty table",
    "listings.export_offers": "one's own offers",
    "matches.export": "code names, as on the page",
    "oversight.bulletin_export": "counts",
    "oversight.targets_export": "counts",
    "pipelines.figures_export": "industry, district and band: no names",
    "profiles.export_record": "who looked at a file of one's own",
    "profiles.roster_sheet": "an empty table",
}


def test_every_table_of_others_leaves_only_after_a_proof(routes: App) -> None:
    """A new table stands here with a reason, or asks first."""
    tables = {rule.endpoint for rule in routes.url_map.iter_rules() if rule.rule.endswith((".xlsx", ".json"))}
    asking = {name for name, view in routes.view_functions.items() if hasattr(view, "__takes__")}

    assert len(asking) > 15 and asking <= tables
    assert tables - asking == set(NOT_OF_OTHERS)
