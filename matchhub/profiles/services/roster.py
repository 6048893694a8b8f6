"""A carrier's list of its firms becomes organizations, profiles and residencies: all of it or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select

from matchhub.accounts.enums import OrganizationKind, OrganizationStatus
from matchhub.accounts.models import Organization
from matchhub.core import audit, errors
from matchhub.core.db import db, writes
from matchhub.core.labels import N_
from matchhub.core.pinyin import sort_key
from matchhub.core.policy import Actor
from matchhub.core.previews import Fate
from matchhub.core.uploads import CheckedUpload, keep, StoredFile
from matchhub.profiles.enums import ProfileState, ResidencyStatus
from matchhub.profiles.models import EnterpriseProfile, Profile
from matchhub.profiles.policy import Permission, POLICY
from matchhub.profiles.queries import firms_in, open_residency_of
from matchhub.profiles.services.profiles import ensure_profile
from matchhub.profiles.services.residencies import place

MAX_LINES = 2_000
COLUMNS: tuple[tuple[str, str], ...] = (
    ("name", N_("企业名称")),
    ("uscc", N_("统一社会信用代码")),
    ("status", N_("入驻状态")),
    ("entered_on", N_("入驻日期")),
    ("industry", N_("行业")),
    ("stage", N_("发展阶段")),
    ("one_liner", N_("一句话介绍")),
    ("staff", N_("员工人数")),
    ("contact_name", N_("联系人")),
    ("contact_mobile", N_("手机")),
)
HEADER = tuple(label for _, label in COLUMNS)


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One firm of the list. Only what the list may say: no ids, no scope, no role."""

    line: int
    name: str
    uscc: str | None
    status: ResidencyStatus
    entered_on: date | None = None
    industry: str | None = None
    stage: str | None = None
    one_liner: str = ""
    staff: int | None = None
    contact_name: str = ""
    contact_mobile: str = ""


@dataclass(slots=True)
class RosterOutcome:
    """What a list does: (or would do) how many are new, placed, already there; and what is wrong, by line."""

    created: int = 0
    placed: int = 0
    unchanged: int = 0
    problems: dict[int, str] = field(default_factory=dict)
    fates: dict[int, Fate] = field(default_factory=dict)


def find_firm(row: RosterRow, carrier_firms: dict[str, Organization]) -> Organization | None:
    """The firm of a line: by its code, else by its exact name among the firms of this carrier."""
    if row.uscc:
        found: Organization | None = db.session.scalar(
            select(Organization).where(Organization.uscc == row.uscc, Organization.status != OrganizationStatus.MERGED)
        )
        return found
    return carrier_firms.get(row.name)


def weigh(rows: Sequence[RosterRow], carrier_id: int) -> RosterOutcome:
    """What applying the list would do, without doing it. The same rules as `apply_roster`."""
    outcome = RosterOutcome()
    mine = {firm.name: firm for firm in firms_in(db.session(), carrier_id)}
    for row in rows:
        firm = find_firm(row, mine)
        outcome.fates[row.line] = Fate.SAME
        if firm is None:
            outcome.created += 1
            outcome.fates[row.line] = Fate.NEW
        elif problem := _problem(firm, carrier_id):
            outcome.problems[row.line] = problem
            outcome.fates[row.line] = Fate.REFUSED
        elif open_residency_of(db.session(), firm.id) is None:
            outcome.placed += 1
            outcome.fates[row.line] = Fate.CHANGED
        else:
            outcome.unchanged += 1
    return outcome


def _problem(firm: Organization, carrier_id: int) -> str | None:
    if firm.kind is not OrganizationKind.ENTERPRISE:
        return N_("这个代码属于另一类机构")
    if not firm.is_open:
        return N_("这家企业已注销或已合并")
    current = open_residency_of(db.session(), firm.id)
    if current is None:
        return N_("这家企业已注册，请它自己申请入驻") if firm.is_claimed else None
    return N_("这家企业在另一家载体，请对方先办迁出") if current.carrier_id != carrier_id else None


@writes
def apply_roster(profile: Profile, rows: Sequence[RosterRow], *, actor: Actor, now: datetime) -> RosterOutcome:
    """Create what is missing. Raises Conflict, changing nothing, when any line has become wrong since the preview."""
    POLICY.check(Permission.KEEP_ROSTER, actor)
    if profile.organization_id != actor.organization_id:
        raise errors.Forbidden(N_("你没有做这件事的权限"))
    carrier = profile.organization
    outcome = weigh(rows, carrier.id)
    if outcome.problems:
        raise errors.Conflict(N_("名册里有企业的情况变了，请重新上传核对"))
    mine = {firm.name: firm for firm in firms_in(db.session(), carrier.id)}
    for row in rows:
        firm = find_firm(row, mine) or _create(row, carrier, actor=actor, now=now)
        if open_residency_of(db.session(), firm.id) is None:
            place(firm, carrier, status=row.status, entered_on=row.entered_on, now=now)
        mine[firm.name] = firm
    audit.record(actor, "roster:apply", profile, lines=len(rows), created=outcome.created, placed=outcome.placed)
    return outcome


def _create(row: RosterRow, carrier: Organization, *, actor: Actor, now: datetime) -> Organization:
    """An organization that nobody has joined yet, vouched for by the carrier."""
    firm = Organization(
        kind=OrganizationKind.ENTERPRISE, name=row.name, sort_key=sort_key(row.name), uscc=row.uscc,
        region_code=carrier.region_code, district_code=carrier.district_code, status=OrganizationStatus.VERIFIED,
        verified_at=now, verified_by_id=actor.user_id, is_claimed=False,
    )  # fmt: skip
    db.session.add(firm)
    profile = ensure_profile(firm, now=now)
    if isinstance(profile, EnterpriseProfile):
        profile.state = ProfileState.DRAFT
        profile.industries = [row.industry] if row.industry else []
        profile.lead_industry = row.industry.split(".")[0] if row.industry else None
        profile.stage, profile.one_liner, profile.staff = row.stage, row.one_liner, row.staff
        profile.contact_name, profile.contact_mobile = row.contact_name, row.contact_mobile
    return firm


@writes
def keep_roster(upload: CheckedUpload, *, actor: Actor, now: datetime) -> StoredFile:
    """Keep an uploaded roster until it is applied: what was checked is what will be read again, not what a page sends."""
    POLICY.check(Permission.KEEP_ROSTER, actor)
    stored = keep(upload, organization_id=actor.organization_id, user_id=actor.user_id, now=now)
    audit.record(actor, "roster:upload", stored, size=stored.size)
    return stored
