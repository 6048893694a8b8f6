"""People, organizations, memberships, sessions."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Connection,
    event,
    ForeignKey,
    Index,
    inspect,
    String,
    Table,
    Text,
    text,
    UniqueConstraint,
)
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, Mapper, relationship

from matchhub.accounts.enums import MembershipState, OrganizationKind, OrganizationStatus, ResetKind, Role
from matchhub.core import name_index
from matchhub.core.db import Base, enum_type, only_where, state_column, Timestamped, UtcDateTime, Versioned
from matchhub.core.pinyin import search_text

NAMES = ("name", "short_name", "name_en")
NOWHERE = "erased.invalid"  # the domain of who is forgotten: no mail can ever reach it (RFC 2606)


class User(Timestamped, Versioned, Base):
    """A person with an account. E-mail and mobile are stored normalized; one of them is there."""

    __tablename__ = "user"
    __table_args__ = (
        Index("ix_user_name", "name"),
        CheckConstraint("email IS NOT NULL OR mobile IS NOT NULL", name="reachable"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    mobile: Mapped[str | None] = mapped_column(String(20), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    password_changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    totp_secret: Mapped[str | None] = mapped_column(String(200))
    totp_enabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    locale: Mapped[str] = mapped_column(String(8), default="zh")
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    memberships: Mapped[list["Membership"]] = relationship(back_populates="user", foreign_keys="Membership.user_id")

    @property
    def is_erased(self) -> bool:
        """Whether nothing of the person is left here but the number."""
        return self.email is not None and self.email.endswith(f"@{NOWHERE}")


def _search_text_of(context: DefaultExecutionContext) -> str:
    """All by which a new row is found, however it is inserted."""
    values = context.get_current_parameters()  # type: ignore[no-untyped-call]
    return search_text(*(values.get(name) or "" for name in NAMES))


def _search_grams_of(context: DefaultExecutionContext) -> str:
    return name_index.grams_of(_search_text_of(context))


class Organization(Timestamped, Versioned, Base):
    """A firm, team, fund, angel, carrier or bureau. `district_code` is the scope, set only by the server."""

    __tablename__ = "organization"
    __table_args__ = (
        Index("uq_organization_uscc", "uscc", unique=True, **only_where("uscc IS NOT NULL AND status <> 'merged'")),
        Index("uq_organization_external", "external_ref", unique=True, **only_where("external_ref IS NOT NULL")),
        Index("ix_organization_listed", "kind", "status", "sort_key"),
        Index("ix_organization_newest", "kind", "status", "verified_at"),
        Index("ix_organization_sort_key", "sort_key"),
        Index(
            name_index.INDEX, text(name_index.WORDS), postgresql_using="gin", postgresql_with={"fastupdate": "off"}
        ).ddl_if(dialect="postgresql"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[OrganizationKind] = mapped_column(enum_type(OrganizationKind), index=True)
    name: Mapped[str] = mapped_column(String(160))
    name_en: Mapped[str] = mapped_column(String(200), default="")
    short_name: Mapped[str] = mapped_column(String(60), default="")
    sort_key: Mapped[str] = mapped_column(String(240), default="")  # pinyin, lower case, for sorting
    search_text: Mapped[str] = mapped_column(  # kept with the names; long, and read by the database alone, as the next
        Text, default=_search_text_of, server_default="", deferred=True
    )
    search_grams: Mapped[str] = mapped_column(  # its words, for the index
        Text, default=_search_grams_of, server_default="", deferred=True
    )
    uscc: Mapped[str | None] = mapped_column(String(18))
    region_code: Mapped[str | None] = mapped_column(String(12))
    district_code: Mapped[str | None] = mapped_column(String(12), index=True)
    status: Mapped[OrganizationStatus] = state_column(OrganizationStatus.UNVERIFIED)
    status_reason: Mapped[str] = mapped_column(String(300), default="")
    verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    is_claimed: Mapped[bool] = mapped_column(default=True)  # false: imported, nobody has joined yet
    external_ref: Mapped[str | None] = mapped_column(String(120))  # "vc_zh:startup:123"
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    memberships: Mapped[list["Membership"]] = relationship(back_populates="organization")

    @property
    def label(self) -> str:
        """The short name where there is one."""
        return self.short_name or self.name

    @property
    def label_en(self) -> str:
        """The English name; '' where there is none."""
        return self.name_en

    @property
    def is_verified(self) -> bool:
        return self.status is OrganizationStatus.VERIFIED

    @property
    def is_open(self) -> bool:
        """Neither closed nor merged away."""
        return self.status not in (OrganizationStatus.CLOSED, OrganizationStatus.MERGED)


@event.listens_for(Organization, "before_update")
def keep_search_text(mapper: Mapper[Organization], connection: Connection, organization: Organization) -> None:
    """Another name is found by its own words, pinyin and initials."""
    state = inspect(organization)
    if any(state.attrs[name].history.has_changes() for name in NAMES):
        organization.search_text = search_text(*(getattr(organization, name) or "" for name in NAMES))
        organization.search_grams = name_index.grams_of(organization.search_text)


@event.listens_for(Organization.__table__, "after_create")
def make_name_index(target: Table, connection: Connection, **_: Any) -> None:
    """Beside a table that is made from the models, as the migration makes it."""
    if connection.dialect.name == "sqlite":
        for statement in name_index.create("sqlite"):
            connection.exec_driver_sql(statement)


class OrganizationName(Base):
    """A name that an organization had before."""

    __tablename__ = "organization_name"

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    name: Mapped[str] = mapped_column(String(160))
    until: Mapped[datetime] = mapped_column(UtcDateTime)


class Membership(Timestamped, Versioned, Base):
    """A person in a role within an organization. Several may be held, one acts at a time, rights are never added up."""

    __tablename__ = "membership"
    __table_args__ = (
        Index(
            "uq_membership_open",
            "user_id",
            "organization_id",
            unique=True,
            **only_where("state IN ('requested', 'active')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    role: Mapped[Role] = mapped_column(enum_type(Role))
    region_code: Mapped[str | None] = mapped_column(String(12))  # the scope of a district officer
    state: Mapped[MembershipState] = state_column(MembershipState.ACTIVE)
    note: Mapped[str] = mapped_column(String(300), default="")
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sign_in_rule_id: Mapped[int | None] = mapped_column(ForeignKey("sign_in_rule.id"), index=True)  # it gave this
    user: Mapped[User] = relationship(back_populates="memberships", foreign_keys=[user_id])
    organization: Mapped[Organization] = relationship(back_populates="memberships")


class Invitation(Timestamped, Versioned, Base):
    """An offer to join, to one address, good for a while, once."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    address: Mapped[str] = mapped_column(String(254))  # normalized e-mail or mobile
    name: Mapped[str] = mapped_column(String(60), default="")
    role: Mapped[Role] = mapped_column(enum_type(Role))
    region_code: Mapped[str | None] = mapped_column(String(12))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    invited_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    organization: Mapped[Organization] = relationship()


class SignInRule(Timestamped, Versioned, Base):
    """Who comes from the identity provider with this value of a claim acts for this organization in this role."""

    __tablename__ = "sign_in_rule"
    __table_args__ = (
        Index(
            "uq_sign_in_rule_open",
            "claim",
            "value",
            "organization_id",
            unique=True,
            **only_where("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    claim: Mapped[str] = mapped_column(String(60))  # "email_domain", or a claim of the provider
    value: Mapped[str] = mapped_column(String(200))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    role: Mapped[Role] = mapped_column(enum_type(Role))
    region_code: Mapped[str | None] = mapped_column(String(12))
    created_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    organization: Mapped[Organization] = relationship()


class ExternalIdentity(Base):
    """A person as an identity provider knows the person: the subject is the key, never the e-mail address."""

    __tablename__ = "external_identity"
    __table_args__ = (
        Index(
            "uq_external_identity_open",
            "issuer",
            "subject",
            unique=True,
            **only_where("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    issuer: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(255))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    user: Mapped[User] = relationship()


class UserSession(Base):
    """A signed-in browser. The cookie carries only a random id; this row is the truth and can be ended."""

    __tablename__ = "user_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    sid_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    membership_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id"))
    external_identity_id: Mapped[int | None] = mapped_column(ForeignKey("external_identity.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    second_factor_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    proved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the person said again who is there
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ip: Mapped[str] = mapped_column(String(64), default="")
    browser: Mapped[str] = mapped_column(String(160), default="")
    user: Mapped[User] = relationship()
    membership: Mapped[Membership | None] = relationship()


class PasswordReset(Base):
    """A way back in, good once and for a short time."""

    __tablename__ = "password_reset"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    kind: Mapped[ResetKind] = mapped_column(enum_type(ResetKind))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    issued_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RecoveryCode(Base):
    """Stands in for the second factor once."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class UsedCode(Base):
    """A one-time code or token that has been used: unique, written by the ledger, so that no second use succeeds."""

    __tablename__ = "used_code"
    __table_args__ = (UniqueConstraint("user_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int]
    code: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class SignInAttempt(Base):
    """One attempt to sign in, reset or register, for limits per account and per address (ledger)."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index("ix_sign_in_attempt_limit", "kind", "identifier_hash", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    identifier_hash: Mapped[str] = mapped_column(String(64))
    ip: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    succeeded: Mapped[bool]


class TextAcceptance(Base):
    """A person accepted one version of the terms or the privacy text."""

    __tablename__ = "text_acceptance"
    __table_args__ = (UniqueConstraint("user_id", "text_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    text_id: Mapped[int] = mapped_column(ForeignKey("legal_text.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    ip: Mapped[str] = mapped_column(String(64), default="")
