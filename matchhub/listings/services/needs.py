"""A need from its first line to its end."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from matchhub.accounts.models import Organization
from matchhub.core import audit, dictionaries, errors, installation, news
from matchhub.core.db import db, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.listings.enums import EDITABLE_NEEDS, LIVE_NEEDS, NEED_DAYS, NeedState, PairingKind
from matchhub.listings.models import Need
from matchhub.listings.news import (
    NeedApproved,
    NeedChanged,
    NeedPublished,
    NeedReturned,
    NeedSubmitted,
    NeedUnavailable,
)
from matchhub.listings.policy import Permission, POLICY
from matchhub.listings.queries import amount_of, gaps_of_need, obstacles_to_need, snapshot_of
from matchhub.listings.recipes import is_blank, NEED_RECIPES, recipe_of_need
from matchhub.listings.services.contents import _check_range, _check_version, _refuse, _top_level, _write
from matchhub.listings.workflow import NEEDS
from matchhub.profiles.models import Attachment, EnterpriseProfile, Profile
from matchhub.profiles.queries import profile_of


@writes
def start_need(kind: PairingKind = PairingKind.EQUITY, *, actor: Actor, now: datetime) -> Need:
    """A draft filled from the profile; the one of this kind that has only been opened where there is one."""
    POLICY.check(Permission.START_NEED, actor)
    recipe = NEED_RECIPES[kind]
    drafts = db.session.scalars(
        select(recipe.model)
        .where(recipe.model.organization_id == actor.organization_id, recipe.model.state == NeedState.DRAFT)
        .order_by(recipe.model.id.desc())
    )
    begun = next((draft for draft in drafts if is_blank(getattr(draft, recipe.begun_by))), None)
    if begun is not None:
        return begun
    values = recipe.start(profile_of(db.session(), actor.organization_id))
    need = recipe.model(organization_id=actor.organization_id, **values)
    need.lead_industry = _top_level(need.industries or [])
    db.session.add(need)
    audit.record(actor, "need:start", need)
    return need


@writes
def save_step(need: Need, values: Mapping[str, Any], *, version: int, actor: Actor, now: datetime) -> None:
    """Keep what was typed in one step of the form.

    Raises EditedElsewhere (409) when `version` is not the present one, Conflict where the need cannot be edited any more,
    Invalid for a range upside down, a file of somebody else or, on a published need, for something missing.
    """
    POLICY.check(Permission.EDIT_NEED, actor, need)
    if need.state not in EDITABLE_NEEDS:
        raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=need.state)
    _check_version(need, version, values)
    if need.state in LIVE_NEEDS:
        _change(need, values, actor=actor, now=now)
    else:
        _fill(need, values)
    db.session.flush()


@writes
def change_need(need: Need, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> None:
    """Say something else in a published need; it must stay complete. Those who compare it are told."""
    POLICY.check(Permission.EDIT_NEED, actor, need)
    if need.state not in LIVE_NEEDS:
        raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=need.state)
    _change(need, values, actor=actor, now=now)
    db.session.flush()


def _change(need: Need, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> None:
    changed = _fill(need, values)
    _refuse(gaps_of_need(need))
    if not changed:
        return
    audit.record(actor, "need:change", need, fields=changed)
    if need.state is NeedState.OPEN:
        news.publish(NeedChanged(need), now=now)


def _fill(need: Need, values: Mapping[str, Any]) -> list[str]:
    changed = _write(need, values, recipe_of_need(need).fields)
    _check_range(*amount_of(need), "amount_max_yuan")
    if "industries" in changed:
        need.lead_industry = _top_level(need.industries)
    if "deck_id" in changed and need.deck_id is not None:
        _check_deck(need)
    return changed


def _check_deck(need: Need) -> None:
    file = db.session.get(Attachment, need.deck_id)
    if file is None or file.removed_at is not None or file.organization_id != need.organization_id:
        raise errors.Invalid(N_("请从列表里选"), field="deck_id")


@writes
def publish_need(need: Need, *, actor: Actor, now: datetime) -> None:
    """Open the need; where the installation wants it and the firm is in a carrier, hand it to the carrier first.

    Raises Invalid with the first obstacle: not verified, the profile too thin, the need incomplete.
    """
    profile = profile_of(db.session(), need.organization_id)
    _place(need, profile)
    checked_first = installation.required(db.session()).need_check_by_carrier and need.carrier_id is not None
    NEEDS.advance(need, "submit" if checked_first else "publish", actor=actor)
    _refuse(obstacles_to_need(need, profile))
    need.return_reason = ""
    need.code_name = need.code_name or _code_name(need)
    if checked_first:
        need.submitted_at = now
        news.publish(NeedSubmitted(need), now=now)
        return
    _open(need, now=now)


def _place(need: Need, profile: Profile | None) -> None:
    """The scope and the region, from what the server knows of the firm."""
    organization = db.session.get_one(Organization, need.organization_id)
    need.district_code = organization.district_code
    need.carrier_id = profile.carrier_id if isinstance(profile, EnterpriseProfile) else None
    need.region_code = (profile.region_code if profile else None) or organization.region_code


def _code_name(need: Need) -> str:
    """新材料-0007: the leading industry and the need's own number, never the firm's, which others can look up."""
    word = dictionaries.snapshot().word("industries", need.lead_industry, "zh") or "项目"
    return f"{word}-{need.id:04d}"


def _open(need: Need, *, now: datetime) -> None:
    need.published_at = need.published_at or now
    need.expires_at, need.reminded_at, need.closed_at = now + timedelta(days=NEED_DAYS), None, None
    news.publish(NeedPublished(need), now=now)


@writes
def recall_need(need: Need, *, actor: Actor, now: datetime) -> None:
    """Take a submitted need back to change it."""
    NEEDS.advance(need, "recall", actor=actor)
    need.submitted_at = None


@writes
def approve_need(need: Need, *, actor: Actor, now: datetime) -> None:
    """Let a submitted need through: it is open from now on."""
    NEEDS.advance(need, "approve", actor=actor)
    need.last_submission = snapshot_of(need)
    _refuse(obstacles_to_need(need, profile_of(db.session(), need.organization_id)))
    _open(need, now=now)
    news.publish(NeedApproved(need), now=now)


@writes
def return_need(need: Need, *, reason: str, actor: Actor, now: datetime) -> None:
    """Give a submitted need back, saying what to do."""
    NEEDS.advance(need, "return", actor=actor, reason=reason)
    need.return_reason, need.last_submission = reason.strip()[:500], snapshot_of(need)
    news.publish(NeedReturned(need), now=now)


@writes
def pause_need(need: Need, *, actor: Actor, now: datetime) -> None:
    """Take the need out of the suggestions for a while."""
    NEEDS.advance(need, "pause", actor=actor)
    news.publish(NeedUnavailable(need), now=now)


@writes
def resume_need(need: Need, *, actor: Actor, now: datetime) -> None:
    """Put a paused need back."""
    NEEDS.advance(need, "resume", actor=actor)
    _refuse(gaps_of_need(need))
    news.publish(NeedPublished(need), now=now)


@writes
def renew_need(need: Need, *, actor: Actor, now: datetime) -> None:
    """Extend the need by its full time from now; an expired one is open again."""
    was_expired = need.state is NeedState.EXPIRED
    NEEDS.advance(need, "renew", actor=actor)
    need.expires_at, need.reminded_at, need.closed_at = now + timedelta(days=NEED_DAYS), None, None
    if was_expired:
        _refuse(obstacles_to_need(need, profile_of(db.session(), need.organization_id)))
        news.publish(NeedPublished(need), now=now)


@writes
def close_need(need: Need, *, reason: str, actor: Actor, now: datetime) -> None:
    """End the need. `reason` is a code of closing_reasons; one that means success marks the need as met."""
    entry = dictionaries.snapshot().get("closing_reasons", reason)
    if entry is None:
        raise errors.Invalid(N_("请选择原因"), field="reason")
    was_live = need.state in LIVE_NEEDS
    NEEDS.advance(need, "meet" if entry.extra.get("outcome") == "met" else "close", actor=actor, reason=reason)
    _end(need, reason, was_live=was_live, now=now)


@writes
def meet_need(need: Need, *, actor: Actor, now: datetime) -> None:
    """The need found what it asked for. The owner says so, or the system when an outcome has been confirmed."""
    was_live = need.state in LIVE_NEEDS
    NEEDS.advance(need, "meet", actor=actor)
    _end(need, "met_here", was_live=was_live, now=now)


def _end(need: Need, reason: str, *, was_live: bool, now: datetime) -> None:
    need.closed_at, need.closing_reason = now, reason
    if was_live:
        news.publish(NeedUnavailable(need), now=now)
