"""The demo city: built once per database, then asked whether it obeys the rules that it was built by."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, UTC
from typing import Any

import pyotp
import pytest
from sqlalchemy import func, select
from stdnum.cn import uscc

from matchhub.accounts.enums import MembershipState, OrganizationKind, OrganizationStatus, Role, SECOND_FACTOR_ROLES
from matchhub.accounts.models import Membership, Organization, TextAcceptance, User
from matchhub.accounts.services import matches as password_matches
from matchhub.core import dictionaries, installation, uploads
from matchhub.core.audit import AuditEvent
from matchhub.core.db import db
from matchhub.core.outbox import MailState, Notice
from matchhub.core.policy import Actor
from matchhub.core.web import App
from matchhub.demo.city import build, SignIn
from matchhub.demo.codes import INVENTED, invented_uscc
from matchhub.demo.crowd.people import CROWD
from matchhub.demo.decks import deck
from matchhub.introductions.enums import IntroductionState, MeetingState, OPEN_STATES
from matchhub.introductions.models import Introduction, Meeting, Message
from matchhub.listings.enums import NeedState, OfferState, PairingKind
from matchhub.listings.models import Mentorship, Need, Offer
from matchhub.matches.enums import FeedbackKind, RunState
from matchhub.matches.models import Exclusion, Feedback, MatchRun, Suggestion
from matchhub.mentoring.enums import EngagementState, SessionState
from matchhub.mentoring.models import Engagement, MentoringSession
from matchhub.oversight.queries.funnel import Cut, figures, Grouping, Stage, totals
from matchhub.pipelines.enums import CaseStage, DealStage, OutcomeState
from matchhub.pipelines.models import CreditCase, Deal, Outcome
from matchhub.profiles.enums import ProfileState, ResidencyStatus
from matchhub.profiles.models import Attachment, EnterpriseProfile, Profile, Residency

pytestmark = pytest.mark.slow
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
DATABASES = [pytest.param(name, marks=pytest.mark.xdist_group(f"city-{name}")) for name in ("sqlite", "postgresql")]


@dataclass
class City:
    app: App
    sign_ins: list[SignIn]
    seconds: float


@pytest.fixture(scope="module", params=DATABASES)
def city(request: pytest.FixtureRequest) -> Iterator[City]:
    database = request.getfixturevalue(f"{request.param}_database")
    database.reset()
    with database.app.app_context():
        began = time.monotonic()
        sign_ins = build(now=NOW)
        seconds = time.monotonic() - began
        print(f"\nthe city stands after {seconds:.1f} s on {request.param}")
        yield City(database.app, sign_ins, seconds)
        db.session.remove()


def count(column: Any) -> Counter[Any]:
    """How many rows there are of each value."""
    rows = db.session.execute(select(column, func.count()).group_by(column))
    return Counter({row[0]: row[1] for row in rows})


def test_every_state_has_rows(city: City) -> None:
    needs = count(Need.state)

    for status in (OrganizationStatus.VERIFIED, OrganizationStatus.PENDING, OrganizationStatus.REJECTED):
        assert count(Organization.status)[status]
    assert set(count(Profile.state)) == set(ProfileState) - {ProfileState.ARCHIVED}
    assert set(count(Residency.status)) >= {
        ResidencyStatus.APPLIED, ResidencyStatus.ADMITTED, ResidencyStatus.INCUBATING, ResidencyStatus.GRADUATED,
    }  # fmt: skip
    assert set(needs) == set(NeedState)
    assert set(count(Offer.state)) >= {OfferState.DRAFT, OfferState.OPEN, OfferState.PAUSED}
    assert set(count(Introduction.state)) == set(IntroductionState)
    assert set(count(Meeting.state)) >= set(MeetingState) - {MeetingState.CANCELLED}
    assert set(count(Deal.stage)) == set(DealStage)
    assert set(count(Outcome.state)) >= {OutcomeState.ENTERED, OutcomeState.CONFIRMED, OutcomeState.DISPUTED}
    assert set(count(Feedback.kind)) == set(FeedbackKind)
    assert count(Membership.state)[MembershipState.REQUESTED] >= 2


def test_the_city_is_as_large_as_a_city(city: City) -> None:
    kinds, offers, needs = count(Organization.kind), count(Offer.kind), count(Need.kind)

    assert kinds[OrganizationKind.ENTERPRISE] == 500
    assert kinds[OrganizationKind.INVESTOR] == 60
    assert kinds[OrganizationKind.BANK] == 12
    assert kinds[OrganizationKind.MENTOR] == 120
    assert offers[PairingKind.CREDIT] == 40
    assert all(needs[kind] >= 100 for kind in PairingKind)
    for kind in PairingKind:
        confirmed = select(func.count()).where(Outcome.kind == kind, Outcome.state == OutcomeState.CONFIRMED)
        assert (db.session.scalar(confirmed) or 0) >= 15
    firms = select(Organization.name).where(Organization.kind != OrganizationKind.MENTOR)  # persons may share a name
    names = Counter(db.session.scalars(firms))
    assert max(names.values()) == 1
    first = db.session.scalar(select(func.min(Introduction.requested_at)))
    assert first is not None and NOW - first > timedelta(days=270)


def test_what_an_agreement_became_agrees_with_its_outcome(city: City) -> None:
    ends = {
        PairingKind.EQUITY: (Deal, lambda row: row.stage is DealStage.FUNDED),
        PairingKind.CREDIT: (CreditCase, lambda row: row.stage is CaseStage.DISBURSED and row.granted_yuan),
        PairingKind.MENTORING: (Engagement, lambda row: row.state is EngagementState.FINISHED),
    }
    for outcome in db.session.scalars(select(Outcome).where(Outcome.state == OutcomeState.CONFIRMED)):
        model, is_done = ends[outcome.kind]
        row = db.session.scalars(select(model).where(model.introduction_id == outcome.introduction_id)).one()
        assert is_done(row), (outcome.kind, row.id)
    for engagement in db.session.scalars(select(Engagement).where(Engagement.state == EngagementState.FINISHED)):
        held = select(func.count()).where(
            MentoringSession.engagement_id == engagement.id, MentoringSession.state == SessionState.CONFIRMED
        )
        assert db.session.scalar(held)


def test_no_mentor_has_more_firms_than_it_said(city: City) -> None:
    rows = db.session.execute(
        select(Mentorship.firms_at_most, func.count(Engagement.id))
        .join(Engagement, Engagement.mentorship_id == Mentorship.id)
        .where(Engagement.state.in_((EngagementState.ACTIVE, EngagementState.PAUSED)))
        .group_by(Mentorship.id, Mentorship.firms_at_most)
    ).all()

    assert len(rows) >= 20
    assert all(number <= most for most, number in rows)


def test_the_cast_of_bank_and_mentor_has_work_with_the_firm(city: City) -> None:
    firm = db.session.scalars(select(Organization).where(Organization.short_name == "星河科技")).one()
    case = db.session.scalars(select(CreditCase).where(CreditCase.enterprise_id == firm.id)).one()
    engagement = db.session.scalars(select(Engagement).where(Engagement.enterprise_id == firm.id)).one()
    sessions = db.session.scalars(select(MentoringSession).where(MentoringSession.engagement_id == engagement.id)).all()

    assert case.stage is CaseStage.DOCUMENTS and case.missing
    assert [row.state for row in sessions][:2] == [SessionState.CONFIRMED] * 2


def test_the_figures_look_like_a_year_of_work(city: City) -> None:
    chief = Actor(user_id=1, role=Role.CITY_OFFICER.value)
    for grouping in Grouping:
        groups = figures(db.session(), chief, Cut(), grouping)
        assert len([key for key in groups if key]) >= 4
        assert all(totals(groups).values())
    stages = totals(figures(db.session(), chief, Cut(), Grouping.DISTRICT))

    assert stages[Stage.INTRODUCTION] > stages[Stage.DEAL] > stages[Stage.OUTCOME] >= 8


def test_nobody_exceeds_what_the_rules_allow(city: City) -> None:
    site = installation.required(db.session())
    asked = db.session.execute(
        select(Introduction.enterprise_id, func.count())
        .where(Introduction.requester_id == Introduction.enterprise_id, Introduction.state.in_(OPEN_STATES))
        .group_by(Introduction.enterprise_id)
    ).all()
    rows = db.session.execute(
        select(Offer.id, Offer.capacity_per_month, Introduction.requested_at)
        .join(Introduction, Introduction.offer_id == Offer.id)
        .where(
            Introduction.requester_id == Introduction.enterprise_id,
            Introduction.state.in_({*OPEN_STATES, IntroductionState.REVOKED, IntroductionState.CLOSED}),
        )
    ).all()
    taken = Counter(
        (offer_id, capacity, at.astimezone(UTC).strftime("%Y-%m-%d")[:7]) for offer_id, capacity, at in rows
    )

    assert max(number for _, number in asked) <= site.in_flight_per_enterprise
    assert all(
        number <= (capacity or 99) + 1 for (_, capacity, _), number in taken.items()
    )  # a month of the city's zone
    late = select(func.count()).where(
        Introduction.state == IntroductionState.REQUESTED, Introduction.expires_at < NOW - timedelta(days=2)
    )
    assert db.session.scalar(late) == 0


def test_what_both_agreed_to_rests_on_two_consents(city: City) -> None:
    agreed = db.session.scalars(select(Introduction).where(Introduction.state == IntroductionState.ACCEPTED)).all()

    assert len(agreed) >= 15
    for introduction in agreed:
        both = (introduction.requester_consent, introduction.recipient_consent)
        assert introduction.answered_at is not None
        assert introduction.requested_at <= introduction.answered_at <= NOW
        for consent in both:
            assert consent is not None and consent.active_from == introduction.answered_at
            assert consent.withdrawn_at is None
    ended = db.session.scalars(select(Introduction).where(Introduction.state == IntroductionState.REVOKED)).all()
    assert all(i.requester_consent is not None and not i.requester_consent.is_active(NOW) for i in ended)


def test_every_change_left_a_trace_of_its_own_day(city: City) -> None:
    kinds = ("introduction:ask", "need:publish", "outcome:confirm")
    rows = db.session.execute(select(AuditEvent.action, AuditEvent.object_id).where(AuditEvent.action.in_(kinds)))
    traced = {(row[0], row[1]) for row in rows}
    days = db.session.execute(
        select(func.min(AuditEvent.at), func.max(AuditEvent.at)).where(AuditEvent.at <= NOW)
    ).one()

    for introduction_id in db.session.scalars(select(Introduction.id)):
        assert ("introduction:ask", introduction_id) in traced
    for outcome_id in db.session.scalars(select(Outcome.id).where(Outcome.state == OutcomeState.CONFIRMED)):
        assert ("outcome:confirm", outcome_id) in traced
    assert days[1] - days[0] > timedelta(days=200)


def test_things_happen_one_after_the_other(city: City) -> None:
    organizations = {row.id: row for row in db.session.scalars(select(Organization))}
    for need in db.session.scalars(select(Need).where(Need.published_at.is_not(None))):
        verified_at = organizations[need.organization_id].verified_at
        assert verified_at is not None and need.published_at is not None
        assert verified_at < need.published_at <= NOW
        assert need.created_at <= need.published_at
    for message, introduction in db.session.execute(
        select(Message, Introduction).join(Introduction, Introduction.id == Message.introduction_id)
    ):
        assert introduction.answered_at is not None and introduction.answered_at <= message.at <= NOW
    held = select(Meeting).where(Meeting.state == MeetingState.HELD)
    assert all(meeting.starts_at <= NOW for meeting in db.session.scalars(held))
    coming = select(func.count()).where(Meeting.state == MeetingState.ACCEPTED, Meeting.starts_at > NOW)
    assert db.session.scalar(coming)
    confirmed = (
        select(Outcome, Deal).join(Deal, Deal.id == Outcome.deal_id).where(Outcome.state == OutcomeState.CONFIRMED)
    )
    for outcome, deal in db.session.execute(confirmed):
        assert deal.stage is DealStage.FUNDED and outcome.amount_yuan > 0
        assert outcome.confirmed_by_user_id != outcome.entered_by_user_id


def test_codes_regions_and_districts_are_of_the_dictionaries(city: City) -> None:
    regions = dictionaries.snapshot()
    bare = 0
    for organization in db.session.scalars(select(Organization).where(Organization.kind != OrganizationKind.BUREAU)):
        assert regions.get("regions", organization.region_code)
        assert organization.district_code is None or regions.get("regions", organization.district_code)
        if organization.uscc is None:
            bare += 1
        else:
            assert uscc.is_valid(organization.uscc) and organization.uscc[8:14].startswith((INVENTED, CROWD))
    assert bare == 5 + 120  # three teams, two angels, the mentors
    for profile in db.session.scalars(
        select(EnterpriseProfile).where(EnterpriseProfile.state == ProfileState.PUBLISHED)
    ):
        assert profile.code_name and all(regions.get("industries", code) for code in profile.industries)


def test_a_firm_is_in_one_carrier_and_its_needs_lie_there(city: City) -> None:
    for need, profile in db.session.execute(
        select(Need, EnterpriseProfile)
        .join(EnterpriseProfile, EnterpriseProfile.organization_id == Need.organization_id)
        .where(Need.state == NeedState.OPEN)
    ):
        assert need.carrier_id == profile.carrier_id


def test_the_engine_has_compared_everything_once(city: City) -> None:
    runs = count(MatchRun.state)
    listed = db.session.scalar(select(func.count(func.distinct(Suggestion.need_id))))

    assert runs[RunState.QUEUED] == runs[RunState.FAILED] == 0
    assert listed is not None and listed >= 20


def test_what_was_begun_earlier_takes_no_room_of_this_month(city: City) -> None:
    asked: dict[tuple[int, int], set[datetime]] = {}
    for need_id, offer_id, at in db.session.execute(
        select(Introduction.need_id, Introduction.offer_id, Introduction.requested_at)
    ):
        asked.setdefault((need_id, offer_id), set()).add(at)
    held = db.session.scalars(select(Exclusion).where(Exclusion.reason == "in_progress")).all()

    assert len(held) > 100
    assert [row.id for row in held if row.created_at not in asked[row.need_id, row.offer_id]] == []


def test_no_mail_of_the_past_goes_out_and_few_notices_are_new(city: City) -> None:
    mails = count(Notice.mail_state)
    unread = db.session.scalar(select(func.count()).where(Notice.read_at.is_(None)))

    assert set(mails) == {MailState.NONE}
    assert unread is not None and 5 <= unread <= mails.total() // 4


def test_only_the_cast_has_passwords_and_officers_a_second_factor(city: City) -> None:
    site = installation.required(db.session())
    users = db.session.scalars(select(User).where(User.password_hash.is_not(None))).all()

    assert {user.email for user in users} == {sign_in.email for sign_in in city.sign_ins} == set(site.extra["cast"])
    assert site.is_demo
    assert len({user.password_hash for user in users}) == 1
    assert password_matches(users[0].password_hash, city.sign_ins[0].password)
    assert len({sign_in.role for sign_in in city.sign_ins}) == len(city.sign_ins) == 9
    officers = [m.role in SECOND_FACTOR_ROLES for s in city.sign_ins for m in _memberships(s.email)]
    assert [bool(sign_in.totp_secret) for sign_in in city.sign_ins] == officers
    assert all(len(pyotp.TOTP(s.totp_secret).now()) == 6 for s in city.sign_ins if s.totp_secret)
    accepted = set(db.session.scalars(select(TextAcceptance.user_id)))
    assert {user.id for user in users} <= accepted


def _memberships(email: str) -> list[Membership]:
    return list(
        db.session.scalars(select(Membership).join(User, User.id == Membership.user_id).where(User.email == email))
    )


def test_decks_are_real_files(city: City) -> None:
    decks = db.session.scalars(select(Attachment)).all()

    assert len(decks) >= 10
    for attachment in decks:
        path = uploads.path_of(attachment.file, city.app.extensions["matchhub"].files_dir)
        assert path.read_bytes().startswith(b"%PDF-")
    plans = [found for found in decks if found.file.size > 10_000]
    assert {"星河科技商业计划书.pdf", "照壁光电商业计划书.pdf"} <= {found.file.name for found in plans}


def test_an_invented_code_is_valid_and_another_digit_is_not() -> None:
    code = invented_uscc("420704", 7)

    assert uscc.is_valid(code)
    assert not uscc.is_valid(code[:-1] + ("1" if code[-1] != "1" else "2"))
    assert invented_uscc("EZ-GD", 7)[2:8] == "420700"


def test_a_deck_says_where_its_objects_lie() -> None:
    body = deck("Xinghe (Technology)", "Carbon fibre")
    start = int(body.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])

    assert body[start:].startswith(b"xref")
    assert b"\\(Technology\\)" in body
