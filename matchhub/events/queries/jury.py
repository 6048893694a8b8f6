"""The jury: who scores what, how far it is, and the result, which nobody reads before it is closed."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload, Session

from matchhub.core.db import db
from matchhub.core.policy import Actor
from matchhub.events.enums import JuryState, TieKind
from matchhub.events.models import Event, Jury, JuryMember, JuryScore, Pitch
from matchhub.events.queries.finding import own_event
from matchhub.events.queries.reviews import Candidate, people_to_judge, percent_of, ties_to_firms
from matchhub.events.queries.stage import staged


def jury_of(session: Session, event_id: int) -> Jury | None:
    """The jury of an event."""
    return session.scalar(select(Jury).where(Jury.event_id == event_id))


def own_jury(actor: Actor, event_id: int) -> Jury | None:
    """The jury of an event that the actor's organization holds."""
    return None if own_event(actor, event_id) is None else jury_of(db.session(), event_id)


def members_of(session: Session, jury_id: int) -> list[JuryMember]:
    """Who scores now."""
    statement = (
        select(JuryMember)
        .options(joinedload(JuryMember.user, innerjoin=True), joinedload(JuryMember.organization))
        .where(JuryMember.jury_id == jury_id, JuryMember.dismissed_at.is_(None))
        .order_by(JuryMember.id)
    )
    return list(session.scalars(statement))


def member_of(session: Session, jury_id: int, user_id: int) -> JuryMember | None:
    """The one row of somebody in a jury, dismissed or not."""
    return session.scalar(select(JuryMember).where(JuryMember.jury_id == jury_id, JuryMember.user_id == user_id))


def own_membership(actor: Actor, member_id: int) -> JuryMember | None:
    """Oneself in a jury."""
    row = db.session.get(JuryMember, member_id)
    mine = row is not None and actor.is_known and row.user_id == actor.user_id
    return row if row is not None and mine and row.dismissed_at is None else None


def led_member(actor: Actor, member_id: int) -> JuryMember | None:
    """A member of a jury at an event that the actor's organization holds."""
    row = db.session.get(JuryMember, member_id)
    return None if row is None or own_event(actor, row.jury.event_id) is None else row


def membership_at(session: Session, actor: Actor, event_id: int) -> JuryMember | None:
    """The actor's own place in the jury of an event."""
    if not actor.user_id:
        return None
    statement = (
        select(JuryMember)
        .join(Jury, Jury.id == JuryMember.jury_id)
        .where(Jury.event_id == event_id, JuryMember.user_id == actor.user_id, JuryMember.dismissed_at.is_(None))
    )
    return session.scalar(statement)


def told_jury(actor: Actor, event_id: int) -> Jury | None:
    """The jury whose result the actor may read: closed, for its organizer and its members."""
    found = jury_of(db.session(), event_id)
    if found is None or found.state is not JuryState.CLOSED:
        return None
    is_member = membership_at(db.session(), actor, event_id) is not None
    return found if is_member or own_event(actor, event_id) is not None else None


def jury_candidates(session: Session, event: Event) -> list[Candidate]:
    """Whom the organizer may name, as reviewers are named; who scores already is left out."""
    named = (
        select(JuryMember.user_id)
        .join(Jury, Jury.id == JuryMember.jury_id)
        .where(Jury.event_id == event.id, JuryMember.dismissed_at.is_(None))
    )
    return people_to_judge(session, event, named)


def tied_pitches(session: Session, member: JuryMember, pitches: Sequence[Pitch]) -> dict[int, TieKind]:
    """pitch id → the known tie for which the member does not score it, as reviewers do not."""
    tied = ties_to_firms(session, member.user_id, {pitch.organization_id for pitch in pitches})
    return {pitch.id: tied[pitch.organization_id] for pitch in pitches if pitch.organization_id in tied}


def scores_by(session: Session, member_id: int) -> dict[int, JuryScore]:
    """pitch id → what this member handed in: for this member's own eyes until the jury is closed."""
    return {row.pitch_id: row for row in session.scalars(select(JuryScore).where(JuryScore.member_id == member_id))}


def handed_in(session: Session, jury: Jury) -> dict[int, int]:
    """member id → how many pitches are still to be scored: what the organizer reads of a sealed jury."""
    pitches, members = staged(session, jury.event_id), members_of(session, jury.id)
    done: dict[int, set[int]] = defaultdict(set)
    statement = select(JuryScore.member_id, JuryScore.pitch_id).where(
        JuryScore.member_id.in_([row.id for row in members])
    )
    for member_id, pitch_id in session.execute(statement):
        done[member_id].add(pitch_id)
    return {
        member.id: sum(
            pitch.id not in done[member.id] and pitch.id not in tied
            for tied in (tied_pitches(session, member, pitches),)
            for pitch in pitches
        )
        for member in members
    }


@dataclass(frozen=True, slots=True)
class Standing:
    """A pitch in the result. `rank` None: nobody scored it. Equal means share a rank, and the next one is skipped."""

    pitch: Pitch
    rank: int | None
    percent: float | None
    counted: int
    dropped: int
    remarks: tuple[str, ...]


def result_of(session: Session, jury: Jury) -> list[Standing]:
    """The result of a closed jury, the best first."""
    statement = (
        select(JuryScore)
        .join(JuryMember, JuryMember.id == JuryScore.member_id)
        .where(JuryMember.jury_id == jury.id, JuryScore.conflict == "")
        .order_by(JuryScore.handed_in_at, JuryScore.id)
    )
    points: dict[int, list[float]] = defaultdict(list)
    remarks: dict[int, list[str]] = defaultdict(list)
    for row in session.scalars(statement):
        points[row.pitch_id].append(percent_of(row.points, jury.criteria))
        if row.remark:
            remarks[row.pitch_id].append(row.remark)
    pitches = staged(session, jury.event_id)
    means = {pitch.id: mean_of(points[pitch.id], drop=jury.drop_extremes) for pitch in pitches}
    ranks = ranks_of({key: mean for key, (mean, _) in means.items() if mean is not None})
    found = [
        Standing(pitch, ranks.get(pitch.id), means[pitch.id][0], means[pitch.id][1],
                 len(points[pitch.id]) - means[pitch.id][1], tuple(sorted(remarks[pitch.id])))
        for pitch in pitches
    ]  # fmt: skip
    return sorted(found, key=lambda row: (row.rank is None, row.rank or 0, row.pitch.position))


def mean_of(percents: Collection[float], *, drop: bool) -> tuple[float | None, int]:
    """The mean to two decimals, and of how many; where wished without one highest and one lowest, if three are there."""
    kept = sorted(percents)
    if drop and len(kept) >= 3:
        kept = kept[1:-1]
    return (round(sum(kept) / len(kept), 2), len(kept)) if kept else (None, 0)


def ranks_of(means: Mapping[int, float]) -> dict[int, int]:
    """key → 1 for the best; equal means are a tie: 1, 2, 2, 4."""
    return {key: 1 + sum(other > mean for other in means.values()) for key, mean in means.items()}
