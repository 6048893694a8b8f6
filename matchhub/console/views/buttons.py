"""What is pressed first on 今日: each button leads straight to where the work is done."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import url_for
from flask_babel import gettext

from matchhub.accounts.enums import OrganizationKind
from matchhub.console.queries.today import Standing
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.listings import queries as listings
from matchhub.listings.enums import PairingKind
from matchhub.listings.policy import Permission as ListingsPermission
from matchhub.listings.policy import POLICY as LISTINGS
from matchhub.oversight.policy import Permission as OversightPermission
from matchhub.oversight.policy import POLICY as OVERSIGHT

DECIDING = (
    OrganizationKind.INVESTOR.value,
    OrganizationKind.BANK.value,
)  # who decides on one suggestion after the other
PRIMARY = {
    OrganizationKind.INVESTOR.value: (N_("看下一个项目"), "bulb", "matches.suggestions"),
    OrganizationKind.BANK.value: (N_("看下一家企业"), "bulb", "matches.suggestions"),
    OrganizationKind.MENTOR.value: (N_("记录辅导"), "pencil", "mentoring.engagements"),
}


@dataclass(frozen=True, slots=True)
class Press:
    """A button of 今日: a link, or with `fields` a small form that is posted."""

    label: str
    icon: str
    url: str
    fields: Mapping[str, str] | None = None


def party_buttons(actor: Actor, house: Standing) -> tuple[Press | None, list[Press]]:
    """The one thing to press for a firm, fund, bank or mentor, and what stands beside it."""
    if actor.organization_kind == OrganizationKind.ENTERPRISE:
        return begin_need(actor), []
    label, icon, endpoint = PRIMARY[actor.organization_kind or ""]
    usual = Press(gettext(label), icon, url_for(endpoint))
    if actor.organization_kind == OrganizationKind.MENTOR:
        waiting = house.to_log
        usual = replace(usual, url=url_for("mentoring.new_session", engagement_id=waiting)) if waiting else usual
    recipe = listings.recipe_for(actor)
    if recipe is None or not LISTINGS.allows(ListingsPermission.START_OFFER, actor):
        return usual, []
    begin = Press(gettext(recipe.words.publish), "plus", url_for("listings.start_offer"), {})
    return (usual, [begin]) if house.has_offers else (begin, [])


def begin_need(actor: Actor) -> Press | None:
    """Step 1 of a need, where its kind can still be changed."""
    if not LISTINGS.allows(ListingsPermission.START_NEED, actor):
        return None
    return Press(gettext("发布需求"), "plus", url_for("listings.start_need"), {"kind": PairingKind.EQUITY.value})


def steward_primary(actor: Actor, waiting: int) -> Press | None:
    """The one button: the next review, and for a carrier with a clear queue the next pushes."""
    if waiting:
        return Press(gettext("审核下一项"), "clipboard-check", url_for("console.next_review"))
    if actor.organization_kind == OrganizationKind.CARRIER:
        return Press(gettext("推送配对"), "send", url_for("matches.pushes"))
    return None


def steward_others(actor: Actor) -> list[Press]:
    """The month's bulletin, for whom it is."""
    if not OVERSIGHT.allows(OversightPermission.SEE_BULLETIN, actor):
        return []
    return [Press(gettext("看通报"), "printer", url_for("oversight.bulletin"))]
