"""Organizations arrive: registered, checked, described, reviewed; firms move into their carriers."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from matchhub.accounts import services as accounts
from matchhub.accounts.enums import OrganizationKind
from matchhub.accounts.services import Registration
from matchhub.core.clock import city_date
from matchhub.core.db import db
from matchhub.core.policy import ANONYMOUS
from matchhub.demo import content, facts
from matchhub.demo.codes import invented_uscc
from matchhub.demo.content import Record
from matchhub.demo.founding import newcomer, TERMS
from matchhub.demo.market import UNFUNDED
from matchhub.demo.stage import Stage
from matchhub.profiles import services as profiles
from matchhub.profiles.enums import ResidencyStatus
from matchhub.profiles.models import Residency
from matchhub.profiles.queries import fields_of, steps_of

UNREGISTERED = {"team", "individual"}  # no credit code
WAITING = ("nuojian", "yudu", "biheng")  # registered these days, not checked yet
REJECTED = "lianzhan"
UNREVIEWED = ("geqing", "luanping", "sikuo")  # described, not reviewed yet
RETURNED = ("leizhi", "lengyu")
UNFINISHED = ("liangpu",)
REJECTION = "名称与营业执照不一致，请按执照改正后再提交。"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One organization on its way in."""

    kind: OrganizationKind
    key: str
    record: Record
    number: int

    @property
    def member(self) -> str:
        """The key of its person."""
        return f"op_{self.key}" if self.kind is OrganizationKind.CARRIER else self.key


def lay_down(stage: Stage) -> None:
    """Carriers in the first days, investors in the first weeks, firms over the months, a few only now."""
    for number, record in enumerate(content.carriers()):
        _register_at(stage, stage.after(stage.start, 0.2, 4), OrganizationKind.CARRIER, record, number)
    for number, record in enumerate(content.investors()):
        _register_at(stage, stage.after(stage.start, 5, 20), OrganizationKind.INVESTOR, record, number + 100)
    for number, record in enumerate(content.enterprises()):
        _register_at(stage, arrival_of(stage, record, number), OrganizationKind.ENTERPRISE, record, number + 200)


def _register_at(stage: Stage, moment: datetime, kind: OrganizationKind, record: Record, number: int) -> None:
    if record["key"] in WAITING:
        moment = stage.ago(1 + number % 2, hour=15)
    stage.timeline.at(moment, register, stage, Arrival(kind, record["key"], record, number))


def arrival_of(stage: Stage, record: Record, number: int) -> datetime:
    """When a firm comes: after its carrier is here and it has moved in, and the later the further down the list."""
    if record["key"] in (*UNREVIEWED, *RETURNED, *UNFINISHED, REJECTED):
        return stage.after(stage.ago(9), 0, 3)
    if record["key"] in UNFUNDED:
        return stage.after(stage.start, 6, 9)
    moved_in = datetime.combine(date.fromisoformat(record["residency"]["in_on"]), stage.start.timetz())
    moment = stage.after(stage.start, 6 + 1.6 * (number % 30), 12 + 2.4 * (number % 30))
    return min(max(moment, moved_in + timedelta(days=1)), stage.ago(12))


def register(stage: Stage, arrival: Arrival, *, now: datetime) -> None:
    """Sign up, under the name on the licence."""
    record = arrival.record
    has_code = record.get("kind") not in UNREGISTERED
    registration = Registration(
        kind=arrival.kind, name=record["name"], region_code=record["region"],
        uscc=invented_uscc(record["region"], arrival.number) if has_code else None,
        text_ids=stage.texts(*TERMS, now=now),
    )  # fmt: skip
    membership = accounts.register_organization(
        registration, newcomer=newcomer(stage, arrival.member, record["contact"]), actor=ANONYMOUS, now=now
    )
    stage.members[arrival.member] = membership.id
    stage.organizations[arrival.key] = membership.organization_id
    organization = stage.organization(arrival.key)
    organization.name_en = record["name_en"]
    accounts.rename_organization(
        organization, name=record["name"], short_name=record["short_name"], actor=stage.actor(arrival.member), now=now
    )
    profiles.ensure_profile(organization, now=now)
    if arrival.key not in WAITING:
        stage.timeline.at(stage.after(now, 0.1, 2), check, stage, arrival)


def check(stage: Stage, arrival: Arrival, *, now: datetime) -> None:
    """The officer of the district looks at the licence."""
    organization = stage.organization(arrival.key)
    officer = stage.officer_of(organization.district_code)
    if arrival.key == REJECTED:
        accounts.reject_organization(organization, reason=REJECTION, actor=officer, now=now)
        return
    accounts.verify_organization(organization, actor=officer, now=now)
    if arrival.kind is OrganizationKind.ENTERPRISE:
        stage.timeline.at(stage.after(now, 0, 0.4), apply_for_place, stage, arrival)
    stage.timeline.at(stage.after(now, 1, 2), describe, stage, arrival)


def apply_for_place(stage: Stage, arrival: Arrival, *, now: datetime) -> None:
    """The firm names its carrier, which confirms since when it is there."""
    residency = arrival.record["residency"]
    carrier_id = stage.organizations[residency["carrier"]]
    row = profiles.apply(stage.organization(arrival.key), carrier_id, actor=stage.actor(arrival.key), now=now)
    db.session.flush()
    stage.timeline.at(stage.after(now, 0.1, 0.6), admit, stage, arrival, row.id)


def admit(stage: Stage, arrival: Arrival, residency_id: int, *, now: datetime) -> None:
    """Taken in; some are incubated, some have outgrown the place already."""
    facts_of = arrival.record["residency"]
    operator = stage.actor(f"op_{facts_of['carrier']}")
    row, today = stage.get(Residency, residency_id), city_date(now)
    entered_on = facts.day(facts_of["in_on"], latest=today)
    profiles.admit(row, entered_on=entered_on, actor=operator, now=now)
    if facts_of["status"] == ResidencyStatus.INCUBATING.value:
        profiles.incubate(row, since=entered_on, actor=operator, now=now)
    if facts_of["status"] == ResidencyStatus.GRADUATED.value:
        left_on = facts.day(facts_of["graduated_on"], latest=today)
        profiles.graduate(row, left_on=left_on, actor=operator, now=now)


def describe(stage: Stage, arrival: Arrival, *, now: datetime) -> None:
    """Fill in the profile, page by page, and hand it in."""
    actor, profile = stage.actor(arrival.member), stage.profile(arrival.key)
    values = {name: value for name, value in _values(stage, arrival, city_date(now)).items() if value is not None}
    papers = facts.certificates(arrival.record) if arrival.kind is OrganizationKind.ENTERPRISE else []
    steps = steps_of(arrival.kind)[: 2 if arrival.key in UNFINISHED else None]
    for step in steps:
        of_step = {f.name: values[f.name] for f in fields_of(arrival.kind, step.number) if f.name in values}
        profiles.save_step(profile, step.number, of_step, certificates=papers, actor=actor, now=now)
    for past in arrival.record.get("past_rounds", ()):
        values = facts.of_round(past)
        if values["closed_on"] <= city_date(now):
            profiles.add_round(profile, values, actor=actor, now=now)
    if arrival.key not in UNFINISHED:
        profiles.submit_profile(profile, actor=actor, now=now)
    if arrival.key not in (*UNFINISHED, *UNREVIEWED):
        stage.timeline.at(stage.after(now, 0.2, 2), review, stage, arrival)


def _values(stage: Stage, arrival: Arrival, today: date) -> dict[str, Any]:
    if arrival.kind is OrganizationKind.CARRIER:
        return facts.of_carrier(arrival.record, today)
    if arrival.kind is OrganizationKind.INVESTOR:
        return facts.of_investor(arrival.record, today)
    carrier = next(c for c in content.carriers() if c["key"] == arrival.record["carrier"])
    address = f"{carrier['name']} {1 + arrival.number % 6} 号楼 {201 + arrival.number % 40} 室（示例地址）"
    return facts.of_enterprise(arrival.record, address, today)


def review(stage: Stage, arrival: Arrival, *, now: datetime) -> None:
    """The carrier, or the officer, reads it: through, or back with what to mend."""
    profile = stage.profile(arrival.key)
    in_carrier = select(Residency.id).where(
        Residency.enterprise_id == profile.organization_id,
        Residency.status.in_((ResidencyStatus.ADMITTED, ResidencyStatus.INCUBATING)),
    )
    if arrival.kind is OrganizationKind.ENTERPRISE and db.session.scalar(in_carrier) is not None:
        reviewer = stage.actor(f"op_{arrival.record['residency']['carrier']}")
    else:
        reviewer = stage.officer_of(profile.organization.district_code)
    if arrival.key in RETURNED:
        reason = stage.rng.choice(content.lines("return_notes", "missing"))
        profiles.return_profile(profile, reason=reason, actor=reviewer, now=now)
        return
    profiles.publish_profile(profile, actor=reviewer, now=now)
