"""Oversight's blueprint, which its modules fill, and what their addresses have in common."""

from flask import Blueprint, request

from matchhub.core import ui
from matchhub.core.web import current_actor

bp = Blueprint("oversight", __name__)


def asked_days(default: int, most: int = 365) -> int:
    """The number of days in the address; nonsense is the default."""
    text = request.args.get("days", "")
    known = text.isascii() and text.isdigit() and len(text) < 4
    return min(int(text), most) if known and int(text) else default


def scope_words() -> str:
    """Whose figures these are, as the server set it."""
    actor = current_actor()
    if actor.region_code:
        return ui.word("regions", actor.region_code) or actor.region_code
    if actor.organization_kind == "carrier":
        viewer = ui.NAVIGATION.viewer_of(actor)
        return str(getattr(viewer, "organization_name", ""))
    site = ui.site()
    return str(ui.in_locale(site, "city_name")) if site else ""
