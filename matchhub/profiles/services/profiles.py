"""Profiles: made on registration, filled step by step, reviewed, published."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select

from matchhub.accounts.enums import OrganizationKind
from matchhub.accounts.models import Organization
from matchhub.core import audit, dictionaries, errors, news
from matchhub.core.clock import city_date
from matchhub.core.db import db, hold, writes
from matchhub.core.installation import required
from matchhub.core.labels import N_
from matchhub.core.pinyin import sort_key
from matchhub.core.policy import Actor
from matchhub.profiles.enums import ProfileState
from matchhub.profiles.models import (
    CodeNameCounter,
    EnterpriseProfile,
    InvestorProfile,
    PastRound,
    Profile,
    Qualification,
)
from matchhub.profiles.news import ProfileChanged, ProfilePublished, ProfileReturned, ProfileSubmitted
from matchhub.profiles.policy import Permission, POLICY
from matchhub.profiles.queries import completeness, fields_of, profile_of, snapshot_of
from matchhub.profiles.queries.profiles import MODELS
from matchhub.profiles.workflow import PROFILES

NEEDED: dict[OrganizationKind, tuple[str, ...]] = {
    OrganizationKind.ENTERPRISE: ("industries", "one_liner", "stage", "region_code", "summary", "contact_name"),
    OrganizationKind.INVESTOR: ("fund_type", "industries", "summary", "contact_name"),
    OrganizationKind.CARRIER: ("carrier_type", "region_code", "summary", "contact_name"),
    OrganizationKind.BANK: ("bank_type", "districts_served", "summary", "contact_name"),
    OrganizationKind.MENTOR: ("category", "topics", "employer_kind", "years", "summary", "interests", "contact_name"),
}
MAX_ROUNDS = 500
MAX_DRAFT = 20_000


@writes
def ensure_profile(organization: Organization, *, now: datetime) -> Profile | None:
    """The profile of an organization, made as a draft where there is none; None for kinds that have no profile."""
    model = MODELS.get(organization.kind)
    if model is None:
        return None
    if not organization.sort_key:
        organization.sort_key = sort_key(organization.name)
    db.session.flush()
    found = profile_of(db.session(), organization.id)
    if found is not None:
        return found
    profile = model(
        organization=organization, organization_id=organization.id, region_code=organization.region_code, created_at=now,
        industries=[], drafts={}, last_submission={},
    )  # fmt: skip
    db.session.add(profile)
    db.session.flush()
    return profile


def on_registered(item: Any, *, now: datetime) -> None:
    """Listener: an organization has registered (`item.organization`)."""
    ensure_profile(item.organization, now=now)


def on_verified(item: Any, *, now: datetime) -> None:
    """Listener: an organization has been verified; those of before have a profile from now on."""
    ensure_profile(item.organization, now=now)


@writes
def save_step(
    profile: Profile,
    step: int,
    values: Mapping[str, Any],
    *,
    certificates: Sequence[Mapping[str, Any]] = (),
    version: int | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Keep one page of the form. Only the fields of this step are taken; a published profile stays published.

    Raises Conflict when `version` is not the stored one: somebody saved in between.
    """
    POLICY.check(Permission.EDIT_OWN, actor, profile)
    _same_version(profile, version)
    kind = OrganizationKind(profile.kind)
    changed = []
    for field in fields_of(kind, step):
        if field.name in values and getattr(profile, field.name) != values[field.name]:
            setattr(profile, field.name, values[field.name])
            changed.append(field)
    if "qualifications" in values:
        changed_rows = _keep_certificates(profile, certificates)
        if changed_rows and not any(field.name == "qualifications" for field in changed):
            changed += [field for field in fields_of(kind, step) if field.name == "qualifications"]
    profile.lead_industry = (profile.industries[0].split(".")[0]) if profile.industries else None
    profile.drafts = {key: value for key, value in profile.drafts.items() if key != str(step)}
    if not changed:
        return
    _settle_code_name(profile)
    identity = [field.name for field in changed if field.identity]
    audit.record(
        actor, "profile:edit", profile, step=step, fields=[field.name for field in changed], identity=identity or None
    )
    if profile.state is ProfileState.PUBLISHED:
        news.publish(ProfileChanged(profile.organization_id), now=now)


def _same_version(profile: Profile, version: int | None) -> None:
    hold(profile)
    if version is not None and version != profile.version:
        raise errors.Conflict(N_("这一页在别处改过了，两个版本都在下面，请核对后再保存"))


def _keep_certificates(profile: Profile, certificates: Sequence[Mapping[str, Any]]) -> bool:
    """Store the certificates of the codes in force; True when anything about them is new."""
    rows = db.session.scalars(select(Qualification).where(Qualification.organization_id == profile.organization_id))
    held = {row.code: row for row in rows}
    wanted = {item["code"]: item for item in certificates}
    changed = False
    for code, row in held.items():
        if code not in wanted:
            db.session.delete(row)
            changed = True
    for code, item in wanted.items():
        row = held.get(code) or Qualification(organization_id=profile.organization_id, code=code)
        number, until = item.get("certificate_number") or "", item.get("valid_until")
        changed = changed or code not in held or (row.certificate_number, row.valid_until) != (number, until)
        row.certificate_number, row.valid_until = number, until
        db.session.add(row)
    return changed


@writes
def keep_draft(
    profile: Profile, step: int, typed: Mapping[str, list[str]], *, version: int, actor: Actor, now: datetime
) -> int:
    """Keep what was typed so far, right or wrong, beside the facts; returns the new version.

    Nothing that is published changes. Raises Conflict when the page was saved elsewhere in between.
    """
    POLICY.check(Permission.EDIT_OWN, actor, profile)
    _same_version(profile, version)
    if sum(len(text) for texts in typed.values() for text in texts) > MAX_DRAFT:
        raise errors.Invalid(N_("内容太长，请缩短后再试"))
    profile.drafts = {**profile.drafts, str(step): {key: list(texts) for key, texts in typed.items()}}
    audit.record(actor, "profile:draft", profile, step=step)
    db.session.flush()
    return profile.version


@writes
def submit_profile(profile: Profile, *, actor: Actor, now: datetime) -> None:
    """Hand the profile to its reviewer. Raises Invalid naming what is still missing."""
    POLICY.check(Permission.SUBMIT, actor, profile)
    missing = [
        field.label
        for field in fields_of(OrganizationKind(profile.kind))
        if field.name in NEEDED[OrganizationKind(profile.kind)] and field in completeness(profile).missing
    ]
    if not (profile.contact_mobile or profile.contact_email):
        missing.append(N_("手机或邮箱"))
    if missing:
        raise errors.Invalid(N_("提交前还要填写：%(fields)s"), fields="、".join(missing))
    PROFILES.advance(profile, "submit", actor=actor)
    profile.submitted_at = now
    news.publish(ProfileSubmitted(profile), now=now)


@writes
def publish_profile(profile: Profile, *, actor: Actor, now: datetime) -> None:
    """Let a submitted profile through; an enterprise gets its code name now if it has none."""
    PROFILES.advance(profile, "publish", actor=actor)
    _decided(profile, actor)
    profile.published_at = now
    profile.return_reason = ""
    _settle_district(profile)
    if isinstance(profile, EnterpriseProfile) and not profile.code_name:
        profile.code_name = _next_code_name(profile)
    news.publish(ProfilePublished(profile), now=now)


@writes
def return_profile(profile: Profile, *, reason: str, actor: Actor, now: datetime) -> None:
    """Send a profile back; the reason names the item and what to do."""
    PROFILES.advance(profile, "return", actor=actor, reason=reason)
    _decided(profile, actor)
    profile.return_reason = reason.strip()[:500]
    news.publish(ProfileReturned(profile), now=now)


@writes
def archive_profile(profile: Profile, *, actor: Actor, now: datetime) -> None:
    """Take a profile out of use."""
    PROFILES.advance(profile, "archive", actor=actor)
    news.publish(ProfileChanged(profile.organization_id), now=now)


def _decided(profile: Profile, actor: Actor) -> None:
    profile.decided_by_id = actor.user_id
    profile.last_submission = snapshot_of(profile)


def _settle_district(profile: Profile) -> None:
    """An organization without a district gets the one that its reviewed address lies in. Never overwritten here."""
    if profile.organization.district_code is None and profile.region_code:
        entry = dictionaries.snapshot().get("regions", profile.region_code)
        if entry is not None and entry.parent == required(db.session()).city_region:
            profile.organization.district_code = entry.code


def _settle_code_name(profile: Profile) -> None:
    """A published enterprise keeps its code name even when its industry changes: it is known by it."""
    needs_one = isinstance(profile, EnterpriseProfile) and profile.state is ProfileState.PUBLISHED
    if needs_one and isinstance(profile, EnterpriseProfile) and not profile.code_name:
        profile.code_name = _next_code_name(profile)


def _next_code_name(profile: EnterpriseProfile) -> str:
    label = dictionaries.snapshot().word("industries", profile.lead_industry, "zh") or "企业"
    counter = db.session.get(CodeNameCounter, label, with_for_update=True)
    if counter is None:
        counter = CodeNameCounter(label=label, last=0)
        db.session.add(counter)
    counter.last += 1
    db.session.flush()
    return f"{label}-{counter.last:04d}"


@writes
def add_round(profile: Profile, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> PastRound:
    """Add one past investment to an investor's track record."""
    POLICY.check(Permission.EDIT_OWN, actor, profile)
    if not isinstance(profile, InvestorProfile):
        raise errors.Conflict(N_("只有投资机构填写过往案例"))
    closed_on: date = values["closed_on"]
    if closed_on > city_date(now):
        raise errors.Invalid(N_("日期不能晚于今天"), field="closed_on")
    row = PastRound(
        investor_id=profile.organization_id, company_name=values["company_name"], closed_on=closed_on,
        round_code=values.get("round_code"), amount_yuan=values.get("amount_yuan"),
        industries=list(values.get("industries") or []), text=values.get("text") or "", source=N_("机构填写"),
    )  # fmt: skip
    db.session.add(row)
    audit.record(actor, "past-round:add", row)
    if profile.state is ProfileState.PUBLISHED:
        news.publish(ProfileChanged(profile.organization_id), now=now)
    return row


@writes
def remove_round(row: PastRound, *, actor: Actor, now: datetime) -> None:
    """Take a past investment back out, by the investor that entered it."""
    profile = profile_of(db.session(), row.investor_id)
    POLICY.check(Permission.EDIT_OWN, actor, profile)
    if row.external_ref is not None:
        raise errors.Conflict(N_("这条来自公开记录，不能在这里移除"))
    audit.record(actor, "past-round:remove", row)
    db.session.execute(delete(PastRound).where(PastRound.id == row.id))
    if profile is not None and profile.state is ProfileState.PUBLISHED:
        news.publish(ProfileChanged(profile.organization_id), now=now)
