"""Firms with a person, a profile and a place in a carrier."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from matchhub.accounts.enums import MembershipState, OrganizationKind, OrganizationStatus, Role
from matchhub.accounts.models import Membership, NAMES, Organization, TextAcceptance, User
from matchhub.core import dictionaries
from matchhub.core.db import Base
from matchhub.core.name_index import grams_of
from matchhub.core.pinyin import search_text, sort_key
from matchhub.demo.content import crowd
from matchhub.demo.crowd.people import code_of, Firm, mobile, Names
from matchhub.demo.crowd.rows import Rows, Values
from matchhub.profiles.enums import ProfileState, ResidencyStatus
from matchhub.profiles.models import EnterpriseProfile, Profile, Qualification, Residency

STAGES = ("team", "seed", "startup", "startup", "growth", "growth", "stable", "mature")
SIZES = {"team": 5, "seed": 9, "startup": 18, "growth": 45, "stable": 90, "mature": 180}
QUALIFICATIONS = ("tech_sme", "hnte", "innovative_sme", "srdi", "gazelle")


@dataclass(frozen=True, slots=True)
class Place:
    """A carrier and where it lies."""

    carrier_id: int
    district: str | None
    region: str
    name: str


@dataclass(frozen=True, slots=True)
class Owner:
    """An organization of the crowd, as the later parts need it."""

    id: int
    user_id: int
    since: datetime
    region: str
    district: str | None
    line: dict[str, Any]
    stage: str = "startup"
    carrier_id: int | None = None
    qualifications: tuple[str, ...] = ()


def add_organization(
    rows: Rows,
    names: Names,
    kind: OrganizationKind,
    organization: Values,
    *,
    texts: tuple[int, ...],
    since: datetime,
    person: str = "",
) -> tuple[int, int, str]:
    """An organization that has been checked, with one person in it; (its id, the person's id, the person's name)."""
    number, person = names.number(), person or names.person()
    stamp = {"created_at": since, "updated_at": since}
    found_by = search_text(*(organization[name] for name in NAMES))
    identity = rows.add(
        Organization, kind=kind, status=OrganizationStatus.VERIFIED, verified_at=since, is_claimed=True, version=1,
        sort_key=sort_key(organization["name"]), search_text=found_by, search_grams=grams_of(found_by), **organization, **stamp,
    )  # fmt: skip
    user_id = rows.add(
        User, name=person, email=f"p{number}@crowd.example", mobile=mobile(number), locale="zh", version=1, **stamp
    )
    rows.add(
        Membership, user_id=user_id, organization_id=identity, role=Role.OWNER, state=MembershipState.ACTIVE, version=1,
        **stamp,
    )  # fmt: skip
    for text_id in texts:
        rows.add(TextAcceptance, user_id=user_id, text_id=text_id, at=since)
    return identity, user_id, person


def add_profile(
    rows: Rows, model: type[Base], kind: OrganizationKind, base: Values, own: Values, *, since: datetime
) -> None:
    """A published profile with its own half."""
    identity = rows.add(
        Profile, kind=kind, state=ProfileState.PUBLISHED, submitted_at=since, published_at=since + timedelta(days=2),
        lead_industry=(base["industries"] or [""])[0].split(".")[0] or None, version=1, last_submission={}, drafts={},
        created_at=since, updated_at=since + timedelta(days=2), **base,
    )  # fmt: skip
    rows.extend(model, id=identity, **own)


def add_firm(rows: Rows, names: Names, rng: Random, place: Place, *, texts: tuple[int, ...], since: datetime) -> Owner:
    """One firm in a carrier."""
    firm, number = names.firm(), names.numbers + 1
    identity, user_id, person = add_organization(
        rows, names, OrganizationKind.ENTERPRISE,
        {
            "name": firm.name, "short_name": firm.short_name, "name_en": firm.name_en,
            "uscc": code_of(place.region, number), "region_code": place.region, "district_code": place.district,
        },
        texts=texts, since=since,
    )  # fmt: skip
    stage, held = rng.choice(STAGES), _qualifications(rng)
    base = words_of(firm, rng) | {
        "organization_id": identity, "region_code": place.region, "industries": [firm.line["industry"]],
        "address": f"{place.name} {rng.randint(1, 9)} 号楼 {rng.randint(201, 1808)} 室（示例地址）",
        "contact_name": person, "contact_title": "总经理", "contact_mobile": mobile(number),
        "contact_email": f"p{number}@crowd.example",
    }  # fmt: skip
    label = dictionaries.snapshot().word("industries", firm.line["industry"].split(".")[0], "zh") or ""
    own = _figures(rng, stage, since) | {"qualifications": list(held), "carrier_id": place.carrier_id}
    own["code_name"] = names.code_name(label)
    add_profile(rows, EnterpriseProfile, OrganizationKind.ENTERPRISE, base, own, since=since)
    for code in held:
        rows.add(
            Qualification, organization_id=identity, code=code, certificate_number="", created_at=since, updated_at=since,
            issued_on=None, valid_until=since.date() + timedelta(days=rng.randint(500, 1000)),
        )  # fmt: skip
    _add_residency(rows, rng, identity, place, since)
    return Owner(
        identity, user_id, since, place.region, place.district, firm.line, stage, place.carrier_id, tuple(held)
    )


def words_of(firm: Firm, rng: Random) -> Values:
    """One line and a few sentences, in both languages."""
    line, content = firm.line, crowd()
    number = rng.randint(3, 28)
    progress, progress_en = rng.choice(content["progress"])
    return {
        "one_liner": f"给{line['customer']}做{line['product']}"[:60],
        "one_liner_en": f"{line['product_en'][:1].upper()}{line['product_en'][1:]} for {line['customer_en']}",
        "summary": f"公司做{line['product']}，客户是{line['customer']}，{progress.format(n=number)}。",
        "summary_en": f"Makes {line['product_en']} for {line['customer_en']}; {progress_en.format(n=number)}.",
    }


def _qualifications(rng: Random) -> list[str]:
    return sorted({rng.choice(QUALIFICATIONS) for _ in range(rng.choice((0, 0, 1, 1, 2)))})


def _figures(rng: Random, stage: str, since: datetime) -> Values:
    staff = max(2, int(SIZES[stage] * rng.uniform(0.5, 1.6)))
    revenue = 0 if stage == "team" else int(staff * rng.uniform(5, 60)) * 10_000
    age = {"team": 6, "seed": 14, "startup": 26, "growth": 40, "stable": 60, "mature": 96}[stage]
    return {
        "stage": stage, "established_on": since.date() - timedelta(days=int(age * rng.uniform(18, 36))),
        "team": "", "founder_traits": rng.choice(([], ["executive"], ["researcher"], ["returnee"])), "trl": rng.randint(4, 9),
        "staff": staff, "revenue_yuan": revenue, "rd_expense_yuan": int(revenue * rng.uniform(0.03, 0.3)) or 300_000,
        "invention_patents": rng.choice((0, 0, 1, 2, 3, 6)), "other_ip": rng.randint(0, 18),
    }  # fmt: skip


def _add_residency(rows: Rows, rng: Random, firm_id: int, place: Place, since: datetime) -> None:
    entered: date = since.date() - timedelta(days=rng.randint(10, 1200))
    is_incubating = rng.random() < 0.8
    rows.add(
        Residency, enterprise_id=firm_id, carrier_id=place.carrier_id, entered_on=entered, version=1,
        status=ResidencyStatus.INCUBATING if is_incubating else ResidencyStatus.ADMITTED,
        incubation_from=entered if is_incubating else None, moved_to="", reason="",
        created_at=since, updated_at=since,
    )  # fmt: skip
