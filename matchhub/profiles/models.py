"""Who they are: a profile per organization, by kind, with residency, track record and attachments."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, JSON, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.accounts.enums import OrganizationKind
from matchhub.accounts.models import Organization
from matchhub.core.db import Base, enum_type, only_where, state_column, Timestamped, UtcDateTime, Versioned
from matchhub.core.uploads import StoredFile
from matchhub.profiles.enums import AttachmentKind, ComplaintState, ProfileState, RelationKind, ResidencyStatus


class Profile(Timestamped, Versioned, Base):
    """What every kind has: state, address, contact person, words about itself. Contact fields are confidential."""

    __tablename__ = "profile"

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), unique=True)
    kind: Mapped[OrganizationKind] = mapped_column(enum_type(OrganizationKind))
    state: Mapped[ProfileState] = state_column(ProfileState.DRAFT)
    region_code: Mapped[str | None] = mapped_column(String(12), index=True)
    address: Mapped[str] = mapped_column(String(200), default="")
    website: Mapped[str] = mapped_column(String(200), default="")
    one_liner: Mapped[str] = mapped_column(String(60), default="")
    one_liner_en: Mapped[str] = mapped_column(String(160), default="")
    summary: Mapped[str] = mapped_column(Text, default="")
    summary_en: Mapped[str] = mapped_column(Text, default="")
    lead_industry: Mapped[str | None] = mapped_column(String(80), index=True)  # the first, by its top level
    industries: Mapped[list[str]] = mapped_column(JSON, default=list)
    contact_name: Mapped[str] = mapped_column(String(60), default="")
    contact_title: Mapped[str] = mapped_column(String(60), default="")
    contact_mobile: Mapped[str] = mapped_column(String(20), default="")
    contact_email: Mapped[str] = mapped_column(String(254), default="")
    contact_wechat: Mapped[str] = mapped_column(String(60), default="")
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    return_reason: Mapped[str] = mapped_column(String(500), default="")
    last_submission: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # for the reviewer's differences
    drafts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # step → what was typed and not yet kept
    organization: Mapped[Organization] = relationship(lazy="joined", innerjoin=True)

    __mapper_args__ = {"polymorphic_on": "kind", "version_id_col": Versioned.version}


class EnterpriseProfile(Profile):
    """A start-up, or a team that is not registered yet. Money in 元, of the last full year."""

    __tablename__ = "enterprise_profile"
    __table_args__ = (
        Index("uq_enterprise_profile_code_name", "code_name", unique=True, **only_where("code_name <> ''")),
    )
    __mapper_args__ = {"polymorphic_identity": OrganizationKind.ENTERPRISE}

    id: Mapped[int] = mapped_column(ForeignKey("profile.id", ondelete="CASCADE"), primary_key=True)
    code_name: Mapped[str] = mapped_column(String(40), default="")  # what others see: 新材料-0007
    stage: Mapped[str | None] = mapped_column(String(40))
    established_on: Mapped[date | None] = mapped_column(Date)
    team: Mapped[str] = mapped_column(Text, default="")
    founder_traits: Mapped[list[str]] = mapped_column(JSON, default=list)
    trl: Mapped[int | None]
    staff: Mapped[int | None]
    revenue_yuan: Mapped[int | None] = mapped_column(BigInteger)
    rd_expense_yuan: Mapped[int | None] = mapped_column(BigInteger)
    invention_patents: Mapped[int | None]
    other_ip: Mapped[int | None]
    qualifications: Mapped[list[str]] = mapped_column(
        JSON, default=list
    )  # codes in force; the rows are `Qualification`
    carrier_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"), index=True)  # from the open residency


class CodeNameCounter(Base):
    """The last running number given out per industry: code names are never used twice."""

    __tablename__ = "code_name_counter"

    label: Mapped[str] = mapped_column(String(40), primary_key=True)
    last: Mapped[int] = mapped_column(default=0)


class InvestorProfile(Profile):
    """A fund or an angel."""

    __tablename__ = "investor_profile"
    __mapper_args__ = {"polymorphic_identity": OrganizationKind.INVESTOR}

    id: Mapped[int] = mapped_column(ForeignKey("profile.id", ondelete="CASCADE"), primary_key=True)
    fund_type: Mapped[str | None] = mapped_column(String(40))
    aum_yuan: Mapped[int | None] = mapped_column(BigInteger)
    founded_on: Mapped[date | None] = mapped_column(Date)


class CarrierProfile(Profile):
    """An incubator, accelerator, park … Areas in square metres."""

    __tablename__ = "carrier_profile"
    __mapper_args__ = {"polymorphic_identity": OrganizationKind.CARRIER}

    id: Mapped[int] = mapped_column(ForeignKey("profile.id", ondelete="CASCADE"), primary_key=True)
    carrier_type: Mapped[str | None] = mapped_column(String(40))
    carrier_level: Mapped[str | None] = mapped_column(String(40))
    carrier_focus: Mapped[str | None] = mapped_column(String(40))
    certified_on: Mapped[date | None] = mapped_column(Date)
    total_area_m2: Mapped[int | None]
    incubation_area_m2: Mapped[int | None]
    workstations: Mapped[int | None]


class BankProfile(Profile):
    """A bank, or one of its branches. Its products are listings."""

    __tablename__ = "bank_profile"
    __mapper_args__ = {"polymorphic_identity": OrganizationKind.BANK}

    id: Mapped[int] = mapped_column(ForeignKey("profile.id", ondelete="CASCADE"), primary_key=True)
    bank_type: Mapped[str | None] = mapped_column(String(40))
    branch: Mapped[str] = mapped_column(String(120), default="")
    districts_served: Mapped[list[str]] = mapped_column(JSON, default=list)  # codes of `regions`
    account_managers: Mapped[list[str]] = mapped_column(JSON, default=list)  # names: who may be given a case


class MentorProfile(Profile):
    """A person who advises firms. The registration is written by `mentoring`: nobody registers himself."""

    __tablename__ = "mentor_profile"
    __mapper_args__ = {"polymorphic_identity": OrganizationKind.MENTOR}

    id: Mapped[int] = mapped_column(ForeignKey("profile.id", ondelete="CASCADE"), primary_key=True)
    category: Mapped[str | None] = mapped_column(String(40))
    topics: Mapped[list[str]] = mapped_column(JSON, default=list)
    education: Mapped[str | None] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(60), default="")  # 职称
    employer_kind: Mapped[str | None] = mapped_column(String(40))
    employer: Mapped[str] = mapped_column(String(160), default="")
    post: Mapped[str] = mapped_column(String(60), default="")
    years: Mapped[int | None]
    honours: Mapped[str] = mapped_column(Text, default="")
    interests: Mapped[str] = mapped_column(Text, default="")  # declared ties: shares, posts, family
    hides_from_public: Mapped[bool] = mapped_column(default=False)
    registered_until: Mapped[date | None] = mapped_column(Date)
    registration_number: Mapped[str] = mapped_column(String(40), default="")

    def is_registered(self, on: date) -> bool:
        """Whether the city's registration is in force on a day."""
        return self.registered_until is not None and on <= self.registered_until


class Qualification(Timestamped, Base):
    """A certificate of an enterprise."""

    __tablename__ = "qualification"
    __table_args__ = (UniqueConstraint("organization_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    code: Mapped[str] = mapped_column(String(40))
    certificate_number: Mapped[str] = mapped_column(String(80), default="")
    issued_on: Mapped[date | None] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)


class PastRound(Base):
    """One investment of the past: an investor's track record and a firm's history."""

    __tablename__ = "past_round"
    __table_args__ = (
        Index("uq_past_round_external", "external_ref", unique=True, **only_where("external_ref IS NOT NULL")),
        Index("ix_past_round_investor", "investor_id", "closed_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    investor_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"), index=True)
    company_name: Mapped[str] = mapped_column(String(160), default="")
    closed_on: Mapped[date] = mapped_column(Date)
    round_code: Mapped[str | None] = mapped_column(String(40))
    amount_yuan: Mapped[int | None] = mapped_column(BigInteger)
    industries: Mapped[list[str]] = mapped_column(JSON, default=list)
    region_code: Mapped[str | None] = mapped_column(String(12))
    text: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[str] = mapped_column(String(120), default="")
    external_ref: Mapped[str | None] = mapped_column(String(160))


class Residency(Timestamped, Versioned, Base):
    """A firm in a carrier, dated; at most one is open at a time."""

    __tablename__ = "residency"
    __table_args__ = (
        Index("uq_residency_open", "enterprise_id", unique=True, **only_where("status IN ('admitted', 'incubating')")),
        Index("ix_residency_carrier", "carrier_id", "status"),
        Index("ix_residency_newest", "carrier_id", "id"),
        Index("ix_residency_of_firm", "enterprise_id", "carrier_id", "status"),
        Index("ix_residency_counted", "status", "carrier_id", "incubation_from", "enterprise_id"),
        CheckConstraint("left_on IS NULL OR entered_on IS NULL OR left_on >= entered_on", name="dates_in_order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    carrier_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    status: Mapped[ResidencyStatus] = state_column(ResidencyStatus.APPLIED)
    entered_on: Mapped[date | None] = mapped_column(Date)
    incubation_from: Mapped[date | None] = mapped_column(Date)
    left_on: Mapped[date | None] = mapped_column(Date)
    moved_to: Mapped[str] = mapped_column(String(160), default="")
    reason: Mapped[str] = mapped_column(String(300), default="")
    enterprise: Mapped[Organization] = relationship(foreign_keys=[enterprise_id])
    carrier: Mapped[Organization] = relationship(foreign_keys=[carrier_id])


class Attachment(Timestamped, Base):
    """A file that an organization keeps here; who may read it is decided by `disclosure`."""

    __tablename__ = "attachment"

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    kind: Mapped[AttachmentKind] = mapped_column(enum_type(AttachmentKind))
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    file: Mapped[StoredFile] = relationship(lazy="joined", innerjoin=True)


class OrganizationRelation(Timestamped, Base):
    """A known tie: blocked, portfolio, shareholder."""

    __tablename__ = "organization_relation"
    __table_args__ = (UniqueConstraint("from_id", "to_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    to_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    kind: Mapped[RelationKind] = mapped_column(enum_type(RelationKind))
    since: Mapped[date | None] = mapped_column(Date)


class Complaint(Timestamped, Versioned, Base):
    """One organization reports another to the city; one complaint about the same organization is open at a time."""

    __tablename__ = "complaint"
    __table_args__ = (
        Index("uq_complaint_open", "complainer_id", "about_id", unique=True, **only_where("state = 'open'")),
        CheckConstraint("complainer_id <> about_id", name="two_parties"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    complainer_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    about_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    reason: Mapped[str] = mapped_column(String(40))  # a code of `complaint_reasons`
    text: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[ComplaintState] = state_column(ComplaintState.OPEN)
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    complainer: Mapped[Organization] = relationship(foreign_keys=[complainer_id])
    about: Mapped[Organization] = relationship(foreign_keys=[about_id])
