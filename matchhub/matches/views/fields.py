"""Where a gap is filled in: the very field of the very form, which leads back to the page that named it."""

from flask import request, url_for

from matchhub.listings.models import Need, Offer
from matchhub.matches.enums import Side

NEED_FIELDS = {
    "industry": (2, "industries"), "round": (2, "round_code"), "amount": (1, "amount_max_yuan"), "text": (2, "statement"),
    "instrument": (2, "instruments"),
}  # fmt: skip
PROFILE_FIELDS = {"region": (1, "region_code"), "qualification": (3, "qualifications")}
OFFER_FIELDS = {
    "industry": "industries", "round": "rounds", "amount": "ticket_max_yuan", "region": "regions", "text": "statement",
    "qualification": "qualifications", "instrument": "instruments", "responsiveness": "reply_days",
}  # fmt: skip


def address(topic: str, side: Side, need: Need | None, offer: Offer | None, back: str | None = None) -> str | None:
    """The address of the field that a topic lacks; None where no form of the reader has it."""
    back = back or request.full_path.rstrip("?")
    if side is Side.OFFER and offer is not None:
        return _of_offer(topic, offer, back)
    if topic in PROFILE_FIELDS:
        step, name = PROFILE_FIELDS[topic]
        return url_for("profiles.step", step=step, next=back, _anchor=name)
    if topic not in NEED_FIELDS or need is None:
        return None
    step, name = NEED_FIELDS[topic]
    return url_for("listings.need_step", need_id=need.id, step=step, next=back, _anchor=name)


def _of_offer(topic: str, offer: Offer, back: str) -> str:
    if topic == "track_record":
        return url_for("profiles.profile", next=back)
    return url_for("listings.offer_form", offer_id=offer.id, next=back, _anchor=OFFER_FIELDS.get(topic))
