"""Signed-in browsers, what the layout shows of their person, and the bell."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from sqlalchemy import and_, bindparam, ColumnElement, exists, func, or_, ScalarSelect, Select, select, true, tuple_
from sqlalchemy.orm import aliased, Session

from matchhub.accounts.enums import MembershipState, OrganizationKind, OrganizationStatus, Role
from matchhub.accounts.models import Membership, Organization, TextAcceptance, User, UserSession
from matchhub.accounts.queries.people import one, token_hash
from matchhub.core import installation
from matchhub.core.installation import Installation
from matchhub.core.outbox import Notice
from matchhub.core.policy import Actor
from matchhub.core.texts import LegalText, TextKind

ENDED = (OrganizationStatus.CLOSED, OrganizationStatus.MERGED)


@dataclass(frozen=True, slots=True)
class HeldMembership:
    """What a person may act as now: a membership in force of an organization that is open."""

    id: int
    role: Role
    region_code: str | None
    given_by_rule: bool  # by a rule about the identity provider, so only who came by it may use it
    organization_id: int
    organization_kind: OrganizationKind
    organization_label: str
    organization_label_en: str  # '' where there is none
    organization_verified: bool
    district_code: str | None
    unread: int  # notices that wait for the person there


@dataclass(frozen=True, slots=True)
class Browser:
    """A signed-in browser as every page needs it: plain values, as to load five rows as objects costs more than a page."""

    id: int  # of the session
    user_id: int
    user_name: str
    membership_id: int | None
    by_provider: bool
    last_seen_at: datetime
    second_factor_at: datetime | None
    has_second_factor: bool
    must_accept_texts: bool
    unread: int  # notices that concern no organization
    memberships: tuple[HeldMembership, ...]

    @property
    def awaits_second_factor(self) -> bool:
        """Whether the password was right but the code is still missing."""
        return self.has_second_factor and self.second_factor_at is None

    @property
    def acting(self) -> HeldMembership | None:
        """The one membership that acts now, if it is still in force."""
        found = next((held for held in self.memberships if held.id == self.membership_id), None)
        return None if found is None or (found.given_by_rule and not self.by_provider) else found


# Asked for by every page. Kept here, as to put a statement together and to find its text costs more than to run it.
BINDING = or_(LegalText.kind == TextKind.TERMS, LegalText.kind == TextKind.PRIVACY)
LATER_TEXT = aliased(LegalText)
UNACCEPTED = (
    exists()
    .where(
        BINDING,
        LegalText.effective_at <= bindparam("now"),
        ~exists().where(
            LATER_TEXT.kind == LegalText.kind,
            LATER_TEXT.effective_at <= bindparam("now"),
            tuple_(LATER_TEXT.effective_at, LATER_TEXT.id) > tuple_(LegalText.effective_at, LegalText.id),
        ),
        ~exists()
        .where(TextAcceptance.text_id == LegalText.id, TextAcceptance.user_id == UserSession.user_id)
        .correlate(LegalText, UserSession),  # of this person: without it, whoever accepted would accept for all
    )
    .correlate(UserSession)
)


def _unread(*concerning: ColumnElement[bool]) -> ScalarSelect[int]:
    """How many notices wait for the person of a session."""
    return (
        select(func.count(Notice.id))
        .where(
            Notice.recipient_user_id == UserSession.user_id,
            Notice.bell.is_(True),
            Notice.read_at.is_(None),
            Notice.due_at <= bindparam("now"),
            *concerning,
        )
        .correlate(UserSession, Membership)
        .scalar_subquery()
    )


BROWSER = (
    select(
        UserSession.id.label("session_id"),
        UserSession.user_id,
        UserSession.membership_id,
        UserSession.external_identity_id,
        UserSession.last_seen_at,
        UserSession.expires_at,
        UserSession.second_factor_at,
        User.name.label("user_name"),
        User.totp_enabled_at,
        UNACCEPTED.label("must_accept_texts"),
        Membership.id.label("held_id"),
        Membership.role,
        Membership.region_code,
        Membership.sign_in_rule_id,
        Organization.id.label("organization_id"),
        Organization.kind,
        Organization.name,
        Organization.short_name,
        Organization.name_en,
        Organization.status,
        Organization.district_code,
        _unread(Notice.organization_id == Membership.organization_id).label("unread"),
        _unread(Notice.organization_id.is_(None)).label("unread_alone"),
        Installation,  # every page has its names in head and foot
    )
    .join(User, User.id == UserSession.user_id)
    .outerjoin(Membership, and_(Membership.user_id == UserSession.user_id, Membership.state == MembershipState.ACTIVE))
    .outerjoin(Organization, Organization.id == Membership.organization_id)
    .outerjoin(Installation, true())
    .where(UserSession.sid_hash == bindparam("sid_hash"), UserSession.ended_at.is_(None), User.disabled_at.is_(None))
    .order_by(Membership.id)
)


def browser_by_sid(session: Session, sid: str, *, now: datetime, idle: timedelta) -> Browser | None:
    """The signed-in browser behind a cookie with all that its person may act as and the notices that wait there, in one
    query, which reads the installation along; None when it is over."""
    rows = session.execute(BROWSER, {"sid_hash": token_hash(sid), "now": now}).all()
    if not rows or rows[0].expires_at <= now or rows[0].last_seen_at + idle <= now:
        return None
    first = rows[0]
    installation.keep(session, first.Installation)
    return Browser(
        id=first.session_id,
        user_id=first.user_id,
        user_name=first.user_name,
        membership_id=first.membership_id,
        by_provider=first.external_identity_id is not None,
        last_seen_at=first.last_seen_at,
        second_factor_at=first.second_factor_at,
        has_second_factor=first.totp_enabled_at is not None,
        must_accept_texts=first.must_accept_texts,
        unread=first.unread_alone,
        memberships=tuple(_held(row) for row in rows if row.held_id is not None and row.status not in ENDED),
    )


def _held(row: Any) -> HeldMembership:
    return HeldMembership(
        id=row.held_id,
        role=row.role,
        region_code=row.region_code,
        given_by_rule=row.sign_in_rule_id is not None,
        organization_id=row.organization_id,
        organization_kind=row.kind,
        organization_label=row.short_name or row.name,
        organization_label_en=row.name_en,
        organization_verified=row.status is OrganizationStatus.VERIFIED,
        district_code=row.district_code,
        unread=row.unread,
    )


def open_sessions(session: Session, user_id: int, *, now: datetime, idle: timedelta) -> list[UserSession]:
    """Where a person is signed in, the latest first."""
    return list(
        session.scalars(
            select(UserSession)
            .where(
                UserSession.user_id == user_id,
                UserSession.ended_at.is_(None),
                UserSession.expires_at > now,
                UserSession.last_seen_at > now - idle,
            )
            .order_by(UserSession.last_seen_at.desc(), UserSession.id.desc())
        )
    )


def own_session(actor: Actor, session_id: int) -> UserSession | None:
    """A signed-in browser of the actor."""
    return one(select(UserSession).where(UserSession.id == session_id, UserSession.user_id == actor.user_id))


@dataclass(frozen=True, slots=True)
class ViewerMembership:
    """One organization that the viewer may act for, with the notices that wait there."""

    id: int
    organization_name: str
    role_label: str
    acting: bool
    count: int


@dataclass(frozen=True, slots=True)
class Viewer:
    """What the layout shows of the person at the screen."""

    name: str
    organization_name: str
    role_label: str
    memberships: list[ViewerMembership]
    unread_notices: int


def viewer_of(
    browser: Browser,
    *,
    speak: Callable[[str], str] = str,
    name_of: Callable[[HeldMembership], str] = attrgetter("organization_label"),
) -> Viewer:
    """The viewer for the layout."""
    acting = browser.acting
    return Viewer(
        name=browser.user_name,
        organization_name=name_of(acting) if acting else "",
        role_label=speak(acting.role.label) if acting else "",
        memberships=[
            ViewerMembership(
                held.id,
                name_of(held),
                speak(held.role.label),
                held is acting,
                held.unread,
            )
            for held in browser.memberships
        ],
        unread_notices=browser.unread + (acting.unread if acting else 0),
    )


def notices_to(actor: Actor, now: datetime) -> Select[Notice]:
    """The bell's list: what concerns the person, or the organization that the person acts for; newest first."""
    return (
        select(Notice)
        .where(
            Notice.recipient_user_id == actor.user_id,
            Notice.bell.is_(True),
            Notice.due_at <= now,
            or_(Notice.organization_id.is_(None), Notice.organization_id == actor.organization_id),
        )
        .order_by(Notice.due_at.desc(), Notice.id.desc())
    )


def own_notice(actor: Actor, notice_id: int) -> Notice | None:
    """A notice to the actor."""
    return one(select(Notice).where(Notice.id == notice_id, Notice.recipient_user_id == actor.user_id))
