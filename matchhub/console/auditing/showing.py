"""Rows of the trail and of the consents as the auditor reads them: in words, with names, never a content."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from flask_babel import gettext

from matchhub.console.auditing.actions import state_words, words_of
from matchhub.console.auditing.queries import Names, state_of
from matchhub.console.auditing.words import CAUSES, OBJECTS, READINGS
from matchhub.core import ui
from matchhub.core.audit import AuditEvent
from matchhub.core.labels import N_
from matchhub.disclosure.enums import FieldGroup
from matchhub.disclosure.models import Consent

CONSENT_STATES = {
    "active": (N_("有效"), "green"),
    "waiting": (N_("等对方同意"), "blue"),
    "withdrawn": (N_("已撤回"), "grey"),
    "expired": (N_("已过期"), "grey"),
}

MOVES = ("before", "after")


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the trail."""

    at: datetime
    person: str
    organization: str
    action: str
    code: str
    subject: str
    object_type: str
    object_id: int | None
    details: str
    ip: str
    request_id: str


@dataclass(frozen=True, slots=True)
class ShownConsent:
    """One consent: who opened which kinds of fields to whom."""

    id: int
    number: str
    subject: str
    recipient: str
    groups: str
    files: int
    purpose: str
    given_at: datetime
    expires_at: datetime
    withdrawn_at: datetime | None
    state: str


def shown_event(row: AuditEvent, names: Names) -> Event:
    """A row of the trail with its names."""
    who = names.people.get(row.actor_user_id or 0, "")
    if not who:
        who = gettext("系统") if row.actor_role == "system" else gettext("未登录")
    return Event(
        at=row.at, person=who, organization=organization_name(names, row.actor_organization_id),
        action=action_name(row.action), code=row.action,
        subject=_subject(row, names), object_type=row.object_type, object_id=row.object_id,
        details=detail_words(row.details, row.action), ip=row.ip, request_id=row.request_id,
    )  # fmt: skip


def shown_consent(row: Consent, now: datetime) -> ShownConsent:
    """A consent in words: kinds of fields, not their values."""
    kinds = _kinds_in_words(ui.locale_code(), tuple(row.groups))
    return ShownConsent(
        id=row.id, number=row.number, subject=str(ui.in_locale(row.subject, "label")),
        recipient=str(ui.in_locale(row.recipient, "label")), groups=kinds, files=len(row.file_ids),
        purpose=gettext(row.purpose), given_at=row.given_at, expires_at=row.expires_at, withdrawn_at=row.withdrawn_at,
        state=state_of(row, now),
    )  # fmt: skip


@lru_cache(maxsize=500)
def _kinds_in_words(locale: str, groups: tuple[str, ...]) -> str:
    """Kept: there are few kinds, and a page has fifty rows of them."""
    return gettext("、").join(gettext(FieldGroup(group).label) for group in groups if group in set(FieldGroup))


def cause(kind: str) -> str:
    """Why something was refused."""
    return gettext(CAUSES[kind]) if kind in CAUSES else kind


def organization_name(names: Names, organization_id: int | None) -> str:
    """What an organization is called; '' for none."""
    found = names.organizations.get(organization_id or 0)
    return str(ui.in_locale(found, "label")) if found else ""


def action_name(code: str) -> str:
    """What was done, in words; the code itself where there are none."""
    return _action_in_words(ui.locale_code(), code)


@lru_cache(maxsize=2_000)
def _action_in_words(locale: str, code: str) -> str:
    """Kept: a page says a few of them fifty times."""
    known = READINGS.get(code) or words_of(code)
    return gettext(known) if known else code


def detail_words(details: dict[str, Any], code: str = "") -> str:
    """The facts that the trail keeps beside a row: codes and numbers, no contents. A state is told as 原来 → 现在."""
    rest = dict(details)
    told = [f"{name}: {value}" for name, value in rest.items() if name not in MOVES]
    moved = [_state(code, str(rest[name])) for name in MOVES if name in rest]
    return "; ".join([" → ".join(moved), *told] if moved else told)


def _state(code: str, state: str) -> str:
    return _state_in_words(ui.locale_code(), code, state)


@lru_cache(maxsize=2_000)
def _state_in_words(locale: str, code: str, state: str) -> str:
    known = state_words(code, state)
    return gettext(known) if known else state


def _subject(row: AuditEvent, names: Names) -> str:
    """What the row is about, by name where it has one."""
    kind, found = row.object_type, row.object_id or 0
    if kind == "consent" and (consent := names.consents.get(found)):
        subject, recipient = (ui.in_locale(side, "label") for side in (consent.subject, consent.recipient))
        return gettext("%(subject)s给%(recipient)s的授权", subject=subject, recipient=recipient)
    called: str | None = None
    if kind == "organization":
        called = organization_name(names, row.object_id)
    elif kind in ("attachment", "user"):
        called = (names.files if kind == "attachment" else names.people).get(found)
    word = _object_in_words(ui.locale_code(), kind)
    return f"{word} · {called}" if called else word


@lru_cache(maxsize=500)
def _object_in_words(locale: str, kind: str) -> str:
    return gettext(OBJECTS[kind]) if kind in OBJECTS else kind
