"""Where a gap is filled in: the very field of the very form, which leads back to the page that named it."""

from flask import request, url_for

from matchhub.listings.models import Need, Offer
from matchhub.matches.enums import Side
from matchhub.matches.kinds import KINDS


def address(topic: str, side: Side, need: Need | None, offer: Offer | None, back: str | None = None) -> str | None:
    """The address of the field that a topic lacks; None where no form of the reader has it."""
    back = back or request.full_path.rstrip("?")
    topic = topic.split(".")[1] if "." in topic else topic  # hard.staff.at_least
    if side is Side.OFFER and offer is not None:
        return _of_offer(topic, offer, back)
    return None if need is None else _of_need(topic, need, back)


def _of_need(topic: str, need: Need, back: str) -> str | None:
    mending = KINDS[need.kind].mending
    if topic in mending.profile:
        step, name = mending.profile[topic]
        return url_for("profiles.step", step=step, next=back, _anchor=name)
    if topic not in mending.need:
        return None
    step, name = mending.need[topic]
    return url_for("listings.need_step", need_id=need.id, step=step, next=back, _anchor=name)


def _of_offer(topic: str, offer: Offer, back: str) -> str:
    mending = KINDS[offer.kind].mending
    if topic in mending.giver_profile:
        return url_for("profiles.profile", next=back)
    return url_for("listings.offer_form", offer_id=offer.id, next=back, _anchor=mending.offer.get(topic))
