"""Reviewing applications: who reviews, who conflicts with which firm, and whose scores somebody may read."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import or_, Select, select
from sqlalchemy.orm import joinedload, Session

from matchhub.accounts.enums import MembershipState, OrganizationKind, OrganizationStatus
from matchhub.accounts.models import Membership, Organization, OrganizationName, User
from matchhub.accounts.queries import people_of
from matchhub.core.db import db
from matchhub.core.policy import Actor
from matchhub.events.enums import APPLIED_STATES, OPEN_REGISTRATIONS, RegistrationState, TieKind
from matchhub.events.models import Event, PitchApplication, PitchCall, PitchReview, PitchReviewer, Registration
from matchhub.events.queries.calls import call_of, visible_application
from matchhub.events.queries.finding import own_event
from matchhub.mentoring.models import Engagement
from matchhub.pipelines.enums import DealStage
from matchhub.pipelines.models import Deal
from matchhub.profiles.enums import RelationKind
from matchhub.profiles.models import OrganizationRelation, PastRound
from matchhub.profiles.queries import profile_of

MASK = "■■"
IN_THE_ROOM = OPEN_REGISTRATIONS | {RegistrationState.ATTENDED}
TIES = {RelationKind.PORTFOLIO: TieKind.PORTFOLIO, RelationKind.SHAREHOLDER: TieKind.SHAREHOLDER}


def is_reviewed(session: Session, event_id: int) -> bool:
    """Whether somebody has handed in a review of an application to this event."""
    statement = (
        select(PitchReview.id)
        .join(PitchApplication, PitchApplication.id == PitchReview.application_id)
        .where(PitchApplication.event_id == event_id, PitchReview.handed_in_at.is_not(None))
        .limit(1)
    )
    return session.scalar(statement) is not None


def reviewers_at(session: Session, event_id: int) -> list[PitchReviewer]:
    """Who reviews for an event, in the order of naming."""
    statement = (
        select(PitchReviewer)
        .options(joinedload(PitchReviewer.user, innerjoin=True), joinedload(PitchReviewer.organization, innerjoin=True))
        .where(PitchReviewer.event_id == event_id)
        .order_by(PitchReviewer.id)
    )
    return list(session.scalars(statement))


def own_desk(actor: Actor, event_id: int) -> PitchReviewer | None:
    """The actor as a reviewer of an event."""
    if not actor.is_known:
        return None
    statement = select(PitchReviewer).options(joinedload(PitchReviewer.event, innerjoin=True))
    return db.session.scalar(
        statement.where(PitchReviewer.event_id == event_id, PitchReviewer.user_id == actor.user_id)
    )


def named_reviewer(actor: Actor, reviewer_id: int) -> PitchReviewer | None:
    """A reviewer of an event that the actor's organization holds."""
    row = db.session.get(PitchReviewer, reviewer_id)
    return None if row is None or own_event(actor, row.event_id) is None else row


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who can be asked to judge: a colleague, somebody with a seat, a mentor of the city."""

    user_id: int
    name: str
    organization_id: int
    organization: Organization


def reviewer_candidates(session: Session, event: Event) -> list[Candidate]:
    """Whom the organizer may ask; who reviews already is left out."""
    return people_to_judge(session, event, select(PitchReviewer.user_id).where(PitchReviewer.event_id == event.id))


def people_to_judge(session: Session, event: Event, named: Select[int]) -> list[Candidate]:
    """Who may be asked to judge projects, by organization and name, but for the users `named`."""
    guests = select(Registration.user_id).where(
        Registration.event_id == event.id, Registration.state.in_(IN_THE_ROOM), Registration.user_id.is_not(None)
    )
    statement = (
        select(Membership)
        .join(User, User.id == Membership.user_id)
        .join(Organization, Organization.id == Membership.organization_id)
        .options(joinedload(Membership.user, innerjoin=True), joinedload(Membership.organization, innerjoin=True))
        .where(
            Membership.state == MembershipState.ACTIVE,
            User.disabled_at.is_(None),
            Organization.status == OrganizationStatus.VERIFIED,
            Organization.kind != OrganizationKind.ENTERPRISE,
            Membership.user_id.not_in(named),
            or_(
                Membership.organization_id == event.host_id,
                Organization.kind == OrganizationKind.MENTOR,
                Membership.user_id.in_(guests),
            ),
        )
        .order_by(Membership.organization_id != event.host_id, Organization.sort_key, User.name, Membership.id)
    )
    found: dict[int, Candidate] = {}
    for row in session.scalars(statement):
        found.setdefault(row.user_id, Candidate(row.user_id, row.user.name, row.organization_id, row.organization))
    return list(found.values())


# --- conflicts of interest ----------------------------------------------------------------------------------------


def ties_of(session: Session, user_id: int | None, applications: Iterable[PitchApplication]) -> dict[int, TieKind]:
    """application id → why this person must neither read nor score it, whatever the person's role and through whichever
    of the person's organizations. Half a dozen queries, whatever the number."""
    by_firm: dict[int, list[PitchApplication]] = defaultdict(list)
    for row in applications:
        by_firm[row.organization_id].append(row)
    own, tied = _organizations_of(session, user_id), ties_to_firms(session, user_id, set(by_firm))
    found = {row.id: tied[firm] for firm, rows in by_firm.items() if firm in tied for row in rows}
    for rows in by_firm.values():
        found |= {row.id: TieKind.RECOMMENDED for row in rows if row.recommended_by_id in own and row.id not in found}
    return found


def ties_to_firms(session: Session, user_id: int | None, firms: set[int]) -> dict[int, TieKind]:
    """firm → the known tie of this person to it, through whichever of the person's organizations."""
    own = _organizations_of(session, user_id)
    if not own or not firms:
        return {}
    tied: dict[int, TieKind] = dict.fromkeys(_advised(session, own, firms), TieKind.MENTOR)
    tied |= dict.fromkeys(_funded(session, own, firms), TieKind.PORTFOLIO)
    tied |= _related(session, own, firms)
    return tied | dict.fromkeys(own & firms, TieKind.SAME)


def _organizations_of(session: Session, user_id: int | None) -> set[int]:
    statement = select(Membership.organization_id).where(
        Membership.user_id == user_id, Membership.state == MembershipState.ACTIVE
    )
    return set(session.scalars(statement))


def _related(session: Session, own: Collection[int], firms: Collection[int]) -> dict[int, TieKind]:
    relation = OrganizationRelation
    statement = select(relation.from_id, relation.to_id, relation.kind).where(
        or_(
            relation.from_id.in_(own) & relation.to_id.in_(firms), relation.from_id.in_(firms) & relation.to_id.in_(own)
        )
    )
    rows = session.execute(statement).all()
    return {(to if to in firms else from_): TIES.get(kind, TieKind.OTHER) for from_, to, kind in rows}


def _funded(session: Session, own: Collection[int], firms: Collection[int]) -> set[int]:
    past = select(PastRound.enterprise_id).where(PastRound.investor_id.in_(own), PastRound.enterprise_id.in_(firms))
    deals = select(Deal.enterprise_id).where(
        Deal.investor_id.in_(own), Deal.enterprise_id.in_(firms), Deal.stage != DealStage.ENDED
    )
    return {firm for firm in (*session.scalars(past), *session.scalars(deals)) if firm is not None}


def _advised(session: Session, own: Collection[int], firms: Collection[int]) -> set[int]:
    statement = select(Engagement.enterprise_id).where(
        Engagement.mentor_id.in_(own), Engagement.enterprise_id.in_(firms)
    )
    return set(session.scalars(statement))


# --- one reviewer and one application -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReviewTask:
    """What one reviewer has to say about one application."""

    application: PitchApplication
    reviewer: PitchReviewer
    review: PitchReview | None

    @property
    def id(self) -> int:
        """The application's."""
        return self.application.id

    @property
    def event(self) -> Event:
        """The event that it is about."""
        return self.application.event

    @property
    def user_id(self) -> int:
        """Whose word it is."""
        return self.reviewer.user_id

    @property
    def is_handed_in(self) -> bool:
        """Whether it can no longer be changed, and the others' may be read."""
        return self.review is not None and self.review.handed_in_at is not None


def tasks_of(session: Session, reviewer: PitchReviewer, applications: Sequence[PitchApplication]) -> list[ReviewTask]:
    """What this reviewer may read: nothing that the person is tied to, found or declared."""
    tied = ties_of(session, reviewer.user_id, applications)
    own = _reviews_by(session, reviewer.user_id, applications)
    tasks = [ReviewTask(row, reviewer, own.get(row.id)) for row in applications if row.id not in tied]
    return [task for task in tasks if task.review is None or not task.review.conflict]


def _reviews_by(session: Session, user_id: int, applications: Iterable[PitchApplication]) -> dict[int, PitchReview]:
    ids = [row.id for row in applications]
    statement = select(PitchReview).where(PitchReview.reviewer_id == user_id, PitchReview.application_id.in_(ids))
    return {row.application_id: row for row in session.scalars(statement)}


def own_task(actor: Actor, application_id: int) -> ReviewTask | None:
    """An application that the actor was asked to review and has no interest in."""
    row = db.session.get(PitchApplication, application_id)
    if row is None or row.state not in APPLIED_STATES:
        return None
    reviewer = own_desk(actor, row.event_id)
    found = [] if reviewer is None else tasks_of(db.session(), reviewer, [row])
    return found[0] if found else None


def readable_application(actor: Actor, application_id: int) -> PitchApplication | None:
    """As `visible_application`, but for the organizer's people who are tied to the firm, or who review it without its name
    and have not handed in yet."""
    row = visible_application(actor, application_id)
    if row is None or actor.organization_id in (row.organization_id, row.recommended_by_id):
        return row
    session = db.session()
    call = call_of(session, row.event_id)
    if call is None or ties_of(session, actor.user_id, [row]):
        return None
    return None if row.id in _unnamed(session, actor, call, [row]) else row


# --- without names ------------------------------------------------------------------------------------------------


def _unnamed(session: Session, actor: Actor, call: PitchCall, applications: Sequence[PitchApplication]) -> set[int]:
    """Ids of what the actor has to review without a name and has not handed in."""
    desk = own_desk(actor, call.event_id) if call.blind else None
    if desk is None:
        return set()
    own = _reviews_by(session, desk.user_id, applications)
    return {row.id for row in applications if row.id not in own or own[row.id].handed_in_at is None}


def shown_names(
    session: Session, actor: Actor, call: PitchCall, applications: Sequence[PitchApplication]
) -> dict[int, Organization | None]:
    """application id → the firm, None where the actor must not learn it yet."""
    hidden = _unnamed(session, actor, call, applications)
    return {row.id: None if row.id in hidden else row.organization for row in applications}


def number_of(session: Session, application: PitchApplication) -> int:
    """By what number an application without a name is known: its place in the order of applying, from 1."""
    earlier = select(PitchApplication.id).where(
        PitchApplication.event_id == application.event_id,
        PitchApplication.state.in_(APPLIED_STATES),
        (PitchApplication.applied_at < application.applied_at)
        | ((PitchApplication.applied_at == application.applied_at) & (PitchApplication.id < application.id)),
    )
    return 1 + len(session.scalars(earlier).all())


def telling_names(session: Session, application: PitchApplication) -> list[str]:
    """What would tell who applies: the firm's names, present and former, and its people's; the longest first."""
    firm = application.organization
    profile = profile_of(session, firm.id)
    former = session.scalars(select(OrganizationName.name).where(OrganizationName.organization_id == firm.id))
    names = [firm.name, firm.short_name, firm.name_en, firm.uscc or "", *former]
    names += [user.name for user in people_of(session, firm.id)]
    names += [getattr(profile, "contact_name", "") or "", getattr(profile, "website", "") or ""]
    return sorted({name for name in names if len(name) > 1}, key=len, reverse=True)


def masked(text: str | None, names: Iterable[str]) -> str | None:
    """Words without what would tell who wrote them."""
    for name in names:
        text = re.sub(re.escape(name), MASK, text, flags=re.IGNORECASE) if text else text
    return text


def others_of(session: Session, task: ReviewTask) -> list[PitchReview]:
    """What others handed in; nothing before the own word is handed in."""
    if not task.is_handed_in:
        return []
    statement = (
        select(PitchReview)
        .options(joinedload(PitchReview.reviewer, innerjoin=True))
        .where(
            PitchReview.application_id == task.application.id,
            PitchReview.reviewer_id != task.user_id,
            PitchReview.handed_in_at.is_not(None),
        )
        .order_by(PitchReview.handed_in_at, PitchReview.id)
    )
    return list(session.scalars(statement))


# --- scores -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scored:
    """What the reviewers who handed in say together. `percent` of the most by the weights, None while nobody has, or where
    it `is_hidden` from the reader."""

    percent: float | None = None
    reviews: tuple[PitchReview, ...] = field(default=())
    is_hidden: bool = False


def percent_of(scores: dict[str, int], criteria: Sequence[dict[str, object]]) -> float:
    """Points as percent of the most, by the weights of the criteria."""
    weight = sum(float(str(item["weight"])) for item in criteria)
    got = sum(
        float(str(item["weight"])) * scores.get(str(item["code"]), 0) / float(str(item["most"])) for item in criteria
    )
    return 100 * got / weight if weight else 0.0


def scores_for(
    session: Session, actor: Actor, applications: Sequence[PitchApplication], criteria: Sequence[dict[str, object]]
) -> dict[int, Scored]:
    """application id → what the actor may read of its scores. Who reviews reads the others' after handing in the own; who is
    tied to the firm never does, whatever the role."""
    tied = ties_of(session, actor.user_id, applications)
    desk = own_desk(actor, applications[0].event_id) if applications else None
    found: dict[int, list[PitchReview]] = defaultdict(list)
    declared: set[int] = set()
    statement = (
        select(PitchReview)
        .options(joinedload(PitchReview.reviewer, innerjoin=True))
        .where(PitchReview.application_id.in_([row.id for row in applications]))
        .order_by(PitchReview.handed_in_at, PitchReview.id)
    )
    for review in session.scalars(statement):
        if review.conflict and review.reviewer_id == actor.user_id:
            declared.add(review.application_id)
        if review.handed_in_at is not None:
            found[review.application_id].append(review)
    told: dict[int, Scored] = {}
    for row in applications:
        reviews = found[row.id]
        waits = desk is not None and all(review.reviewer_id != actor.user_id for review in reviews)
        if row.id in tied or row.id in declared or waits:
            told[row.id] = Scored(is_hidden=True)
            continue
        shares = [percent_of(review.scores, criteria) for review in reviews]
        told[row.id] = Scored(sum(shares) / len(shares) if shares else None, tuple(reviews))
    return told


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one reviewer is: applications to say something about, and how many are handed in."""

    reviewer: PitchReviewer
    open: int
    done: int
    kept_out: int


def progress_of(session: Session, event_id: int, applications: Sequence[PitchApplication]) -> list[Progress]:
    """Of each reviewer, for the organizer: numbers, never with which firm somebody is tied."""
    found = []
    for reviewer in reviewers_at(session, event_id):
        tasks = tasks_of(session, reviewer, applications)
        done = sum(task.is_handed_in for task in tasks)
        found.append(Progress(reviewer, len(tasks) - done, done, len(applications) - len(tasks)))
    return found
